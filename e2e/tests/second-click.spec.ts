// A click that opens something puts other controls under the pointer. The rest of the same gesture does nothing to them.
import type { Locator, Page } from "@playwright/test";

import { type Demo } from "../support/demo.ts";
import { choice, expect, expectLoaded, option, test } from "../support/fixtures.ts";
import { expectSettled, place, purchase, rows } from "../support/orders.ts";

/** So many orders that were carried out. */
async function bought(demo: Demo, count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, at) => purchase(demo, `bought-${at}`));
  await place(demo, ...(await Promise.all(all)));
  await expectSettled(demo);
}

type Press = (page: Page, x: number, y: number, opened: () => Promise<void>) => Promise<void>;

/** The two clicks of a double click, with time between them for whatever the first opens. */
const doubleClick: Press = async (page, x, y, opened) => {
  await page.mouse.move(x, y);
  for (const clickCount of [1, 2]) {
    await page.mouse.down({ clickCount });
    await page.mouse.up({ clickCount });
    if (clickCount === 1) await opened();
  }
};

/** Two taps, the second of which follows within a fifth of a second, however slow the machine is. */
const doubleTap: Press = async (page, x, y, opened) => {
  await page.clock.pauseAt(Date.now() + 60_000);
  await page.touchscreen.tap(x, y);
  await page.clock.runFor(200);
  await opened();
  await page.touchscreen.tap(x, y);
  await page.clock.resume();
};

const GESTURES: [string, number, Press][] = [
  ["double click", 390, doubleClick], ["double tap", 390, doubleTap], ["double click", 1280, doubleClick],
];

for (const [gesture, width, press] of GESTURES) {
  test(`a ${gesture} on an order at ${width} pixels opens it, and presses no button of its page`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await bought(demo, 2);
    const { page, t } = await open("/#/orders/bought-0", {
      of: demo,
      more: { viewport: { width, height: 1400 }, hasTouch: press === doubleTap },
      before: (page) => page.clock.install(),
    });
    const history = page.getByRole("main").getByRole("link", { name: "桌面记录" });
    const { x, y, width: wide, height: high } = (await history.boundingBox())!;
    await page.evaluate(() => (location.hash = "#/orders"));
    await expect(rows(page).first()).toBeVisible();

    // A row whose link is where that button will be.
    const box = (await rows(page).first().getByRole("link").boundingBox())!;
    await page.getByRole("region", { name: "订单", exact: true }).evaluate(
      (list, down) => (list.style.cssText = `position: relative; top: ${down}px`), y + high / 2 - (box.y + box.height / 2));
    const at = { x: Math.max(x, box.x) + 4, y: y + high / 2 };
    expect(at.x, "over the row's link and the button").toBeLessThan(Math.min(x + wide, box.x + box.width));
    expect(await page.evaluate(({ x, y }) => document.elementFromPoint(x, y)?.closest(".entry a") != null, at)).toBe(true);

    await press(page, at.x, at.y, async () => {
      await expect(page.getByRole("region", { name: t.order, exact: true })).toBeVisible();
      await expect(history).toBeVisible();
      expect(await page.evaluate(() => scrollY)).toBe(0);
    });
    await expect(page).toHaveURL(/#\/orders\/bought-\d+$/);

    // A click of its own does what it says.
    await history.click();
    await expect(page).toHaveURL(/#\/desktops\/bought-\d+$/);
  });
}

/** Moves the row of a radio button to this height of the window. */
async function putAt(radio: Locator, height: number): Promise<void> {
  await radio.evaluate((radio, height) => {
    const row = radio.closest("label")!;
    row.style.cssText = "position: fixed; z-index: 9; left: 0; right: 0";
    row.style.top = `${height - row.getBoundingClientRect().height / 2}px`;
  }, height);
}

test("a double click on “buy the same again” chooses nothing in the form that is loaded", async ({ open, startDemo }) => {
  const demo = await startDemo();
  await bought(demo, 1);
  const { page, t } = await open("/#/orders/bought-0", { of: demo });
  const again = page.getByRole("link", { name: "按此配置再买" });
  const { x, y, width, height } = (await again.boundingBox())!;
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.up();
  await expect(choice(page, t.type, "desktop.n1.small")).toBeChecked();
  await expectLoaded(page, t);
  // Another type, under the pointer.
  await putAt(choice(page, t.type, "desktop.n1.large"), y + height / 2);
  await page.mouse.down({ clickCount: 2 });
  await page.mouse.up({ clickCount: 2 });
  await expect(choice(page, t.type, "desktop.n1.small")).toBeChecked();
  await page.mouse.down();
  await page.mouse.up();
  await expect(choice(page, t.type, "desktop.n1.large")).toBeChecked();
});

test("a double tap on “buy the same again” chooses nothing in the form that is loaded", async ({ open, startDemo }) => {
  const demo = await startDemo();
  await bought(demo, 1);
  const { page, t } = await open("/#/orders/bought-0", {
    of: demo,
    more: { viewport: { width: 390, height: 1400 }, hasTouch: true },
    // The form is a fifth of a second old, however slow the machine is, until the test says that it is older.
    before: (page) => page.addInitScript(() => {
      const old = () => document.documentElement.dataset["old"] || !location.search;
      Object.defineProperty(Event.prototype, "timeStamp", { get: () => (old() ? performance.now() + 10_000 : 200) });
    }),
  });
  const again = page.getByRole("link", { name: "按此配置再买" });
  const { x, y, width, height } = (await again.boundingBox())!;
  await page.touchscreen.tap(x + width / 2, y + height / 2);
  await expect(choice(page, t.type, "desktop.n1.small")).toBeChecked();
  await expectLoaded(page, t);
  // Another type, under the finger.
  await putAt(choice(page, t.type, "desktop.n1.large"), y + height / 2);
  await page.touchscreen.tap(x + width / 2, y + height / 2);
  await expect(choice(page, t.type, "desktop.n1.small")).toBeChecked();
  // A tap of its own does what it says.
  await page.evaluate(() => (document.documentElement.dataset["old"] = "yes"));
  await expect(async () => {
    await page.touchscreen.tap(x + width / 2, y + height / 2);
    await expect(choice(page, t.type, "desktop.n1.large")).toBeChecked({ timeout: 1_000 });
  }).toPass();
});

test("both clicks of a double click on one control are its own", async ({ openBuy }) => {
  const { page, t } = await openBuy({});
  await expectLoaded(page, t);
  const several = page.getByRole("checkbox", { name: "为多个用户购买，每人一台" });
  await several.dblclick();
  await expect(several).not.toBeChecked();
  await several.click();
  // Several in a list, one after the other, as fast as they can be clicked.
  for (const user of ["zhang.san", "li.si"]) await option(page, t.user, user).click({ noWaitAfter: true });
  await expect(page.getByRole("listbox", { name: t.user, exact: true }).getByRole("option", { selected: true })).toHaveCount(2);
});
