// Where batches have their edges: more users than addresses, a reload with users picked, news that come late, an order among
// them whose outcome is unknown, and a retry that sends the rejected ones alone.
import type { Page } from "@playwright/test";

import type { Demo } from "../support/demo.ts";
import { hold } from "../support/held.ts";
import {
  buyNow, choice, expect, expectAccessible, expectLoaded, LOOKS, type Opened, option, order, review, selected, test,
} from "../support/fixtures.ts";
import { confirmRetry, expectNoOverflow, expectSettled, perUser, place, purchase } from "../support/orders.ts";

const NAMES = {
  zh: {
    several: "为多个用户购买，每人一台", picked: (n: number) => `已选 ${n} 人`, noRoom: "空闲地址不足", desktops: (n: number) => `${n} 台桌面`,
    retryAll: "重试失败的 2 台", before: "已处理 3 / 3，成功 1，失败 2", done: "已处理 3 / 3，成功 3，失败 0",
    doubt: "已处理 3 / 3，成功 0，失败 0",
  },
  en: {
    several: "Buy for several users, one desktop each", picked: (n: number) => `${n} chosen`, noRoom: "too few free addresses",
    desktops: (n: number) => `${n} desktops`, retryAll: "Retry the 2 that failed", before: "3 of 3 done, 1 bought, 2 failed",
    done: "3 of 3 done, 3 bought, 0 failed", doubt: "3 of 3 done, 0 bought, 0 failed",
  },
} as const;

const THREE = ["zhang.san", "li.si", "张伟"];

async function pick({ page, t }: Opened, several: string, users: string[]): Promise<void> {
  await page.getByRole("checkbox", { name: several }).check();
  for (const user of users) {
    await page.getByRole("searchbox", { name: t.searchUsers }).fill(user);
    await option(page, t.user, user).first().click();
  }
  await page.getByRole("searchbox", { name: t.searchUsers }).fill("");
}

async function usersWithEmail(demo: Demo, count: number): Promise<string[]> {
  const answer = await fetch(`${demo.origin}/api/DescribeActivityDirectoryUsers?RegionId=cn-hangzhou`);
  const { Users } = (await answer.json()) as { Users: { Name: string; Email: string }[] };
  return Users.filter((user) => user.Email !== "").slice(0, count).map((user) => user.Name);
}

