// Puts functions of a module side by side that are alike, so that a compressor finds what a function shares with another one near
// by. Their order means nothing to the module. wasm-opt sorts functions by their names, so they get names that say their places.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

import { FEATURE_FLAGS } from "./features.mjs";

/** Numbers of the sections and of the part of the section of names. */
const [CUSTOM, IMPORTS, CODE, FUNCTION_NAMES] = [0, 2, 10, 1];
/** Kinds of imports. */
const [FUNCTION, TABLE, MEMORY, GLOBAL] = [0, 1, 2, 3];

/** So many bytes in a row are compared. */
const PIECE = 4;
/** What more of the functions have than this part tells nothing. */
const COMMON = 0.3;

/** Reads a module from its beginning. */
class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** An unsigned number in LEB128. */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** So many bytes as there are said to be. */
  counted() {
    const length = this.number();
    return this.bytes.subarray(this.at, (this.at += length));
  }

  limits() {
    const flags = this.bytes[this.at++];
    this.number();
    if (flags & 1) this.number();
  }
}

/** The module's own functions, as bytes, and how many it imports. */
function functionsOf(bytes) {
  const reader = new Reader(bytes, 8);
  let imported = 0;
  let bodies = [];
  while (reader.at < bytes.length) {
    const section = bytes[reader.at++];
    const content = new Reader(reader.counted());
    if (section === IMPORTS) imported = importedFunctions(content);
    if (section === CODE) bodies = Array.from({ length: content.number() }, () => content.counted());
  }
  return { imported, bodies };
}

function importedFunctions(reader) {
  let functions = 0;
  for (let left = reader.number(); left > 0; left -= 1) {
    reader.counted();
    reader.counted();
    const kind = reader.bytes[reader.at++];
    if (kind === FUNCTION) {
      functions += 1;
      reader.number();
    } else if (kind === TABLE) {
      reader.at += 1;
      reader.limits();
    } else if (kind === MEMORY) {
      reader.limits();
    } else if (kind === GLOBAL) {
      reader.at += 2;
    } else {
      throw new Error(`an import of kind ${kind}`);
    }
  }
  return functions;
}

/** The pieces of each text, as numbers from zero, without those that one has alone or that are common. */
function piecesOf(texts) {
  const sets = texts.map((text) => {
    const pieces = new Set();
    for (let at = 0; at + PIECE <= text.length; at += 1) {
      pieces.add(((text[at] << 24) | (text[at + 1] << 16) | (text[at + 2] << 8) | text[at + 3]) >>> 0);
    }
    return pieces;
  });
  const counts = new Map();
  for (const pieces of sets) for (const piece of pieces) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  const tells = [...counts].filter(([, count]) => count > 1 && count < Math.max(3, texts.length * COMMON));
  const numbers = new Map(tells.map(([piece], number) => [piece, number]));
  return { count: numbers.size, pieces: sets.map((set) => [...set].filter((piece) => numbers.has(piece)).map((piece) => numbers.get(piece))) };
}

/**
 * An order of texts in which each is followed by the most alike of those that are left: by what both have of what either has. It
 * begins with the shortest one.
 */
export function alikeInOrder(texts) {
  const { count, pieces } = piecesOf(texts);
  const having = Array.from({ length: count }, () => []);
  for (const [text, all] of pieces.entries()) for (const piece of all) having[piece].push(text);
  const waiting = [...texts.keys()].sort((a, b) => texts[a].length - texts[b].length || a - b);
  const isPlaced = new Uint8Array(texts.length);
  const order = [];
  const shared = new Uint32Array(texts.length);
  for (let next = waiting[0], first = 0; next !== undefined; ) {
    isPlaced[next] = 1;
    order.push(next);
    const near = [];
    for (const piece of pieces[next]) {
      for (const text of having[piece]) {
        if (isPlaced[text]) continue;
        if (shared[text] === 0) near.push(text);
        shared[text] += 1;
      }
    }
    let [best, most] = [undefined, 0];
    for (const text of near) {
      const likeness = shared[text] / (1 + pieces[next].length + pieces[text].length - shared[text]);
      if (likeness > most || (likeness === most && text < best)) [best, most] = [text, likeness];
      shared[text] = 0;
    }
    while (best === undefined && first < waiting.length && isPlaced[waiting[first]]) first += 1;
    next = best ?? waiting[first];
  }
  return order;
}

/** An unsigned number in LEB128. */
function leb128(value) {
  const bytes = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) + 128);
  }
}

const counted = (bytes) => [...leb128(bytes.length), ...bytes];
const text = (name) => counted([...Buffer.from(name)]);

/** A section of names, by which the functions stand in this order. */
function names(order, imported) {
  const ranks = [];
  for (const [rank, index] of order.entries()) ranks[index] = rank;
  const all = ranks.flatMap((rank, index) => [...leb128(imported + index), ...text(`f${String(rank).padStart(6, "0")}`)]);
  const content = [...text("name"), FUNCTION_NAMES, ...counted([...leb128(ranks.length), ...all])];
  return Buffer.from([CUSTOM, ...counted(content)]);
}

/** Puts the functions of a module without names in this order, in place. */
export function putAlikeTogether(module) {
  const bytes = readFileSync(module);
  const { imported, bodies } = functionsOf(bytes);
  writeFileSync(module, Buffer.concat([bytes, names(alikeInOrder(bodies), imported)]));
  execFileSync("wasm-opt", [...FEATURE_FLAGS, "--reorder-functions-by-name", "--strip-debug", module, "-o", module]);
}
