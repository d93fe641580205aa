// The deferred module: it comes by itself when the first view is complete, input waits for it, and its failing is told. In every
// test of the project a placeholder that is called before it has come is a complaint of the browser, and fails the test.
import type { Page } from "@playwright/test";

import {
  asked, buyNow, buyPath, choice, chosen, expect, expectAccessible, expectLoaded, expectPlaced, LANGS, LOOKS, option,
  order, regionSelect, review, test,
} from "../support/fixtures.ts";
import { hold } from "../support/hold.ts";

const [DEFERRED, ON_DEMAND] = ["**/*_deferred.wasm", "**/*_demand.wasm"];
/** What the browser, and the loader, say when one cannot be had. */
const FAILING = /net::ERR_|Failed to fetch|_(deferred|demand)\.wasm/;

const WORDS = {
  zh: { awaited: "稍后生效", failed: "未能加载", gone: "已有新版本", retry: "重试", reload: "重新加载" },
  en: { awaited: "takes effect in a moment", failed: "could not be loaded", gone: "a new version", retry: "Retry", reload: "Reload" },
} as const;

/** Waits until the lists of the first view are there, while input is held. */
async function expectFirstView(page: Page): Promise<void> {
  await expect(page.locator("input[name=v-switch]").first()).toBeVisible();
  await expect(page.locator("#user [role=option]").first()).toBeVisible();
}

/** Has the loader try again only when it is asked to: all tries that were due have failed, and the clock stands still. */
async function noMoreTries(page: Page): Promise<void> {
  await page.clock.pauseAt(Date.now() + 60_000);
  // Requests are answered one after the other, so that the failure of this one comes after theirs.
  await page.evaluate(async () => {
    const { deferred, demand } = document.querySelector<HTMLElement>("[data-deferred]")!.dataset;
    await Promise.allSettled([fetch(deferred!), fetch(demand!)]);
  });
}

for (const lang of LANGS) {
  test(`it comes once the first view is complete, without anybody asking, and once, ${lang}`, async ({ openBuy }) => {
    const requests: string[] = [];
    let complete = (): void => undefined;
    const answered = new Promise<void>((resolve) => (complete = resolve));
    const { page, t } = await openBuy({
      lang,
      before: async (page) => {
        page.on("request", (request) => request.url().includes("_deferred.wasm") && requests.push(request.resourceType()));
        await page.route("**/api/DescribeVSwitches?*", (route) => answered.then(() => route.continue()));
      },
    });
    await expect(page.locator("#user [role=option]").first()).toBeVisible();
    expect(requests).toEqual([]);
    complete();
    await expect.poll(() => requests).toEqual(["fetch"]);
    await expectLoaded(page, t);
    await option(page, t.user, "zhang.san").click();
    await expect(option(page, t.user, "zhang.san")).toHaveAttribute("aria-selected", "true");
    expect(requests).toEqual(["fetch"]);
  });

  test(`clicks wait for it and are done once, in order, ${lang}`, async ({ openBuy }) => {
    const held = hold(DEFERRED);
    const { page, t } = await openBuy({ lang, before: held.before });
    await expectFirstView(page);
    const several = page.locator("#users").getByRole("checkbox");
    await several.check();
    await option(page, t.user, "zhang.san").click();
    await option(page, t.user, "li.si").click();
    await choice(page, t.type, "desktop.n1.medium").check();
    // What the browser does by itself is done; the rest is awaited, and said to be.
    await expect(several).toBeChecked();
    await expect(option(page, t.user, "zhang.san")).toHaveAttribute("aria-selected", "false");
    await expect(page.getByRole("main")).toHaveAttribute("aria-busy", "true");
    await expect(page.getByText(WORDS[lang].awaited)).toBeVisible();
    await expectAccessible(page);
    expect(asked(page).request).not.toHaveProperty("typeItemId");
    held.arrive();
    // A click done twice would have taken the choice back.
    for (const name of ["zhang.san", "li.si"]) await expect(option(page, t.user, name)).toHaveAttribute("aria-selected", "true");
    await expect(page.locator("#user [role=option][aria-selected=true]")).toHaveCount(2);
    await expect(chosen(page, t.type)).toHaveValue("desktop.n1.medium");
    await expect(page).toHaveURL(/desktop\.n1\.medium/);
    await expect(page.getByRole("main")).not.toHaveAttribute("aria-busy");
    await expect(page.getByText(WORDS[lang].awaited)).toHaveCount(0);
    expect(held.asked).toBe(1);
  });

  test(`keys wait for it, and what was typed stays, ${lang}`, async ({ openBuy }) => {
    const held = hold(DEFERRED);
    const { page, t } = await openBuy({ lang, before: held.before });
    await expectFirstView(page);
    const search = page.getByRole("searchbox", { name: t.searchUsers });
    await search.focus();
    await page.keyboard.type("li.si");
    await page.keyboard.press("Enter");
    await expect(search).toHaveValue("li.si");
    await expect(option(page, t.user, "zhang.san")).toBeVisible();
    held.arrive();
    await expect(option(page, t.user, "li.si")).toHaveAttribute("aria-selected", "true");
    await expect(option(page, t.user, "zhang.san")).toHaveCount(0);
    await expect(search).toHaveValue("li.si");
  });

  test(`if it cannot be had the page says so, tries again, and does then what waited, ${lang}`, async ({ openBuy, tolerate }) => {
    tolerate(FAILING);
    let asked = 0;
    const { page, t } = await openBuy({
      lang,
      before: async (page) => {
        await page.clock.install();
        await page.route(DEFERRED, (route) => ((asked += 1), route.abort()));
      },
    });
    const words = WORDS[lang];
    await expect(page.getByText(words.failed)).toBeVisible();
    await expectAccessible(page);
    await option(page, t.user, "zhang.san").click();
    await buyNow(page, t).click();
    // By itself.
    await expect.poll(() => asked).toBeGreaterThan(1);
    await expect(page.getByText(words.failed)).toBeVisible();
    await noMoreTries(page);
    await page.unroute(DEFERRED);
    await page.locator(".deferred").getByRole("button", { name: words.retry }).click();
    await page.clock.resume();
    await expect(review(page, t)).toContainText("zhang.san");
    await expect(page.getByText(words.failed)).toHaveCount(0);
  });

  test(`if the server has this version no more, the page asks to be loaded anew, ${lang}`, async ({ openBuy, tolerate }) => {
    tolerate(/status of 404/, FAILING);
    const { page, t } = await openBuy({ lang, before: (page) => page.route(DEFERRED, (route) => route.fulfill({ status: 404 })) });
    await expect(page.getByText(WORDS[lang].gone)).toBeVisible();
    await page.unroute(DEFERRED);
    await page.getByRole("link", { name: WORDS[lang].reload, exact: true }).click();
    await expectLoaded(page, t);
    await expect(page.getByText(WORDS[lang].gone)).toHaveCount(0);
  });
}

