// `make profile`: records which functions the module calls before the deferred module may arrive, in every first view that there
// is (tools/first-views.mjs), and lists all others in frontend/deferred.profile, by which the build splits the module.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { chromium } from "./browser.mjs";
import { visitAll } from "./first-views.mjs";
import { key } from "./split-module.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = `${root}target/profile`;
const instrumented = `${folder}/instrumented.json`;
rmSync(folder, { recursive: true, force: true });
execFileSync("trunk", ["build", "--release", "--offline", "--dist", `${folder}/page`], {
  cwd: root,
  env: { ...process.env, RUST_LOG: "error", INSTRUMENT_INTO: instrumented },
  stdio: ["ignore", "inherit", "inherit"],
});

const entered = new Set();
const browser = await chromium();
try {
  await visitAll(browser, `${folder}/page`, async (name, page) => {
    const before = entered.size;
    for (const index of await page.evaluate(() => [...(globalThis.entered ?? [])])) entered.add(index);
    console.log(`${name.padEnd(60)} ${entered.size - before} functions more`);
  });
} finally {
  await browser.close();
}

const { fingerprint, names, onDemand } = JSON.parse(readFileSync(instrumented, "utf8"));
const keys = names.map(key);
// What an answer or a kept text may hold has no end: whatever reads JSON as such is called in some first view.
const readsJson = (name) => /^<?shared\[\w+\]::json::reader\b/.test(name);
// The order of answers varies, and so does what they drop or unmount; the garbage collector drops closures at any time. Orders, and
// streams that a first view does not have, are never dropped in one.
const drops = (name) => /drop_in_place|drop_slow|unmount/.test(name) && !/::orders?::|\bwasm_streams\[|\bfuture_to_promise\b/.test(name);
// A derived value is compared with its previous one, which varies.
const compares = (name) => /\bPartialEq(<.*>)?>::(eq|ne)\b/.test(name) && !/::orders?::|::user_list::/.test(name);
const always = names.filter((name) => readsJson(name) || drops(name) || compares(name));
const primary = new Set([...[...entered].map((index) => keys[index]), ...always.map(key)]);
const later = [...new Set(keys)].filter((one) => !primary.has(one)).sort();
// A key may be that of two functions, which differ in what a key leaves out.
const demanded = new Set(onDemand);
const elsewhere = new Set(names.filter((name) => !demanded.has(name)).map(key));
const isDeferred = (one) => elsewhere.has(one);
const [deferred, last] = [later.filter(isDeferred), later.filter((one) => !isDeferred(one))];
const parts = [`module ${fingerprint}`, "deferred", ...deferred, "on demand", ...last];
writeFileSync(`${root}frontend/deferred.profile`, `${parts.join("\n")}\n`);
console.log(`${primary.size} functions are called in a first view, ${deferred.length} are deferred, ${last.length} on demand`);
