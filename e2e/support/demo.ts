// A `deskbuy demo` of the tests' own on free ports, and the simulator's control endpoints.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const binary = process.env["DESKBUY_BIN"] ?? `${root}target/debug/deskbuy`;
const page = process.env["DESKBUY_PAGE"] ?? `${root}dist`;

/** A desktop that the simulator sold. */
export interface Desktop {
  id: string;
  order_id: string;
  token: string;
  region: string;
  zone: string;
  v_switch: string;
  type: string;
  image: string;
  user: string;
  user_group: string;
  charge_type: string;
  period: number | null;
  released: boolean;
}

/** The simulator's own state. */
export interface State {
  desktops: Desktop[];
  users: number;
  users_created: { name: string; email: string }[];
  users_modified: { name: string; email: string }[];
  calls: Record<string, number>;
  tokens: { token: string; action: string; order_id: string; uses: number }[];
}

export class Demo {
  readonly #child: ChildProcess;
  readonly #simulator: string;
  /** Where the page is, without a path. */
  readonly origin: string;

  private constructor(child: ChildProcess, origin: string, simulator: string) {
    this.#child = child;
    this.origin = origin;
    this.#simulator = simulator;
  }

  /** Starts one and waits until it says where it listens. */
  static async start(...flags: string[]): Promise<Demo> {
    const free = ["--listen", "--admin-listen", "--simulator-listen"].flatMap((flag) => [flag, "127.0.0.1:0"]);
    // Quiet, and nothing of this machine's settings.
    const settings = Object.entries(process.env).filter(([name]) => !name.startsWith("DESKBUY_"));
    // The tests share a demo and reset its cloud; what the proxy remembered of the one before would get in the way.
    const cache = flags.includes("--cache") ? [] : ["--cache", "0"];
    const quick = ["--log", "error", "--drain", "1s", ...cache];
    const shown = flags.includes("--page") ? [] : ["--page", page];
    const child = spawn(binary, ["demo", ...free, ...shown, ...quick, ...flags], {
      env: Object.fromEntries(settings),
      stdio: ["ignore", "pipe", "pipe"],
    });
    // Audit lines come whatever the level of the log.
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (!text.includes(" audit: ")) process.stderr.write(text);
    });
    const ended = new Promise<never>((_, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`${binary} demo ended with code ${code}`)));
    });
    ended.catch(() => undefined);
    const found = new Map<string, string>();
    const listening = (async () => {
      for await (const line of createInterface({ input: child.stdout })) {
        const [, name, address] = /^deskbuy: (\w+) (http\S+)/.exec(line) ?? [];
        if (name && address) found.set(name, new URL(address).origin);
        if (found.has("page") && found.has("simulator")) break;
      }
    })();
    await Promise.race([listening, ended]);
    child.stdout.resume();
    return new Demo(child, found.get("page") ?? "", found.get("simulator") ?? "");
  }

  /** Ends it and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    await gone;
  }

  /** Forgets all that happened, and switches all faults off. */
  async reset(): Promise<void> {
    await this.#control("POST", "reset");
  }

  /** Switches to these faults, for example `fail:DescribeImages`; none switches them off. */
  async scenarios(...names: string[]): Promise<void> {
    await this.#control("PUT", "scenarios", names);
  }

  /** What really happened. */
  async state(): Promise<State> {
    return (await this.#control("GET", "state")) as State;
  }

  /** Has the proxy cache what the document can carry of a region. */
  async learn(region: string): Promise<void> {
    const kinds = ["POSTPAY", "PREPAY"].map((kind) => `stock?ChargeType=${kind}&`);
    for (const path of ["DescribeDesktopTypeItems?", ...kinds]) {
      const answer = await fetch(`${this.origin}/api/${path}RegionId=${region}`);
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      await answer.arrayBuffer();
    }
  }

  async #control(method: string, path: string, body?: unknown): Promise<unknown> {
    const init = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const answer = await fetch(`${this.#simulator}/_simulator/${path}`, { method, ...init });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
