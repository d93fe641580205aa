// Every first view of the page: what can happen on it before the deferred module is there, in visits. Input is held back until
// then, so no visit has any but what shows that it is held. The profile is made of these visits.
import { startDemo } from "./browser.mjs";
import { REGION, later } from "./first-views/acts.mjs";
import { KINDS, address, visits } from "./first-views/visits.mjs";

const LOCALES = ["zh-CN", "en-US"];

const drawn = (page) => page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));

/** Waits until the app is mounted, or people are asked to sign in. */
const mounted = (page) => page.waitForFunction(() => document.querySelector("#main h1[tabindex], #main .skeleton, #sign-in:not([hidden])"));

/** Waits until nothing is on its way and all of it is drawn. */
async function settled(page) {
  await mounted(page);
  await page.waitForLoadState("networkidle");
  await drawn(page);
}

/** For how long the answers module stays away once the app is mounted, in milliseconds: what the app goes on to do by itself is done by then. */
const UNANSWERED = 400;

/** Keeps the answers module back (frontend/loader/primary.js) until `letAnswersCome` is called in the page. */
const keepAnswersBack = (page) =>
  page.addInitScript(() => {
    const { instantiate } = WebAssembly;
    const kept = new Promise((resolve) => (globalThis.letAnswersCome = resolve));
    let modules = 0;
    WebAssembly.instantiate = async (...args) => {
      modules += 1;
      if (modules > 1) await kept;
      return instantiate(...args);
    };
  });

/** For how long an answer is kept back, in milliseconds: some come together, and some long after all others. */
const DELAYS = [0, 0, 60, 250, 900, 2500];

/** A sequence of numbers below `bound` that is the same in every run. */
function sequence(seed) {
  let state = seed + 1;
  return (bound) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % bound;
  };
}

/** Has the answers come in another order than on this machine by itself: what a function is called for depends on it. */
async function shuffle(page, seed) {
  const next = sequence(seed);
  await page.route("**/api/**", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, DELAYS[next(DELAYS.length)]));
    // The page may be gone by now.
    await route.fallback().catch(() => undefined);
  });
}

/** How many visits are made at once: most of a visit is waiting until nothing happens any more. */
const AT_ONCE = 4;

/** Makes every visit to a build of the page, and calls what is in `note` with each: before any answer is read, and at the end. */
export async function visitAll(browser, folder, note) {
  const queue = visits().flatMap((visit, turn) => {
    // Where one language is enough, they take turns.
    const once = [[LOCALES[turn % 2], KINDS[(turn >> 1) % 2]]];
    const ways = visit.once ? once : LOCALES.flatMap((locale) => KINDS.map((kind) => [locale, kind]));
    // A visit that sets the clock decides by itself when answers come.
    const shuffled = visit.clock || visit.after === later ? [] : ways.map((way, index) => [...way, turn * ways.length + index]);
    return [...ways, ...shuffled].map(([locale, commodityCode, seed]) => ({ locale, commodityCode, ...visit, seed }));
  });
  const fresh = ["--cache", "0"];
  const flags = { few: fresh, many: ["--users", "2000", "--images", "250", ...fresh], mixed: ["--shape", "mixed", ...fresh], listed: [] };
  // A demo of its own for each, since scenarios are a demo's.
  const visitSome = async () => {
    const demos = {};
    try {
      for (let visit = queue.shift(); visit; visit = queue.shift()) {
        const of = visit.of ?? "few";
        demos[of] ??= await startDemo("--page", folder, ...flags[of]);
        // What is in the response cache is in the document.
        if (of === "listed") await learn(demos[of]);
        await visitOnce(browser, demos[of], visit, note);
      }
    } finally {
      for (const demo of Object.values(demos)) demo.stop();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, visitSome));
}

/** Has a demo's response cache know what the document carries. */
async function learn({ page }) {
  for (const path of ["DescribeDesktopTypeItems?", "stock?ChargeType=POSTPAY&", "stock?ChargeType=PREPAY&"]) {
    const answer = await fetch(`${new URL(page).origin}/api/${path}RegionId=${REGION}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    await answer.arrayBuffer();
  }
}

async function visitOnce(browser, demo, visit, note) {
  const headers = { "content-type": "application/json" };
  const scenarios = { method: "PUT", headers, body: JSON.stringify(visit.scenarios ?? []) };
  await fetch(`${new URL(demo.simulator).origin}/_simulator/scenarios`, scenarios);
  const context = await browser.newContext({ locale: visit.locale });
  const page = await context.newPage();
  try {
    if (visit.clock || visit.after === later) await page.clock.install();
    await visit.before?.(page, demo);
    // Registered last, it is asked first.
    if (visit.seed !== undefined) await shuffle(page, visit.seed);
    await keepAnswersBack(page);
    const name = `${visit.name}, ${visit.locale}, ${visit.commodityCode}${visit.seed === undefined ? "" : ", answers shuffled"}`;
    await page.goto(`${new URL(demo.page).origin}${visit.path ?? address(visit)}`);
    await visit.early?.(page);
    await mounted(page);
    await visit.unanswered?.(page);
    await new Promise((resolve) => setTimeout(resolve, UNANSWERED));
    await drawn(page);
    await note.unanswered(name, page);
    await page.evaluate(() => globalThis.letAnswersCome());
    await visit.answered?.(page);
    await settled(page);
    await visit.after?.(page);
    await settled(page);
    await note.complete(name, page);
  } finally {
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await context.close();
  }
}
