// The demo's banner leads to faults of its cloud: one is clicked, and a purchase then goes as the page of faults says.
import { expect, expectAccessible, expectLoaded, LANGS, option, order, test } from "../support/fixtures.ts";

const NAMES = {
  zh: { link: "看看出错时会怎样", heading: "演示：出错时会怎样", choose: "选择: 提交时售罄", now: "提交时售罄 · 当前" },
  en: {
    link: "See what happens when things go wrong", heading: "Demo: what happens when things go wrong",
    choose: "Choose: Sold out at the purchase", now: "Sold out at the purchase · now",
  },
};

for (const lang of LANGS) {
  test(`the banner leads to faults, and a purchase meets the chosen one, ${lang}`, async ({ openBuy, state }) => {
    const names = NAMES[lang];
    const { page, t } = await openBuy({ lang, width: 390 });
    await expectLoaded(page, t);
    const opened = page.waitForEvent("popup");
    await page.getByRole("link", { name: names.link }).click();
    const faults = await opened;
    await expect(faults.getByRole("heading", { level: 1, name: names.heading })).toBeVisible();
    await expectAccessible(faults);
    expect(await faults.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await faults.getByRole("button", { name: names.choose }).click();
    await expect(faults.getByRole("heading", { name: names.now })).toBeVisible();
    await expectAccessible(faults);
    await faults.close();
    await option(page, t.user, "li.si").click();
    await order(page, t);
    await expect(page.getByRole("region", { name: t.order, exact: true }).getByText(t.rejected, { exact: true })).toBeVisible();
    expect((await state()).desktops).toEqual([]);
  });
}
