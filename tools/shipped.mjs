// What a release contains beside our own code: the crates that the proxy without the demo and the page are linked from.
import { execFileSync } from "node:child_process";

const cargo = (...words) =>
  execFileSync("cargo", [...words, "--locked", "--offline"], { encoding: "utf8", maxBuffer: 1 << 28 });

/** What a crate is linked from, as `name version`. What only runs while it is built is left out. */
const linked = (...words) =>
  cargo("tree", "--quiet", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}", ...words)
    .split("\n")
    .map((line) => /^(\S+) v(\S+)/.exec(line))
    .filter(Boolean)
    .map(([, name, version]) => `${name} ${version}`);

/** All packages that cargo knows, and those of them that a release contains beside our own, by name. */
export function shipped() {
  const wanted = new Set([
    ...linked("-p", "proxy", "--no-default-features", "--features", "page", "--target", "x86_64-unknown-linux-gnu"),
    ...linked("-p", "frontend", "--target", "wasm32-unknown-unknown"),
  ]);
  const packages = JSON.parse(cargo("metadata", "--format-version", "1")).packages;
  const crates = packages
    .filter(({ name, version, source }) => source && wanted.has(`${name} ${version}`))
    .sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
  return { packages, crates };
}