function retries(page: Page) {
  return page.getByRole("main").getByRole("button", { name: /重试|Retry/ });
}

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`more users than the vSwitch has addresses are refused at the vSwitch, ${look.lang}`, async ({ openBuy, demo, state }) => {
    // “lab” has three addresses.
    const users = await usersWithEmail(demo, 4);
    const opened = await openBuy({ ...look, width: 390, request: { zoneId: "cn-hangzhou-e" } });
    const { page, t } = opened;
    await choice(page, t.vSwitch, "lab").check();
    await pick(opened, names.several, users);
    await expectLoaded(page, t);
    await buyNow(page, t).click();
    await expect(review(page, t)).toHaveCount(0);
    await expect(choice(page, t.vSwitch, "lab")).toBeFocused();
    await expect(page.getByText(names.noRoom).first()).toBeVisible();
    await expectAccessible(page);
    await expectNoOverflow(page);

    // With one fewer there is room.
    await option(page, t.user, users[3]!).click();
    await expect(page.getByText(names.picked(3))).toBeVisible();
    await buyNow(page, t).click();
    await expect(review(page, t)).toContainText(names.desktops(3));
    await expectNoOverflow(page);
    await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
    await expect(page.getByText(names.done)).toBeVisible();
    await expectNoOverflow(page);
    expect(perUser((await state()).desktops)).toEqual(Object.fromEntries(users.slice(0, 3).map((user) => [user, 1])));
  });

  test(`retrying sends the dead ones alone, each once more, ${look.lang}`, async ({ openBuy, startDemo }) => {
    const demo = await startDemo();
    const opened = await openBuy({ ...look, of: demo });
    const { page, t } = opened;
    await demo.scenarios("seventeen-left");
    // Sixteen of the seventeen are gone, so there is one for three.
    const one = await purchase(demo, "");
    await place(demo, ...Array.from({ length: 16 }, (_, index) => ({ ...one, UserName: "alice", ClientToken: `gone-${index}` })));
    await expectSettled(demo);
    await pick(opened, names.several, THREE);
    await expectLoaded(page, t);
    const posted = page.waitForRequest((request) => request.method() === "POST");
    await order(page, t);
    const tokens = tokensOf((await posted).postData());
    await expect(page.getByText(names.before)).toBeVisible();
    await expect(retries(page)).toHaveCount(3);
    await expectAccessible(page);
    await demo.scenarios();
    const retried = page.waitForRequest((request) => request.method() === "POST");
    await page.getByRole("button", { name: names.retryAll }).dblclick();
    await expectAccessible(page);
    await confirmRetry(page, t);
    const again = tokensOf((await retried).postData());
    expect(again).toHaveLength(2);
    for (const token of again) expect(tokens.map((token) => `${token}-r1`)).toContain(token);
    await expect(page.getByText(names.done)).toBeVisible();
    await expect(retries(page)).toHaveCount(0);
    expect(perUser((await demo.state()).desktops)).toEqual({ alice: 16, "zhang.san": 1, "li.si": 1, "张伟": 1 });
    // The tries before are not shown as further users of the batch, also after a reload.
    await page.reload();
    await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(3);
  });

  test(`orders of a batch that nobody can vouch for are not offered to be tried again, ${look.lang}`, async ({ openBuy, startDemo }) => {
    const demo = await startDemo("--attempt-deadline", "1s", "--order-deadline", "3s");
    const opened = await openBuy({ ...look, of: demo, width: 390 });
    const { page, t } = opened;
    await pick(opened, names.several, THREE);
    await expectLoaded(page, t);
    await demo.scenarios("hang:CreateDesktop");
    await order(page, t);
    await expect(page.getByText(names.doubt)).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText(t.unresolved, { exact: true })).toHaveCount(3);
    await expect(retries(page)).toHaveCount(0);
    await expectAccessible(page);
    await expectNoOverflow(page);
    // Nor by the list, where they are found by their state.
    await page.getByRole("main").getByRole("link", { name: t.orders, exact: true }).click();
    await page.getByRole("combobox").selectOption({ label: t.unresolved });
    await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(3);
    await expect(retries(page)).toHaveCount(0);
    await expectNoOverflow(page);
    await expectAccessible(page);
  });
}

function tokensOf(body: string | null): string[] {
  const { operations } = JSON.parse(body ?? "{}") as { operations: { ClientToken: string }[] };
  return operations.map((operation) => operation.ClientToken);
}

test("a reload keeps the users picked, and none of them is in the address", async ({ openBuy }) => {
  const opened = await openBuy();
  const { page, t } = opened;
  await pick(opened, NAMES.zh.several, THREE);
  await expect(page.getByText(NAMES.zh.picked(3))).toBeVisible();
  await page.reload();
  await expect(page.getByRole("checkbox", { name: NAMES.zh.several })).toBeChecked();
  await expect(page.getByText(NAMES.zh.picked(3))).toBeVisible();
  await expect(selected(page, t.user)).toHaveCount(3);
  for (const user of THREE) expect(decodeURIComponent(page.url())).not.toContain(user);
});

test("a batch that is done before its news could be heard does not stand still", async ({ openBuy, startDemo }) => {
  const demo = await startDemo("--attempt-deadline", "2s");
  const opened = await openBuy({ of: demo });
  const { page, t } = opened;
  await pick(opened, NAMES.zh.several, THREE);
  await expectLoaded(page, t);
  await demo.scenarios("hang:CreateDesktop");
  const listen = await hold(page, "**/api/orders/events", { times: 1 });
  await order(page, t);
  await expect(page.getByText("已处理 0 / 3，成功 0，失败 0")).toBeVisible();
  await demo.scenarios();
  await expectSettled(demo);
  listen();
  await expect(page.getByText(NAMES.zh.done)).toBeVisible();
});
