// The list of orders and desktops at work: finding one, news without a reload, times where one is, the history
// of an order. Lists of more than a page are in `long-list.spec.ts`.
import type { Demo } from "../support/demo.ts";
import {
  ERROR_ANSWER, expect, expectAccessible, LOOKS, type Opened, orderLine, test,
} from "../support/fixtures.ts";
import { expectSettled, place, purchase, rows, told } from "../support/orders.ts";

const NAMES = {
  zh: {
    search: "搜索用户、桌面、订单号或规格", state: "状态", every: "全部状态", desktops: "桌面", nothing: "没有符合条件的结果",
    history: ["已记录", "已发送", "未得到确定答复", "已发送", "已确认成功"], all: "共 1500 条", inUse: "使用中",
  },
  en: {
    search: "Search users, desktops, IDs, types", state: "State", every: "Every state", desktops: "Desktops",
    nothing: "Nothing fits", history: ["Recorded", "Sent", "No definite answer", "Sent", "Confirmed"], all: "1500 in all",
    inUse: "In use",
  },
} as const;

/** Three that were bought, and one refused. */
async function someOrders(demo: Demo): Promise<void> {
  await place(demo, await purchase(demo, "one"), await purchase(demo, "two", { UserName: "li.si", TypeItemId: "desktop.n1.large" }));
  await place(demo, await purchase(demo, "three", { UserName: "张伟", ChargeType: "PREPAY", Period: 3 }));
  await expectSettled(demo);
  await demo.scenarios("sold-out-at-purchase");
  await place(demo, await purchase(demo, "four", { UserName: "alice" }));
  await expectSettled(demo);
  await demo.scenarios();
}

function listOf({ page }: Opened, lang: "zh" | "en") {
  return {
    search: page.getByRole("searchbox", { name: NAMES[lang].search }),
    state: page.getByRole("combobox", { name: NAMES[lang].state, exact: true }),
    desktops: page.getByRole("radio", { name: NAMES[lang].desktops, exact: true }),
  };
}

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`orders and desktops are found by a word and by their state, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await someOrders(demo);
    const [, , , first] = await told(demo);
    const opened = await open("/#/orders", { ...look, of: demo });
    const { page, t } = opened;
    const list = listOf(opened, look.lang);
    await expect(rows(page)).toHaveCount(4);
    await expect(rows(page).nth(1)).toContainText(t.months(3));

    for (const [text, found] of [["li.si", "desktop.n1.large"], ["n1.large", "li.si"], [first!.desktop_id!, "zhang.san"], ["张", "张伟"], ["ｌｉ．ｓｉ", "li.si"], ["\u202ali.si\u200b。", "li.si"]] as const) {
      await list.search.fill(text);
      await expect(rows(page)).toHaveCount(1);
      await expect(rows(page)).toContainText(found);
    }
    await list.search.fill("100%_no'such");
    await expect(page.getByText(names.nothing)).toBeVisible();
    await expectAccessible(page);
    await list.search.fill("");
    await expect(rows(page)).toHaveCount(4);

    await list.state.selectOption({ label: t.rejected });
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page)).toContainText("alice");
    await expectAccessible(page);
    await list.state.selectOption({ label: t.unresolved });
    await expect(page.getByText(names.nothing)).toBeVisible();
    await list.state.selectOption({ label: names.every });
    await expect(rows(page)).toHaveCount(4);

    await list.desktops.check();
    await expect(rows(page)).toHaveCount(3);
    await expect(list.state).toBeHidden();
    await list.search.fill("zhang");
    await expect(rows(page)).toHaveCount(1);
    for (const text of [first!.desktop_id!, names.inUse, "zhang.san", "cn-hangzhou-b", t.postPay]) await expect(rows(page)).toContainText(text);
    await expectAccessible(page);
  });

  test(`an order tells its history with the vendor's request ids, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo("--scenario", "commit-then-503:CreateDesktop");
    await place(demo, await purchase(demo, "told"));
    await expectSettled(demo);
    const { page, t } = await open("/#/orders", { ...look, of: demo });
    await rows(page).getByRole("link").click();
    const events = page.getByRole("region", { name: t.order, exact: true }).getByRole("listitem");
    await expect(events.locator("strong")).toHaveText([...names.history]);
    await expect(events.last().locator("code")).toHaveText(/^[0-9A-F-]{36}$/);
    await expect(orderLine(page, t, t.user)).toHaveText("zhang.san");
    await expectAccessible(page);
  });
}

