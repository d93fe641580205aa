// Trunk's post-build hook for a release build: makes one style sheet of all, minifies the glue between script and
// module, which Trunk leaves as it is, and puts a Brotli and a gzip copy beside each file, so that the proxy compresses
// nothing at run time. A development build is left alone.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

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

if (process.env.TRUNK_PROFILE === "release") {
  const { minify } = createRequire(import.meta.url)("terser");
  const folder = process.env.TRUNK_STAGING_DIR;
  joinStyles(folder);
  for (const name of readdirSync(folder)) {
    if (!/\.(html|css|js|wasm|svg)$/.test(name)) continue;
    const path = join(folder, name);
    if (name.endsWith(".js")) {
      const { code } = await minify(readFileSync(path, "utf8"), { module: true, compress: { passes: 3 }, ecma: 2022 });
      writeFileSync(path, code);
    }
    const bytes = readFileSync(path);
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
}
