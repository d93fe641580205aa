// The loader's fetching of the primary and the answers module (frontend/loader/primary.js): however the file arrives in pieces, and
// where a page that is not split has one module alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const source = readFileSync(new URL("../frontend/loader/primary.js", import.meta.url), "utf8");
const { fetchPrimary } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

/** A module that exports a global of this name. */
const module = (name) => Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 6, 6, 1, 0x7f, 0, 0x41, 0, 0x0b, 7, 4 + name.length, 1, name.length, ...Buffer.from(name), 3, 0]);
const [PRIMARY, ANSWERS] = [module("primary"), module("answers")];

/** A glue that keeps what it is started with. */
const GLUE = `data:text/javascript,${encodeURIComponent(`
  export let started;
  export default async ({ module_or_path }) => { started = await module_or_path; };
  export const laterImports = () => ({});
`)}#`;

/** Serves these pieces as the answer to the next request. */
function serve(...pieces) {
  globalThis.fetch = async () => new Response(new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new Uint8Array(piece));
      controller.close();
    },
  }));
}

for (const size of [1, 7, PRIMARY.length - 1, PRIMARY.length, PRIMARY.length + 1, 1000]) {
  test(`the two modules of a file that comes in pieces of ${size} bytes`, async () => {
    const file = Buffer.concat([PRIMARY, ANSWERS]);
    serve(...Array.from({ length: Math.ceil(file.length / size) }, (_, index) => file.subarray(index * size, (index + 1) * size)));
    const [app, answers] = fetchPrimary(`${GLUE}${size}`, "file", PRIMARY.length);
    assert.deepEqual(Buffer.from((await app).started), PRIMARY);
    assert.deepEqual(Object.keys(await answers), ["answers"]);
  });
}

test("a page that is not split has one module, which is compiled while it arrives", async () => {
  serve(PRIMARY);
  const [app, answers] = fetchPrimary(`${GLUE}whole`, "file", 0);
  assert.ok((await app).started instanceof Response);
  assert.deepEqual(await answers, {});
});

test("a file that ends too early, and one that is not there", async () => {
  serve(PRIMARY);
  const [, cut] = fetchPrimary(`${GLUE}cut`, "file", PRIMARY.length);
  await assert.rejects(cut, WebAssembly.CompileError);
  globalThis.fetch = async () => new Response("", { status: 404 });
  const [app, answers] = fetchPrimary(`${GLUE}gone`, "file", PRIMARY.length);
  await assert.rejects(app, /404/);
  await assert.rejects(answers, /404/);
});
