// Two people who renew the same desktops at once: the second is told who was first, and renews once more only after a yes.
import { expect, expectAccessible, LOOKS, test } from "../support/fixtures.ts";
import { hold } from "../support/held.ts";
import { tabTo } from "../support/keyboard.ts";
import { expectNoOverflow, expectSettled, place, purchase, rows } from "../support/orders.ts";
import type { Demo } from "../support/demo.ts";

const NAMES = {
  zh: {
    several: "批量续费", now: "确认续费", ago: /有人刚刚已提交 desk-\w+ \(\+1\) 的续费订单/, own: /您刚刚已提交 desk-\w+ 的续费订单/, yes: "仍要续费，我确认不是重复续费",
    done: "已处理 2 / 2，完成 2，失败 0", renew: /^续费 desk-/, title: "续费桌面", finished: "已完成",
  },
  en: {
    several: "Renew several", now: "Renew now", ago: /Someone placed a renewal moments ago: desk-\w+ \(\+1\)/,
    own: /You placed a renewal moments ago: desk-\w+/, yes: "Yes, renew once more", done: "2 of 2 finished, 2 done, 0 failed",
    renew: /^Renew desk-/, title: "Renew desktop", finished: "Done",
  },
} as const;

async function renewals(demo: Demo): Promise<number[]> {
  const { desktops } = await demo.state();
  return desktops.map((desktop) => (desktop as unknown as { renewals: unknown[] }).renewals.length);
}

test("a renewal whose dialog is closed before anything is sent is not sent, and said so", async ({ open, startDemo }) => {
  const names = NAMES.zh;
  const demo = await startDemo();
  await place(demo, await purchase(demo, "one", { ChargeType: "PREPAY", Period: 1 }));
  await expectSettled(demo);
  const { page } = await open("/#/desktops", { of: demo });
  await page.getByRole("button", { name: names.renew }).click();
  const dialog = page.getByRole("dialog", { name: names.title });
  await expect(dialog.getByRole("button", { name: names.now })).toBeEnabled();
  const asks = page.waitForRequest(/\/api\/orders\?/);
  const answer = await hold(page, /\/api\/orders\?/);
  await dialog.getByRole("button", { name: names.now }).click();
  await asks;
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  answer();
  await expect(page.getByRole("status").filter({ hasText: "的订单没有提交" })).toHaveCount(1);
  expect(await renewals(demo)).toEqual([0]);
});

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`a list that somebody else has just renewed is renewed again only after a yes, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await place(demo, await purchase(demo, "one", { ChargeType: "PREPAY", Period: 1 }));
    await place(demo, await purchase(demo, "two", { UserName: "li.si", ChargeType: "PREPAY", Period: 1 }));
    await expectSettled(demo);
    const [first, second] = [await open("/#/desktops", { ...look, of: demo }), await open("/#/desktops", { ...look, of: demo, width: 390 })];
    for (const { page } of [first, second]) {
      await page.getByRole("button", { name: names.several }).click();
      await expect(page.getByRole("dialog").getByRole("listitem")).toHaveCount(2);
    }
    await first.page.getByRole("button", { name: names.now }).click();
    await expect(first.page.getByText(names.done)).toBeVisible();

    const { page } = second;
    const dialog = page.getByRole("dialog", { name: names.several });
    const now = dialog.getByRole("button", { name: names.now });
    await now.click();
    await expect(dialog.getByRole("alert")).toContainText(names.ago);
    await expect(now).toHaveAttribute("aria-disabled", "true");
    await now.click({ force: true });
    await expectNoOverflow(page);
    await expectAccessible(page);
    expect(await renewals(demo)).toEqual([1, 1]);
    // What is not chosen is not asked about.
    await dialog.getByRole("listitem").first().getByRole("checkbox").uncheck();
    await expect(dialog.getByRole("alert")).not.toContainText("(+1)");
    await dialog.getByRole("listitem").first().getByRole("checkbox").check();
    const yes = dialog.getByRole("checkbox", { name: names.yes });
    await tabTo(page, yes);
    await page.keyboard.press("Space");
    await now.click();
    await expect(page.getByText(names.done)).toBeVisible();
    expect(await renewals(demo)).toEqual([2, 2]);
  });

  test(`a renewal of one's own minutes ago is told before anything is sent, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await place(demo, await purchase(demo, "one", { ChargeType: "PREPAY", Period: 1 }));
    await expectSettled(demo);
    const { page } = await open("/#/desktops", { ...look, of: demo });
    const dialog = page.getByRole("dialog", { name: names.title });
    await rows(page).getByRole("button", { name: names.renew }).click();
    await dialog.getByRole("button", { name: names.now }).click();
    await expect(page.getByText(names.finished, { exact: true }).first()).toBeVisible();
    await page.goBack();
    await rows(page).getByRole("button", { name: names.renew }).click();
    await expect(dialog.getByRole("alert")).toContainText(names.own);
    await expect(dialog.getByRole("button", { name: names.now })).toHaveAttribute("aria-disabled", "true");
    expect(await renewals(demo)).toEqual([1]);
  });
}