test("times are those of where one is", async ({ open, startDemo }) => {
  const demo = await startDemo();
  await place(demo, await purchase(demo, "when"));
  const placedAt = (await told(demo))[0]!.created_at;
  for (const timezoneId of ["Asia/Shanghai", "America/New_York"]) {
    const { page } = await open("/#/orders", {
      of: demo, lang: "en",
      before: async (page) => (await page.context().newCDPSession(page)).send("Emulation.setTimezoneOverride", { timezoneId }),
    });
    const there = new Date(placedAt).toLocaleString("en", { timeZone: timezoneId });
    // Browser and test may space the hour and its half of the day differently.
    const pattern = new RegExp(there.replace(/[^\w,:/]+/g, "\\s"));
    await expect(rows(page)).toContainText(pattern);
  }
});

test("what others order is seen as it comes, goes on and ends, without a reload", async ({ open, startDemo }) => {
  const demo = await startDemo("--attempt-deadline", "2s");
  await place(demo, await purchase(demo, "first"));
  const { page, t } = await open("/#/orders", { of: demo });
  await expect(rows(page)).toHaveCount(1);
  // A mark that a reload would wipe out.
  await page.evaluate("window.mark = 1");
  await demo.scenarios("hang:CreateDesktop");
  await place(demo, await purchase(demo, "second", { UserName: "li.si" }));
  const newest = rows(page).first();
  await expect(newest).toContainText("li.si");
  await expect(newest).toContainText("正在购买");
  await demo.scenarios();
  await expect(newest).toContainText(t.placed);
  await expect(rows(page)).toHaveCount(2);
  expect(await page.evaluate("window.mark")).toBe(1);
});

test("what happened before the news could be heard is not missed", async ({ open, startDemo }) => {
  const demo = await startDemo();
  await place(demo, await purchase(demo, "first"));
  await expectSettled(demo);
  let listen: () => void = () => undefined;
  const late = new Promise<void>((resolve) => (listen = resolve));
  const { page } = await open("/#/orders", {
    of: demo,
    before: (page) => page.route("**/api/orders/events", async (route) => {
      await late;
      await route.continue();
    }, { times: 1 }),
  });
  await expect(rows(page)).toHaveCount(1);
  await place(demo, await purchase(demo, "second", { UserName: "li.si" }));
  await expectSettled(demo);
  listen();
  await expect(rows(page)).toHaveCount(2);
});

test("news that are refused for once are asked for again", async ({ open, startDemo, tolerate }) => {
  tolerate(ERROR_ANSWER, /EventSource/);
  const demo = await startDemo();
  await place(demo, await purchase(demo, "first"));
  await expectSettled(demo);
  const { page } = await open("/#/orders", {
    of: demo, before: (page) => page.route("**/api/orders/events", (route) => route.fulfill({ status: 503 }), { times: 1 }),
  });
  await expect(rows(page)).toHaveCount(1);
  await place(demo, await purchase(demo, "second", { UserName: "li.si" }));
  await expect(rows(page)).toHaveCount(2, { timeout: 30_000 });
});

test("no desktops yet, and a list of desktops that fails and is asked for again", async ({ open, startDemo, tolerate }) => {
  tolerate(ERROR_ANSWER);
  const demo = await startDemo();
  const opened = await open("/#/orders", {
    of: demo, before: (page) => page.route("**/api/desktops?*", (route) => route.fulfill({ status: 503, body: "busy" }), { times: 1 }),
  });
  const { page, t } = opened;
  await listOf(opened, "zh").desktops.check();
  const retry = page.getByRole("button", { name: /^重试/ });
  await expect(retry).toBeVisible();
  await expectAccessible(page);
  await retry.click();
  await expect(retry).toHaveCount(0);
  await expect(rows(page)).toHaveCount(0);
  await expect(page.getByRole("main").getByRole("link", { name: t.buy, exact: true })).toBeVisible();
  await expectAccessible(page);
});
