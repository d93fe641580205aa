// The keyboard keeps its place: where what has the focus is removed or drawn anew, the focus goes to the same control, or to what is
// around it, and never to nowhere.
import type { Page } from "@playwright/test";

import { Desk } from "../support/desk.ts";
import {
  buyNow, buyPath, expect, expectFocusSeen, expectLoaded, LOOKS, option, order, press, review, tabTo, test,
} from "../support/fixtures.ts";
import { confirmRetry, expectSettled, place, purchase, rows } from "../support/orders.ts";
import { PROVIDERS_PAGE } from "../support/provider.ts";

const REFUSED = /the server responded with a status of (401|403)/;

const NAMES = {
  zh: {
    approve: "批准", decline: "驳回", approveNow: "确认批准", declineNow: "确认驳回", approveTwo: "批准 2 个订单", several: "为多个用户购买，每人一台",
    retry: (user: string) => `重试 ${user}`, awaiting: "待审批", token: "幂等令牌", bought: "购买成功", working: "正在购买",
  },
  en: {
    approve: "Approve", decline: "Decline", approveNow: "Approve now", declineNow: "Decline now", approveTwo: "Approve 2 orders",
    several: "Buy for several users, one desktop each", retry: (user: string) => `Retry ${user}`, awaiting: "Awaiting approval",
    token: "Client token", bought: "Bought", working: "Buying",
  },
} as const;

const heading = (page: Page) => page.getByRole("heading", { level: 1 });

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`after a decision the focus is at the heading of what was decided, ${look.lang}`, async ({ open, tolerate, closePages }) => {
    tolerate(PROVIDERS_PAGE, REFUSED);
    const desk = await Desk.start(["--approvers", "groups=desktop-approvers", "--approval-always"]);
    try {
      const { page, t } = await open(`${desk.origin}${buyPath()}`, look);
      await desk.provider.signIn(page, "ann");
      const addresses = [];
      for (const users of [["zhang.san"], ["li.si"], ["alice", "bob"]]) {
        await page.goto(`${desk.origin}${buyPath()}`);
        if (users.length > 1) await page.getByRole("checkbox", { name: names.several }).check();
        for (const user of users) await option(page, t.user, user).click();
        await order(page, t);
        await expect(page.getByRole("main").getByText(names.awaiting, { exact: true })).toHaveCount(2);
        addresses.push(page.url());
      }
      const bea = (await open(addresses[0]!, look)).page;
      await desk.provider.signIn(bea, "bea");
      const decisions = [[names.approve, names.approveNow], [names.decline, names.declineNow], [names.approveTwo, names.approveNow]];
      for (const [index, [opens, confirms]] of decisions.entries()) {
        await bea.goto(addresses[index]!);
        const opener = bea.getByRole("button", { name: opens!, exact: true });
        await expect(opener).toBeVisible();
        await opener.focus();
        await press(bea, "Enter");
        const confirm = bea.getByRole("dialog").getByRole("button", { name: confirms!, exact: true });
        await tabTo(bea, confirm);
        await expect(confirm).not.toHaveAttribute("aria-disabled", "true");
        await bea.keyboard.press("Enter");
        await expect(opener).toHaveCount(0);
        await expect(heading(bea)).toBeFocused();
      }
    } finally {
      await closePages();
      await desk.stop();
    }
  });

  test(`news of an order leave the focus at the control that has it, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await demo.scenarios("hang:CreateDesktop");
    await place(demo, await purchase(demo, "news"));
    const { page, t } = await open("/#/orders/news", { ...look, of: demo });
    const main = page.getByRole("main");
    await expect(main.getByText(names.working, { exact: true }).first()).toBeVisible();
    const copy = page.getByRole("button", { name: t.copy(names.token) });
    const list = main.getByRole("link", { name: t.orders, exact: true });
    await copy.focus();
    await tabTo(page, list);
    await demo.scenarios();
    await expect(main.getByText(names.bought, { exact: true }).first()).toBeVisible();
    await expect(list).toBeFocused();
    await expectFocusSeen(page);
  });

  test(`what a retry removes leaves the focus at the heading, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await demo.scenarios("sold-out-at-purchase");
    const one = await purchase(demo, "");
    await place(demo, ...["alice", "bob"].map((user, at) => ({ ...one, ClientToken: `two-00${at + 1}`, UserName: user })));
    await expectSettled(demo);
    await demo.scenarios();
    const { page, t } = await open("/#/orders/batch/two", { ...look, of: demo });
    const retry = page.getByRole("button", { name: names.retry("alice"), exact: true });
    await retry.focus();
    await press(page, "Enter");
    await confirmRetry(page, t);
    await expect(retry).toHaveCount(0);
    await expect(rows(page).getByText(names.bought, { exact: true })).toHaveCount(1);
    await expect(heading(page)).toBeFocused();
    // That of the other row has its own place still.
    await tabTo(page, page.getByRole("button", { name: names.retry("bob"), exact: true }));
  });
}

