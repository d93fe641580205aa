// Module splitting, as Binaryen's wasm-split does it, into four modules by a profile: the primary module mounts the app; the answers
// module has what the first view calls when a list's answer has come; the deferred module has what no first view calls; and the
// on-demand module what only some pages and dialogs do, which ask for it when they are opened (tools/on-demand.mjs). The profile,
// frontend/deferred.profile, lists what is in each but the first, and of which module it is a profile; `make profile` writes it
// (tools/profile.mjs). A module that has no profile, as after a change, is not split: the first load is larger then, and nothing is
// wrong.
//
// The modules share memory, tables and globals. In the table of functions, placeholders hold the places of those of a later module
// until it is instantiated and puts its functions there. Where an earlier module calls one by name, it calls a stub, which calls
// through a second table, with placeholders as well. wasm-split itself is not used: it knows functions by names that change with
// every build.
import binaryen from "binaryen";
import { createHash } from "node:crypto";

import { FEATURES } from "./features.mjs";
import { TABLE_BASE, onDemand } from "./on-demand.mjs";
import { addressesIn, constantsOf, forgetPlaces, functionsOf, splitData } from "./split-data.mjs";

/** From where the modules import: the glue, and a later module also the exports of those before it, by their order. */
export const [GLUE, ...EARLIER] = ["a", "b", "c", "d"];
/** The first of them has the memory. */
const [PRIMARY] = EARLIER;
/** Exports for a later module begin with a digit, as nothing does that the glue names. */
const MEMORY = "0memory";

/** The glue's function behind every placeholder; frontend/loader/placeholder.js. */
export const PLACEHOLDER = "placeholder";

/**
 * What a function is called in the profile: its name by the Rust compiler's v0 scheme without what changes with the compiler or
 * with its place, shortened, since such names run to a thousand letters.
 */
export function key(name) {
  const plain = name.replace(/\[[0-9a-f]{9,16}\]/g, "").replace(/\.\d+$/, "").replace(/(?<=shim_)\d+$/, "");
  return createHash("sha256").update(plain).digest("hex").slice(0, 10);
}

/** A module, from its bytes. */
export function read(bytes) {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(FEATURES.reduce((all, name) => all | binaryen.Features[name], 0));
  return module;
}

/** All of one kind, of which the library counts and gives one at a time. */
export function all(module, kind, info) {
  const count = module[`getNum${kind}s`]();
  return Array.from({ length: count }, (_, index) => info(module[`get${kind}ByIndex`](index)));
}

/** In the order in which functions stand in the modules at last: what is in one order in two places compresses better. */
const byName = (a, b) => (a.name < b.name ? -1 : 1);
/** Those with one signature side by side, since their placeholders are the same. */
const bySignature = (a, b) => a.params - b.params || a.results - b.results || byName(a, b);

const functions = (module) => all(module, "Function", binaryen.getFunctionInfo);
const own = (module) => functions(module).filter(({ base }) => !base);

function write(module) {
  if (!module.validate()) throw new Error("the module that was divided is not valid");
  // Names, by which functions are put in order.
  binaryen.setDebugInfo(true);
  return module.emitBinary();
}

const dataSegments = (module) =>
  all(module, "DataSegment", module.getDataSegmentInfo).map(({ offset, data }) => ({ start: offset, data: new Uint8Array(data) }));

/** Which of a module's own functions are on demand; `map` is the linker's. */
function findOnDemand(module, map) {
  const names = own(module).map(({ name }) => name);
  const exported = all(module, "Export", binaryen.getExportInfo).map(({ value }) => value);
  const table = [];
  for (const { offset, data } of all(module, "ElementSegment", binaryen.getElementSegmentInfo)) {
    const { value } = binaryen.getExpressionInfo(offset);
    if (value < TABLE_BASE) throw new Error(`the table begins at ${value}, and not at ${TABLE_BASE} as frontend/build.rs says`);
    for (const [index, name] of data.entries()) table[value - TABLE_BASE + index] = name;
  }
  const segments = dataSegments(module);
  forgetPlaces(segments);
  const isOnDemand = onDemand({ text: module.emitText(), names, exported, table, segments, map });
  return names.filter((_, index) => isOnDemand[index]);
}

