// Answers that get lost on the way: whatever is lost, one order buys one desktop.
import type { Page } from "@playwright/test";

import {
  BROKEN_CONNECTION, ERROR_ANSWER, expect, expectAccessible, expectLoaded, expectPlaced, LOOKS, option,
  order, orderLine, review, test,
} from "../support/fixtures.ts";
import { problem } from "../support/problem.ts";

for (const fault of ["commit-then-drop", "commit-then-503", "cut-off"]) {
  test(`the cloud buys and its answer is lost (${fault}): one desktop, and the page says so`, async ({
    openBuy, scenarios, state,
  }) => {
    await scenarios(`${fault}:CreateDesktop`);
    const { page, t } = await openBuy();
    await option(page, t.user, "zhang.san").click();
    await order(page, t);
    // Cut off for ever: only when the answer is whole can the order be settled.
    if (fault === "cut-off") {
      await expect.poll(async () => (await state()).tokens[0]?.uses).toBeGreaterThan(1);
      await scenarios();
    }
    await expectPlaced(page, t);
    const { desktops, tokens } = await state();
    expect(desktops).toHaveLength(1);
    expect(tokens).toHaveLength(1);
    expect(tokens[0]!.uses).toBeGreaterThan(1);
    await expect(orderLine(page, t, t.desktopId)).toContainText(desktops[0]!.id);
  });
}

/** The next order's answer gets lost between the proxy and the page; with `sent` false the order itself does. */
async function loseNextAnswer(page: Page, sent: boolean): Promise<void> {
  await page.route(
    "**/api/orders",
    async (route) => {
      if (sent) await route.fetch();
      await route.abort("connectionreset");
    },
    { times: 1 },
  );
}

for (const look of LOOKS) {
  test(`the proxy's answer is lost, ${look.lang}: placing again is safe`, async ({ openBuy, state, tolerate }) => {
    tolerate(BROKEN_CONNECTION);
    const { page, t } = await openBuy({ ...look });
    await option(page, t.user, "zhang.san").click();
    await loseNextAnswer(page, true);
    await order(page, t);
    await expect(review(page, t).getByText(t.safeToRepeat)).toBeVisible();
    await expectAccessible(page);
    await review(page, t).getByRole("button", { name: t.placeAgain }).click();
    await expectPlaced(page, t);
    const { desktops, tokens } = await state();
    expect(desktops).toHaveLength(1);
    expect(tokens).toEqual([expect.objectContaining({ uses: 1 })]);
  });
}

test("a repeat that is refused says nothing of what was sent before, and the same order stays the same", async ({
  openBuy, state, tolerate,
}) => {
  tolerate(BROKEN_CONNECTION, /the server responded with a status of (404|429)/);
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  // It arrives only after the repeat has been refused.
  let arrives: () => Promise<unknown> = async () => undefined;
  await page.route("**/api/orders", async (route) => {
    arrives = () => route.fetch();
    await route.abort("connectionreset");
  }, { times: 1 });
  await order(page, t);
  await expect(review(page, t).getByText(t.safeToRepeat)).toBeVisible();

  const busy = problem(429, "throttled", { retry_after: 1 });
  await page.route("**/api/orders", (route) => route.fulfill(busy), { times: 1 });
  const again = review(page, t).getByRole("button", { name: t.placeAgain });
  const refused = page.waitForResponse((response) => response.status() === 429);
  await again.click();
  await refused;
  await expect(again).toBeEnabled();
  await expect(review(page, t).getByText(t.safeToRepeat)).toBeVisible();
  await arrives();
  await again.click();
  await expectPlaced(page, t);
  const { desktops, tokens } = await state();
  expect(desktops).toHaveLength(1);
  expect(tokens).toHaveLength(1);
});

test("the order itself is lost: placing again buys one desktop", async ({ openBuy, state, tolerate }) => {
  tolerate(BROKEN_CONNECTION);
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  await loseNextAnswer(page, false);
  await order(page, t);
  await expect(review(page, t).getByText(t.safeToRepeat)).toBeVisible();
  expect((await state()).desktops).toEqual([]);
  await review(page, t).getByRole("button", { name: t.placeAgain }).click();
  await expectPlaced(page, t);
  expect((await state()).desktops).toHaveLength(1);
});

test("after a lost answer the same purchase stays the same order, through the form and back", async ({
  openBuy, state, tolerate,
}) => {
  tolerate(BROKEN_CONNECTION);
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  await loseNextAnswer(page, true);
  await order(page, t);
  await expect(review(page, t).getByText(t.safeToRepeat)).toBeVisible();
  await review(page, t).getByRole("button", { name: t.backToForm }).click();
  await expect(review(page, t)).toHaveCount(0);
  await order(page, t);
  await expectPlaced(page, t);
  expect((await state()).desktops).toHaveLength(1);
});

test("an order that the proxy cannot take is said so in the review, and can be placed again", async ({
  openBuy, state, tolerate,
}) => {
  tolerate(ERROR_ANSWER);
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  const unavailable = problem(503, "journal_unavailable");
  await page.route("**/api/orders", (route) => route.fulfill(unavailable), { times: 1 });
  await order(page, t);
  await expect(review(page, t).getByText(t.notRecorded)).toBeVisible();
  await expect(review(page, t).getByText(t.safeToRepeat)).toHaveCount(0);
  await review(page, t).getByRole("button", { name: t.placeAgain }).click();
  await expectPlaced(page, t);
  expect((await state()).desktops).toHaveLength(1);
});

test("a cloud that is busy is asked again, and the order ends well", async ({ openBuy, scenarios, state }) => {
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  await scenarios("throttled:CreateDesktop");
  await order(page, t);
  await expectPlaced(page, t);
  expect((await state()).desktops).toHaveLength(1);
});

test("while the cloud does not answer the order goes on, also over a reload", async ({ openBuy, startDemo }) => {
  const demo = await startDemo("--attempt-deadline", "2s", "--scenario", "hang:CreateDesktop");
  const { page, t } = await openBuy({ of: demo });
  await option(page, t.user, "zhang.san").click();
  await order(page, t);
  const card = page.getByRole("region", { name: t.order, exact: true });
  await expect(card.getByText(t.working)).toBeVisible();
  await expectAccessible(page);
  await page.reload();
  await expect(card.getByText(t.working)).toBeVisible();
  await expect(card.getByText(t.leavePage)).toBeVisible();

  await demo.scenarios();
  await expectPlaced(page, t);
  expect((await demo.state()).desktops).toHaveLength(1);
});

test("an outcome that stays unknown is not called a failure", async ({ openBuy, startDemo }) => {
  const demo = await startDemo("--attempt-deadline", "1s", "--order-deadline", "3s", "--scenario", "hang:CreateDesktop");
  const { page, t } = await openBuy({ of: demo });
  await option(page, t.user, "zhang.san").click();
  await order(page, t);
  const card = page.getByRole("region", { name: t.order, exact: true });
  await expect(card.getByText(t.unresolved, { exact: true })).toBeVisible();
  await expect(card.getByText(t.doNotRepeat)).toBeVisible();
  await expect(card.getByText(t.nothingBought)).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole("link", { name: t.orders, exact: true }).last().click();
  await expect(page.getByRole("listitem").first()).toContainText(t.unresolved);
});
