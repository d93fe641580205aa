// `make profile`: records which functions the module calls before any answer is read, and before the deferred module may arrive, in
// every first view that there is (tools/first-views.mjs). It lists them all in frontend/deferred.profile but the former ones, which are
// those of the primary module: by this the build splits the module.
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

const [mounting, entered] = [new Set(), new Set()];
async function note(into, name, page) {
  const before = into.size;
  for (const index of await page.evaluate(() => [...(globalThis.entered ?? [])])) into.add(index);
  console.log(`${name.padEnd(60)} ${into.size - before} functions more`);
}
const browser = await chromium();
try {
  await visitAll(browser, `${folder}/page`, {
    unanswered: (name, page) => note(mounting, `${name}, before answers`, page),
    complete: (name, page) => note(entered, name, page),
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
/** What says the same in the other language: some visits are made in one of them. */
const inOtherLanguage = (name) => name.replace(/(?<=::text::.*(?:::|_))(?:zh|en|ZH|EN)(?=::|$)/g, (own) => ({ zh: "en", en: "zh", ZH: "EN", EN: "ZH" })[own]);
function keysOf(indices, always) {
  const called = [...indices].map((index) => names[index]);
  return new Set([...called, ...called.map(inOtherLanguage), ...names.filter(always)].map(key));
}
const primary = keysOf(mounting, drops);
const first = keysOf(entered, (name) => readsJson(name) || compares(name));
// A key may be that of two functions, which differ in what a key leaves out.
const demanded = new Set(onDemand);
const elsewhere = new Set(names.filter((name) => !demanded.has(name)).map(key));
const parts = { answers: [], deferred: [], "on demand": [] };
for (const one of [...new Set(keys)].sort()) {
  if (primary.has(one)) continue;
  parts[first.has(one) ? "answers" : elsewhere.has(one) ? "deferred" : "on demand"].push(one);
}
const lines = Object.entries(parts).flatMap(([name, keys]) => [name, ...keys]);
writeFileSync(`${root}frontend/deferred.profile`, `${[`module ${fingerprint}`, ...lines].join("\n")}\n`);
const counts = Object.entries(parts).map(([name, keys]) => `${name} ${keys.length}`);
console.log(`functions: primary ${primary.size}, ${counts.join(", ")}`);
