// What the scripts that look at the page share: a proxy on free ports, and Chromium.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const playwright = createRequire(new URL("../e2e/package.json", import.meta.url))("@playwright/test");

/** Starts a program of ours, and waits until it has said all that is asked for: addresses by the words before them. */
async function started(program, flags, said, env = {}) {
  const child = spawn(`${root}target/debug/${program}`, flags, {
    cwd: root,
    env: { ...process.env, ...env },
    // Its log is of interest only when something goes wrong here.
    stdio: ["ignore", "pipe", process.env.DEMO_LOG ? "inherit" : "ignore"],
  });
  const found = {};
  for await (const text of createInterface({ input: child.stdout })) {
    for (const [name, words] of Object.entries(said)) {
      if (text.startsWith(words)) found[name] = text.slice(words.length).trim();
    }
    if (Object.keys(said).every((name) => found[name])) break;
  }
  if (!Object.keys(said).every((name) => found[name])) throw new Error(`${program} did not start`);
  child.stdout.resume();
  return { ...found, stop: () => child.kill("SIGTERM") };
}

const FREE = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];

/** Starts `deskbuy demo` and waits until it says where its page and its simulator are. */
export function startDemo(...flags) {
  const said = { simulator: "deskbuy: simulator ", page: "deskbuy: page " };
  return started("deskbuy", ["demo", ...FREE, "--simulator-listen", "127.0.0.1:0", ...flags], said);
}

/** Starts `deskbuy serve`, as it is run in production, with a simulator for the cloud. */
export async function startServe() {
  const [id, secret] = ["demo-id", "demo-secret"];
  const cloud = await started("simulator", ["--listen", "127.0.0.1:0", "--access-key", `${id}:${secret}`], {
    address: "simulator: listening on ",
  });
  const folder = mkdtempSync(join(tmpdir(), "deskbuy-serve-"));
  const endpoints = ["--endpoint-clouddesktop", cloud.address, "--endpoint-vpc", cloud.address];
  const kept = ["--database-url", `sqlite://${folder}/orders.sqlite`, "--prices", "deploy/prices.example.toml"];
  const flags = ["serve", ...FREE, ...endpoints, ...kept];
  const key = { ALIBABA_CLOUD_ACCESS_KEY_ID: id, ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret };
  const proxy = await started("deskbuy", flags, { page: "deskbuy: page " }, key);
  const stop = () => {
    proxy.stop();
    cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { page: proxy.page, stop };
}

/** Starts the machine's Chromium. */
export function chromium() {
  const args = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  return playwright.chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
}
