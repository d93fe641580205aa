// Desktops for several users at once: one order each, followed together, and the failed ones tried again alone.
import {
  buyNow, expect, expectAccessible, expectLoaded, expectPlaced, LOOKS, option, order, type Opened, review, test,
} from "../support/fixtures.ts";
import { confirmRetry } from "../support/orders.ts";

const NAMES = {
  zh: {
    several: "为多个用户购买，每人一台", batch: "批量订单", desktops: "3 台桌面", progress: "已处理 3 / 3，成功 3，失败 0",
    without: "没有邮箱地址",
  },
  en: {
    several: "Buy for several users, one desktop each", batch: "Batch", desktops: "3 desktops",
    progress: "3 of 3 done, 3 bought, 0 failed", without: "has no e-mail address",
  },
} as const;

/** Picks users who may be far down in the list. */
async function pick({ page, t }: Opened, users: string[]): Promise<void> {
  for (const user of users) {
    await page.getByRole("searchbox", { name: t.searchUsers }).fill(user);
    await option(page, t.user, user).first().click();
  }
  await page.getByRole("searchbox", { name: t.searchUsers }).fill("");
}

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`three users get a desktop each, ${look.lang}`, async ({ openBuy, state }) => {
    const opened = await openBuy(look);
    const { page, t } = opened;
    await page.getByRole("checkbox", { name: names.several }).check();
    await pick(opened, ["zhang.san", "li.si", "张伟"]);
    await expectLoaded(page, t);
    await expectAccessible(page);
    await buyNow(page, t).click();
    await expect(review(page, t)).toContainText(names.desktops);
    await expectAccessible(page);
    // A double click is one order for each.
    await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).dblclick();

    await expect(page.getByRole("heading", { level: 1, name: names.batch })).toBeFocused();
    await expect(page.getByText(names.progress)).toBeVisible();
    await expectAccessible(page);
    expect((await state()).desktops.map((desktop) => desktop.user).sort()).toEqual(["li.si", "zhang.san", "张伟"].sort());
    await page.reload();
    await expect(page.getByText(names.progress)).toBeVisible();
    await page.getByRole("link", { name: "li.si", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: t.order })).toBeFocused();
  });
}

test("a user without an address among several keeps them all from being bought for", async ({ openBuy, state }) => {
  const opened = await openBuy();
  const { page, t } = opened;
  await page.getByRole("checkbox", { name: NAMES.zh.several }).check();
  await pick(opened, ["zhang.san", "wang.wu"]);
  await expectLoaded(page, t);
  await expect(page.getByRole("alert").filter({ hasText: NAMES.zh.without })).toBeVisible();
  await buyNow(page, t).click();
  await expect(review(page, t)).toHaveCount(0);
  await option(page, t.user, "wang.wu").click();
  await order(page, t);
  await expectPlaced(page, t);
  expect((await state()).calls["CreateDesktop"]).toBe(1);
});

test("twenty users, seventeen desktops left: three fail, and are tried again alone", async ({ openBuy, startDemo }) => {
  const demo = await startDemo("--users", "60", "--scenario", "seventeen-left");
  const answer = await fetch(`${demo.origin}/api/DescribeActivityDirectoryUsers?RegionId=cn-hangzhou`);
  const { Users } = (await answer.json()) as { Users: { Name: string; Email: string }[] };
  const users = Users.filter((user) => user.Email !== "").slice(0, 20).map((user) => user.Name);

  const opened = await openBuy({ of: demo, width: 390 });
  const { page, t } = opened;
  await page.getByRole("checkbox", { name: NAMES.zh.several }).check();
  await pick(opened, users);
  await order(page, t);
  await expect(page.getByText("已处理 20 / 20，成功 17，失败 3")).toBeVisible();
  await expectAccessible(page);
  expect((await demo.state()).desktops).toHaveLength(17);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);

  await demo.scenarios();
  // One alone, then the other two together.
  await page.getByRole("button", { name: /^重试 / }).first().click();
  await confirmRetry(page, t);
  await expect(page.getByText("已处理 20 / 20，成功 18，失败 2")).toBeVisible();
  await page.getByRole("button", { name: "重试失败的 2 台" }).click();
  await expect(page.getByRole("dialog").getByRole("listitem")).toHaveCount(2);
  await confirmRetry(page, t);
  await expect(page.getByText("已处理 20 / 20，成功 20，失败 0")).toBeVisible();
  const { desktops } = await demo.state();
  expect(desktops.map((desktop) => desktop.user).sort()).toEqual([...users].sort());
});
