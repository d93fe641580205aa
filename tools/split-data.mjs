// Divides the module's constants as tools/split-module.mjs divides its functions: what only deferred functions read travels with
// the deferred module. This is no matter of a profile: a constant stays when a function of the primary module names its address, or
// when another one that stays does.
//
// The linker's map says where one constant ends and the next begins. A number that may be an address counts as one.

/** Gaps between two that stay which are shorter than this stay as well, since a segment of its own costs about as much. */
const SHORTEST = 24;

/** The constants of a linker's map, in the order of their addresses: `{ start, end }`. What the linker merged from several files has no bounds inside. */
export function constantsOf(map) {
  const lines = map.matchAll(/^ *([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+) +\S+:\(\.rodata\./gm);
  const constants = Array.from(lines, ([, start, size]) => ({ start: parseInt(start, 16), end: parseInt(start, 16) + parseInt(size, 16) }));
  return constants.sort((one, other) => one.start - other.start);
}

/** Where a function begins in a module's text. */
const FUNCTION = /^ \(func (?=\$)/m;

/** Its data, which stand before the functions. */
const DATA = /^ \(data .*$/gm;

/** The text of each function that a module has itself, in order. */
export const functionsOf = (text) => text.split(FUNCTION).slice(1);

/** A part of a table that a loop goes over is not shorter than this: smaller numbers are too many to mean one. */
const SHORTEST_PART = 8;
/** A row of a table is not longer than this. */
const LONGEST_ROW = 32;

/**
 * All numbers in a module's text that may be addresses: constants, and offsets of loads and stores. Where its data stand does not
 * count. A loop over a table may count from its negative size up to zero, and name by its end the table or a part of a row: that
 * table's address counts as well. `constants` are as in `constantsOf`.
 */
export function addressesIn(text, constants) {
  const found = new Set();
  for (const own of text.replace(DATA, "").split(FUNCTION)) {
    const numbers = Array.from(own.matchAll(/i32\.const (-?\d+)|offset=(\d+)/g), ([, value, offset]) => Number(value ?? offset));
    const sizes = numbers.filter((number) => number < 0).map((number) => -number);
    for (const number of numbers.filter((number) => number >= 0)) {
      found.add(number);
      const table = constants[placeOf(constants, number) - 1];
      if (!table || number - table.end >= LONGEST_ROW) continue;
      const length = table.end - table.start;
      const isOver = (size) => size === length || (size >= SHORTEST_PART && size < length && length - size < LONGEST_ROW);
      if (sizes.some(isOver)) found.add(table.start);
    }
  }
  return found;
}

/** The place of the first constant that ends after an address. */
function placeOf(constants, address) {
  let [low, high] = [0, constants.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (constants[middle].end <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The addresses that the words of a piece of data may be. */
function* wordsOf({ start, data }) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let from = (4 - (start % 4)) % 4; from + 4 <= data.length; from += 4) yield view.getUint32(from, true);
}

/** The part of a segment between two addresses. */
const part = ({ start, data }, from, to) => ({ start: from, data: data.subarray(from - start, to - start) });

/**
 * What numbers lead to: `unbound` are those in data outside of constants, which is always there; `from` marks the constants that
 * numbers lead to as ones that stay, and gives the numbers with all that are in those.
 */
export function reach(segments, constants) {
  const unbound = [];
  for (const segment of segments) {
    let from = segment.start;
    for (const { start, end } of constants) {
      if (start < segment.start || end > segment.start + segment.data.length) continue;
      unbound.push(...wordsOf(part(segment, from, start)));
      from = end;
    }
    unbound.push(...wordsOf(part(segment, from, segment.start + segment.data.length)));
  }
  function* from(numbers) {
    const todo = [...numbers];
    while (todo.length > 0) {
      const number = todo.pop();
      yield number;
      const found = constants[placeOf(constants, number)];
      if (!found || found.stays || found.start > number) continue;
      found.stays = true;
      const segment = segments.find(({ start, data }) => start <= found.start && found.end <= start + data.length);
      if (segment) todo.push(...wordsOf(part(segment, found.start, found.end)));
    }
  }
  return { unbound, from };
}

/** Our own files; a place in any other is one in a dependency, on the machine that built the page. */
const OWN_FILE = /^(frontend|shared)\//;

/**
 * Takes out of the data where in a dependency a panic happens, as the compiler's `-Zlocation-detail=none` does, which is not
 * stable: a file's name, a line and a column for each place, and the folders of the machine in each name.
 */
export function forgetPlaces(segments) {
  const bytes = (from, length) => {
    const segment = segments.find(({ start, data }) => start <= from && from + length <= start + data.length);
    return segment && part(segment, from, from + length).data;
  };
  let nowhere;
  for (const segment of segments) {
    const view = new DataView(segment.data.buffer, segment.data.byteOffset, segment.data.byteLength);
    for (let from = 0; from + 16 <= segment.data.length; from += 4) {
      const [name, length, line, column] = [0, 4, 8, 12].map((offset) => view.getUint32(from + offset, true));
      if (length > 300 || line > 1e6 || column > 1e4) continue;
      const file = Buffer.from(bytes(name, length) ?? []).toString();
      // What was taken out before is zeros.
      if (!/^[!-~]+\.rs$|^\0+$/.test(file) || OWN_FILE.test(file)) continue;
      bytes(name, length).fill(0);
      nowhere ??= name;
      for (const [index, value] of [nowhere, 0, 0, 0].entries()) view.setUint32(from + 4 * index, value, true);
    }
  }
}

/**
 * Divides segments, `{ start, data }` each, into those of the primary and those of the secondary module. `addresses` are those
 * that the primary module names.
 */
export function splitData(segments, constants, addresses) {
  const { unbound, from: leadingFrom } = reach(segments, constants);
  // Not a constant that has bounds: it stays, and all that it may point to.
  for (const _ of leadingFrom([...addresses, ...unbound]));
  const [primary, secondary] = [[], []];
  for (const segment of segments) {
    const end = segment.start + segment.data.length;
    let from = segment.start;
    const inside = constants.filter((one) => one.start >= segment.start && one.end <= end);
    for (let index = 0; index < inside.length; index++) {
      if (inside[index].stays) continue;
      const { start } = inside[index];
      while (inside[index + 1] && !inside[index + 1].stays) index++;
      const { end: to } = inside[index];
      if (to - start < SHORTEST) continue;
      if (start > from) primary.push(part(segment, from, start));
      const piece = part(segment, start, to);
      if (piece.data.some((byte) => byte !== 0)) secondary.push(piece);
      from = to;
    }
    if (end > from) primary.push(part(segment, from, end));
  }
  return { primary, secondary };
}
