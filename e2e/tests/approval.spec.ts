// Approval: who orders is told beforehand that somebody else has to approve it, approvers are led to what waits, and nothing is
// bought before their word.
import { writeFileSync } from "node:fs";

import type { TestInfo } from "@playwright/test";

import { Desk } from "../support/desk.ts";
import {
  buyNow, buyPath, choice, expect, expectAccessible, expectLoaded, expectPlaced, LOOKS, option, order, orderLine, press, review,
  tabTo, test,
} from "../support/fixtures.ts";
import { confirmRetry, expectNoOverflow, rows } from "../support/orders.ts";
import { PROVIDERS_PAGE } from "../support/provider.ts";

const REFUSED = /the server responded with a status of (401|403)/;

const BOOK = `
currency = "CNY"
[[price]]
region = "cn-hangzhou"
type = "desktop.n1.small"
billing = "PREPAY"
per_month = 200
`;

const NAMES = {
  zh: {
    several: "为多个用户购买，每人一台", will: "该订单需要审批", awaiting: "待审批", link: (n: number) => `审批（${n}）`, approve: "批准",
    decline: "驳回", approveTitle: "批准订单", declineTitle: "驳回订单", approveNow: "确认批准", declineNow: "确认驳回", note: /^备注/,
    declineTwo: "驳回 2 个订单", approveTwo: "批准 2 个订单", price: "价格", one: "¥400.00 / 2 个月", two: "价格: ¥800.00 / 2 个月",
    renewSeveral: "批量续费", renewalWill: "该操作需要审批", desktop: "¥200.00 / 1 个月", history: "桌面记录", declined: "审批人已驳回该订单", approved: "已批准", notBought: "购买未完成", state: "状态",
    again: "重新提交", againBoth: "重试失败的 2 台", retry: (user: string) => `重试 ${user}`, renew: "续费", cost: (sum: number, months: number) => `价格: ¥${sum}.00 / ${months} 个月`,
  },
  en: {
    several: "Buy for several users, one desktop each", will: "will wait for an approver", awaiting: "Awaiting approval",
    link: (n: number) => `Approvals (${n})`, approve: "Approve", decline: "Decline", approveTitle: "Approve the order",
    declineTitle: "Decline the order", approveNow: "Approve now", declineNow: "Decline now", note: /^Note/,
    declineTwo: "Decline 2 orders", approveTwo: "Approve 2 orders", price: "Price", one: "CN¥400.00 for 2 months",
    two: "Price: CN¥800.00 for 2 months", renewSeveral: "Renew several", renewalWill: "This will wait for an approver",
    desktop: "CN¥200.00 for 1 month", history: "History of the desktop", declined: "An approver declined this order",
    approved: "Approved", notBought: "Not bought",
    state: "State", again: "Try again", againBoth: "Retry the 2 that failed", retry: (user: string) => `Retry ${user}`, renew: "Renew",
    cost: (sum: number, months: number) => `Price: CN¥${sum}.00 for ${months} ${months > 1 ? "months" : "month"}`,
  },
} as const;

let desk: Desk;
async function start(...flags: string[]): Promise<void> {
  desk = await Desk.start(["--approvers", "groups=desktop-approvers,ann@example.com", ...flags]);
}
/** An amount of more than a month for one waits. */
async function startWithPrices(info: TestInfo): Promise<void> {
  const book = info.outputPath("prices.toml");
  writeFileSync(book, BOOK);
  await start("--approval-amount", "250", "--prices", book);
}
test.afterEach(async ({ closePages }) => {
  await closePages();
  await desk.stop();
});

