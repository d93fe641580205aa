// serde_json reads numbers with a table of the powers of ten: 309 floating-point numbers, which no compressor makes smaller. A
// browser knows them, so the table leaves the module, and the glue writes it before the module runs.
import binaryen from "binaryen";
import { readFileSync, writeFileSync } from "node:fs";

import { all, read } from "./split-module.mjs";

/** What the glue calls when the module is there; the module's own start follows. */
const START = "wasm.__wbindgen_start();";

const powers = () => Buffer.from(Float64Array.from({ length: 309 }, (_, exponent) => Number(`1e${exponent}`)).buffer);

/** Takes the table out of a module in its file, and has its glue write it. A module without one stays as it is. */
export function takeOutPowers(glue, path) {
  const module = read(readFileSync(path));
  const segments = all(module, "DataSegment", module.getDataSegmentInfo);
  const table = powers();
  const segment = segments.find(({ data }) => Buffer.from(data).includes(table));
  if (!segment) return;
  const place = Buffer.from(segment.data).indexOf(table);
  new Uint8Array(segment.data).fill(0, place, place + table.length);
  const [, memory] = /\(memory \$(\S+)/.exec(module.emitText());
  const { initial } = module.getMemoryInfo(memory);
  const kept = segments.map(({ offset, data }) => ({ offset: module.i32.const(offset), data: new Uint8Array(data), passive: false }));
  module.setMemory(initial, -1, null, kept, false, false, memory);
  binaryen.setDebugInfo(true);
  writeFileSync(path, module.emitBinary());

  const text = readFileSync(glue, "utf8");
  if (!text.includes(START)) throw new Error(`${glue}: the module is started otherwise now`);
  const address = segment.offset + place;
  const write = `new Float64Array(wasm.memory.buffer, ${address}, 309).forEach((_, exponent, powers) => (powers[exponent] = Number("1e" + exponent)));`;
  writeFileSync(glue, text.replace(START, () => `${write}\n    ${START}`));
}
