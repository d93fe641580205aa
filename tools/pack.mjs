// Trunk's post-build hook for a release build: makes one style sheet of all, optimises each module together with the glue
// between it and script, divides a module whose first view is known, and puts a Brotli and a gzip copy beside each file, so
// that the proxy compresses nothing at run time. A development build is left alone.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/**
 * Ways in which distances may be written and blocks divided. Which is best for a module changes with it, by a thousandth or
 * two, and cannot be told beforehand.
 */
const WAYS = [
  { [constants.BROTLI_PARAM_NPOSTFIX]: 0, [constants.BROTLI_PARAM_NDIRECT]: 8 },
  { [constants.BROTLI_PARAM_NPOSTFIX]: 0, [constants.BROTLI_PARAM_NDIRECT]: 6, [constants.BROTLI_PARAM_LGBLOCK]: 16 },
  { [constants.BROTLI_PARAM_NPOSTFIX]: 2 },
  { [constants.BROTLI_PARAM_NPOSTFIX]: 2, [constants.BROTLI_PARAM_NDIRECT]: 32, [constants.BROTLI_PARAM_LGBLOCK]: 16 },
];

/** Compressed in each of these ways, the shortest. */
function brotli(bytes, ways) {
  const always = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const results = ways.map((way) => brotliCompressSync(bytes, { params: { ...always, ...way } }));
  return results.reduce((best, one) => (one.length < best.length ? one : best));
}

/** Nothing is painted before the last style sheet is there, so they travel as one. */
function joinStyles(folder) {
  const page = join(folder, "index.html");
  const html = readFileSync(page, "utf8");
  const links = html.match(/<link\b[^>]*\brel="?stylesheet\b[^>]*>/g) ?? [];
  const names = links.map((link) => /\bhref="?\/?([^\s">]+\.css)/.exec(link)[1]);
  const text = names.map((name) => readFileSync(join(folder, name), "utf8")).join("");
  // Named as Trunk names files: by what is in it, so that it may be kept for ever.
  const joined = `style-${createHash("sha256").update(text).digest("hex").slice(0, 16)}.css`;
  const integrity = `sha384-${createHash("sha384").update(text).digest("base64")}`;
  const [first, ...others] = links;
  const one = first.replace(names[0], joined).replace(/sha384-[A-Za-z0-9+/=]+/, integrity);
  writeFileSync(page, others.reduce((html, link) => html.replace(link, ""), html.replace(first, one)));
  writeFileSync(join(folder, joined), text);
  for (const name of names) rmSync(join(folder, name));
}

/** What the module may use of WebAssembly; split.mjs has the same. */
const FEATURES = "bulk-memory bulk-memory-opt nontrapping-float-to-int sign-ext mutable-globals reference-types multivalue"
  .split(" ")
  .map((name) => `--enable-${name}`);
/** The flat form lets the optimiser see more; functions of like names side by side compress better. */
const PASSES = "-Oz --flatten --rereloop -Oz --reorder-functions-by-name --strip-debug --strip-producers --strip-target-features";

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
  execFileSync("wasm-metadce", [...FEATURES, module, "--graph-file", graph, "-g", "-o", module]);
  rmSync(graph);
}

/**
 * Shortens what a module and its glue call each other: the long names carry hashes, which no compressor makes smaller, and
 * stand in both files.
 */
function shorten(glue, module) {
  const options = [...FEATURES, "--minify-imports-and-exports-and-modules", "-g", module, "-o", module];
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

/** The keys of the functions that a module's first view does without, if that is known. */
function lateKeys(glue) {
  const list = new URL(`../frontend/${basename(glue).replace(/(-[0-9a-f]+)?\.js$/, "")}.late`, import.meta.url);
  return existsSync(list) ? new Set(readFileSync(list, "utf8").split(/\s+/)) : undefined;
}

/** Gives a module one function more to import, by its name and what it is in script. */
function importToo(glue, name, what) {
  const text = readFileSync(glue, "utf8");
  const [before, after] = ['"a": import0', `"a": { ...import0, ${name}: ${what} }`];
  if (!text.includes(before)) throw new Error(`${glue}: imports are written otherwise now`);
  writeFileSync(glue, text.replace(before, () => after));
}

/** Puts what comes later into a module of its own, and into the glue what fetches it. */
async function divide(glue, module, keys) {
  const { split } = await import("./split.mjs");
  const { first, rest } = split(readFileSync(module), keys);
  writeFileSync(module, first);
  writeFileSync(lateModule(module), rest);
  importToo(glue, "late", "lateNow");
  appendFileSync(glue, readFileSync(new URL("../frontend/late.js", import.meta.url)));
}

/** Has the module tell which functions it enters, for `make first-view`. */
async function count(glue, module, into) {
  const { counting } = await import("./split.mjs");
  const { names, bytes } = counting(readFileSync(module));
  writeFileSync(module, bytes);
  mkdirSync(dirname(into), { recursive: true });
  writeFileSync(into, JSON.stringify(names));
  importToo(glue, "enter", "(index) => (globalThis.entered ??= new Set()).add(index)");
}

const lateModule = (module) => module.replace("_bg.wasm", "_late.wasm");
const optimise = (module) => execFileSync("wasm-opt", [...FEATURES, ...PASSES.split(" "), module, "-o", module]);

/** Names a module and its glue anew by what is in them now, where Trunk named them by what was in them before. */
function renameParts(folder, glue, module) {
  const [, old] = /-([0-9a-f]+)\.js$/.exec(glue) ?? [];
  if (old === undefined) return;
  const paths = [glue, module, lateModule(module)].filter((path) => existsSync(path));
  const hash = createHash("sha256");
  for (const path of paths) hash.update(readFileSync(path));
  const digest = hash.digest("hex").slice(0, 16);
  for (const path of paths) renameSync(path, path.replace(old, digest));
  const page = join(folder, "index.html");
  writeFileSync(page, readFileSync(page, "utf8").replaceAll(old, digest));
}

if (process.env.TRUNK_PROFILE === "release") {
  const { minify } = createRequire(import.meta.url)("terser");
  const folder = process.env.TRUNK_STAGING_DIR;
  joinStyles(folder);
  for (const name of readdirSync(folder)) {
    const [glue, module] = [join(folder, name), join(folder, name.replace(/\.js$/, "_bg.wasm"))];
    if (!name.endsWith(".js") || !existsSync(module)) continue;
    dropStreams(glue, module);
    shorten(glue, module);
    const [late, into] = [lateKeys(glue), process.env.COUNT_FUNCTIONS_INTO];
    if (late && into) await count(glue, module, into);
    else if (late) {
      await divide(glue, module, late);
      optimise(lateModule(module));
    }
    optimise(module);
    renameParts(folder, glue, module);
  }
  for (const name of readdirSync(folder)) {
    if (!/\.(html|css|js|wasm|svg)$/.test(name)) continue;
    const path = join(folder, name);
    if (name.endsWith(".js")) {
      const { code } = await minify(readFileSync(path, "utf8"), { module: true, compress: { passes: 3 }, ecma: 2022 });
      writeFileSync(path, code);
    }
    const bytes = readFileSync(path);
    writeFileSync(`${path}.br`, brotli(bytes, name.endsWith(".wasm") ? WAYS : [{}]));
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
}
