// Retries of rejected orders spend money too: they are asked for and then confirmed, and say so when somebody has the same already.
// Of an order that is not rejected nothing says to try again.
import type { Page } from "@playwright/test";

import { expect, expectAccessible, expectPlaced, LOOKS, test, type Texts } from "../support/fixtures.ts";
import { confirmRetry, expectNoOverflow, expectSettled, place, purchase, rows } from "../support/orders.ts";
import type { Demo } from "../support/demo.ts";

const NAMES = {
  zh: { again: "重新提交", ago: /刚刚已为“zhang\.san”提交过相同配置的订单/, yes: "仍要再买，我确认不是重复提交", advice: /重试|重新提交|换一个/, late: "没有及时答复" },
  en: { again: "Try again", ago: /placed this a moment ago, for zhang\.san/, yes: "Yes, buy it once more", advice: /try again|choose another/i, late: "did not answer in time" },
} as const;

const dialog = (page: Page) => page.getByRole("dialog");
const placeButton = (page: Page, t: Texts) => dialog(page).getByRole("button", { name: t.placeOrder, exact: true });
const purchases = async (demo: Demo) => (await demo.state()).calls["CreateDesktop"] ?? 0;

/** An order for zhang.san that was rejected, and a cloud that sells again. */
async function rejected(demo: Demo): Promise<void> {
  await demo.scenarios("sold-out-at-purchase");
  await place(demo, await purchase(demo, "dead", { ChargeType: "PREPAY", Period: 12, ImageType: "default" }));
  await expectSettled(demo);
  await demo.scenarios();
}

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`a rejected order is retried in two steps that no one gesture does, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await rejected(demo);
    const before = await purchases(demo);
    const { page, t } = await open("/#/orders", { ...look, of: demo, width: 390 });
    await rows(page).getByRole("link").click();
    const again = page.getByRole("button", { name: names.again, exact: true });
    await expect(again).toBeVisible();
    await expect(dialog(page)).toHaveCount(0);
    await again.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await again.boundingBox())!;
    for (let tap = 0; tap < 4; tap += 1) await page.touchscreen.tap(x + width / 2, y + height / 2);
    // What is bought is said where one says yes.
    await expect(dialog(page).getByRole("listitem")).toHaveText([/zhang\.san · desktop\.n1\.small · cn-hangzhou-b · 12/]);
    await expectAccessible(page);
    await expectNoOverflow(page);
    await page.keyboard.press("Escape");
    await expect(dialog(page)).toHaveCount(0);
    await expect(again).toBeFocused();
    expect(await purchases(demo)).toBe(before);

    await page.keyboard.press("Enter");
    await confirmRetry(page, t);
    await expectPlaced(page, t);
    expect((await demo.state()).desktops).toEqual([expect.objectContaining({ token: "dead-r1", period: 12 })]);
  });

  test(`an order in progress or in doubt never says to try again, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo("--attempt-deadline", "1s", "--order-deadline", "12s");
    await demo.scenarios("hang:CreateDesktop");
    const one = await purchase(demo, "");
    await place(demo, ...["pair-001", "pair-002"].map((token) => ({ ...one, ClientToken: token })));
    const { page, t } = await open("/#/orders/pair-001", { ...look, of: demo });
    const main = page.getByRole("main");
    await expect(main.getByText(names.late).first()).toBeVisible();
    await expect(main).not.toContainText(names.advice);
    const batch = await open("/#/orders/batch/pair", { ...look, of: demo });
    await expect(rows(batch.page)).toHaveCount(2);
    await expect(batch.page.getByRole("main")).not.toContainText(names.advice);
    await expect(main.getByText(t.unresolved, { exact: true }).first()).toBeVisible({ timeout: 40_000 });
    await expect(main).not.toContainText(names.advice);
    await expectAccessible(page);
    await expect(batch.page.getByText(t.unresolved, { exact: true })).toHaveCount(2);
    await expect(batch.page.getByRole("main")).not.toContainText(names.advice);
  });
}

test("a retry of what was bought in another way meanwhile is asked about", async ({ open, startDemo }) => {
  const names = NAMES.zh;
  const demo = await startDemo();
  await rejected(demo);
  const { page, t } = await open("/#/orders/dead", { of: demo });
  await page.getByRole("link", { name: "按此配置再买" }).click();
  await page.getByRole("button", { name: t.buyNow, exact: true }).click();
  await placeButton(page, t).click();
  await expectPlaced(page, t);
  expect((await demo.state()).desktops).toHaveLength(1);

  await page.goto(`${demo.origin}/#/orders/dead`);
  await page.getByRole("button", { name: names.again, exact: true }).click();
  await expect(dialog(page).getByText(names.ago)).toBeVisible();
  await expect(placeButton(page, t)).toHaveAttribute("aria-disabled", "true");
  await expectAccessible(page);
  await dialog(page).getByRole("checkbox", { name: names.yes }).check();
  await confirmRetry(page, t);
  await expectPlaced(page, t);
  expect((await demo.state()).desktops).toHaveLength(2);
});
