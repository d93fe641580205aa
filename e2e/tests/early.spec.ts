// The list of desktop types that is there before the purchase's module: as the module draws it, to be chosen from, and
// nothing that could stand in the module's way.
import type { Page } from "@playwright/test";

import { choice, chosen, ERROR_ANSWER, expect, expectAccessible, expectFocusSeen, expectLoaded, LANGS, LOOKS, regionSelect, test } from "../support/fixtures.ts";

/** Holds the module, and what else is asked for at addresses like these, until `arrive` is called. */
function hold(...others: string[]) {
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const before = async (page: Page) => {
    await page.route("**/*_bg.wasm", (route) => arrived.then(() => route.continue()));
    // Never answered, and so always on its way.
    for (const other of others) await page.route(other, () => undefined);
  };
  return { before, arrive: () => arrive() };
}

interface Looks {
  /** The list as it is read out, whatever is chosen in it. */
  read: string;
  /** The visible parts of its section, and where each is in the form, in pixels. */
  parts: string[];
  places: number[];
}

async function looks(page: Page): Promise<Looks> {
  const read = (await page.locator("#types .rows").ariaSnapshot()).replaceAll(" [checked]", "");
  const seen = await page.locator(".form").evaluate((form) => {
    const { x, y } = form.getBoundingClientRect();
    return [...form.querySelectorAll("#types, #types :is(h2, summary, .choice, .choice-title, .fact, .rows-head)")]
      .map((part) => ({ text: part.textContent.trim(), place: part.getBoundingClientRect() }))
      .filter(({ place }) => place.width > 0)
      .map(({ text, place }) => ({ text, place: [place.x - x, place.y - y, place.width, place.height] }));
  });
  // The text of the whole is more than can be seen, which is compared already.
  return { read, parts: seen.slice(1).map(({ text }) => text), places: seen.flatMap(({ place }) => place) };
}

function expectAlike(later: Looks, early: Looks): void {
  expect({ read: later.read, parts: later.parts }).toEqual({ read: early.read, parts: early.parts });
  const moved = later.places.map((place, index) => Math.abs(place - (early.places[index] ?? Number.NaN)));
  // The section above may be a fraction of a pixel higher.
  expect(Math.max(...moved)).toBeLessThan(1);
}

for (const lang of LANGS) {
  for (const commodityCode of ["CloudDesktopPost", "CloudDesktop"] as const) {
    for (const width of [1280, 390]) {
      test(`it is there before the module, and stays where it is, ${lang}, ${commodityCode}, ${width}`, async ({ openBuy }) => {
        const { before, arrive } = hold("**/api/stock?*");
        const { page, t } = await openBuy({ lang, commodityCode, width, before });
        await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
        const early = await looks(page);
        await expect(page.locator(".summary-card.shell")).toBeAttached();
        arrive();
        await expectLoaded(page, t);
        expectAlike(await looks(page), early);
      });
    }
  }
}

for (const { lang, scheme } of LOOKS) {
  test(`it has no barrier, ${lang}, ${scheme}`, async ({ openBuy }) => {
    const { before, arrive } = hold();
    const { page, t } = await openBuy({ lang, scheme, before });
    await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
    await expectAccessible(page);
    arrive();
    await expectLoaded(page, t);
  });
}