const purchases = async () => (await desk.installation.state()).calls["CreateDesktop"] ?? 0;

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`an order waits until somebody else has approved it, ${look.lang}`, async ({ open, tolerate }) => {
    tolerate(PROVIDERS_PAGE, REFUSED);
    await start("--approval-always");
    const ann = await open(`${desk.origin}${buyPath()}`, look);
    await desk.provider.signIn(ann.page, "ann");
    const { page, t } = ann;
    await option(page, t.user, "zhang.san").click();
    await expectLoaded(page, t);
    await buyNow(page, t).click();
    await expect(review(page, t)).toContainText(names.will);
    await expectAccessible(page);
    await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
    const shown = page.getByRole("region", { name: t.order, exact: true });
    await expect(shown.getByText(names.awaiting, { exact: true })).toBeVisible();
    // She may approve, but not what she ordered.
    await expect(page.getByRole("link", { name: names.link(0) })).toBeVisible();
    await expect(page.getByRole("button", { name: names.approve, exact: true })).toHaveCount(0);
    await expectAccessible(page);
    expect(await purchases()).toBe(0);

    const bea = await open(`${desk.origin}${buyPath()}`, look);
    await desk.provider.signIn(bea.page, "bea");
    await bea.page.getByRole("link", { name: names.link(1) }).click();
    await expect(bea.page.getByRole("combobox", { name: names.state })).toHaveValue("awaiting_approval");
    await expect(rows(bea.page)).toHaveCount(1);
    await expectAccessible(bea.page);
    await rows(bea.page).getByRole("link").first().click();
    const approve = bea.page.getByRole("button", { name: names.approve, exact: true });
    await expect(approve).toBeVisible();
    const decided: string[] = [];
    bea.page.on("request", (request) => {
      if (request.method() === "POST" && request.url().endsWith("/api/approvals")) decided.push(request.url());
    });
    // The second tap of two falls on the dialog that the first has opened.
    await approve.dblclick({ delay: 40 });
    const dialog = bea.page.getByRole("dialog", { name: names.approveTitle });
    await expect(dialog).toBeVisible();
    const confirm = dialog.getByRole("button", { name: names.approveNow, exact: true });
    await confirm.click({ force: true });
    await dialog.getByRole("textbox", { name: names.note }).fill("for the new office");
    await expectAccessible(bea.page);
    await expect(confirm).not.toHaveAttribute("aria-disabled", "true");
    await confirm.click();
    await expect(dialog).toHaveCount(0);
    await expectPlaced(bea.page, bea.t);
    // Neither the second tap nor the early click has decided.
    expect(decided).toHaveLength(1);
    const line = bea.page.getByRole("listitem").filter({ hasText: names.approved });
    await expect(line).toContainText("bea@example.com");
    await expect(line).toContainText("for the new office");
    await expect(bea.page.getByRole("link", { name: names.link(0) })).toBeVisible();
    await expectPlaced(page, t);
    expect(await purchases()).toBe(1);
  });

  test(`a batch is declined with the keyboard at 390 pixels, ${look.lang}`, async ({ open, tolerate }) => {
    tolerate(PROVIDERS_PAGE, REFUSED);
    await start("--approval-desktops", "1");
    const { page, t } = await open(`${desk.origin}${buyPath()}`, look);
    await desk.provider.signIn(page, "ann");
    await page.getByRole("checkbox", { name: names.several }).check();
    await option(page, t.user, "zhang.san").click();
    await expectLoaded(page, t);
    await buyNow(page, t).click();
    await expect(review(page, t)).toBeVisible();
    await expect(review(page, t).getByText(names.will)).toHaveCount(0);
    await page.keyboard.press("Escape");
    await option(page, t.user, "li.si").click();
    await order(page, t);
    await expect(page.getByRole("main").getByText(names.awaiting, { exact: true })).toHaveCount(2);
    const batch = page.url();

    const bea = await open(batch, { ...look, width: 390 });
    await desk.provider.signIn(bea.page, "bea");
    const decline = bea.page.getByRole("button", { name: names.declineTwo, exact: true });
    await expect(decline).toBeVisible();
    await expectNoOverflow(bea.page);
    await bea.page.getByRole("heading", { level: 1 }).focus();
    await tabTo(bea.page, decline);
    await bea.page.keyboard.press("Enter");
    const dialog = bea.page.getByRole("dialog", { name: names.declineTitle });
    const confirm = dialog.getByRole("button", { name: names.declineNow, exact: true });
    await expect(confirm).not.toHaveAttribute("aria-disabled", "true");
    await expectNoOverflow(bea.page);
    await tabTo(bea.page, dialog.getByRole("textbox", { name: names.note }));
    await bea.page.keyboard.type("not this month");
    await tabTo(bea.page, confirm);
    await press(bea.page, "Enter");
    await expect(dialog).toHaveCount(0);
    await expect(bea.page.getByRole("main").getByText(names.notBought, { exact: true })).toHaveCount(2);
    await expect(bea.page.getByRole("main").getByText(names.declined)).toHaveCount(2);
    await expect(page.getByRole("main").getByText(names.notBought, { exact: true })).toHaveCount(2);
    expect(await purchases()).toBe(0);
  });

  test(`approvers are told what it costs, ${look.lang}`, async ({ open, tolerate }, info) => {
    tolerate(PROVIDERS_PAGE, REFUSED);
    await startWithPrices(info);
    const { page, t } = await open(`${desk.origin}${buyPath({ commodityCode: "CloudDesktop" })}`, look);
    await desk.provider.signIn(page, "ann");
    await page.getByRole("checkbox", { name: names.several }).check();
    for (const user of ["zhang.san", "li.si"]) await option(page, t.user, user).click();
    await choice(page, t.duration, t.months(2)).check();
    await order(page, t);
    await expect(page.getByRole("main").getByText(names.awaiting, { exact: true })).toHaveCount(2);
    const batch = page.url();

    const bea = await open(batch, { ...look, width: 390 });
    await desk.provider.signIn(bea.page, "bea");
    await bea.page.getByRole("button", { name: names.approveTwo, exact: true }).click();
    const dialog = bea.page.getByRole("dialog", { name: names.approveTitle });
    await expect(dialog.getByText(names.two, { exact: true })).toBeVisible();
    await expectAccessible(bea.page);
    await expectNoOverflow(bea.page);
    await bea.page.keyboard.press("Escape");
    await rows(bea.page).getByRole("link").first().click();
    await expect(orderLine(bea.page, t, names.price)).toHaveText(names.one);
    await expectAccessible(bea.page);
    await expectNoOverflow(bea.page);
  });

  test(`a renewal that costs too much is said to wait before it is sent, ${look.lang}`, async ({ open, tolerate }, info) => {
    tolerate(PROVIDERS_PAGE, REFUSED);
    await startWithPrices(info);
    const { page, t } = await open(`${desk.origin}${buyPath({ commodityCode: "CloudDesktop" })}`, look);
    await desk.provider.signIn(page, "ann");
    await option(page, t.user, "alice").click();
    await choice(page, t.duration, t.months(1)).check();
    await order(page, t);
    await expectPlaced(page, t);
    await page.getByRole("link", { name: names.history }).click();
    await expect(page.getByRole("main").getByText(names.desktop, { exact: true })).toBeVisible();
    await page.getByRole("button", { name: new RegExp(`^${names.renew} `) }).click();
    const one = page.getByRole("dialog");
    await expect(one.getByText(names.cost(200, 1), { exact: true })).toBeVisible();
    await expect(one.getByText(names.renewalWill)).toHaveCount(0);
    await one.getByRole("radio", { name: t.months(2), exact: true }).check();
    await expect(one.getByText(names.cost(400, 2), { exact: true })).toBeVisible();
    await expect(one.getByText(names.renewalWill)).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await page.goto(`${desk.origin}/#/desktops`);
    await expect(rows(page)).toHaveCount(1);
    await page.getByRole("button", { name: names.renewSeveral }).click();
    const renewal = page.getByRole("dialog", { name: names.renewSeveral });
    await expect(renewal.getByRole("listitem")).toHaveCount(1);
    await expect(renewal.getByText(names.renewalWill)).toHaveCount(0);
    await renewal.getByRole("radio", { name: t.months(2), exact: true }).check();
    await expect(renewal.getByText(names.renewalWill)).toBeVisible();
    await renewal.getByRole("listitem").getByRole("checkbox").uncheck();
    await expect(renewal.getByText(names.renewalWill)).toHaveCount(0);
  });

  test(`a retry is said to wait again where it is beyond a bound, or was declined, ${look.lang}`, async ({ open, tolerate }, info) => {
    tolerate(PROVIDERS_PAGE, REFUSED);
    await startWithPrices(info);
    const { page, t } = await open(`${desk.origin}${buyPath({ commodityCode: "CloudDesktop" })}`, look);
    await desk.provider.signIn(page, "ann");
    await page.getByRole("checkbox", { name: names.several }).check();
    for (const user of ["zhang.san", "li.si"]) await option(page, t.user, user).click();
    await choice(page, t.duration, t.months(1)).check();
    await order(page, t);
    const states = (text: string) => page.getByRole("main").getByText(text, { exact: true });
    await expect(states(names.awaiting)).toHaveCount(2);
    const bea = await open(page.url(), look);
    await desk.provider.signIn(bea.page, "bea");
    const decide = async (opens: string, confirms: string) => {
      await bea.page.getByRole("button", { name: opens, exact: true }).click();
      const confirm = bea.page.getByRole("dialog").getByRole("button", { name: confirms, exact: true });
      await expect(confirm).not.toHaveAttribute("aria-disabled", "true");
      await confirm.click();
    };
    const dialog = page.getByRole("dialog", { name: names.again });
    const retry = (user: string) => page.getByRole("button", { name: names.retry(user), exact: true });
    await desk.installation.scenarios("sold-out-at-purchase");
    await decide(names.approveTwo, names.approveNow);
    await expect(states(names.notBought)).toHaveCount(2);

    // Both together cost more than the bound, and one does not.
    await page.getByRole("button", { name: names.againBoth, exact: true }).click();
    await expect(dialog.getByText(names.cost(400, 1), { exact: true })).toBeVisible();
    await expect(dialog.getByText(names.renewalWill)).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await retry("li.si").click();
    await expect(dialog.getByText(names.cost(200, 1), { exact: true })).toBeVisible();
    await expect(dialog.getByText(names.renewalWill)).toHaveCount(0);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: names.againBoth, exact: true }).click();
    await confirmRetry(page, t);
    await expect(states(names.awaiting)).toHaveCount(2);

    // What was declined waits again, alone too, and once more after that.
    await decide(names.declineTwo, names.declineNow);
    await expect(states(names.notBought)).toHaveCount(2);
    await retry("li.si").click();
    await expect(dialog.getByText(names.cost(200, 1), { exact: true })).toBeVisible();
    await expect(dialog.getByText(names.renewalWill)).toBeVisible();
    await confirmRetry(page, t);
    await expect(states(names.awaiting)).toHaveCount(1);
    await decide(names.approve, names.approveNow);
    await expect(states(names.notBought)).toHaveCount(2);
    await retry("li.si").click();
    await expect(dialog.getByText(names.renewalWill)).toBeVisible();
    expect(await desk.installation.state()).toMatchObject({ desktops: [] });
  });

  test(`a renewal that was declined is said to wait again when it is retried, ${look.lang}`, async ({ open, tolerate }, info) => {
    tolerate(PROVIDERS_PAGE, REFUSED);
    await startWithPrices(info);
    const { page, t } = await open(`${desk.origin}${buyPath({ commodityCode: "CloudDesktop" })}`, { ...look, width: 390 });
    await desk.provider.signIn(page, "ann");
    await option(page, t.user, "alice").click();
    await choice(page, t.duration, t.months(1)).check();
    await order(page, t);
    await expectPlaced(page, t);
    await page.getByRole("button", { name: new RegExp(`^${names.renew} `) }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio", { name: t.months(2), exact: true }).check();
    await dialog.locator("button.primary").click();
    await expect(page.getByRole("main").getByText(names.awaiting, { exact: true }).first()).toBeVisible();

    const bea = await open(page.url(), look);
    await desk.provider.signIn(bea.page, "bea");
    await bea.page.getByRole("button", { name: names.decline, exact: true }).click();
    await bea.page.getByRole("dialog").getByRole("button", { name: names.declineNow, exact: true }).click();

    // What it renews is known by the purchase of the desktop.
    await page.getByRole("button", { name: names.again, exact: true }).click();
    await expect(dialog.getByText(names.cost(400, 2), { exact: true })).toBeVisible();
    await expect(dialog.getByText(names.renewalWill)).toBeVisible();
    await expectAccessible(page);
    await expectNoOverflow(page);
  });
}
