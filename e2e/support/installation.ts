// A simulator and a `deskbuy serve` before it, as processes of their own: the proxy can be killed and started again on
// the same address and the same database.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import type { State } from "./demo.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = process.env["DESKBUY_PAGE"] ?? `${root}dist`;

/** Starts a program and waits for the first line of its output that holds an address. */
async function start(
  program: string, flags: string[], line: RegExp, log: (text: string) => void = () => undefined,
): Promise<{ child: ChildProcess; origin: string }> {
  const env = {
    PATH: process.env["PATH"],
    ALIBABA_CLOUD_ACCESS_KEY_ID: "test-id",
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: "test-secret",
  };
  const child = spawn(`${root}target/debug/${program}`, flags, { env, stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log(text);
    // Errors belong into the tests' output; audit lines, which are always logged, do not.
    if (!flags.includes("trace") && !text.includes(" audit: ")) process.stderr.write(text);
  });
  for await (const text of createInterface({ input: child.stdout })) {
    const address = line.exec(text)?.[1];
    if (address) {
      child.stdout.resume();
      return { child, origin: new URL(address).origin };
    }
  }
  throw new Error(`${program} did not start`);
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

export class Installation {
  #simulator?: ChildProcess;
  #proxy?: ChildProcess;
  #cloud = "";
  readonly #folder = mkdtempSync(join(tmpdir(), "deskbuy-e2e-"));
  readonly #flags: string[];
  /** What the proxy has logged. */
  log = "";
  /** Where the page is; the same after each start. */
  origin = "";

  /** Where the orders are kept. */
  get database(): string {
    return `sqlite://${this.#folder}/orders.sqlite`;
  }

  /** `flags` go to `deskbuy serve`. */
  constructor(...flags: string[]) {
    this.#flags = flags;
  }

  async start(): Promise<void> {
    const simulator = ["--listen", "127.0.0.1:0", "--access-key", "test-id:test-secret"];
    const { child, origin } = await start("simulator", simulator, /(http:\S+)/);
    this.#simulator = child;
    this.#cloud = origin;
    await this.startProxy();
  }

  /** Starts the proxy, after the first time where it was. */
  async startProxy(): Promise<void> {
    const listen = this.origin === "" ? "127.0.0.1:0" : new URL(this.origin).host;
    const fixed = [
      ["--listen", listen],
      ["--admin-listen", "127.0.0.1:0"],
      ["--endpoint-clouddesktop", this.#cloud],
      ["--endpoint-vpc", this.#cloud],
      ["--database-url", this.database],
      ["--page", page],
      this.#flags.includes("--log") ? [] : ["--log", "error"],
    ].flat();
    const { child, origin } = await start("deskbuy", ["serve", ...fixed, ...this.#flags], /^deskbuy: page (http\S+)/, (text) => {
      this.log += text;
    });
    this.#proxy = child;
    this.origin = origin;
  }

  /** Ends the proxy as a crash does: at once, with nothing put in order. */
  async kill(): Promise<void> {
    await end(this.#proxy);
  }

  /** Starts the proxy again with an empty journal, as one that knows nothing of what was bought. */
  async forgetOrders(): Promise<void> {
    await this.kill();
    for (const end of ["", "-wal", "-shm"]) rmSync(`${this.#folder}/orders.sqlite${end}`, { force: true });
    await this.startProxy();
  }

  async scenarios(...names: string[]): Promise<void> {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify(names);
    const answer = await fetch(`${this.#cloud}/_simulator/scenarios`, { method: "PUT", headers, body });
    if (!answer.ok) throw new Error(await answer.text());
  }

  async state(): Promise<State> {
    return (await (await fetch(`${this.#cloud}/_simulator/state`)).json()) as State;
  }

  async stop(): Promise<void> {
    await Promise.all([end(this.#proxy), end(this.#simulator)]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
