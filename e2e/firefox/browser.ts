// The machine's own Firefox, driven over WebDriver BiDi, and the page in it by what people see and hear.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test as base } from "@playwright/test";
import puppeteer, { type Browser, type ElementHandle, type Page } from "puppeteer-core";

import { Demo } from "../support/demo.ts";
import { type Lang, LOCALE, type Texts, texts } from "../support/texts.ts";

/** How long a part of the page may take to appear. */
const PATIENCE = 30_000;

/** Firefox: the one named by FIREFOX, else the one that is installed. */
function executable(): string {
  const installed = () => execFileSync("sh", ["-c", "command -v firefox-esr || command -v firefox"], { encoding: "utf8" });
  return process.env["FIREFOX"] ?? installed().trim();
}

/** A page in Firefox. Parts are found by role and name; choices and rows by the titles that are seen. */
export class Visit {
  readonly page: Page;
  readonly t: Texts;
  /** What the browser complained about. */
  readonly complaints: string[] = [];

  constructor(page: Page, lang: Lang) {
    this.page = page;
    this.t = texts(lang);
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
  }

  /** The part with a role and exactly this name, once it is to be seen; within another, if one is given. */
  async part(role: string, name: string, within?: string): Promise<ElementHandle> {
    return this.page.locator(`${within ?? ""} ::-p-aria(${name}[role="${role}"])`.trim()).setTimeout(PATIENCE).waitHandle();
  }

  /** Presses the part with a role and a name. */
  async press(role: string, name: string): Promise<void> {
    await (await this.enabled(role, name)).click();
  }

  /** The part with a role and a name, once it takes activation: a review ignores it in its first moments. */
  async enabled(role: string, name: string): Promise<ElementHandle> {
    const part = await this.part(role, name);
    await this.page.waitForFunction((part) => part.getAttribute("aria-disabled") !== "true", { timeout: PATIENCE }, part);
    return part;
  }

  /** The choice of a group whose title begins with a text. */
  async choice(group: string, title: string): Promise<ElementHandle> {
    return this.#find("[role=radiogroup]", group, "input[type=radio]", title);
  }

  /** The row of a list whose title is a text. */
  async option(list: string, title: string): Promise<ElementHandle> {
    return this.#find("[role=listbox]", list, "[role=option]", title);
  }

  /** Waits until some text is in the part of the page that a selector names. */
  async says(selector: string, text: string): Promise<void> {
    const found = (selector: string, text: string) => document.querySelector(selector)?.textContent?.includes(text) ?? false;
    await this.page.waitForFunction(found, { timeout: PATIENCE }, selector, text);
  }

  /** Waits until every list is there and a purchase can begin. */
  async loaded(): Promise<void> {
    const ready = () => {
      const button = document.querySelector("button.buy");
      return button !== null && button.getAttribute("aria-disabled") !== "true";
    };
    await this.page.waitForFunction(ready, { timeout: PATIENCE });
  }

  async #find(groups: string, group: string, parts: string, title: string): Promise<ElementHandle> {
    const find = (groups: string, group: string, parts: string, title: string) => {
      const named = (element: Element) => {
        const labels = element.getAttribute("aria-labelledby")?.split(" ") ?? [];
        const text = labels.map((id) => document.getElementById(id)?.textContent?.trim()).join(" ");
        return element.getAttribute("aria-label") ?? text;
      };
      const [within] = [...document.querySelectorAll(groups)].filter((element) => named(element) === group);
      const label = (part: Element) => (part.closest("label") ?? part).querySelector(".choice-title, .option-title") ?? part.closest("label");
      return [...(within?.querySelectorAll(parts) ?? [])].find((part) => label(part)?.textContent?.trim() === title);
    };
    const found = await this.page.waitForFunction(find, { timeout: PATIENCE }, groups, group, parts, title);
    return found.asElement() as ElementHandle;
  }
}

interface Fixtures {
  /** Opens an address, of the demo's page unless it names another origin, in a Firefox that knows nothing yet and prefers the language. */
  visit: (path: string, lang: Lang) => Promise<Visit>;
}

export const test = base.extend<Fixtures & { demo: Demo }>({
  demo: async ({}, use) => {
    const demo = await Demo.start();
    await use(demo);
    await demo.stop();
  },
  visit: async ({ demo }, use) => {
    const opened: { browser: Browser; profile: string }[] = [];
    const visits: Visit[] = [];
    await use(async (path, lang) => {
      const profile = mkdtempSync(join(tmpdir(), "deskbuy-firefox-"));
      const browser = await puppeteer.launch({
        browser: "firefox",
        executablePath: executable(),
        userDataDir: profile,
        headless: true,
        // Nothing is asked of the network but the page.
        extraPrefsFirefox: {
          "intl.accept_languages": LOCALE[lang],
          "network.proxy.type": 0,
          "app.update.enabled": false,
          "browser.safebrowsing.malware.enabled": false,
          "browser.safebrowsing.phishing.enabled": false,
          "services.settings.server": "data:,",
          "captivedetect.canonicalURL": "",
          "network.connectivity-service.enabled": false,
        },
        defaultViewport: { width: 1280, height: 900 },
      });
      opened.push({ browser, profile });
      const visit = new Visit(await browser.newPage(), lang);
      visits.push(visit);
      await visit.page.goto(new URL(path, demo.origin).href);
      return visit;
    });
    for (const { browser, profile } of opened) {
      await browser.close();
      rmSync(profile, { recursive: true, force: true });
    }
    const complaints = visits.flatMap((visit) => visit.complaints);
    if (complaints.length > 0) throw new Error(`Firefox complained: ${complaints.join("\n")}`);
  },
});
