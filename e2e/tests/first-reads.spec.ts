// The way to the first view: what the purchase reads first is hinted at in the document, so that it is on its way before the
// module is there, and nothing is read twice. The same in Firefox is in firefox/first-reads.spec.ts.
import type { Page, Response } from "@playwright/test";

import { Counted } from "../support/counted.ts";
import { buyPath, choice, expect, expectLoaded, LANGS, test } from "../support/fixtures.ts";

const FIRST = ["DescribeRegions", "DescribeDesktopTypeItems", "DescribeDesktopOwner", "DescribeZones", "prices", "stock"];

/** Which of the reads there were, by their names. */
const names = (reads: Record<string, number>) => Object.keys(reads).map((read) => read.replace(/\?.*/, ""));

let counted: Counted | undefined;
test.afterEach(async ({ closePages }) => {
  await closePages();
  await counted?.stop();
  counted = undefined;
});

/** What is asked of the proxy from now on. */
function questions(page: Page): string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith("/api/")) asked.push(`${pathname.slice("/api/".length)}${search}`);
  });
  return asked;
}

for (const lang of LANGS) {
  for (const cache of ["0", "8"]) {
    test(`first answers are asked for before the module is there, and once, ${lang}, cache ${cache}`, async ({ open, startDemo }) => {
      const demo = await startDemo("--cache", cache);
      await demo.learn("cn-hangzhou");
      counted = await Counted.start(demo.origin);
      const reads = () => counted!.reads();
      let arrive = (): void => undefined;
      const arrived = new Promise<void>((resolve) => (arrive = resolve));
      const deferred: Promise<Response>[] = [];
      const { page, t } = await open(`${counted.origin}${buyPath()}`, {
        lang,
        before: async (page) => {
          deferred.push(page.waitForResponse("**/*_deferred.wasm"), page.waitForResponse("**/api/limits"));
          await page.route("**/*_bg.wasm", (route) => arrived.then(() => route.continue()));
        },
      });
      await expect.poll(() => names(reads())).toEqual(expect.arrayContaining(FIRST));
      expect(await choice(page, t.type, "desktop.n1.small").count()).toBe(cache === "0" ? 0 : 1);
      arrive();
      await expectLoaded(page, t);
      // What the page asks is, to the letter, what was hinted at: otherwise it would have been asked again.
      expect(reads()).toEqual(Object.fromEntries(Object.keys(reads()).map((read) => [read, 1])));
      expect(names(reads()).filter((name) => FIRST.includes(name)).sort()).toEqual([...FIRST].sort());
      for (const response of await Promise.all(deferred)) await response.finished();
    });
  }
}

for (const lang of LANGS) {
  test(`what depends on the first choices is asked for before the module is there, too, and once, ${lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo("--cache", "8");
    await demo.learn("cn-hangzhou");
    const language = lang === "zh" ? "zh-cn" : "en-us";
    for (const read of ["DescribeDesktopOwner?", `DescribeZones?AcceptLanguage=${language}&`]) {
      expect((await fetch(`${demo.origin}/api/${read}RegionId=cn-hangzhou`)).ok).toBe(true);
    }
    counted = await Counted.start(demo.origin);
    const reads = () => counted!.reads();
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const { page, t } = await open(`${counted.origin}${buyPath()}`, {
      lang,
      before: (page) => page.route("**/*_bg.wasm", (route) => arrived.then(() => route.continue())),
    });
    const next = ["DescribeVSwitches", "DescribeImages", "DescribeAvailableResource"];
    await expect.poll(() => names(reads())).toEqual(expect.arrayContaining([...FIRST, ...next]));
    arrive();
    await expectLoaded(page, t);
    await expect(page.getByRole("radiogroup", { name: t.vSwitch }).getByRole("radio").first()).toBeVisible();
    expect(reads()).toEqual(Object.fromEntries(Object.keys(reads()).map((read) => [read, 1])));
    expect(names(reads()).filter((name) => next.includes(name)).sort()).toEqual([...next].sort());
  });
}

test("a later question wants a later answer", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  const region = page.getByRole("combobox", { name: t.region, exact: true });
  const asked = questions(page);
  const ofTypes = () => asked.filter((question) => question.startsWith("DescribeDesktopTypeItems?")).length;
  await region.selectOption("cn-beijing");
  await expect.poll(ofTypes).toBe(1);
  await expectLoaded(page, t);
  await region.selectOption("cn-hangzhou");
  await expect.poll(ofTypes).toBe(2);
  await expectLoaded(page, t);
  expect((await state()).desktops).toEqual([]);
});

test("without a region only the regions and the limits are asked for", async ({ open, demo }) => {
  counted = await Counted.start(demo.origin);
  const { page } = await open(`${counted.origin}${buyPath({ region: null })}`);
  await expect(page.getByRole("button", { name: /cn-hangzhou/ })).toBeVisible();
  await page.waitForLoadState("networkidle");
  expect(counted.reads()).toEqual({ DescribeRegions: 1, limits: 1, session: 1 });
});

test("where orders are wanted, the hints for a purchase are followed once as well", async ({ open, demo, tolerate }) => {
  // The stream of orders, which ends with the server between.
  tolerate(/ERR_(INCOMPLETE_CHUNKED_ENCODING|CONNECTION_REFUSED|CONNECTION_RESET)/);
  counted = await Counted.start(demo.origin);
  const { page, t } = await open(`${counted.origin}${buyPath({ hash: "#/orders" })}`);
  await expect(page.getByRole("heading", { level: 1, name: t.orders })).toBeVisible();
  const reads = () => Object.entries(counted!.reads()).filter(([read]) => FIRST.includes(read.replace(/\?.*/, "")));
  await expect.poll(() => reads().length).toBe(FIRST.length);
  expect(reads().filter(([, times]) => times !== 1)).toEqual([]);
  // Who comes to the purchase later is not shown what came then.
  await page.getByRole("navigation").getByRole("link", { name: t.buy, exact: true }).click();
  await expectLoaded(page, t);
  expect(reads().filter(([, times]) => times !== 2)).toEqual([]);
});

test("a first answer that does not come is told, and asked for when that is wanted", async ({ openBuy, tolerate }) => {
  tolerate(/ERR_FAILED/);
  let asked = 0;
  const { page, t } = await openBuy({
    before: (page) =>
      page.route("**/api/DescribeZones?*", (route) => ((asked += 1) === 1 ? route.abort() : route.continue())),
  });
  const failure = page.getByRole("alert").filter({ hasText: t.failed(t.zone) });
  await failure.getByRole("button", { name: t.retry(t.zone), exact: true }).click();
  await expect(choice(page, t.vSwitch, "office")).toBeChecked();
  expect(asked).toBe(2);
});
