// Money is spent on purpose only: no gesture that opens the review places the order too, and what is shown is what is bought.
import type { Page } from "@playwright/test";

import { buyNow, expect, expectAccessible, expectLoaded, expectPlaced, option, review, test, type Texts } from "../support/fixtures.ts";
import { expectSettled, place, purchase, rows } from "../support/orders.ts";

/** Windows of phones, a tablet, and a laptop at 150 %. */
const SIZES = [[360, 660], [390, 664], [412, 732], [768, 700], [960, 680], [911, 512], [1024, 768], [1280, 900]] as const;

async function ready(page: Page, t: Texts): Promise<{ x: number; y: number }> {
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  const box = (await buyNow(page, t).boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

for (const [width, height] of SIZES) {
  test(`a double tap on "Buy now" at ${width}×${height} opens the review and places nothing`, async ({ openBuy, state }) => {
    const more = { viewport: { width, height }, hasTouch: true };
    const { page, t } = await openBuy({ more });
    const { x, y } = await ready(page, t);
    const buy = (await buyNow(page, t).boundingBox())!;
    for (let tap = 0; tap < 4; tap += 1) await page.touchscreen.tap(x, y);
    await page.mouse.click(x, y, { clickCount: 3 });
    await expect(review(page, t)).toBeVisible();
    const place = review(page, t).getByRole("button", { name: t.placeOrder, exact: true });
    // Once it may be pressed, it is not where the finger was.
    await expect(place).toBeEnabled();
    const box = (await place.boundingBox())!;
    const apart = box.x >= buy.x + buy.width || buy.x >= box.x + box.width || box.y >= buy.y + buy.height || buy.y >= box.y + box.height;
    expect(apart, `${JSON.stringify(box)} is over ${JSON.stringify(buy)}`).toBe(true);
    await expect(place).toBeInViewport({ ratio: 1 });
    expect((await state()).calls["CreateDesktop"]).toBeUndefined();

    await place.click();
    await expectPlaced(page, t);
    expect((await state()).desktops).toHaveLength(1);
  });
}

for (const [width, height] of [[390, 700], [600, 900]] as const) {
  test(`a double tap that opens the renewal of several at ${width}×${height} changes neither who nor for how long`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    for (const user of ["alice", "bob"]) {
      await place(demo, await purchase(demo, user, { UserName: user, ChargeType: "PREPAY", Period: 1 }));
    }
    await expectSettled(demo);
    const { page, t } = await open("/#/desktops", {
      of: demo,
      more: { viewport: { width, height }, hasTouch: true },
      before: (page) => page.clock.install(),
    });
    await expect(rows(page)).toHaveCount(2);
    const { x, y, width: wide, height: high } = (await page.getByRole("button", { name: "批量续费" }).boundingBox())!;
    const dialog = page.getByRole("dialog");
    // However slow the machine is, the second tap follows the first within a fifth of a second.
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.touchscreen.tap(x + wide / 2, y + high / 2);
    await page.clock.runFor(100);
    // What comes late, such as the module with the dialog, is drawn at the next tick.
    await expect(async () => {
      await page.clock.runFor(1);
      expect(await dialog.getByRole("checkbox").count()).toBe(3);
    }).toPass({ intervals: [150], timeout: 15_000 });
    await page.touchscreen.tap(x + wide / 2, y + high / 2);
    await page.clock.resume();
    await expect(dialog.getByRole("button", { name: "确认续费" })).toBeEnabled();
    await expect(dialog.getByRole("checkbox", { checked: true })).toHaveCount(3);
    await expect(dialog.getByRole("radio", { name: t.months(1), exact: true })).toBeChecked();
  });
}

test("a key that is held down, and Ctrl + Enter again and again, place nothing", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await ready(page, t);
  await buyNow(page, t).focus();
  for (let times = 0; times < 12; times += 1) await page.keyboard.down("Enter");
  await page.keyboard.up("Enter");
  await expect(review(page, t)).toBeVisible();
  await expect(review(page, t).getByRole("heading", { name: t.review })).toBeFocused();
  const place = review(page, t).getByRole("button", { name: t.placeOrder, exact: true });
  await expect(place).toBeEnabled();
  // Held until now, with the focus on the button itself.
  await place.focus();
  await page.keyboard.down("Control");
  for (let times = 0; times < 12; times += 1) await page.keyboard.press("Enter");
  await page.keyboard.up("Control");
  await place.evaluate((button) => {
    for (let times = 0; times < 3; times += 1) button.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", repeat: true, bubbles: true, cancelable: true }));
  });
  await expect(review(page, t)).toBeVisible();
  expect((await state()).calls["CreateDesktop"]).toBeUndefined();
  await page.keyboard.press("Enter");
  await expectPlaced(page, t);
  expect((await state()).desktops).toHaveLength(1);
});

test("the review shows what is sent, whatever becomes of the form behind it", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await ready(page, t);
  await buyNow(page, t).click();
  await expect(review(page, t)).toContainText("zhang.san");
  const body = page.waitForRequest((request) => request.method() === "POST");
  await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
  expect((await body).postData()).toContain("zhang.san");
  await expectPlaced(page, t);
  expect((await state()).desktops[0]?.user).toBe("zhang.san");
});

for (const [zoom, width, height] of [["100 %", 1280, 900], ["150 %", 853, 600], ["a phone", 390, 664]] as const) {
  test(`with many users the review opens at its top and the buttons stay in sight, ${zoom}`, async ({ openBuy, startDemo }) => {
    const demo = await startDemo("--users", "620");
    const answer = await fetch(`${demo.origin}/api/DescribeActivityDirectoryUsers?RegionId=cn-hangzhou`);
    const { Users } = (await answer.json()) as { Users: { Name: string; Email: string }[] };
    const names = Users.filter((user) => user.Email !== "").slice(0, 500).map((user) => user.Name);
    const { page, t } = await openBuy({
      of: demo, more: { viewport: { width, height } }, request: { zoneId: "cn-hangzhou-g" },
      before: (page) => page.addInitScript((names) => sessionStorage.setItem("deskbuy.users", JSON.stringify(names)), names),
    });
    await expectLoaded(page, t);
    await expect(buyNow(page, t)).toBeInViewport({ ratio: 1 });
    await expectAccessible(page);
    await buyNow(page, t).click();
    await expect(review(page, t).getByRole("heading", { name: t.review })).toBeInViewport({ ratio: 1 });
    await expect(review(page, t)).toContainText(names[499]!);
    await expect(review(page, t).getByRole("button", { name: t.placeOrder, exact: true })).toBeInViewport({ ratio: 1 });
  });
}