test("what is chosen from it, by keyboard, is chosen, and the focus stays", async ({ openBuy }) => {
  const { before, arrive } = hold();
  const { page, t } = await openBuy({ request: { zoneId: "cn-hangzhou-e", period: 6 }, before });
  const type = (name: string) => choice(page, t.type, name);
  await expect(type("desktop.n1.small")).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(type("desktop.n1.small")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(type("desktop.n1.medium")).toBeChecked();
  await expect(page.locator(".choice.chosen").filter({ has: page.locator("[name=type]") })).toHaveText(/desktop\.n1\.medium/);
  // As the module writes it.
  await expect(page).toHaveURL(/request=\{%22region%22:%22cn-hangzhou%22,%22typeItemId%22:%22desktop\.n1\.medium%22,/);
  const address = page.url();
  arrive();
  await expectLoaded(page, t);
  await expect(chosen(page, t.type)).toHaveValue("desktop.n1.medium");
  await expect(chosen(page, t.zone)).toHaveValue("cn-hangzhou-e");
  await expect(type("desktop.n1.medium")).toBeFocused();
  await expectFocusSeen(page);
  expect(page.url()).toBe(address);
});

test("what the address asks for is chosen in it", async ({ openBuy }) => {
  const { before, arrive } = hold();
  const { page, t } = await openBuy({ request: { typeItemId: "desktop.n1.large" }, before });
  await expect(choice(page, t.type, "desktop.n1.large")).toBeChecked();
  arrive();
  await expectLoaded(page, t);
  await expect(chosen(page, t.type)).toHaveValue("desktop.n1.large");
});

test("without prices it has no column for them", async ({ openBuy }) => {
  const { before, arrive } = hold("**/api/stock?*");
  const { page, t } = await openBuy({
    before: async (page) => {
      await before(page);
      await page.route("**/api/prices?*", (route) => route.fulfill({ json: { prices: [] } }));
    },
  });
  await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
  const early = await looks(page);
  expect(early.parts).toContain("desktop.n1.small");
  await expect(page.locator("#types .rows-head > :last-child")).toHaveText(t.stock);
  arrive();
  await expectLoaded(page, t);
  expectAlike(await looks(page), early);
});

test("what is chosen at the last moment is chosen as well", async ({ openBuy }) => {
  const { before, arrive } = hold();
  const { page, t } = await openBuy({ before });
  await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
  // The address is not written at once.
  await page.evaluate(() => document.querySelector<HTMLElement>("[id='type-desktop.n1.large']")?.click());
  arrive();
  await expectLoaded(page, t);
  await expect(chosen(page, t.type)).toHaveValue("desktop.n1.large");
});

test("what the mouse is at stays there when the module arrives, although a banner comes above it", async ({ openBuy }) => {
  const { before, arrive } = hold();
  const { page, t } = await openBuy({ before });
  const row = page.locator("label[for='type-desktop.n1.large']");
  await row.hover();
  const place = () => row.evaluate((row) => row.getBoundingClientRect().top);
  const early = await place();
  arrive();
  await expectLoaded(page, t);
  expect(await page.evaluate(() => scrollY)).toBeGreaterThan(0);
  expect(Math.abs((await place()) - early)).toBeLessThan(2);
});

test("where nobody is at it, the page begins at its top", async ({ openBuy }) => {
  const { before, arrive } = hold();
  const { page, t } = await openBuy({ before });
  await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
  arrive();
  await expectLoaded(page, t);
  expect(await page.evaluate(() => scrollY)).toBe(0);
});

test("odd addresses are read as the module reads them", async ({ open }) => {
  const request = encodeURIComponent('{"region":" cn-hangzhou ","typeItemId":" desktop.n1.large ","more":1}');
  const { before, arrive } = hold("**/api/stock?*");
  const { page, t } = await open(`/?commodityCode=Other&commodityCode=CloudDesktop&commodityCode=__proto__&request=${request}#/buy`, { before });
  await expect(choice(page, t.type, "desktop.n1.large")).toBeChecked();
  const early = await looks(page);
  await choice(page, t.type, "desktop.n1.medium").check();
  await expect(page).toHaveURL(/commodityCode=CloudDesktop&request=.*desktop\.n1\.medium/);
  arrive();
  await expectLoaded(page, t);
  await expect(chosen(page, t.billing)).toHaveValue("PREPAY");
  await expect(chosen(page, t.type)).toHaveValue("desktop.n1.medium");
  expectAlike(await looks(page), early);
});

test("of two requests the module takes the last one, and the list leaves that to it", async ({ open }) => {
  const requests = ["cn-beijing", "cn-hangzhou"].map((region) => `request=${encodeURIComponent(JSON.stringify({ region }))}`);
  const { before, arrive } = hold();
  const { page, t } = await open(`/?commodityCode=CloudDesktop&${requests.join("&")}#/buy`, { before });
  await expect(page.locator(".form > .shell")).toHaveCount(2);
  arrive();
  await expectLoaded(page, t);
  await expect(regionSelect(page, t)).toHaveValue("cn-hangzhou");
});

test("all currencies are written as the module writes them", async ({ openBuy }) => {
  const { before, arrive } = hold("**/api/stock?*");
  const price = (type: string, currency: string, amount: string) =>
    ({ region: "cn-hangzhou", type_item_id: type, charge_type: "POSTPAY", currency, amount });
  const prices = [
    price("desktop.n1.small", "IDR", "8500"),
    price("desktop.n1.medium", "JPY", "12"),
    price("desktop.n1.large", "KWD", "0.5"),
    price("desktop.ga1.1xlarge", "USD", "1.2345"),
    price("desktop.ga1.2xlarge", "IQD", "1310"),
    price("desktop.ga1.4xlarge", "CNY", "1234567.5"),
  ];
  const { page, t } = await openBuy({
    before: async (page) => {
      await before(page);
      await page.route("**/api/prices?*", (route) => route.fulfill({ json: { prices } }));
    },
  });
  await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
  const early = await looks(page);
  expect(early.read).toContain("1,234,567.50");
  arrive();
  await expectLoaded(page, t);
  expectAlike(await looks(page), early);
});

for (const failing of ["DescribeDesktopTypeItems", "prices"]) {
  test(`where ${failing} fails, it leaves that to the module`, async ({ openBuy, tolerate }) => {
    tolerate(ERROR_ANSWER);
    const { before, arrive } = hold();
    let answers: Promise<unknown> | undefined;
    const { page, t } = await openBuy({
      before: async (page) => {
        await before(page);
        await page.route(`**/api/${failing}?*`, (route) => route.fulfill({ status: 503, json: {} }));
        const answer = (name: string) => page.waitForResponse((answer) => answer.url().includes(`/api/${name}?`)).then((it) => it.finished());
        answers = Promise.all(["DescribeDesktopTypeItems", "prices"].map(answer));
      },
    });
    await answers;
    // What was going to be drawn would be by now.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await expect(page.locator(".form > .shell")).toHaveCount(2);
    arrive();
    await expect(page.getByRole("alert").filter({ hasText: t.failed(failing === "prices" ? "价格" : t.type) }).first()).toBeVisible();
  });
}
