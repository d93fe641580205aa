// What the scripts that look at the page share: a demo proxy on free ports, and Chromium.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const playwright = createRequire(new URL("../e2e/package.json", import.meta.url))("@playwright/test");

/** Starts `deskbuy demo` and waits until it says where its page and its simulator are. */
export async function startDemo(...flags) {
  const free = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--simulator-listen", "127.0.0.1:0"];
  const child = spawn(`${root}target/debug/deskbuy`, ["demo", ...free, ...flags], {
    cwd: root,
    // Its log is of interest only when something goes wrong here.
    stdio: ["ignore", "pipe", process.env.DEMO_LOG ? "inherit" : "ignore"],
  });
  const found = {};
  for await (const text of createInterface({ input: child.stdout })) {
    const [, name, address] = /^deskbuy: (\w+) (http\S+)/.exec(text) ?? [];
    if (name) found[name] = address;
    if (found.page && found.simulator) break;
  }
  if (!found.page) throw new Error("the demo did not start");
  child.stdout.resume();
  return { ...found, stop: () => child.kill("SIGTERM") };
}

/** Starts the machine's Chromium. */
export function chromium() {
  const args = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  return playwright.chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
}
