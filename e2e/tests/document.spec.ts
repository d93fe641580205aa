// The list of desktop types that the document carries before the module is there: as the module draws it, to be chosen from,
// and nothing that could stand in the module's way. What the document says to whom is tested in proxy/tests/it/document.rs.
import { writeFileSync } from "node:fs";

import type { Page } from "@playwright/test";

import {
  choice, chosen, ERROR_ANSWER, expect, expectAccessible, expectFocusSeen, expectLoaded, LANGS, type Link, LOOKS, type Opened,
  regionSelect, test as base,
} from "../support/fixtures.ts";

/** With a warm cache of the region, as after a first visit. */
const test = base.extend<{ openWarm: (link?: Link) => Promise<Opened> }>({
  openWarm: async ({ demo, openBuy }, use) => {
    await use(async (link = {}) => {
      await (link.of ?? demo).learn("cn-hangzhou");
      return openBuy(link);
    });
  },
});
test.use({ demoFlags: ["--cache", "8"] });

/** Holds the module until `arrive` is called. */
function hold() {
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const before = (page: Page) => page.route("**/*_bg.wasm", (route) => arrived.then(() => route.continue()));
  return { before, arrive: () => arrive() };
}

interface Looks {
  /** The list as it is read out, whatever is chosen in it. */
  read: string;
  /** The visible parts of its section, and where each is in the form, in pixels. */
  parts: string[];
  places: number[];
  /** Its picture. */
  picture: Buffer;
}

/** Taken at a place of its own, since what is above the list may put it at a fraction of a pixel. */
async function pictureOfList(page: Page): Promise<Buffer> {
  const place = (apart: boolean) =>
    page.locator("#types").evaluate((list: HTMLElement, apart) => {
      const { width } = list.getBoundingClientRect();
      const style = { position: "fixed", top: "0", left: "0", "z-index": "99", width: `${Math.floor(width)}px` };
      for (const [name, value] of Object.entries(style)) list.style.setProperty(name, apart ? value : "");
    }, apart);
  await place(true);
  const picture = await page.locator("#types .rows").screenshot({ animations: "disabled" });
  await place(false);
  return picture;
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
  const picture = await pictureOfList(page);
  return { read, parts: seen.slice(1).map(({ text }) => text), places: seen.flatMap(({ place }) => place), picture };
}

/** The most that a colour of a pixel differs by, of 255. */
function difference(page: Page, one: Buffer, other: Buffer): Promise<number> {
  return page.evaluate(async (pictures) => {
    const pixels = async (picture: string) => {
      const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes]));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")!;
      context.drawImage(bitmap, 0, 0);
      return context.getImageData(0, 0, bitmap.width, bitmap.height);
    };
    const [a, b] = [await pixels(pictures[0]!), await pixels(pictures[1]!)];
    if (a.width !== b.width || a.height !== b.height) return 255;
    return a.data.reduce((most, value, index) => Math.max(most, Math.abs(value - b.data[index]!)), 0);
  }, [one.toString("base64"), other.toString("base64")]);
}

async function expectAlike(page: Page, later: Looks, early: Looks): Promise<void> {
  expect({ read: later.read, parts: later.parts }).toEqual({ read: early.read, parts: early.parts });
  const moved = later.places.map((place, index) => Math.abs(place - (early.places[index] ?? Number.NaN)));
  // The section above may be a fraction of a pixel higher.
  expect(Math.max(...moved)).toBeLessThan(1);
  if (!later.picture.equals(early.picture)) {
    writeFileSync(base.info().outputPath("early.png"), early.picture);
    writeFileSync(base.info().outputPath("later.png"), later.picture);
  }
  // Edges between two pixels are rounded by what was drawn before, which nobody sees.
  expect(await difference(page, later.picture, early.picture), "the pictures are the same").toBeLessThanOrEqual(2);
}

for (const lang of LANGS) {
  for (const commodityCode of ["CloudDesktopPost", "CloudDesktop"] as const) {
    for (const width of [1280, 390]) {
      test(`it is there before the module, and stays where it is, ${lang}, ${commodityCode}, ${width}`, async ({ openWarm }) => {
        const { before, arrive } = hold();
        const { page, t } = await openWarm({ lang, commodityCode, width, before });
        await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
        const early = await looks(page);
        await expect(page.locator(".summary-card.shell")).toBeAttached();
        arrive();
        await expectLoaded(page, t);
        await expectAlike(page, await looks(page), early);
      });
    }
  }
}

for (const { lang, scheme } of LOOKS) {
  test(`it has no barrier, ${lang}, ${scheme}`, async ({ openWarm }) => {
    const { before, arrive } = hold();
    const { page, t } = await openWarm({ lang, scheme, before });
    await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
    await expectAccessible(page);
    arrive();
    await expectLoaded(page, t);
  });
}

