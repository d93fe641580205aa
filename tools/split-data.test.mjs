import assert from "node:assert/strict";
import { test } from "node:test";

import { addressesIn, constantsOf, forgetPlaces, splitData } from "./split-data.mjs";

const START = 0x100000;

/** A segment of texts and words, and the constants that it is made of, in the order of `parts`. */
function segmentOf(...parts) {
  const constants = [];
  const bytes = [];
  for (const part of parts) {
    while (bytes.length % 4 !== 0) bytes.push(0);
    const start = START + bytes.length;
    const words = Array.isArray(part) ? new Uint8Array(new Uint32Array(part).buffer) : Buffer.from(part);
    bytes.push(...words);
    constants.push({ start, end: start + words.length });
  }
  return { segment: { start: START, data: Uint8Array.from(bytes) }, constants };
}

const texts = (segments) => segments.map(({ data }) => Buffer.from(data).toString("latin1"));

test("a constant that the primary module names stays, and so does what it points to", () => {
  const named = "named by a function that stays ";
  const pointed = "pointed to by a constant that stays ";
  const deferred = "named by nothing that stays, and far longer ";
  const pointer = [START + named.length + 1, pointed.length];
  const { segment, constants } = segmentOf(named, pointed, deferred, pointer);
  const divided = splitData([segment], constants, new Set([constants[0].start, constants[3].start]));
  assert.deepEqual(texts(divided.secondary), [deferred]);
  assert.equal(texts(divided.primary).join("").includes(pointed), true);
});

test("an address inside of a constant keeps the whole of it", () => {
  const { segment, constants } = segmentOf("the first one, which is long enough ", "the second one, also long enough    ");
  const { secondary } = splitData([segment], constants, new Set([constants[1].start + 7]));
  assert.deepEqual(secondary.map(({ start }) => start), [constants[0].start]);
});

test("what is divided is all there, each byte once and at its address", () => {
  const { segment, constants } = segmentOf(...Array.from({ length: 40 }, (_, index) => `${index} `.repeat(20)));
  const addresses = new Set(constants.filter((_, index) => index % 3 === 0).map(({ start }) => start));
  const { primary, secondary } = splitData([segment], constants, addresses);
  const whole = new Uint8Array(segment.data.length);
  let count = 0;
  for (const { start, data } of [...primary, ...secondary]) {
    whole.set(data, start - START);
    count += data.length;
  }
  assert.deepEqual(whole, segment.data);
  assert.equal(count, segment.data.length);
});

test("what the linker gives no bounds stays", () => {
  const { segment } = segmentOf("a text that was merged from several files");
  assert.deepEqual(splitData([segment], [], new Set()).secondary, []);
});

test("constants are read from the linker's map, and addresses from a module's text", () => {
  const map = [
    "    Addr      Off     Size Out     In      Symbol",
    "  100000   174af7    15ff4 .rodata",
    "  100004   174b05       10         /folder/frontend.o:(.rodata..Lanon.04ff.15)",
    "  100014   174b15     2f63         <internal>:(.rodata)",
    "       -      1cf     39ff         /folder/frontend.o:(some_function)",
  ].join("\n");
  assert.deepEqual(constantsOf(map), [{ start: 0x100004, end: 0x100014 }]);
  const text = "(i32.load offset=1048580 (i32.const 1048576)) (i32.const -4)";
  assert.deepEqual([...addressesIn(text, [])].sort(), [1048576, 1048580]);
  const data = ' (data $0 (i32.const 1048590) "(i32.const 1)")\n';
  assert.deepEqual([...addressesIn(data + text, [])].sort(), [1048576, 1048580], "where data stand says nothing of who reads them");
});

test("a loop that counts up to zero names its table by the end", () => {
  const { constants } = segmentOf([1, 2, 3, 4], "the one behind it");
  const [table] = constants;
  const loop = (size, end) => ` (func $f (local.set $0 (i32.const ${-size})) (i32.load (i32.add (local.get $0) (i32.const ${end}))))`;
  const names = (text) => addressesIn(text, constants).has(table.start);
  assert.equal(names(loop(16, table.end)), true);
  assert.equal(names(loop(16, table.end + 4)), true, "the second part of a row");
  assert.equal(names(loop(8, table.end)), true, "without the first row");
  assert.equal(names(loop(32, table.end)), false, "a table of another size");
  const odd = segmentOf("0123456789", "the one behind it").constants;
  assert.equal(addressesIn(loop(10, odd[0].end), odd).has(odd[0].start), true, "rows of a byte");
  assert.equal(names(`${loop(16, 0)}\n (func $g (i32.const ${table.end}))`), false, "another function");
});

test("places in dependencies are forgotten, those of the page's own files are kept", () => {
  const [foreign, own] = ["/home/somebody/registry/src/tachys-0.2.19/src/html.rs", "frontend/src/purchase/mod.rs\0\0\0\0"];
  const ownLength = own.indexOf("\0");
  const foreignAt = START;
  const ownAt = START + Math.ceil(foreign.length / 4) * 4;
  const { segment } = segmentOf(foreign, own, [foreignAt, foreign.length, 17, 5], [ownAt, ownLength, 23, 9]);
  forgetPlaces([segment]);
  assert.equal(Buffer.from(segment.data).includes("somebody"), false);
  assert.equal(Buffer.from(segment.data).includes("frontend/src/purchase/mod.rs"), true);
  const words = new Uint32Array(segment.data.slice(-32).buffer);
  assert.deepEqual([...words], [foreignAt, 0, 0, 0, ownAt, ownLength, 23, 9]);
});