test("a list is gone through by keys, and a field asked for by one, while it is awaited", async ({ openBuy }) => {
  const held = hold(DEFERRED);
  const { page, t } = await openBuy({ before: held.before });
  await expectFirstView(page);
  await page.keyboard.press("/");
  await page.keyboard.type("wang");
  held.arrive();
  await expect(page.getByRole("searchbox", { name: t.searchUsers })).toHaveValue("wang");
  await expect(page.getByRole("searchbox", { name: t.searchUsers })).toBeFocused();
  await expect(option(page, t.user, "zhang.san")).toHaveCount(0);
});

test("the whole way to the review waits for it", async ({ openBuy }) => {
  const held = hold(DEFERRED);
  const { page, t } = await openBuy({ before: held.before });
  await expectFirstView(page);
  await option(page, t.user, "zhang.san").click();
  await buyNow(page, t).dblclick();
  held.arrive();
  await expect(review(page, t)).toContainText("zhang.san");
  await expect(page.getByRole("dialog")).toHaveCount(1);
});

test("a link to the orders waits for it, and the region chosen", async ({ openBuy }) => {
  const held = hold(DEFERRED);
  const { page, t } = await openBuy({ before: held.before });
  await expectFirstView(page);
  await regionSelect(page, t).selectOption("cn-beijing");
  held.arrive();
  await expect(page).toHaveURL(/cn-beijing/);
  await expectLoaded(page, t);
  await expect(regionSelect(page, t)).toHaveValue("cn-beijing");
});

test("for the orders it is asked for at once, beside the primary module, and awaited before they are drawn", async ({ open }) => {
  const held = hold(DEFERRED);
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const { page, t } = await open(buyPath({ hash: "#/orders" }), {
    before: async (page) => {
      await held.before(page);
      await page.route("**/*_bg.wasm", (route) => arrived.then(() => route.continue()));
    },
  });
  await expect.poll(() => held.asked).toBe(1);
  arrive();
  await expect(page).toHaveTitle(`${t.orders} · Deskbuy`);
  await expect(page.locator("main .skeleton")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(0);
  held.arrive();
  await expect(page.getByRole("heading", { level: 1, name: t.orders })).toBeVisible();
  expect(held.asked).toBe(1);
});

test("for the orders it may be there before the app is mounted", async ({ open }) => {
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const { page, t } = await open(buyPath({ hash: "#/orders" }), {
    before: (page) => page.route("**/api/session", (route) => answered.then(() => route.continue())),
  });
  // All modules are there; who is there is not known yet.
  await page.waitForLoadState("load");
  await expect
    .poll(() => page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".wasm")).length))
    .toBeGreaterThanOrEqual(3);
  await page.evaluate(() => new Promise((done) => setTimeout(done)));
  answer();
  await expect(page.getByRole("heading", { level: 1, name: t.orders })).toBeVisible();
  await page.getByRole("navigation").getByRole("link", { name: t.buy, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: t.title })).toBeVisible();
});