test("what is chosen from it, by keyboard, is chosen, and the focus stays", async ({ openWarm }) => {
  const { before, arrive } = hold();
  const { page, t } = await openWarm({ request: { zoneId: "cn-hangzhou-e", period: 6 }, before });
  const type = (name: string) => choice(page, t.type, name);
  await expect(type("desktop.n1.small")).toBeChecked();
  // The demo's faults and the help come before it.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(type("desktop.n1.small")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(type("desktop.n1.medium")).toBeChecked();
  const looks = (name: string) => page.locator(`label[for='type-${name}']`).evaluate((row) => getComputedStyle(row).backgroundColor);
  expect(await looks("desktop.n1.medium")).not.toBe(await looks("desktop.n1.small"));
  arrive();
  await expectLoaded(page, t);
  await expect(chosen(page, t.type)).toHaveValue("desktop.n1.medium");
  await expect(chosen(page, t.zone)).toHaveValue("cn-hangzhou-e");
  await expect(type("desktop.n1.medium")).toBeFocused();
  await expectFocusSeen(page);
  await expect(page).toHaveURL(/request=\{%22region%22:%22cn-hangzhou%22,%22typeItemId%22:%22desktop\.n1\.medium%22,%22zoneId%22:%22cn-hangzhou-e%22,/);
});

test("without script it can be chosen from as well", async ({ openWarm }) => {
  const { page, t } = await openWarm({ more: { javaScriptEnabled: false } });
  await choice(page, t.type, "desktop.n1.large").check();
  await expect(chosen(page, t.type)).toHaveValue("desktop.n1.large");
  await page.locator("#types summary").click();
  await expect(page.locator("#types dl")).toBeVisible();
});

test("a reload takes nothing for a choice that was checked before it", async ({ openWarm }) => {
  const { before } = hold();
  const { page, t } = await openWarm({ before });
  await choice(page, t.type, "desktop.n1.large").check();
  await page.reload();
  await expect(chosen(page, t.type)).toHaveValue("desktop.n1.small");
});

test("what the address asks for is chosen in it", async ({ openWarm }) => {
  const { before, arrive } = hold();
  const { page, t } = await openWarm({ request: { typeItemId: "desktop.n1.large" }, before });
  await expect(choice(page, t.type, "desktop.n1.large")).toBeChecked();
  arrive();
  await expectLoaded(page, t);
  await expect(chosen(page, t.type)).toHaveValue("desktop.n1.large");
});

test("without prices it has no column for them", async ({ openWarm, startDemo }, info) => {
  const { before, arrive } = hold();
  const book = info.outputPath("prices.toml");
  writeFileSync(book, 'currency = "CNY"\n');
  const of = await startDemo("--cache", "8", "--prices", book);
  const { page, t } = await openWarm({ of, before });
  await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
  const early = await looks(page);
  expect(early.parts).toContain("desktop.n1.small");
  await expect(page.locator("#types .rows-head > :last-child")).toHaveText(t.stock);
  arrive();
  await expectLoaded(page, t);
  await expectAlike(page, await looks(page), early);
});

test("what is chosen at the last moment is chosen as well", async ({ openWarm }) => {
  const { before, arrive } = hold();
  const { page, t } = await openWarm({ before });
  await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
  await page.evaluate(() => document.querySelector<HTMLElement>("[id='type-desktop.n1.large']")?.click());
  arrive();
  await expectLoaded(page, t);
  await expect(chosen(page, t.type)).toHaveValue("desktop.n1.large");
});

test("what is chosen and taken back while the lists are on their way is not chosen", async ({ openWarm }) => {
  const { before, arrive } = hold();
  let answer: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (answer = resolve));
  const { page, t } = await openWarm({
    before: async (page) => {
      await before(page);
      await page.route("**/api/prices*", async (route) => {
        await held;
        await route.continue();
      });
    },
  });
  const check = (type: string) => page.evaluate((id) => document.getElementById(id)?.click(), `type-${type}`);
  await expect(choice(page, t.type, "desktop.n1.small")).toBeChecked();
  await check("desktop.n1.large");
  // By then the app has begun, with the choice.
  const begun = page.waitForRequest(/api\/DescribeImages.*desktop\.n1\.large/);
  arrive();
  await begun;
  await check("desktop.n1.small");
  answer();
  await expectLoaded(page, t);
  await expect(chosen(page, t.type)).toHaveValue("desktop.n1.small");
});

test("what the mouse is at stays there when the module arrives", async ({ openWarm }) => {
  const { before, arrive } = hold();
  const { page, t } = await openWarm({ before });
  const row = page.locator("label[for='type-desktop.n1.large']");
  await row.hover();
  const place = () => row.evaluate((row) => row.getBoundingClientRect().top);
  const early = await place();
  arrive();
  await expectLoaded(page, t);
  expect(Math.abs((await place()) - early)).toBeLessThan(2);
});

test("where nobody is at it, the page begins at its top", async ({ openWarm }) => {
  const { before, arrive } = hold();
  const { page, t } = await openWarm({ before });
  await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
  arrive();
  await expectLoaded(page, t);
  expect(await page.evaluate(() => scrollY)).toBe(0);
});

