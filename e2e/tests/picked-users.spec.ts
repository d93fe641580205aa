// Users are picked for one purchase: they are there again after a refusal, and gone once the refused order is retried, or the
// order of a lost answer is found. And an answer that comes late disturbs no open review.
import type { Page } from "@playwright/test";

import {
  buyNow, choice, chosen, expect, expectAccessible, expectLoaded, expectPlaced, option, order, review, selected, test, type Texts,
} from "../support/fixtures.ts";
import { hold } from "../support/held.ts";
import { confirmRetry } from "../support/orders.ts";
import { problem } from "../support/problem.ts";

const RETRY_ORDER = "重新提交";
const FOUND = "“zhang.san”的订单已提交。";

async function refuse(page: Page, t: Texts): Promise<void> {
  await option(page, t.user, "zhang.san").click();
  await order(page, t);
  await expect(page.getByRole("region", { name: t.order, exact: true }).getByText(t.rejected, { exact: true })).toBeVisible();
}

/** Leaves by the link of the page's head, so that the page stays loaded. */
async function goToForm(page: Page, t: Texts): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: t.buy, exact: true }).click();
  await expectLoaded(page, t);
}

test("who was refused is picked still; once the order is retried, nobody is", async ({ openBuy, scenarios, state }) => {
  await scenarios("sold-out-at-purchase");
  const { page, t } = await openBuy();
  await refuse(page, t);
  await goToForm(page, t);
  await expect(selected(page, t.user)).toContainText("zhang.san");
  await page.goBack();
  await scenarios();
  await page.getByRole("button", { name: RETRY_ORDER }).click();
  await confirmRetry(page, t);
  await expectPlaced(page, t);
  await goToForm(page, t);
  await expect(selected(page, t.user)).toHaveCount(0);
  // Nor does another look at the refused order pick them again.
  await page.goBack();
  await expectPlaced(page, t);
  await page.goBack();
  await expect(page.getByText(t.rejected, { exact: true }).first()).toBeVisible();
  await goToForm(page, t);
  await expect(selected(page, t.user)).toHaveCount(0);
  expect((await state()).desktops).toHaveLength(1);
});

test("a retry that the proxy refuses picks its user again", async ({ openBuy, scenarios, tolerate }) => {
  tolerate(/status of 503/);
  await scenarios("sold-out-at-purchase");
  const { page, t } = await openBuy();
  await refuse(page, t);
  await page.route("**/api/orders", (route) => route.fulfill(problem(503, "overloaded")));
  await page.getByRole("button", { name: RETRY_ORDER }).click();
  await confirmRetry(page, t);
  await expect(page.getByRole("alert").filter({ hasText: /\S/ }).first()).toBeVisible();
  await page.keyboard.press("Escape");
  await goToForm(page, t);
  await expect(selected(page, t.user)).toContainText("zhang.san");
});

test("of a batch, who is retried is no longer picked", async ({ openBuy, scenarios }) => {
  await scenarios("sold-out-at-purchase");
  const { page, t } = await openBuy();
  await page.getByRole("checkbox").check();
  for (const user of ["zhang.san", "li.si"]) await option(page, t.user, user).click();
  await order(page, t);
  await expect(page.getByText("已处理 2 / 2，成功 0，失败 2")).toBeVisible();
  await scenarios();
  await page.getByRole("button", { name: "重试 zhang.san" }).click();
  await confirmRetry(page, t);
  await expect(page.getByText("已处理 2 / 2，成功 1，失败 1")).toBeVisible();
  await goToForm(page, t);
  await expect(selected(page, t.user)).toHaveText([/li\.si/]);
});

/** Sends an order for zhang.san whose answer is lost, reloads, and holds back whether the proxy has it. */
async function loseAnswer(page: Page, t: Texts): Promise<() => void> {
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  const sent = new Promise<void>((resolve) => {
    void page.route("**/api/orders", async (route) => {
      await route.fetch();
      resolve();
    }, { times: 1 });
  });
  await order(page, t);
  await sent;
  const answer = await hold(page, /\/api\/orders\/[^/?]+$/, { times: 1 });
  await page.reload();
  await expectLoaded(page, t);
  return answer;
}

test("an order that is found while another is under review is a notice with a link", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  const answer = await loseAnswer(page, t);
  await option(page, t.user, "li.si").click();
  await buyNow(page, t).click();
  await expect(review(page, t)).toContainText("li.si");
  answer();
  const notice = page.getByRole("status").filter({ hasText: FOUND });
  await expect(notice).toHaveCount(1);
  await expect(review(page, t)).toContainText("li.si");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(selected(page, t.user)).toContainText("li.si");
  await notice.getByRole("link").click();
  await expectPlaced(page, t);
  expect((await state()).desktops.map((desktop) => desktop.user)).toEqual(["zhang.san"]);
});

test("an order that is found while the form is being filled in is a notice, and its user is no longer picked", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  const answer = await loseAnswer(page, t);
  await expect(selected(page, t.user)).toContainText("zhang.san");
  await choice(page, t.userGroup, t.administrators).check();
  answer();
  await expect(page.getByRole("status").filter({ hasText: FOUND })).toHaveCount(1);
  await expect(chosen(page, t.userGroup)).toHaveValue("Administrators");
  await expect(selected(page, t.user)).toHaveCount(0);
});

test("an order that is found on an untouched page is shown, and the next purchase begins with nobody", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  const answer = await loseAnswer(page, t);
  answer();
  await expectPlaced(page, t);
  await goToForm(page, t);
  await expect(selected(page, t.user)).toHaveCount(0);
});