test("a row that is scrolled away leaves the focus at its list", async ({ open, startDemo }) => {
  const demo = await startDemo();
  const one = await purchase(demo, "");
  const many = Array.from({ length: 60 }, (_, at) => ({ ...one, ClientToken: `row-${at}`, UserName: "alice" }));
  await place(demo, ...many);
  await expectSettled(demo);
  const { page } = await open("/#/orders", { of: demo });
  await expect(rows(page).first()).toBeVisible();
  const list = page.getByRole("list", { name: "订单", exact: true });
  await rows(page).first().getByRole("link").focus();
  await list.evaluate((element) => (element.scrollTop = 1e6));
  await expect(rows(page).last()).toContainText("alice");
  await expect(list).toBeFocused();
});

test("a choice that makes its own list go away leaves the focus at the heading of what follows", async ({ openBuy }) => {
  const { page, t } = await openBuy({ region: null });
  await page.getByRole("main").getByRole("button", { name: /cn-beijing/ }).focus();
  await page.keyboard.press("Enter");
  await expectLoaded(page, t);
  await expectFocusSeen(page);
});

test("notices that are closed one after the other: the next has the focus, and after the last the heading", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  for (const user of ["zhang.san", "li.si"]) {
    await option(page, t.user, user).click();
    await expectLoaded(page, t);
    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route("**/api/orders", async (route) => {
      await held;
      await route.continue();
    }, { times: 1 });
    await buyNow(page, t).click();
    const yes = review(page, t).getByRole("button", { name: t.placeOrder, exact: true });
    await expect(yes).not.toHaveAttribute("aria-disabled", "true");
    const sent = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/orders"));
    await yes.click();
    await sent;
    await page.keyboard.press("Escape");
    answer();
    await expect(page.getByRole("button", { name: "关闭", exact: true })).toHaveCount(user === "zhang.san" ? 1 : 2);
  }
  const close = page.getByRole("button", { name: "关闭", exact: true });
  await close.first().focus();
  await page.keyboard.press("Enter");
  await expect(close).toHaveCount(1);
  await expect(close).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(close).toHaveCount(0);
  await expect(heading(page)).toBeFocused();
});

test("who has clicked beside everything keeps no focus, whatever is drawn anew", async ({ open, startDemo }) => {
  const names = NAMES.zh;
  const demo = await startDemo();
  await demo.scenarios("hang:CreateDesktop");
  await place(demo, await purchase(demo, "beside"));
  const { page, t } = await open("/#/orders/beside", { of: demo });
  const main = page.getByRole("main");
  await page.getByRole("button", { name: t.copy(names.token) }).focus();
  await page.mouse.click(2, 600);
  await demo.scenarios();
  await expect(main.getByText("购买成功", { exact: true }).first()).toBeVisible();
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true);
});