for (const { lang, scheme } of LOOKS) {
  test(`lists that fail, are slow or are empty need nothing of it, ${lang}`, async ({ openBuy, tolerate }) => {
    tolerate(/the server responded with a status of/, /net::ERR_/, /nothing came/);
    const held = hold(DEFERRED);
    const failing = ["DescribeZones", "DescribeImages", "DescribeDesktopOwner"];
    const { page } = await openBuy({
      lang,
      scheme,
      commodityCode: "CloudDesktop",
      request: { typeItemId: "no-such-type", imageType: "custom", period: 12 },
      hash: "#/buy/zone",
      before: async (page) => {
        await held.before(page);
        for (const name of failing) await page.route(`**/api/${name}?*`, (route) => route.fulfill({ status: 500, body: "no" }));
        await page.route("**/api/prices?*", (route) => route.abort());
        await page.route("**/api/DescribeActivityDirectoryUsers?*", (route) => route.fulfill({ json: { Users: [] } }));
      },
    });
    // Each that fails; and the page may say that there is no connection, or that the deferred module is late.
    const alerts = page.getByRole("alert").filter({ visible: true });
    await expect.poll(() => alerts.count()).toBeGreaterThan(failing.length);
    await expectAccessible(page);
    expect(held.asked).toBeGreaterThanOrEqual(1);
    held.arrive();
    await expect(page.locator("#fatal")).toBeHidden();
  });
}

test("a purchase needs nothing of the on-demand module, and the list of orders asks for it", async ({ openBuy }) => {
  const held = hold(ON_DEMAND);
  const { page, t } = await openBuy({ before: held.before });
  await expectLoaded(page, t);
  await option(page, t.user, "zhang.san").click();
  await order(page, t);
  await expectPlaced(page, t);
  expect(held.asked).toBe(0);
  await page.getByRole("navigation").getByRole("link", { name: t.orders, exact: true }).click();
  await expect(page.locator("main .skeleton")).toBeVisible();
  await expect(page.getByText("仍在加载")).toBeVisible();
  held.arrive();
  await expect(page.getByRole("heading", { level: 1, name: t.orders })).toBeVisible();
  await expect(page.getByText("仍在加载")).toHaveCount(0);
  expect(held.asked).toBe(1);
});

test("an on-demand module that cannot be had is told, and had at a retry", async ({ openBuy, tolerate }) => {
  tolerate(FAILING);
  const { page, t } = await openBuy({
    before: async (page) => {
      await page.clock.install();
      await page.route(ON_DEMAND, (route) => route.abort());
    },
  });
  await expectLoaded(page, t);
  await page.getByRole("button", { name: "粘贴或上传用户", exact: true }).click();
  await expect(page.getByText(WORDS.zh.failed)).toBeVisible();
  await expectAccessible(page);
  await noMoreTries(page);
  await page.unroute(ON_DEMAND);
  await page.locator(".deferred").getByRole("button", { name: WORDS.zh.retry }).click();
  await page.clock.resume();
  await expect(page.getByRole("dialog", { name: "粘贴或上传用户" })).toBeVisible();
  await expect(page.getByText(WORDS.zh.failed)).toHaveCount(0);
});

test("nothing waits for a request in the middle of a call", async ({ openBuy }) => {
  const scripts: Promise<string>[] = [];
  const { page, t } = await openBuy({
    before: async (page) => page.on("response", (answer) => answer.url().endsWith(".js") && scripts.push(answer.text())),
  });
  await expectLoaded(page, t);
  expect(scripts.length).toBeGreaterThan(1);
  for (const script of await Promise.all(scripts)) expect(script).not.toContain("XMLHttpRequest");
});

test("a first view that the profile misses starts once more, with all modules", async ({ openBuy, tolerate }) => {
  tolerate(/before that module had arrived/);
  const held = hold(DEFERRED);
  const { page, t } = await openBuy({ before: held.before });
  await expectFirstView(page);
  // What a stub of the primary module does: a function that is in its table more than once is a placeholder.
  await page.evaluate(async () => {
    const glue = (await import(document.querySelector<HTMLElement>("script[data-js]")!.dataset["js"]!)) as {
      laterImports: () => { b: Record<string, WebAssembly.Table> };
    };
    const table = glue.laterImports().b["0stubs_b"]!;
    const called = Array.from({ length: table.length }, (_, place) => table.get(place) as () => void);
    const placeholder = called.find((one, place) => called.indexOf(one) !== place)!;
    setTimeout(placeholder);
  });
  await expect.poll(() => held.asked).toBe(2);
  await expect(page.locator(".form > .shell, #types").first()).toBeVisible();
  await expect(page.locator("input[name=v-switch]")).toHaveCount(0);
  held.arrive();
  await expectLoaded(page, t);
  await option(page, t.user, "zhang.san").click();
  await expect(option(page, t.user, "zhang.san")).toHaveAttribute("aria-selected", "true");
  await expect(page.locator("#fatal")).toBeHidden();
});
