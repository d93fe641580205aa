// Finds what is on demand: the functions that are reached through an entry alone, which is a page or a dialog that asks for the
// on-demand module first (`deferred::on_demand` in Rust). Names would not do: the compiler makes one function of two that are
// alike, so that one with the name of a list's may be called by a form.
//
// Whatever may refer to a function counts: a call, a number that may be the function's place in the table, in code or in a
// constant that is reached. For `make profile` the table begins at TABLE_BASE (frontend/build.rs), where other numbers are rare.
import { addressesIn, constantsOf, functionsOf, reach } from "./split-data.mjs";

/** The entries, as functions that are not inlined. */
const ENTRIES = [
  "orders::on_demand_page",
  "orders::operation::OperationDialog",
  "orders::approval::DecisionDialog",
  "orders::retry_dialog::RetryDialog",
  "orders::order_fields::FieldsDialog",
  "purchase::user_list::UserListDialog",
];

const isEntry = (name, entry) => name.replace(/^frontend\[\w+\]/, "frontend") === `frontend::${entry}`;

/** Where the table of functions begins in a module that is recorded. */
export const TABLE_BASE = 100_000;

/** What a token of a function's text names: a name of a function in quotes, or without. */
const CALL = /\((?:return_)?call (\$"(?:[^"\\]|\\.)*"|\$[^\s)]+)|\(ref\.func (\$"(?:[^"\\]|\\.)*"|\$[^\s)]+)/g;

/**
 * Which functions of a module are on demand, as a list of true and false in the module's order. `names` are their names, `exported`
 * those of the exported ones, `table` the names in the table, `segments` its data, `map` the linker's.
 */
export function onDemand({ text, names, exported, table, segments, map, entries = ENTRIES }) {
  const functions = functionsOf(text);
  if (functions.length !== names.length) throw new Error(`${functions.length} functions in the text, and ${names.length} in the module`);
  const missing = entries.filter((entry) => !names.some((name) => isEntry(name, entry)));
  if (missing.length > 0) throw new Error(`no function of the module is called ${missing}: renamed, or inlined?`);
  const labels = new Map(functions.map((one, index) => [/^(\$"(?:[^"\\]|\\.)*"|\$\S+)/.exec(one)[1], index]));
  const byName = new Map(names.map((name, index) => [name, index]));
  const isReached = names.map(() => false);
  const todo = [];
  const reachFunction = (index) => {
    if (index === undefined || isReached[index] || entries.some((entry) => isEntry(names[index], entry))) return;
    isReached[index] = true;
    todo.push(index);
  };
  const constants = constantsOf(map);
  const reached = reach(segments, constants);
  const reachNumbers = (numbers) => {
    for (const number of reached.from(numbers)) reachFunction(byName.get(table[number - TABLE_BASE]));
  };
  for (const name of exported) reachFunction(byName.get(name));
  reachNumbers(reached.unbound);
  while (todo.length > 0) {
    const own = functions[todo.pop()];
    for (const [, called, referred] of own.matchAll(CALL)) reachFunction(labels.get(called ?? referred));
    reachNumbers(addressesIn(own, constants));
  }
  return isReached.map((reached) => !reached);
}
