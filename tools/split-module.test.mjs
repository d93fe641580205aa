// A module is divided, and its parts are run: what each calls of the others, by name and through the table of functions.
import assert from "node:assert/strict";
import binaryen from "binaryen";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { exportByTable } from "./export-by-table.mjs";
import { FEATURES } from "./features.mjs";
import { EARLIER, GLUE, PLACEHOLDER, key, split } from "./split-module.mjs";

/**
 * `through` calls what stands in a place of the table: functions of the primary module, of the deferred and of the on-demand one, in
 * turns, and one of the answers module at last. `start` calls that one by name, and one that is deferred, which calls one of each module.
 */
const MODULE = `(module
  (type $number (func (result i32)))
  (import "a" "told" (func $told (param i32)))
  (memory 17)
  (global $global (mut i32) (i32.const 1000))
  (table $functions 9 9 funcref)
  (elem (i32.const 1) $one $later $last $one_more $later_too $last_too $soon)
  (data (i32.const 1048576) "a constant of the primary")
  (data (i32.const 1052672) "a constant that only what is deferred reads")
  (func $one (result i32) (i32.load8_u (i32.const 1048576)))
  (func $one_more (result i32) (i32.const 2))
  (func $soon (result i32) (i32.add (call $one_more) (i32.const 1000)))
  (func $later (result i32) (i32.load8_u (i32.const 1052674)))
  (func $later_too (result i32) (i32.add (call $one_more) (i32.const 10)))
  (func $last (result i32) (i32.add (call $later) (call $one)))
  (func $last_too (result i32) (i32.add (call $later_too) (global.get $global)))
  (func $call_last (param $more i32) (result i32) (i32.add (call $last) (local.get $more)))
  (func $by_name (param $more i32) (result i32)
    (call $told (local.get $more))
    (i32.add (call $call_last (local.get $more)) (call_indirect (type $number) (i32.const 4))))
  (func $through (param $place i32) (result i32) (call_indirect (type $number) (local.get $place)))
  (func $start (param $more i32) (result i32)
    (global.set $global (call $soon))
    (call $by_name (local.get $more)))
  (export "start" (func $start))
  (export "through" (func $through)))`;

const MAP = ["100000        0       19 <file>:(.rodata.one)", "101000        0       2b <file>:(.rodata.two)"].join("\n");

/** The parts of the module, with their exports by name or in a table, as files in a folder. */
function divide(folder, byTable) {
  const module = binaryen.parseText(MODULE);
  module.setFeatures(FEATURES.reduce((all, name) => all | binaryen.Features[name], 0));
  binaryen.setDebugInfo(true);
  const keys = (...names) => new Set(names.map(key));
  const later = [keys("soon"), keys("later", "later_too", "by_name"), keys("last", "last_too", "call_last")];
  const paths = split(module.emitBinary(), later, MAP).map((bytes, index) => {
    const path = join(folder, `${index}.wasm`);
    writeFileSync(path, bytes);
    return path;
  });
  if (byTable) for (const [index, from] of EARLIER.entries()) exportByTable(paths[index], from, paths.slice(index + 1));
  return paths.map((path) => new WebAssembly.Module(readFileSync(path)));
}

/** What the glue gives to later modules, by its own script. */
const { given } = await import(`data:text/javascript,${encodeURIComponent(
  `${readFileSync(new URL("../frontend/loader/later-imports.js", import.meta.url), "utf8")}\nexport { given };`,
)}`);

for (const byTable of [false, true]) {
  test(`the parts do together what the whole did, with exports ${byTable ? "in a table" : "by name"}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "deskbuy-split-"));
    try {
      const modules = divide(folder, byTable);
      const told = [];
      const glue = { told: (number) => told.push(number), [PLACEHOLDER]: () => { throw new Error("a placeholder"); } };
      const exportsOf = byTable ? given : (exports) => exports;
      const imports = { [GLUE]: glue };
      const instantiate = (index) => {
        const { exports } = new WebAssembly.Instance(modules[index], imports);
        imports[EARLIER[index]] = exportsOf(exports);
        return exports;
      };
      const first = instantiate(0);
      const numbers = () => [1, 2, 3, 4, 5, 6, 7].map((place) => {
        try { return first.through(place); } catch (error) { return error.message; }
      });
      const [one, later, last, soon] = [97, 99, 196, 1002];
      const not = "a placeholder";
      assert.deepEqual(numbers(), [one, not, not, 2, not, not, not]);
      assert.throws(() => first.start(5), /a placeholder/);

      instantiate(1);
      assert.deepEqual(numbers(), [one, not, not, 2, not, not, soon]);
      assert.throws(() => first.start(5), /a placeholder/);
      assert.deepEqual(told, []);

      instantiate(2);
      assert.deepEqual(numbers(), [one, later, not, 2, 12, not, soon]);
      assert.throws(() => first.start(5), /a placeholder/);
      assert.deepEqual(told, [5]);

      instantiate(3);
      // The global is what the calls that failed have set, for all of them.
      assert.deepEqual(numbers(), [one, later, last, 2, 12, 12 + soon, soon]);
      assert.equal(first.start(5), last + 5 + 2);
      assert.equal(WebAssembly.Module.exports(modules[0]).some(({ kind, name }) => kind === "function" && name.startsWith("0")), !byTable);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
