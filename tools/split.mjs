// Divides a module of the page in two: what its first view calls, and the rest, which is fetched later. What the first view
// does without is listed in a file that `make first-view` writes (tools/first-view.mjs); what is not listed stays.
//
// Both parts share memory, tables and globals. In the first part a function of the rest is a stub, which calls the real one
// through a table that the rest fills when it arrives; a stub that is called before has it fetched at once.
import binaryen from "binaryen";
import { createHash } from "node:crypto";

// As in pack.mjs.
const { BulkMemory, BulkMemoryOpt, NontrappingFPToInt, SignExt, MutableGlobals, ReferenceTypes, Multivalue } = binaryen.Features;
const FEATURES = BulkMemory | BulkMemoryOpt | NontrappingFPToInt | SignExt | MutableGlobals | ReferenceTypes | Multivalue;

/** From where the parts import: the glue, and for the rest also the exports of the first part. */
const [GLUE, FIRST] = ["a", "b"];
/** Exports for the rest begin with a digit, as nothing does that the glue names. frontend/late.js knows the first one. */
const [ARRIVED, LATE, MEMORY] = ["0arrived", "0late", "0memory"];
/** The glue's function that fetches the rest. */
const FETCH = "late";

/**
 * What a function is called in the list: its name by the Rust compiler's v0 scheme without what changes with the compiler,
 * shortened, since such names run to a thousand letters.
 */
export function key(name) {
  const plain = name.replace(/\[[0-9a-f]{9,16}\]/g, "").replace(/\.\d+$/, "");
  return createHash("sha256").update(plain).digest("hex").slice(0, 10);
}

function read(bytes) {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(FEATURES);
  return module;
}

/** All of one kind, of which the library counts and gives one at a time. */
function all(module, kind, info) {
  const count = module[`getNum${kind}s`]();
  return Array.from({ length: count }, (_, index) => info(module[`get${kind}ByIndex`](index)));
}

const functions = (module) => all(module, "Function", binaryen.getFunctionInfo);
const own = (module) => functions(module).filter(({ base }) => !base);

function write(module) {
  if (!module.validate()) throw new Error("the module that was divided is not valid");
  // Names, by which functions are put in order.
  binaryen.setDebugInfo(true);
  return module.emitBinary();
}

/** A module that tells script of each function it enters, by its place in `names`. */
export function counting(bytes) {
  const module = read(bytes);
  module.addFunctionImport("enter", GLUE, "enter", binaryen.i32, binaryen.none);
  const names = own(module).map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    const { body, results } = binaryen.getFunctionInfo(module.getFunction(name));
    const enter = module.call("enter", [module.i32.const(index)], binaryen.none);
    binaryen.Function.setBody(module.getFunction(name), module.block(null, [enter, body], results));
  }
  return { names, bytes: write(module) };
}

/** What a late function is in the first part: a call of place `index` of the table, with its own arguments. */
function setStub(module, { name, params, results }, index) {
  const args = binaryen.expandType(params).map((type, at) => module.local.get(at, type));
  const place = module.call(FETCH, [module.i32.const(index)], binaryen.i32);
  binaryen.Function.setBody(module.getFunction(name), module.call_indirect(LATE, place, args, params, results));
}

/** Makes late functions stubs, and gives those that something still calls, in the order of the table. */
function makeFirst(module, late) {
  const { i32, none } = binaryen;
  module.addGlobal(ARRIVED, i32, true, module.i32.const(0));
  module.addGlobalExport(ARRIVED, ARRIVED);
  module.addFunctionImport("fetch", GLUE, FETCH, none, none);
  const missing = module.i32.eqz(module.global.get(ARRIVED, i32));
  const fetched = module.if(missing, module.call("fetch", [], none));
  module.addFunction(FETCH, i32, i32, [], module.block(null, [fetched, module.local.get(0, i32)], i32));
  // As long as it may get, until it is known how long it is.
  module.addTable(LATE, late.length, late.length);
  for (const stub of late) setStub(module, stub, 0);
  module.runPasses(["remove-unused-module-elements"]);
  const names = new Set(late.map(({ name }) => name));
  const called = own(module).filter(({ name }) => names.has(name));
  for (const [index, stub] of called.entries()) setStub(module, stub, index);
  module.removeTable(LATE);
  module.addTable(LATE, called.length, called.length);
  module.addTableExport(LATE, LATE);
  return called;
}

/** Leaves what the first part has not or as a stub, and imports all else from that part, which comes to export it. */
function makeRest(module, called, first) {
  const stubs = new Set(called.map(({ name }) => name));
  const others = new Set(own(first).map(({ name }) => name).filter((name) => !stubs.has(name)));
  for (const { name } of all(module, "Export", binaryen.getExportInfo)) module.removeExport(name);
  for (const { name } of all(module, "ElementSegment", binaryen.getElementSegmentInfo)) module.removeElementSegment(name);
  for (const { name, params, results } of own(module).filter(({ name }) => others.has(name))) {
    module.removeFunction(name);
    module.addFunctionImport(name, FIRST, name, params, results);
  }
  // Memory anew, since that drops the data, which the first part has put there.
  const { initial } = module.getMemoryInfo();
  module.setMemory(initial, -1, null, []);
  module.addMemoryImport("0", FIRST, MEMORY);
  first.addMemoryExport("0", MEMORY);
  module.addTable(LATE, called.length, called.length);
  module.addTableImport(LATE, FIRST, LATE);
  module.addActiveElementSegment(LATE, "late", called.map(({ name }) => name), module.i32.const(0));
  for (const { name, base } of all(module, "Table", binaryen.getTableInfo)) {
    if (!base) module.addTableImport(name, FIRST, `0t${name}`);
  }
  for (const { name, type, mutable } of all(module, "Global", binaryen.getGlobalInfo)) {
    module.addGlobalImport(name, FIRST, `0g${name}`, type, mutable);
  }
  module.runPasses(["remove-unused-module-elements"]);
  for (const { name, base } of all(module, "Table", binaryen.getTableInfo)) {
    if (name !== LATE) first.addTableExport(name, base);
  }
  for (const { name, base } of all(module, "Global", binaryen.getGlobalInfo)) first.addGlobalExport(name, base);
  const wanted = functions(module).filter(({ module: from }) => from === FIRST);
  for (const [index, { name, params, results }] of wanted.entries()) {
    const short = `0${index}`;
    module.addFunctionImport(name, FIRST, short, params, results);
    first.addFunctionExport(name, short);
  }
}

/** Divides a module, as bytes, by the keys of the functions that come later. */
export function split(bytes, keys) {
  const [first, rest] = [read(bytes), read(bytes)];
  const late = own(first).filter(({ name }) => keys.has(key(name)));
  const called = makeFirst(first, late);
  makeRest(rest, called, first);
  return { first: write(first), rest: write(rest) };
}
