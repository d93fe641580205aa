// The table leaves a module that has one, and its glue writes the same numbers to the same place.
import assert from "node:assert/strict";
import binaryen from "binaryen";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { takeOutPowers } from "./powers-of-ten.mjs";

const ADDRESS = 1024;
const GLUE = "let wasm;\nfunction begin(exports) {\n    wasm = exports;\n    wasm.__wbindgen_start();\n}\n";

/** A module whose memory has these bytes between two others, as a file beside its glue. */
function files(folder, bytes) {
  const text = Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  const module = binaryen.parseText(`(module
    (memory $0 1)
    (data (i32.const ${ADDRESS - 1}) "\\07${text}\\08")
    (export "memory" (memory $0))
    (func $start)
    (export "__wbindgen_start" (func $start)))`);
  const [glue, path] = [join(folder, "glue.js"), join(folder, "module.wasm")];
  writeFileSync(glue, GLUE);
  writeFileSync(path, module.emitBinary());
  return [glue, path];
}

function inFolder(check) {
  const folder = mkdtempSync(join(tmpdir(), "deskbuy-powers-"));
  try {
    check(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// As a compiler of another language writes them.
const table = Buffer.alloc(309 * 8);
for (let exponent = 0; exponent < 309; exponent += 1) table.writeDoubleLE(Number.parseFloat(`1${"0".repeat(exponent)}`), exponent * 8);

test("the glue writes the table that the module has no more", () =>
  inFolder((folder) => {
    const [glue, path] = files(folder, table);
    takeOutPowers(glue, path);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)));
    const bytes = Buffer.from(exports.memory.buffer, ADDRESS - 1, table.length + 2);
    assert.deepEqual([...new Set(bytes.subarray(1, -1))], [0]);
    new Function("exports", `${readFileSync(glue, "utf8")}begin(exports);`)(exports);
    assert.deepEqual(bytes.subarray(1, -1), table);
    assert.deepEqual([bytes[0], bytes.at(-1)], [7, 8]);
  }));

test("a module without the table stays as it is", () =>
  inFolder((folder) => {
    const [glue, path] = files(folder, table.subarray(8));
    const before = readFileSync(path);
    takeOutPowers(glue, path);
    assert.deepEqual(readFileSync(path), before);
    assert.equal(readFileSync(glue, "utf8"), GLUE);
  }));
