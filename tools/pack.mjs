// Trunk's post-build hook. For a release it joins the style sheets, bundles the loader, prepares the module (tools/module.mjs),
// and puts a Brotli and a gzip copy beside each file, so that the proxy compresses nothing at run time. A development build is
// left alone.
import { buildSync } from "esbuild";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { COMPILE_ALL, prepareModule } from "./module.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A name that tells what is in the file, as Trunk's names do, so that it may be kept for ever. */
export const digest = (...contents) => {
  const hash = createHash("sha256");
  for (const content of contents) hash.update(content);
  return hash.digest("hex").slice(0, 16);
};

/** The style sheets, in the order of index.html. The build keeps the order, and names them anew. */
const SHEETS = Array.from(readFileSync(join(root, "index.html"), "utf8").matchAll(/<link data-trunk rel="css" href="([^"]+)"/g), ([, path]) => path);

/**
 * Nothing is painted before the last style sheet is there, so they travel as one; those of what the deferred module draws are another
 * one, which comes with it.
 */
function joinStyles(folder, html) {
  const links = html.match(/<link\b[^>]*\brel="?stylesheet\b[^>]*>/g) ?? [];
  if (links.length !== SHEETS.length) throw new Error(`${SHEETS.length} style sheets became ${links.length}`);
  const names = links.map((link) => /\bhref="?\/?([^\s">]+\.css)/.exec(link)[1]);
  const textOf = (isDeferred) => {
    const those = names.filter((_, index) => SHEETS[index].startsWith("style/deferred/") === isDeferred);
    return those.map((name) => readFileSync(join(folder, name), "utf8")).join("");
  };
  const [text, later] = [textOf(false), textOf(true)];
  const [joined, deferred] = [`style-${digest(text)}.css`, `deferred-${digest(later)}.css`];
  const integrity = `sha384-${createHash("sha384").update(text).digest("base64")}`;
  const [first, ...others] = links;
  const one = first.replace(names[0], joined).replace(/sha384-[A-Za-z0-9+/=]+/, integrity);
  for (const name of names) rmSync(join(folder, name));
  writeFileSync(join(folder, joined), text);
  writeFileSync(join(folder, deferred), later);
  const named = html.replace(/data-js="?([^\s">]*)frontend-/, (whole, base) => `data-style="${base}${deferred}" ${whole}`);
  return others.reduce((html, link) => html.replace(link, ""), named.replace(first, one));
}

/** The loader's files travel as one, too; in a development build they are what they are. */
function bundleLoader(folder, html) {
  const [{ text: bundled }] = buildSync({
    entryPoints: [join(root, "frontend/loader/start.js")],
    bundle: true, minify: true, format: "esm", target: "es2022", write: false, logLevel: "warning",
  }).outputFiles;
  const text = `${COMPILE_ALL}${bundled}`;
  const name = `loader-${digest(text)}.js`;
  writeFileSync(join(folder, name), text);
  rmSync(join(folder, "loader"), { recursive: true });
  if (!html.includes("loader/start.js")) throw new Error("index.html starts no loader");
  return html.replace("loader/start.js", name);
}

function compress(path) {
  const bytes = readFileSync(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}

if (process.env.TRUNK_PROFILE === "release") {
  const folder = process.env.TRUNK_STAGING_DIR;
  const page = join(folder, "index.html");
  let html = readFileSync(page, "utf8");
  html = joinStyles(folder, html);
  html = bundleLoader(folder, html);
  html = prepareModule(folder, html, digest);
  writeFileSync(page, html);
  for (const name of readdirSync(folder)) if (/\.(html|css|js|wasm|svg)$/.test(name)) compress(join(folder, name));
}
