// Help where it is needed: what terms mean, which keys there are, and mistakes that only the proxy finds.
import {
  buyNow, choice, expect, expectAccessible, expectLoaded, LOOKS, option, review, summary, test,
} from "../support/fixtures.ts";
import { problem } from "../support/problem.ts";

const NAMES = {
  zh: { about: "术语说明：", keys: "键盘快捷键", single: "启用 ? 和 / 快捷键", close: "关闭", meaning: "专有网络（VPC）在一个可用区内的部分" },
  en: { about: "About: ", keys: "Keyboard shortcuts", single: "Shortcuts ? and / are on", close: "Close", meaning: "The part of your network (VPC) that lies in one zone" },
} as const;

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`what terms mean is one step away, ${look.lang}`, async ({ openBuy }) => {
    const { page, t } = await openBuy(look);
    await expectLoaded(page, t);
    const abouts = page.locator("details.help > summary");
    await expect(abouts).toHaveCount(5);
    const meaning = page.getByText(names.meaning);
    await expect(meaning).toBeHidden();
    const network = page.locator("#network details.help > summary");
    await expect(network).toHaveAccessibleName(new RegExp(names.about));
    await network.focus();
    await page.keyboard.press("Enter");
    await expect(meaning).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await expect(meaning).toBeHidden();
  });

  test(`keys: a list of them, a search, and the review, ${look.lang}`, async ({ openBuy }) => {
    const { page, t } = await openBuy(look);
    await expectLoaded(page, t);
    const list = page.getByRole("dialog", { name: names.keys });
    await page.keyboard.press("?");
    await expect(list).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(list).toHaveCount(0);

    const search = page.getByRole("searchbox", { name: t.searchUsers });
    await page.keyboard.press("/");
    await expect(search).toBeFocused();
    // In a field a key is what it writes.
    await page.keyboard.type("?/");
    await expect(search).toHaveValue("?/");
    await expect(list).toHaveCount(0);
    await search.fill("");

    // In a list too: it searches.
    await page.getByRole("listbox", { name: t.user, exact: true }).press("z");
    await expect(search).toBeFocused();
    await expect(search).toHaveValue("z");
    await search.fill("");
    await option(page, t.user, "zhang.san").click();
    await page.keyboard.press("Control+Enter");
    await expect(review(page, t)).toBeVisible();
    // It places nothing by itself.
    await page.keyboard.press("Control+Enter");
    await expect(review(page, t)).toBeVisible();
    await page.keyboard.press("Escape");

    // Off means off, also after a reload; the button is still there.
    await page.getByRole("button", { name: names.keys }).click();
    await list.getByRole("checkbox", { name: names.single }).uncheck();
    await list.getByRole("button", { name: names.close }).click();
    await page.reload();
    await expectLoaded(page, t);
    await page.keyboard.press("/");
    await page.keyboard.press("?");
    await expect(search).not.toBeFocused();
    await expect(list).toHaveCount(0);
    await page.getByRole("button", { name: names.keys }).click();
    await expect(list.getByRole("checkbox", { name: names.single })).not.toBeChecked();
  });

  test(`a mistake that the proxy finds is told at its field, and nothing is lost, ${look.lang}`, async ({ openBuy, tolerate }) => {
    tolerate(/the server responded with a status of 422/);
    const { page, t } = await openBuy(look);
    await expectLoaded(page, t);
    await choice(page, t.vSwitch, "design").check();
    await option(page, t.user, "zhang.san").click();
    const refusal = problem(422, "v_switch_unavailable", { field: "VSwitchId" });
    await page.route("**/api/orders", (route) => route.fulfill(refusal));
    await buyNow(page, t).click();
    await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
    await expect(review(page, t)).toHaveCount(0);
    await expect(choice(page, t.vSwitch, "design")).toBeFocused();
    await expect(page.locator("#error-v-switch")).not.toBeEmpty();
    await expect(summary(page, t).getByRole("link", { name: t.vSwitch, exact: true })).toBeVisible();
    await expect(choice(page, t.vSwitch, "design")).toBeChecked();
    await expectAccessible(page);

    // Another choice, and it is gone; and the order is placed.
    await choice(page, t.vSwitch, "office").check();
    await expect(page.locator("#error-v-switch")).toBeEmpty();
    await page.unroute("**/api/orders");
    await buyNow(page, t).click();
    await expect(review(page, t)).toContainText("office");
  });
}
