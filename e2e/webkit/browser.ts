// The machine's own WebKitGTK, driven over WebDriver (W3C): Debian's packages webkit2gtk-driver and xvfb.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";

import { test as base } from "@playwright/test";

import { Demo } from "../support/demo.ts";
import { type Lang, type Texts, texts } from "../support/texts.ts";

/** How long a part of the page may take to appear, in milliseconds. */
const PATIENCE = 60_000;
/** The name by which WebDriver hands out elements. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** The browser that the driver starts: the one named by WEBKIT, else the one that is installed. */
function miniBrowser(): string {
  const installed = () => execFileSync("sh", ["-c", "ls /usr/lib/*/webkit2gtk-4*/MiniBrowser | head -1"], { encoding: "utf8" });
  return process.env["WEBKIT"] ?? installed().trim();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Asks until the answer is not `undefined`. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const last = Date.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > last) throw new Error(`${what}: not there`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A page in WebKit. */
export class Visit {
  readonly #session: string;
  readonly t: Texts;

  constructor(session: string, lang: Lang) {
    this.#session = session;
    this.t = texts(lang);
  }

  /** A command of WebDriver. */
  async command(path: string, body: unknown = {}): Promise<unknown> {
    const answer = await fetch(`${this.#session}/${path}`, { method: "POST", body: JSON.stringify(body) });
    const { value } = (await answer.json()) as { value: unknown };
    if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(value)}`);
    return value;
  }

  /** What a function gives in the page. */
  async run<T, A extends unknown[]>(what: (...args: A) => T, ...args: A): Promise<T> {
    return (await this.command("execute/sync", { script: `return (${what.toString()})(...arguments)`, args })) as T;
  }

  /** Presses the first part that a selector names, whose text begins as given and which takes activation. */
  async press(selector: string, text: string): Promise<void> {
    await this.command(`element/${await this.#find(selector, text)}/click`);
  }

  /** Types into the first part that a selector names. */
  async type(selector: string, text: string): Promise<void> {
    await this.command(`element/${await this.#find(selector, "")}/value`, { text });
  }

  async #find(selector: string, text: string): Promise<string> {
    const find = (selector: string, text: string) =>
      [...document.querySelectorAll(selector)].find(
        (part) => part.textContent?.trim().startsWith(text) && part.getAttribute("aria-disabled") !== "true",
      );
    const part = await until(`${selector} ${text}`, async () => (await this.run(find, selector, text)) ?? undefined);
    return (part as unknown as Record<string, string>)[ELEMENT]!;
  }

  /** Waits until a text is in the part that a selector names. */
  async says(selector: string, text: string): Promise<void> {
    const says = (selector: string, text: string) => document.querySelector(selector)?.textContent?.includes(text) ?? false;
    await until(`${selector}: ${text}`, async () => ((await this.run(says, selector, text)) ? true : undefined));
  }
}

interface Fixtures {
  demo: Demo;
  /** Opens an address of the demo's page. */
  visit: (path: string, lang: Lang) => Promise<Visit>;
}

export const test = base.extend<Fixtures>({
  demo: async ({}, use) => {
    const demo = await Demo.start();
    await use(demo);
    await demo.stop();
  },
  visit: async ({ demo }, use) => {
    const started: ChildProcess[] = [];
    const sessions: string[] = [];
    await use(async (path, lang) => {
      const port = await freePort();
      const display = ["-a", "-s", "-screen 0 1400x1000x24"];
      started.push(spawn("xvfb-run", [...display, "WebKitWebDriver", `--port=${port}`], { stdio: "ignore", detached: true }));
      const driver = `http://127.0.0.1:${port}`;
      const options = { binary: miniBrowser(), args: ["--automation"] };
      const capabilities = { alwaysMatch: { browserName: "MiniBrowser", "webkitgtk:browserOptions": options } };
      const session = await until("WebKitWebDriver", async () => {
        const answer = await fetch(`${driver}/session`, { method: "POST", body: JSON.stringify({ capabilities }) }).catch(() => undefined);
        if (!answer) return undefined;
        const { value } = (await answer.json()) as { value: { sessionId?: string } };
        if (!value.sessionId) throw new Error(JSON.stringify(value));
        return `${driver}/session/${value.sessionId}`;
      });
      sessions.push(session);
      const visit = new Visit(session, lang);
      // Wide, so that the bar of a narrow window covers nothing that is to be pressed: the driver does not look.
      await visit.command("window/rect", { x: 0, y: 0, width: 1300, height: 950 });
      // WebKitGTK prefers the system's language, which may not be installed; so it is chosen, as people choose it.
      await visit.command("url", { url: demo.origin });
      await visit.run((tag) => localStorage.setItem("deskbuy.language", tag), visit.t.lang);
      // From elsewhere: to an address that differs by its hash alone no document is loaded, and the app may have read the language.
      await visit.command("url", { url: "about:blank" });
      await visit.command("url", { url: new URL(path, demo.origin).href });
      return visit;
    });
    for (const session of sessions) await fetch(session, { method: "DELETE" }).catch(() => undefined);
    // With the display and the driver under it.
    for (const { pid } of started) if (pid) process.kill(-pid, "SIGTERM");
  },
});
