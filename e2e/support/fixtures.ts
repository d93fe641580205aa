// What every test has: a demo for each worker, set back before each test, and pages that fail the test when the browser
// complains about anything that the test did not say it expects.
import { test as base, type BrowserContext, type BrowserContextOptions, expect, type Page } from "@playwright/test";

import { Demo, type State } from "./demo.ts";
import { type Lang, LOCALE, type Texts, texts } from "./texts.ts";

export { expect } from "@playwright/test";
export * from "./axe.ts";
export * from "./form.ts";
export * from "./keyboard.ts";
export type { Desktop, State } from "./demo.ts";
export { LANGS, type Lang, type Texts, texts } from "./texts.ts";

/** How a browser is set up that opens the page. */
export interface Browse {
  lang?: Lang;
  /** The browser's language, where it is another than the page's. */
  locale?: string;
  scheme?: "light" | "dark";
  width?: number;
  /** What else the browser is set up with, for instance forced colours. */
  more?: BrowserContextOptions;
  /** The demo to open; the worker's own unless given. */
  of?: Demo;
  /** Called before the page is opened, for instance to put a route in the way. */
  before?: (page: Page) => Promise<unknown>;
}

/** What the address of the purchase asks for. */
export interface Link extends Browse {
  commodityCode?: "CloudDesktopPost" | "CloudDesktop" | null;
  region?: string | null;
  /** More of `request`. */
  request?: Record<string, unknown>;
  hash?: string;
}

export interface Opened {
  page: Page;
  t: Texts;
}

export interface Fixtures {
  /** Opens an address of the page, such as `/#/orders`, in a browser that knows nothing yet. */
  open: (path: string, browse?: Browse) => Promise<Opened>;
  /** Opens the purchase by a link as the document has them. */
  openBuy: (link?: Link) => Promise<Opened>;
  /** Lets the browser complain in these words, for instance about an answer of 502 that the test brings about. */
  tolerate: (...complaints: RegExp[]) => void;
  /** Switches faults of the simulator on, and all others off. */
  scenarios: (...names: string[]) => Promise<void>;
  /** What really happened in the simulator. */
  state: () => Promise<State>;
  /** Starts another demo, which ends with the test. */
  startDemo: (...flags: string[]) => Promise<Demo>;
  /** For the other fixtures: what the browser said, and what of it is expected. */
  complaints: { seen: string[]; tolerated: RegExp[] };
  /** Closes the pages that the test has opened: what they ask may end then. */
  closePages: () => Promise<void>;
  /** For the other fixtures: the windows that are open. */
  contexts: BrowserContext[];
  /** For the other fixtures: sets the worker's demo back. */
  clean: void;
}

interface WorkerFixtures {
  demo: Demo;
  demoFlags: string[];
}

/** Both languages and both schemes, in two combinations rather than four where a state takes long to reach. */
export const LOOKS = [
  { lang: "zh", scheme: "light" },
  { lang: "en", scheme: "dark" },
] as const;

/** What the browser says about an answer that is not a success. */
export const ERROR_ANSWER = /the server responded with a status of (409|502|503|504)/;
/** What the browser says about an answer to a request that cannot be right, such as one for images of no known type. */
export const REFUSED_REQUEST = /the server responded with a status of 400/;
/** What the browser says about a connection that breaks. */
export const BROKEN_CONNECTION = /net::ERR_(FAILED|CONNECTION|INTERNET|EMPTY|SOCKET)/;

/** What the browser says where the module that takes up what was hinted at comes late: on a busy machine, or held by a test. */
const LATE_MODULE = /was preloaded using link preload but not used within a few seconds/;

/** The address of the purchase. */
export function buyPath(link: Link = {}): string {
  const { commodityCode = "CloudDesktopPost", region = "cn-hangzhou", request = {}, hash = "#/buy" } = link;
  const asked = { ...(region === null ? {} : { region }), ...request };
  const query = [
    ...(commodityCode === null ? [] : [`commodityCode=${commodityCode}`]),
    ...(Object.keys(asked).length === 0 ? [] : [`request=${encodeURIComponent(JSON.stringify(asked))}`]),
  ].join("&");
  return `/${query && `?${query}`}${hash}`;
}

/** Puts all that the browser complains about into a list. */
async function watch(context: BrowserContext, complaints: string[]): Promise<void> {
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  context.on("weberror", (error) => complaints.push(`uncaught: ${error.error().stack ?? error.error().message}`));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  demoFlags: [[], { option: true, scope: "worker" }],
  demo: [
    async ({ demoFlags }, use) => {
      const demo = await Demo.start(...demoFlags);
      await use(demo);
      await demo.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  clean: [
    async ({ demo }, use) => {
      await demo.reset();
      await use();
    },
    { auto: true },
  ],
  // Asks for `startDemo` so that pages are closed before the demo that they ask is stopped.
  open: async ({ browser, demo, complaints, contexts, closePages, startDemo: _ }, use) => {
    await use(async (path, { lang = "zh", locale, scheme = "light", width = 1280, more = {}, of = demo, before } = {}) => {
      const isPhone = width < 600;
      const context = await browser.newContext({
        baseURL: of.origin,
        colorScheme: scheme,
        locale: locale ?? LOCALE[lang],
        viewport: { width, height: isPhone ? 780 : 900 },
        isMobile: isPhone,
        hasTouch: isPhone,
        ...more,
      });
      contexts.push(context);
      await watch(context, complaints.seen);
      const page = await context.newPage();
      await before?.(page);
      await page.goto(path);
      return { page, t: texts(lang) };
    });
    await closePages();
  },
  contexts: async ({}, use) => {
    await use([]);
  },
  closePages: async ({ contexts }, use) => {
    await use(async () => {
      const open = contexts.splice(0);
      // An answer that is on its way through a route when its page is closed is no failure.
      const pages = open.flatMap((context) => context.pages());
      await Promise.all(pages.map((page) => page.unrouteAll({ behavior: "ignoreErrors" })));
      await Promise.all(open.map((context) => context.close()));
    });
  },
  openBuy: async ({ open }, use) => {
    await use((link = {}) => open(buyPath(link), link));
  },
  complaints: async ({}, use) => {
    const complaints: Fixtures["complaints"] = { seen: [], tolerated: [LATE_MODULE] };
    await use(complaints);
    const unexpected = complaints.seen.filter((text) => !complaints.tolerated.some((known) => known.test(text)));
    expect(unexpected, "what the browser complained about").toEqual([]);
  },
  tolerate: async ({ complaints }, use) => {
    await use((...known) => void complaints.tolerated.push(...known));
  },
  scenarios: async ({ demo }, use) => {
    await use((...names) => demo.scenarios(...names));
  },
  state: async ({ demo }, use) => {
    await use(() => demo.state());
  },
  startDemo: async ({}, use) => {
    const started: Demo[] = [];
    await use(async (...flags) => {
      const demo = await Demo.start(...flags);
      started.push(demo);
      return demo;
    });
    await Promise.all(started.map((demo) => demo.stop()));
  },
});
