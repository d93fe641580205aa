// Writes the list of what the program and its page are linked from (CycloneDX 1.6, JSON): tools/sbom.mjs VERSION FILE.
// cargo-cyclonedx lists what a workspace may be built from, tests and build tools included; this lists what is shipped.
import { readFileSync, writeFileSync } from "node:fs";

import { shipped } from "./shipped.mjs";

const [version, target] = process.argv.slice(2);
if (!target) {
  console.error("usage: tools/sbom.mjs VERSION FILE");
  process.exit(2);
}

const purl = ({ name, version }) => `pkg:cargo/${name}@${version}`;
const checksums = new Map();
const lock = readFileSync("Cargo.lock", "utf8");
for (const [, name, version, sum] of lock.matchAll(/name = "([^"]+)"\nversion = "([^"]+)"\nsource = "[^"]+"\nchecksum = "([0-9a-f]+)"/g)) {
  checksums.set(`${name} ${version}`, sum);
}

const { crates } = shipped();
const root = { type: "application", "bom-ref": `deskbuy@${version}`, name: "deskbuy", version, licenses: [{ expression: "Apache-2.0" }] };
const components = crates.map((crate) => ({
  type: "library",
  "bom-ref": purl(crate),
  name: crate.name,
  version: crate.version,
  ...(crate.description ? { description: crate.description.replace(/\s+/g, " ").trim() } : {}),
  // Older crates write `MIT/Apache-2.0`.
  ...(crate.license ? { licenses: [{ expression: crate.license.replaceAll("/", " OR ") }] } : {}),
  ...(checksums.has(`${crate.name} ${crate.version}`) ? { hashes: [{ alg: "SHA-256", content: checksums.get(`${crate.name} ${crate.version}`) }] } : {}),
  purl: purl(crate),
  ...(crate.repository ? { externalReferences: [{ type: "vcs", url: crate.repository }] } : {}),
}));
const time = new Date(Number(process.env.SOURCE_DATE_EPOCH ?? Math.floor(Date.now() / 1000)) * 1000);
const bom = {
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  metadata: { timestamp: time.toISOString().replace(/\.\d+/, ""), component: root },
  components,
  dependencies: [{ ref: root["bom-ref"], dependsOn: components.map((each) => each["bom-ref"]) }, ...components.map((each) => ({ ref: each["bom-ref"] }))],
};
writeFileSync(target, `${JSON.stringify(bom, null, 1)}\n`);
