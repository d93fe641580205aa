// Compares what a program with the page in it (feature `page`) answers with what it answers for the folder `dist/`: the document
// and each file, in each encoding. Exits with 1 where they differ.
// Usage: node tools/page-in-program.mjs PROGRAM
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program = resolve(process.argv[2] ?? "target/debug/deskbuy");
const dist = fileURLToPath(new URL("../dist", import.meta.url));
/** Of the answer, all that can depend on where the file is. */
const HEADERS = ["content-type", "content-encoding", "content-length", "cache-control", "etag", "vary"];
// Of the file's time a folder has parts of a second, and the program a number made of the content.
const APART = new Set(["etag"]);

/** A demo in an empty folder: its process, and where its page is. */
async function start(folder, ...flags) {
  const free = ["--listen", "--admin-listen", "--simulator-listen"].flatMap((flag) => [flag, "127.0.0.1:0"]);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("DESKBUY_")));
  const stdio = ["ignore", "pipe", "inherit"];
  const child = spawn(program, ["demo", ...free, "--log", "error", "--drain", "1s", ...flags], { cwd: folder, env, stdio });
  const ended = new Promise((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${program} demo ended with code ${code}`)));
  });
  ended.catch(() => undefined);
  const listening = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, address] = /^deskbuy: page (http\S+)/.exec(line) ?? [];
      if (address) return new URL(address).origin;
    }
    throw new Error("it does not say where its page is");
  })();
  return { child, origin: await Promise.race([listening, ended]) };
}

async function answer(origin, path, encoding) {
  const response = await fetch(`${origin}${path}`, { headers: { "accept-encoding": encoding, "accept-language": "en" } });
  const headers = Object.fromEntries(HEADERS.map((name) => [name, response.headers.get(name)]));
  for (const name of APART) headers[name] &&= "there";
  return { status: response.status, headers, body: Buffer.from(await response.arrayBuffer()) };
}

const folder = mkdtempSync(join(tmpdir(), "deskbuy-page-"));
const started = [];
try {
  started.push(await start(folder), await start(folder, "--page", dist));
  const [inside, outside] = started.map(({ origin }) => origin);
  const files = readdirSync(dist).filter((name) => !/\.(br|gz)$/.test(name));
  assert(files.length > 3, "dist/ has the page");
  const paths = ["/", "/?commodityCode=CloudDesktop", ...files.map((name) => `/${name}`), "/no-such-file.js"];
  for (const path of paths) {
    for (const encoding of ["identity", "gzip", "br"]) {
      const found = await answer(inside, path, encoding);
      assert.equal(found.status, path.startsWith("/no-such") ? 404 : 200, path);
      assert.deepEqual(found, await answer(outside, path, encoding), `${path}, ${encoding}`);
    }
  }
  console.log(`the page in the program: ${paths.length} addresses are answered as from dist/`);
} finally {
  for (const { child } of started) child.kill("SIGTERM");
  rmSync(folder, { recursive: true });
}