test("odd addresses are read as the module reads them", async ({ open, demo }) => {
  await demo.learn("cn-hangzhou");
  const request = encodeURIComponent('{"region":" cn-hangzhou ","typeItemId":" desktop.n1.large ","more":1}');
  const { before, arrive } = hold();
  const { page, t } = await open(`/?more=Other&commodityCode=CloudDesktop&commodityCode=CloudDesktop&request=${request}#/buy`, { before });
  await expect(choice(page, t.type, "desktop.n1.large")).toBeChecked();
  const early = await looks(page);
  await choice(page, t.type, "desktop.n1.medium").check();
  arrive();
  await expectLoaded(page, t);
  await expect(page).toHaveURL(/commodityCode=CloudDesktop&request=.*desktop\.n1\.medium/);
  await expect(chosen(page, t.billing)).toHaveValue("PREPAY");
  await expect(chosen(page, t.type)).toHaveValue("desktop.n1.medium");
  await choice(page, t.type, "desktop.n1.large").check();
  // The mouse is where it was before.
  await page.mouse.move(0, 0);
  await page.locator(":focus").blur();
  await expectAlike(page, await looks(page), early);
});

test("of two requests both take the first one", async ({ open, demo }) => {
  await demo.learn("cn-hangzhou");
  const requests = ["cn-hangzhou", "cn-beijing"].map((region) => `request=${encodeURIComponent(JSON.stringify({ region }))}`);
  const { before, arrive } = hold();
  const { page, t } = await open(`/?commodityCode=CloudDesktop&${requests.join("&")}#/buy`, { before });
  await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
  arrive();
  await expectLoaded(page, t);
  await expect(regionSelect(page, t)).toHaveValue("cn-hangzhou");
});

test("what the cache does not know is left to the module", async ({ open, demo }) => {
  await demo.learn("cn-hangzhou");
  const { before, arrive } = hold();
  const request = encodeURIComponent('{"region":"cn-shanghai"}');
  const { page, t } = await open(`/?commodityCode=CloudDesktop&request=${request}#/buy`, { before });
  await expect(page.locator(".form > .shell")).toHaveCount(2);
  arrive();
  await expectLoaded(page, t);
  await expect(chosen(page, t.type)).toBeVisible();
});

test("the language that was chosen is the document's at the next visit", async ({ openWarm }) => {
  const { page, t } = await openWarm({ lang: "zh" });
  await expectLoaded(page, t);
  await page.getByRole("button", { name: t.otherLanguage, exact: true }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.route("**/*_bg.wasm", () => undefined);
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.getByRole("radiogroup", { name: "Desktop type", exact: true })).toBeVisible();
});

test("all currencies are written as the module writes them", async ({ openWarm, startDemo }, info) => {
  const { before, arrive } = hold();
  const price = (type: string, currency: string, amount: string) =>
    `[[price]]\nregion = "cn-hangzhou"\ntype = "${type}"\nbilling = "POSTPAY"\nper_hour = ${amount}\ncurrency = "${currency}"\n`;
  const prices = [
    price("desktop.n1.small", "IDR", "8500"),
    price("desktop.n1.medium", "JPY", "12"),
    price("desktop.n1.large", "KWD", "0.5"),
    price("desktop.ga1.1xlarge", "USD", "1.2345"),
    price("desktop.ga1.2xlarge", "IQD", "1310"),
    price("desktop.ga1.4xlarge", "CNY", "1234567.5"),
  ];
  const book = info.outputPath("prices.toml");
  writeFileSync(book, prices.join("\n"));
  const of = await startDemo("--cache", "8", "--prices", book);
  const { page, t } = await openWarm({ of, before });
  await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
  const early = await looks(page);
  expect(early.read).toContain("1,234,567.50");
  arrive();
  await expectLoaded(page, t);
  await expectAlike(page, await looks(page), early);
});

for (const failing of ["DescribeDesktopTypeItems", "prices"]) {
  test(`where ${failing} fails, the module tells`, async ({ openWarm, tolerate }) => {
    tolerate(ERROR_ANSWER);
    const { before, arrive } = hold();
    const { page, t } = await openWarm({
      before: async (page) => {
        await before(page);
        await page.route(`**/api/${failing}?*`, (route) => route.fulfill({ status: 503, json: {} }));
      },
    });
    await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
    arrive();
    await expect(page.getByRole("alert").filter({ hasText: t.failed(failing === "prices" ? "价格" : t.type) }).first()).toBeVisible();
  });
}

test("where a server on the way sets a stricter policy, the page has its looks all the same", async ({ openWarm, tolerate }) => {
  tolerate(/content security policy/i);
  const { page, t } = await openWarm({
    before: (page) =>
      page.route("**/*", async (route) => {
        if (!route.request().isNavigationRequest()) return route.fallback();
        const response = await route.fetch();
        const policy = response.headers()["content-security-policy"]!;
        expect(policy).toContain("sha256-");
        const headers = { ...response.headers(), "content-security-policy": policy.replace(/ 'sha256-[^']+'/, "") };
        await route.fulfill({ response, headers });
      }),
  });
  await expectLoaded(page, t);
  await expect.poll(() => page.evaluate(() => [...document.styleSheets].map((sheet) => sheet.cssRules.length > 100))).toEqual([true]);
});
