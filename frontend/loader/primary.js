// Fetches the primary module and the answers module, which reads and draws what the API answers. They are one file, the primary one
// first: so the app is mounted while the answers module arrives, whatever a line does with two requests at a time.

/** Bytes that come after `before`: so many, or all, and what came beyond them. */
async function read(reader, length, before = new Uint8Array()) {
  const pieces = [before];
  for (let there = before.length; there < length; there += pieces.at(-1).length) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
  }
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  return [bytes.subarray(0, length), bytes.subarray(length)];
}

async function open(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.body.getReader();
}

/**
 * The app, once its primary module is there, and what the answers module exports, as promises. `length` says how many bytes of the
 * file are the primary module; a page that is not split has none, and all in one module.
 */
export function fetchPrimary(glueAddress, address, length) {
  // At once, beside the glue.
  const file = length ? open(address) : fetch(address);
  const first = length ? file.then((reader) => read(reader, length)) : undefined;
  // If the glue fails first, nothing awaits these, and their failure must not be reported as another.
  for (const promise of [file, first]) promise?.catch(() => undefined);

  async function mount() {
    const glue = await import(glueAddress);
    await glue.default({ module_or_path: first ? (await first)[0] : file });
    return glue;
  }

  async function receiveAnswers(app) {
    const { laterImports } = await app;
    if (!first) return {};
    const imports = laterImports();
    const [bytes] = await read(await file, Infinity, (await first)[1]);
    const { instance } = await WebAssembly.instantiate(bytes, imports);
    return instance.exports;
  }

  const app = mount();
  return [app, receiveAnswers(app)];
}