/**
 * The module with a call of the glue's `enter` in each function, which tells its place in `names`: what a profile is made of. Also
 * the names of those that are on demand; `map` is the linker's.
 */
export function instrument(bytes, map) {
  const module = read(bytes);
  const onDemand = findOnDemand(module, map);
  module.addFunctionImport("enter", GLUE, "enter", binaryen.i32, binaryen.none);
  const names = own(module).map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    const { body, results } = binaryen.getFunctionInfo(module.getFunction(name));
    const enter = module.call("enter", [module.i32.const(index)], binaryen.none);
    binaryen.Function.setBody(module.getFunction(name), module.block(null, [enter, body], results));
  }
  return { names, onDemand, bytes: write(module) };
}

/** Makes a function a stub: a call of an element of the table, with its own arguments. */
function setStub(module, table, { name, params, results }, index) {
  const args = binaryen.expandType(params).map((type, at) => module.local.get(at, type));
  const call = module.call_indirect(table, module.i32.const(index), args, params, results);
  binaryen.Function.setBody(module.getFunction(name), call);
}

/** The placeholder for functions of a signature. There is an import for each, all of them the same function of the glue. */
function placeholder(module, { params, results }) {
  const name = `placeholder ${params} ${results}`;
  module.addFunctionImport(name, GLUE, PLACEHOLDER, params, results);
  return name;
}

/** What the segments of elements put into tables: the tables, places and names. */
const elementsOf = (module) =>
  all(module, "ElementSegment", binaryen.getElementSegmentInfo).flatMap(({ table, offset, data }) => {
    const { value } = binaryen.getExpressionInfo(offset);
    return data.map((name, index) => ({ table, place: value + index, name }));
  });

/** Has a module put these elements into tables and no others, with a segment for each row without a gap. */
function setElements(module, elements) {
  for (const { name } of all(module, "ElementSegment", binaryen.getElementSegmentInfo)) module.removeElementSegment(name);
  const rows = [];
  let last;
  for (const element of elements) {
    if (element.table !== last?.table || element.place !== last.place + 1) rows.push([]);
    rows.at(-1).push(element);
    last = element;
  }
  for (const [index, row] of rows.entries()) {
    const [{ table, place }] = row;
    module.addActiveElementSegment(table, `row ${index}`, row.map(({ name }) => name), module.i32.const(place));
  }
}

/** Has placeholders stand for the functions of a later module, and gives those that are called by name, in the order of the table. */
function makeEarlier(module, table, later, isPrimary) {
  const elements = elementsOf(module).flatMap((element) => {
    const moved = later.get(element.name);
    if (!moved) return [element];
    // The primary module's placeholder stays in its place until its function comes.
    return isPrimary ? [{ ...element, name: placeholder(module, moved) }] : [];
  });
  setElements(module, elements);
  // As long as it may get, until it is known how long it is.
  module.addTable(table, later.size, later.size);
  for (const stub of later.values()) setStub(module, table, stub, 0);
  module.runPasses(["remove-unused-module-elements"]);
  const called = own(module).filter(({ name }) => later.has(name)).sort(bySignature);
  for (const [index, stub] of called.entries()) setStub(module, table, stub, index);
  module.removeTable(table);
  module.addTable(table, called.length, called.length);
  module.addTableExport(table, table);
  setElements(module, [...elements, ...called.map((stub, place) => ({ table, place, name: placeholder(module, stub) }))]);
  return called;
}

