// The demo's banner leads to faults of its cloud and to a page with sign-in: a fault is clicked, and a purchase then goes as is
// said there; an order is approved by the other person.
import type { Page } from "@playwright/test";

import {
  expect, expectAccessible, expectLoaded, expectPlaced, LANGS, option, order, test,
} from "../support/fixtures.ts";
import { rows } from "../support/orders.ts";

const NAMES = {
  zh: {
    link: "看看出错时会怎样", heading: "演示：出错时会怎样", choose: "选择: 提交时售罄", now: "提交时售罄 · 当前",
    approval: "审批", open: "打开: 审批", who: "演示：以谁的身份登录？", buyer: "陈静", approver: "王伟", signIn: "登录",
    awaiting: "待审批", approvals: "审批（1）", approve: "批准", approveNow: "确认批准", approved: "已批准",
  },
  en: {
    link: "See what happens when things go wrong", heading: "Demo: what happens when things go wrong",
    choose: "Choose: Sold out at the purchase", now: "Sold out at the purchase · now",
    approval: "Approval", open: "Open: Approval", who: "Demo: who signs in?", buyer: "Chen Jing", approver: "Wang Wei",
    signIn: "Sign in", awaiting: "Awaiting approval", approvals: "Approvals (1)", approve: "Approve", approveNow: "Approve now",
    approved: "Approved",
  },
};

/** The window that opens when a link is followed. */
async function opened(page: Page, link: string): Promise<Page> {
  const window = page.waitForEvent("popup");
  await page.getByRole("link", { name: link, exact: true }).click();
  return window;
}

async function expectNoScroll(page: Page): Promise<void> {
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth] as const);
  expect(wide).toBeLessThanOrEqual(room);
}

for (const lang of LANGS) {
  const names = NAMES[lang];

  test(`the banner leads to faults, and a purchase meets the chosen one, ${lang}`, async ({ openBuy, state }) => {
    const { page, t } = await openBuy({ lang, width: 390 });
    await expectLoaded(page, t);
    const faults = await opened(page, names.link);
    await expect(faults.getByRole("heading", { level: 1, name: names.heading })).toBeVisible();
    await expectAccessible(faults);
    await expectNoScroll(faults);
    await faults.getByRole("button", { name: names.choose }).click();
    await expect(faults.getByRole("heading", { name: names.now })).toBeVisible();
    await expectAccessible(faults);
    await faults.close();
    await option(page, t.user, "li.si").click();
    await order(page, t);
    await expect(page.getByRole("region", { name: t.order, exact: true }).getByText(t.rejected, { exact: true })).toBeVisible();
    expect((await state()).desktops).toEqual([]);
  });

  test(`the banner leads to a page where the other person approves an order, ${lang}`, async ({ openBuy, startDemo, tolerate }) => {
    // Whoever signs out is no longer answered.
    tolerate(/the server responded with a status of 401/);
    // One whose page with sign-in has no orders yet.
    const demo = await startDemo();
    const { page, t } = await openBuy({ lang, of: demo, width: lang === "zh" ? 390 : 1280 });
    await expectLoaded(page, t);
    const faults = await opened(page, names.link);
    await expect(faults.getByRole("heading", { name: names.approval, exact: true })).toBeVisible();
    const desk = await opened(faults, names.open);
    const signIn = async (person: string) => {
      await expect(desk.getByRole("heading", { level: 1, name: names.who })).toBeVisible();
      await expectAccessible(desk);
      await expectNoScroll(desk);
      await desk.getByRole("button", { name: `${names.signIn}: ${person}` }).click();
      await expect(desk.getByRole("button", { name: t.signOut, exact: true })).toBeVisible();
    };

    await signIn(names.buyer);
    await expectLoaded(desk, t);
    await option(desk, t.user, "li.si").click();
    await order(desk, t);
    const shown = desk.getByRole("region", { name: t.order, exact: true });
    await expect(shown.getByText(names.awaiting, { exact: true })).toBeVisible();
    await expect(desk.getByRole("button", { name: names.approve, exact: true })).toHaveCount(0);
    expect((await demo.state()).desktops).toEqual([]);

    await desk.getByRole("button", { name: t.signOut, exact: true }).click();
    await desk.locator("#sign-in").getByRole("button").click();
    await signIn(names.approver);
    await desk.getByRole("link", { name: names.approvals }).click();
    await rows(desk).getByRole("link").first().click();
    await desk.getByRole("button", { name: names.approve, exact: true }).click();
    const confirm = desk.getByRole("dialog").getByRole("button", { name: names.approveNow, exact: true });
    await expect(confirm).not.toHaveAttribute("aria-disabled", "true");
    await confirm.click();
    await expectPlaced(desk, t);
    await expect(desk.getByRole("listitem").filter({ hasText: names.approved })).toContainText("wang.wei@example.com");
    expect((await demo.state()).desktops).toHaveLength(1);

    // Its own banner leads to what there is to try, too.
    await expect((await opened(desk, names.link)).getByRole("heading", { name: names.approval, exact: true })).toBeVisible();
  });
}
