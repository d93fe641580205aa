// Prepares the page's module and its glue for a release: drops what nobody uses, shortens the names between the two, splits the
// module by its profile (tools/split-module.mjs), and optimises what comes of it. Or, for `make profile`, instruments it.
import { transformSync } from "esbuild";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { putAlikeTogether } from "./alike.mjs";
import { exportByTable } from "./export-by-table.mjs";
import { FEATURE_FLAGS } from "./features.mjs";
import { EARLIER, instrument, split } from "./split-module.mjs";

/** The first kilobyte of memory is the far end of the stack, and no object is there. */
const SMALLEST = "--low-memory-unused -Oz";
/** The flat form lets the optimiser see more. */
const PASSES = `${SMALLEST} --flatten --rereloop -Oz --flatten --rereloop -Oz -Oz --strip-debug --strip-producers --strip-target-features`;

/**
 * Has a browser that knows it compile all functions of a script while it arrives, beside the page's own thread. Nearly all of them are
 * called before the first view is complete.
 */
export const COMPILE_ALL = "//# allFunctionsCalledOnLoad\n";

/** What frontend/build.rs has the linker write, in the folder of what is built. */
const LINKER_MAP = "wasm32-unknown-unknown/wasm-release/frontend.map";

function optimise(module) {
  run(PASSES, module);
  putAlikeTogether(module);
}

/** What only reads a module and writes it, as ordering and exporting do, leaves blocks and jumps in it that nobody needs. */
const tidy = (module) => run(SMALLEST, module);

const run = (passes, module) => execFileSync("wasm-opt", [...FEATURE_FLAGS, ...passes.split(" "), module, "-o", module]);

const source = (path) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

/**
 * Drops the classes for streams that come with Leptos' server functions, of which the page has none, and all that only
 * they need of the module: what is exported is kept otherwise, wanted or not.
 */
function dropStreams(glue, module) {
  const text = readFileSync(glue, "utf8")
    .replace(/^export class IntoUnderlying\w+ \{\n.*?^\}\n/gms, "")
    .replace(/^if \(Symbol\.dispose\) IntoUnderlying.*\n/gm, "")
    .replace(/^const IntoUnderlying\w+Finalization = .*?;\n/gms, "");
  if (text.includes("IntoUnderlying")) throw new Error(`${glue}: the classes for streams are written otherwise now`);
  writeFileSync(glue, text);
  const exported = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(module))).map(({ name }) => name);
  const used = exported.filter((name) => new RegExp(`\\bwasm\\.${name}\\b`).test(text));
  const graph = `${module}.graph`;
  writeFileSync(graph, JSON.stringify([
    { name: "glue", root: true, reaches: used.map((name) => `export ${name}`) },
    ...exported.map((name) => ({ name: `export ${name}`, export: name })),
  ]));
  execFileSync("wasm-metadce", [...FEATURE_FLAGS, module, "--graph-file", graph, "-g", "-o", module]);
  rmSync(graph);
}

/**
 * Shortens what a module and its glue call each other: the long names carry hashes, which no compressor makes smaller, and
 * stand in both files.
 */
function shorten(glue, module) {
  const options = [...FEATURE_FLAGS, "--minify-imports-and-exports-and-modules", "-g", module, "-o", module];
  const { imports, exports } = JSON.parse(execFileSync("wasm-opt", options, { encoding: "utf8" }));
  const named = new Map(exports);
  let text = readFileSync(glue, "utf8");
  text = text.replace(/\bwasm\.(\w+)/g, (whole, name) => (named.has(name) ? `wasm.${named.get(name)}` : whole));
  for (const [from, name, short] of imports) {
    if (!/^__wb/.test(name)) throw new Error(`${glue}: ${name} may be a word of the glue itself`);
    text = text.replaceAll(new RegExp(`\\b${name}\\b`, "g"), () => short).replaceAll(`"${from}": import0`, '"a": import0');
  }
  writeFileSync(glue, text);
}

/** Gives the module one function more to import, by its name and what it is in script. */
function importToo(glue, name, what) {
  const text = readFileSync(glue, "utf8");
  const [before, after] = ['"a": import0', `"a": { ...import0, ${name}: ${what} }`];
  if (!text.includes(before)) throw new Error(`${glue}: imports are written otherwise now`);
  writeFileSync(glue, text.replace(before, () => after));
}

/**
 * Tells modules apart by what calls what, whatever the machine that compiled them: without data and numbers, some of which are
 * addresses. A profile is good for one module only: after a change another function may be called in a first view.
 */
