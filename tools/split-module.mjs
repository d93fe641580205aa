// Module splitting, as Binaryen's wasm-split does it: divides the page's module by a profile into a primary module, which has
// what the first view calls, and a secondary one, the deferred module. The profile, frontend/deferred.profile, lists what is
// deferred and of which module it is a profile; `make profile` writes it (tools/profile.mjs). A module that has no profile, as after
// a change, is not split: the first load is larger then, and nothing is wrong.
//
// Both modules share memory, tables and globals. In the primary module a deferred function is a stub that calls through a
// table, whose elements are placeholders until the secondary module is instantiated and puts its functions there. wasm-split
// itself is not used: it knows functions by names that change with every build.
import binaryen from "binaryen";
import { createHash } from "node:crypto";

import { FEATURES } from "./features.mjs";
import { addressesIn, constantsOf, forgetPlaces, splitData } from "./split-data.mjs";

/** From where the modules import: the glue, and for the secondary module also the exports of the primary one. */
const [GLUE, PRIMARY] = ["a", "b"];
/** Exports for the secondary module begin with a digit, as nothing does that the glue names. */
const [TABLE, MEMORY] = ["0deferred", "0memory"];
/** The glue's function behind every placeholder; frontend/loader/placeholder.js. */
const PLACEHOLDER = "placeholder";

/**
 * What a function is called in the profile: its name by the Rust compiler's v0 scheme without what changes with the compiler,
 * shortened, since such names run to a thousand letters.
 */
export function key(name) {
  const plain = name.replace(/\[[0-9a-f]{9,16}\]/g, "").replace(/\.\d+$/, "");
  return createHash("sha256").update(plain).digest("hex").slice(0, 10);
}

function read(bytes) {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(FEATURES.reduce((all, name) => all | binaryen.Features[name], 0));
  return module;
}

/** All of one kind, of which the library counts and gives one at a time. */
function all(module, kind, info) {
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

/** The module with a call of the glue's `enter` in each function, which tells its place in `names`: what a profile is made of. */
export function instrument(bytes) {
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

/** Makes a function a stub: a call of an element of the table, with its own arguments. */
function setStub(module, { name, params, results }, index) {
  const args = binaryen.expandType(params).map((type, at) => module.local.get(at, type));
  const call = module.call_indirect(TABLE, module.i32.const(index), args, params, results);
  binaryen.Function.setBody(module.getFunction(name), call);
}

/** Imports a placeholder for each signature, all of them the same function of the glue, and names one for each stub. */
function placeholders(module, stubs) {
  const names = new Map();
  return stubs.map(({ params, results }) => {
    const signature = `${params} ${results}`;
    if (!names.has(signature)) {
      const name = `placeholder ${signature}`;
      module.addFunctionImport(name, GLUE, PLACEHOLDER, params, results);
      names.set(signature, name);
    }
    return names.get(signature);
  });
}

/** Makes deferred functions stubs, and gives those that something still calls, in the order of the table. */
function makePrimary(module, deferred) {
  // As long as it may get, until it is known how long it is.
  module.addTable(TABLE, deferred.length, deferred.length);
  for (const stub of deferred) setStub(module, stub, 0);
  module.runPasses(["remove-unused-module-elements"]);
  const names = new Set(deferred.map(({ name }) => name));
  const called = own(module).filter(({ name }) => names.has(name)).sort(bySignature);
  for (const [index, stub] of called.entries()) setStub(module, stub, index);
  module.removeTable(TABLE);
  module.addTable(TABLE, called.length, called.length);
  module.addTableExport(TABLE, TABLE);
  module.addActiveElementSegment(TABLE, PLACEHOLDER, placeholders(module, called), module.i32.const(0));
  return called;
}

/** Leaves what the primary module has not or as a stub, and imports all else from it, which comes to export it. */
function makeSecondary(module, called, primary) {
  const stubs = new Set(called.map(({ name }) => name));
  const others = new Set(own(primary).map(({ name }) => name).filter((name) => !stubs.has(name)));
  for (const { name } of all(module, "Export", binaryen.getExportInfo)) module.removeExport(name);
  for (const { name } of all(module, "ElementSegment", binaryen.getElementSegmentInfo)) module.removeElementSegment(name);
  for (const { name, params, results } of own(module).filter(({ name }) => others.has(name))) {
    module.removeFunction(name);
    module.addFunctionImport(name, PRIMARY, name, params, results);
  }
  module.addMemoryImport("0", PRIMARY, MEMORY);
  primary.addMemoryExport("0", MEMORY);
  module.addTable(TABLE, called.length, called.length);
  module.addTableImport(TABLE, PRIMARY, TABLE);
  module.addActiveElementSegment(TABLE, "deferred", called.map(({ name }) => name), module.i32.const(0));
  for (const { name, base } of all(module, "Table", binaryen.getTableInfo)) {
    if (!base) module.addTableImport(name, PRIMARY, `0t${name}`);
  }
  for (const { name, type, mutable } of all(module, "Global", binaryen.getGlobalInfo)) {
    module.addGlobalImport(name, PRIMARY, `0g${name}`, type, mutable);
  }
  module.runPasses(["remove-unused-module-elements"]);
  for (const { name, base } of all(module, "Table", binaryen.getTableInfo)) {
    if (name !== TABLE) primary.addTableExport(name, base);
  }
  for (const { name, base } of all(module, "Global", binaryen.getGlobalInfo)) primary.addGlobalExport(name, base);
  const wanted = functions(module).filter(({ module: from }) => from === PRIMARY).sort(byName);
  for (const [index, { name, params, results }] of wanted.entries()) {
    const short = `0${index}`;
    module.addFunctionImport(name, PRIMARY, short, params, results);
    primary.addFunctionExport(name, short);
  }
}

/** Gives each module the constants that are its own. */
function divideData(primary, secondary, map) {
  const segments = all(primary, "DataSegment", primary.getDataSegmentInfo).map(({ offset, data }) => ({ start: offset, data: new Uint8Array(data) }));
  forgetPlaces(segments);
  const divided = splitData(segments, constantsOf(map), addressesIn(primary.emitText()));
  const { initial } = primary.getMemoryInfo();
  for (const [module, segments] of [[primary, divided.primary], [secondary, divided.secondary]]) {
    const at = (address) => module.i32.const(address);
    module.setMemory(initial, -1, null, segments.map(({ start, data }) => ({ offset: at(start), data, passive: false })));
  }
}

/** Divides a module, as bytes, by the keys of the functions that are deferred; `map` is the linker's. */
export function split(bytes, keys, map) {
  const [primary, secondary] = [read(bytes), read(bytes)];
  const deferred = own(primary).filter(({ name }) => keys.has(key(name)));
  const called = makePrimary(primary, deferred);
  divideData(primary, secondary, map);
  makeSecondary(secondary, called, primary);
  return { primary: write(primary), secondary: write(secondary) };
}