/** Leaves what the earlier module has not or as a stub, and imports all else `from` it, which comes to export it. */
function makeLater(module, table, called, later, earlier, from) {
  const stubs = new Set(called.map(({ name }) => name));
  const others = new Set(own(earlier).map(({ name }) => name).filter((name) => !stubs.has(name)));
  for (const { name } of all(module, "Export", binaryen.getExportInfo)) module.removeExport(name);
  const elements = elementsOf(module).filter(({ name }) => later.has(name));
  setElements(module, []);
  for (const { name, params, results } of own(module).filter(({ name }) => others.has(name))) {
    module.removeFunction(name);
    module.addFunctionImport(name, from, name, params, results);
  }
  module.addTable(table, called.length, called.length);
  module.addTableImport(table, from, table);
  setElements(module, [...elements, ...called.map(({ name }, place) => ({ table, place, name }))]);
  const tables = (of) => all(of, "Table", binaryen.getTableInfo);
  const globals = (of) => all(of, "Global", binaryen.getGlobalInfo);
  // What a module before the earlier one has is imported from there already.
  for (const { name } of tables(module).filter(({ base }) => !base)) module.addTableImport(name, from, `0t${name}`);
  for (const { name, type, mutable } of globals(module).filter(({ base }) => !base)) module.addGlobalImport(name, from, `0g${name}`, type, mutable);
  module.runPasses(["remove-unused-module-elements"]);
  const isFrom = ({ module }) => module === from;
  for (const { name, base } of tables(module).filter(isFrom)) if (name !== table) earlier.addTableExport(name, base);
  for (const { name, base } of globals(module).filter(isFrom)) earlier.addGlobalExport(name, base);
  const wanted = functions(module).filter(isFrom).sort(byName);
  for (const [index, { name, params, results }] of wanted.entries()) {
    const short = `0${index}`;
    module.addFunctionImport(name, from, short, params, results);
    earlier.addFunctionExport(name, short);
  }
}

/**
 * Gives each of two modules the constants that are its own, and the earlier one also what is read by those functions of the other one
 * that are `near`; `map` is the linker's. All but its `owner` import the memory.
 */
function divideData(earlier, later, map, owner, isNear) {
  const segments = dataSegments(earlier);
  forgetPlaces(segments);
  const constants = constantsOf(map);
  const text = later.emitText();
  const functions = own(later);
  const near = functionsOf(text).filter((_, index) => isNear(functions[index]));
  const divided = splitData(segments, constants, addressesIn([earlier.emitText(), ...near].join("\n (func "), constants));
  // A module that imports it has another name for it; the earlier one may have come to need none.
  const [, memory] = /\(memory \$(\S+)/.exec(text);
  const { initial } = later.getMemoryInfo(memory);
  for (const [module, segments] of [[earlier, divided.primary], [later, divided.secondary]]) {
    const at = (address) => module.i32.const(address);
    module.setMemory(initial, -1, null, segments.map(({ start, data }) => ({ offset: at(start), data, passive: false })), false, false, memory);
    if (module !== owner) module.addMemoryImport(memory, PRIMARY, MEMORY);
  }
}

/** Divides a module, as bytes, by which of its functions are `later`, and `near` among those; the memory is the first module's. */
function divide(bytes, from, map, isLater, isNear) {
  const [earlier, later] = [read(bytes), read(bytes)];
  const parts = new Map(own(earlier).filter(isLater).map((one) => [one.name, one]));
  // The stubs call through it.
  const table = `0stubs_${from}`;
  const isPrimary = from === PRIMARY;
  const called = makeEarlier(earlier, table, parts, isPrimary);
  divideData(earlier, later, map, isPrimary ? earlier : undefined, isNear);
  if (isPrimary) earlier.addMemoryExport("0", MEMORY);
  makeLater(later, table, called, parts, earlier, from);
  return [write(earlier), write(later)];
}

/**
 * Divides a module, as bytes, by the keys of the functions in each module but the first, in their order: `later` is a list of sets.
 * Gives all of the modules in this order; `map` is the linker's.
 */
export function split(bytes, later, map) {
  const modules = [];
  let rest = bytes;
  for (const [index, from] of EARLIER.entries()) {
    const isBehind = (those) => ({ name }) => those.some((keys) => keys.has(key(name)));
    const isLater = isBehind(later.slice(index));
    // The first two are in one file, and constants compress best in one place of it.
    const isNear = (one) => index === 0 && !isBehind(later.slice(1))(one);
    const [earlier, others] = divide(rest, from, map, isLater, isNear);
    modules.push(earlier);
    rest = others;
  }
  return [...modules, rest];
}
