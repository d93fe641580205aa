// What is on demand, of a module of a few functions.
import assert from "node:assert/strict";
import { test } from "node:test";

import { TABLE_BASE, onDemand } from "./on-demand.mjs";

const FUNCTIONS = {
  main: `(call $"frontend[1a]::orders::on_demand_page") (call $"shared")`,
  "frontend[1a]::orders::on_demand_page": `(call $"list") (call $"shared")`,
  "frontend[1a]::purchase::user_list::UserListDialog": `(call $"dialog")`,
  list: `(i32.const ${TABLE_BASE + 1})`,
  dialog: "(nop)",
  shared: "(i32.const 1048576)",
  // What the compiler made of a function of the list and one of the form that are alike.
  "list: merged": "(nop)",
  row: "(nop)",
};

/** Names of those on demand; `constant` is what stands in the only constant, which `shared` names. */
function found(functions, constant) {
  const text = Object.entries(functions).map(([name, body]) => ` (func $"${name}"\n  ${body}\n )\n`);
  const names = Object.keys(functions);
  const data = new Uint8Array(new Uint32Array([constant]).buffer);
  const isOnDemand = onDemand({
    text: `(module\n${text.join("")})`,
    names,
    exported: ["main"],
    table: ["list: merged", "row"],
    segments: [{ start: 1 << 20, data }],
    entries: ["orders::on_demand_page", "purchase::user_list::UserListDialog"],
    map: "  100000   100000        4     4         lib.a:(.rodata.vtable)\n",
  });
  return names.filter((_, index) => isOnDemand[index]);
}

const ENTRIES = ["frontend[1a]::orders::on_demand_page", "frontend[1a]::purchase::user_list::UserListDialog"];

test("what is reached through the entries alone is on demand, by calls and by places in the table", () => {
  assert.deepEqual(found(FUNCTIONS, 0), [...ENTRIES, "list", "dialog", "list: merged", "row"]);
});

test("what a constant of the form points to is not, whatever its name", () => {
  assert.deepEqual(found(FUNCTIONS, TABLE_BASE), [...ENTRIES, "list", "dialog", "row"]);
});

test("an entry that was renamed is an error", () => {
  const { [ENTRIES[1]]: _, ...others } = FUNCTIONS;
  assert.throws(() => found(others, 0), /UserListDialog/);
});
