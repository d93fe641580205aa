import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import binaryen from "binaryen";

import { alikeInOrder, putAlikeTogether } from "./alike.mjs";

const bytes = (text) => Buffer.from(text);

test("each is followed by the most alike of those that are left", () => {
  const texts = ["one two three four", "alpha beta gamma", "one two three five!", "alpha beta delta!!", "zz"].map(bytes);
  assert.deepEqual(alikeInOrder(texts), [4, 1, 3, 0, 2]);
});

test("every text is there once, also those that are like none, empty or the same", () => {
  for (const texts of [[], [""], ["a", "b", "c"], ["same text", "same text", "same text"], ["", "x", "longer than a piece", ""]]) {
    const order = alikeInOrder(texts.map(bytes));
    assert.deepEqual([...order].sort((a, b) => a - b), [...texts.keys()], JSON.stringify(texts));
  }
});

test("a module does what it did", async () => {
  // Alike by turns, with imports of each kind before them, calls between them and functions in a table.
  const functions = Array.from({ length: 40 }, (_, index) => {
    const call = index > 1 ? `(call $f${index - 2} (local.get 0))` : "(call $add (local.get 0) (i32.const 1))";
    const body = index % 2 ? `(i32.mul ${call} (i32.const ${index + 2}))` : `(i32.xor (i32.shl ${call} (i32.const 1)) (i32.const ${index * 1000}))`;
    return `(func $f${index} (export "f${index}") (param i32) (result i32) ${body})`;
  });
  const text = `(module
    (import "a" "memory" (memory 1 2)) (import "a" "add" (func $add (param i32 i32) (result i32)))
    (import "a" "table" (table 60 funcref)) (import "a" "base" (global i32))
    ${functions.join("\n")}
    (elem (i32.const 0) ${functions.map((_, index) => `$f${index}`).join(" ")}))`;
  const folder = mkdtempSync(join(tmpdir(), "deskbuy-alike-"));
  try {
    const file = join(folder, "module.wasm");
    const parsed = binaryen.parseText(text);
    writeFileSync(file, parsed.emitBinary());
    const answers = async () => {
      const table = new WebAssembly.Table({ element: "anyfunc", initial: 60 });
      const a = { memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }), add: (x, y) => x + y, table, base: 0 };
      const { instance } = await WebAssembly.instantiate(readFileSync(file), { a });
      return functions.map((_, index) => [instance.exports[`f${index}`](7), table.get(index)(7)]);
    };
    const [before, expect] = [readFileSync(file), await answers()];
    putAlikeTogether(file);
    assert.notDeepEqual(readFileSync(file), before);
    assert.deepEqual(await answers(), expect);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
