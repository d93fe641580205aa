// Has a module give its functions to later ones in a table and not by names: a name is some bytes for each of more than a thousand
// functions, and a browser makes an object of every function that is exported by name as soon as the module is instantiated, and of
// one in a table when somebody asks for it. The glue asks (frontend/loader/later-imports.js).
import binaryen from "binaryen";
import { readFileSync, writeFileSync } from "node:fs";

import { GLUE, all, read } from "./split-module.mjs";

/** The name of the table, and of its export. */
const GIVEN = "0given";

const functions = (module) => all(module, "Function", binaryen.getFunctionInfo);

/** Numbers of functions below this are one byte in a call; the optimiser gives them to what is called most. */
const SHORT = 128;

/** Puts what a module imports in an order that compresses: by signature, and by the place in a table. */
function sortImports(module) {
  const imported = functions(module).filter(({ base }) => base);
  // What the glue gives has a name and no place: it comes last.
  const place = ({ module: origin, base }) => (origin === GLUE ? Number.MAX_SAFE_INTEGER : Number(base));
  const inOrder = (one, other) => one.params - other.params || one.results - other.results || place(one) - place(other);
  const sorted = [...imported.slice(0, SHORT), ...imported.slice(SHORT).sort(inOrder)];
  for (const { name } of imported) module.removeFunction(name);
  for (const { name, module: origin, base, params, results } of sorted) module.addFunctionImport(name, origin, base, params, results);
}

/**
 * Rewrites a module and those that come later in their files: what these import `from` it is known by its place in the table from
 * now on. The modules have no names of functions, so that their order tells which is which.
 */
export function exportByTable(path, from, laterPaths) {
  const module = read(readFileSync(path));
  const places = new Map(functions(module).map(({ name }, place) => [name, place]));
  const given = all(module, "Export", binaryen.getExportInfo)
    .filter(({ kind, name }) => kind === binaryen.ExternalFunction && name.startsWith("0"))
    // Numbers that only rise compress well.
    .sort((one, other) => places.get(one.value) - places.get(other.value));
  for (const { name } of given) module.removeExport(name);
  module.addTable(GIVEN, given.length, given.length);
  module.addActiveElementSegment(GIVEN, GIVEN, given.map(({ value }) => value), module.i32.const(0));
  module.addTableExport(GIVEN, GIVEN);
  write(path, module);
  const numbers = new Map(given.map(({ name }, number) => [name, String(number)]));
  for (const laterPath of laterPaths) {
    const later = read(readFileSync(laterPath));
    for (const { name, module: origin, base, params, results } of functions(later)) {
      if (origin === from) later.addFunctionImport(name, from, numbers.get(base), params, results);
    }
    sortImports(later);
    write(laterPath, later);
  }
}

function write(path, module) {
  if (!module.validate()) throw new Error(`${path}: the module is not valid with its functions in a table`);
  binaryen.setDebugInfo(false);
  writeFileSync(path, module.emitBinary());
}
