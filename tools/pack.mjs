// Trunk's post-build hook for a release build: minifies the glue between script and module, which Trunk leaves as it
// is, and puts a Brotli and a gzip copy beside each file, so that the proxy compresses nothing at run time. A
// development build is left alone.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

if (process.env.TRUNK_PROFILE === "release") {
  const { minify } = createRequire(import.meta.url)("terser");
  const folder = process.env.TRUNK_STAGING_DIR;
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
