// A module is divided, and its parts are run: what each calls of the others, by name and through the table of functions.
import assert from "node:assert/strict";
import binaryen from "binaryen";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { exportByTable } from "./export-by-table.mjs";
import { FEATURES } from "./features.mjs";
import { GLUE, PLACEHOLDER, PRIMARY, SECONDARY, key, split } from "./split-module.mjs";

/**
 * `through` calls what stands in a place of the table: three functions of the primary module, of the deferred and of the on-demand
 * one, in turns. `by_name` calls one that is deferred, which calls one of each module.
 */
const MODULE = `(module
  (type $number (func (result i32)))
  (import "a" "told" (func $told (param i32)))
  (memory 17)
  (global $global (mut i32) (i32.const 1000))
  (table $functions 8 8 funcref)
  (elem (i32.const 1) $one $later $last $one_more $later_too $last_too)
  (data (i32.const 1048576) "a constant of the primary")
  (data (i32.const 1052672) "a constant that only what is deferred reads")
  (func $one (result i32) (i32.load8_u (i32.const 1048576)))
  (func $one_more (result i32) (i32.const 2))
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
    (global.set $global (i32.const 2000))
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
  const parts = split(module.emitBinary(), { deferred: keys("later", "later_too", "by_name"), onDemand: keys("last", "last_too", "call_last") }, MAP);
  const paths = Object.entries(parts).map(([name, bytes]) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  });
  const [primary, deferred, onDemand] = paths;
  if (byTable) {
    exportByTable(primary, PRIMARY, [deferred, onDemand]);
    exportByTable(deferred, SECONDARY, [onDemand]);
  }
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
      const [primary, deferred, onDemand] = divide(folder, byTable);
      const told = [];
      const glue = { told: (number) => told.push(number), [PLACEHOLDER]: () => { throw new Error("a placeholder"); } };
      const exportsOf = byTable ? given : (exports) => exports;
      const first = new WebAssembly.Instance(primary, { [GLUE]: glue }).exports;
      const numbers = () => [1, 2, 3, 4, 5, 6].map((place) => {
        try { return first.through(place); } catch (error) { return error.message; }
      });
      const [one, later, last] = [97, 99, 196];
      assert.deepEqual(numbers(), [one, "a placeholder", "a placeholder", 2, "a placeholder", "a placeholder"]);
      assert.throws(() => first.start(5), /a placeholder/);

      const imports = { [GLUE]: glue, [PRIMARY]: exportsOf(first) };
      const second = new WebAssembly.Instance(deferred, imports).exports;
      assert.deepEqual(numbers(), [one, later, "a placeholder", 2, 12, "a placeholder"]);
      assert.throws(() => first.start(5), /a placeholder/);
      assert.deepEqual(told, [5]);

      new WebAssembly.Instance(onDemand, { ...imports, [SECONDARY]: exportsOf(second) });
      // The global is what the call that failed has set, for all of them.
      assert.deepEqual(numbers(), [one, later, last, 2, 12, 2012]);
      assert.equal(first.start(5), last + 5 + 2);
      assert.equal(WebAssembly.Module.exports(primary).some(({ kind, name }) => kind === "function" && name.startsWith("0")), !byTable);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