function fingerprint(module) {
  const text = `${module}.wat`;
  execFileSync("wasm-opt", [...FEATURE_FLAGS, "--strip-debug", "-S", module, "-o", text]);
  const code = readFileSync(text, "utf8").replace(/^ \((data|memory|table|elem) .*$/gm, "").replace(/(?<=i(?:32|64)\.const |offset=|shim_|shim_idx: )-?\d+/g, "_");
  rmSync(text);
  return createHash("sha256").update(code).digest("hex").slice(0, 16);
}

/** The keys of the functions of each module but the first, in their order, if the profile is one of this module. */
function profileOf(module) {
  const [[, recorded], ...later] = source("frontend/deferred.profile").split(/^(?:answers|deferred|on demand)$/m).map((part) => part.trim().split(/\s+/));
  const now = fingerprint(module);
  if (recorded === now) return later.map((keys) => new Set(keys));
  console.warn(`[page] frontend/deferred.profile is of module ${recorded}, so this one, ${now}, is not split: make profile`);
  return undefined;
}

const linkerMap = () => readFileSync(join(process.env.CARGO_TARGET_DIR ?? new URL("../target", import.meta.url).pathname, LINKER_MAP), "utf8");

/**
 * Splits the module in place, has the glue give what the later modules import, and optimises all of them. The answers module stands
 * in one file with the primary one, behind it, so that it arrives next. Gives the length of the primary module, in bytes.
 */
function splitModule(glue, module, [deferred, onDemand], keys) {
  const answers = `${module}.answers`;
  const paths = [module, answers, deferred, onDemand];
  for (const [index, bytes] of split(readFileSync(module), keys, linkerMap()).entries()) writeFileSync(paths[index], bytes);
  importToo(glue, "placeholder", "placeholder");
  for (const file of ["placeholder.js", "later-imports.js"]) appendFileSync(glue, source(`frontend/loader/${file}`));
  for (const path of paths) optimise(path);
  for (const [index, from] of EARLIER.entries()) exportByTable(paths[index], from, paths.slice(index + 1));
  for (const path of paths) tidy(path);
  const length = appendTo(module, readFileSync(answers));
  rmSync(answers);
  return length;
}

/** Has a module stand in a file behind the one that is there, and gives the length of that. */
function appendTo(file, module) {
  const { length } = readFileSync(file);
  appendFileSync(file, module);
  return length;
}

/** A module with nothing in it. */
const EMPTY = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** Has the module tell which functions it enters; what a profile is made of goes into a file. */
function instrumentModule(glue, module, into) {
  const recorded = fingerprint(module);
  const { names, onDemand, bytes } = instrument(readFileSync(module), linkerMap());
  writeFileSync(module, bytes);
  mkdirSync(dirname(into), { recursive: true });
  writeFileSync(into, JSON.stringify({ fingerprint: recorded, names, onDemand }));
  importToo(glue, "enter", "(index) => (globalThis.entered ??= new Set()).add(index)");
  appendFileSync(glue, source("frontend/loader/later-imports.js"));
}

/** Prepares the module in a folder, and names it and its glue anew by what is in them; `html` names them, and is given back. */
export function prepareModule(folder, html, digest) {
  const name = readdirSync(folder).find((name) => /^frontend-[0-9a-f]+\.js$/.test(name));
  const glue = join(folder, name);
  const module = glue.replace(".js", "_bg.wasm");
  const later = ["_deferred.wasm", "_demand.wasm"].map((end) => glue.replace(".js", end));
  const into = process.env.INSTRUMENT_INTO;
  dropStreams(glue, module);
  shorten(glue, module);
  const keys = into ? undefined : profileOf(module);
  let primaryLength;
  if (keys) {
    primaryLength = splitModule(glue, module, later, keys);
  } else {
    if (into) instrumentModule(glue, module, into);
    optimise(module);
    if (into) primaryLength = appendTo(module, EMPTY);
  }
  const { code } = transformSync(readFileSync(glue, "utf8"), { minify: true, format: "esm", target: "es2022" });
  writeFileSync(glue, `${COMPILE_ALL}${code}`);
  const paths = keys ? [glue, module, ...later] : [glue, module];
  const [, old] = /-([0-9a-f]+)\.js$/.exec(name);
  const now = digest(...paths.map((path) => readFileSync(path)));
  for (const path of paths) renameSync(path, path.replace(old, now));
  const named = html.replaceAll(old, now);
  if (!keys && !into) return named;
  // An instrumented page waits for a deferred module for ever, so that nothing gets into the profile that would come after it.
  const address = (whole, base) => `data-primary="${primaryLength}" data-deferred="${base}frontend-${now}_deferred.wasm" data-demand="${base}frontend-${now}_demand.wasm" ${whole}`;
  return named.replace(/data-js="?([^\s">]*)frontend-/, address);
}
