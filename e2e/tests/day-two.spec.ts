// Running what was bought: desktops by when they end, their history, renewing and releasing several at once, and files.
import { writeFileSync } from "node:fs";

import { csv } from "../support/csv.ts";
import { expect, expectAccessible, LOOKS, test } from "../support/fixtures.ts";
import { press, tabTo } from "../support/keyboard.ts";
import { confirmRetry, expectNoOverflow, expectSettled, place, purchase, rows, told } from "../support/orders.ts";
import type { Demo } from "../support/demo.ts";

const BOOK = `
[[price]]
region = "cn-hangzhou"
type = "desktop.n1.small"
billing = "PREPAY"
per_month = 200
currency = "CNY"
[[price]]
region = "cn-hangzhou"
type = "desktop.n1.medium"
billing = "PREPAY"
per_month = 30
currency = "USD"
`;

const NAMES = {
  zh: {
    oneMonth: "价格: ¥200.00 / 1 个月", twoMonths: "价格: ¥400.00 / 2 个月", dollars: "价格: US$30.00 / 1 个月", moreDollars: "价格: US$60.00 / 2 个月",
    none: "运营方未给出该规格的价格，以阿里云账单为准。", renew: "续费",
    sums: "已选 3 台，合计 ¥400.00 + US$30.00", some: "已选 4 台，部分没有价格，以账单为准。", longest: "限额：最长 6 个月", beyond: "超出限额：最长 6 个月",
    desktops: "桌面", ends: "到期", within: (days: number) => `${days} 天内`, renewSeveral: "批量续费", releaseSeveral: "批量释放",
    renewNow: "确认续费", releaseNow: "确认释放", all: "全选", totals: /共 3 台，使用中 3 台，包年包月 2 台/, csv: "下载 CSV",
    done: "已处理 2 / 2，完成 2，失败 0", failed: "已处理 2 / 2，完成 0，失败 2", retry: "重试失败的 2 台", history: "桌面记录",
    records: "处理记录", total: /已选 2 台，合计 ¥/, chosen: "已选 1 台", renewed: /续费 · 2 个月/, bought: "购买", every: "全部状态",
    released: "仅已释放", longer: /到期 .* → /, batch: "批量订单", link: "桌面、到期与续费", count: /请输入桌面数量 1/, account: "账号",
  },
  en: {
    oneMonth: "Price: CN¥200.00 for 1 month", twoMonths: "Price: CN¥400.00 for 2 months", dollars: "Price: $30.00 for 1 month",
    moreDollars: "Price: $60.00 for 2 months", none: "The operator names no price for this type; Alibaba Cloud's bill decides.", renew: "Renew",
    sums: "3 chosen. Total: CN¥400.00 + $30.00", some: "4 chosen. There is no price for some of them; the bill decides.",
    longest: "Limits: longest period in months: 6", beyond: "more than the limit: longest period in months: 6",
    desktops: "Desktops", ends: "Expires", within: (days: number) => `Within ${days} days`, renewSeveral: "Renew several",
    releaseSeveral: "Release several", renewNow: "Renew now", releaseNow: "Release now", all: "Choose all",
    totals: /3 desktops, 3 in use, 2 subscriptions/, csv: "Download as CSV", done: "2 of 2 finished, 2 done, 0 failed",
    failed: "2 of 2 finished, 0 done, 2 failed", retry: "Retry the 2 that failed", history: "History of the desktop",
    records: "History", total: /2 chosen. Total: CN¥/, chosen: "1 chosen", renewed: /Renew · 2 months/, bought: "Buy",
    every: "Every state", released: "Released only", longer: /until .* → /, batch: "Batch",
    link: "Desktops, months and renewals", count: /Type the number of desktops, 1,/, account: "Account",
  },
} as const;

/** Two subscriptions and one by the hour. */
async function threeDesktops(demo: Demo): Promise<void> {
  await place(demo, await purchase(demo, "one", { ChargeType: "PREPAY", Period: 1 }));
  await place(demo, await purchase(demo, "two", { UserName: "li.si", ChargeType: "PREPAY", Period: 3 }));
  await place(demo, await purchase(demo, "three", { UserName: "alice" }));
  await expectSettled(demo);
}

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`what ends soon is found, counted and told with its history, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await threeDesktops(demo);
    const { page, t } = await open("/#/orders", { ...look, of: demo });
    await page.getByRole("link", { name: names.link }).click();
    await expect(page.getByRole("heading", { level: 1, name: names.desktops })).toBeFocused();
    await expect(rows(page)).toHaveCount(3);
    await expect(page.getByText(names.totals)).toBeVisible();
    await expectAccessible(page);

    const ends = page.getByRole("combobox", { name: names.ends });
    await ends.selectOption({ label: names.within(60) });
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page)).toContainText("zhang.san");
    await ends.selectOption({ label: names.within(7) });
    await expect(rows(page)).toHaveCount(0);
    await ends.selectOption({ index: 0 });

    await page.getByRole("searchbox").fill("li.si");
    await expect(rows(page)).toHaveCount(1);
    await rows(page).getByRole("link").first().click();
    await page.getByRole("link", { name: names.history }).click();
    const [, two] = await told(demo);
    await place(demo, { Action: "RenewDesktop", RegionId: "cn-hangzhou", ClientToken: "later", DesktopId: two!.desktop_id, Period: 2 });
    await expectSettled(demo);
    const events = page.getByRole("main").getByRole("listitem");
    await expect(events).toHaveCount(2);
    await expect(events.last()).toContainText(names.renewed);
    const until = await (await fetch(`${demo.origin}/api/desktops?q=two`)).json() as { desktops: { valid_until: number }[] };
    const day = new Date(until.desktops[0]!.valid_until + 8 * 3_600_000).toISOString().slice(0, 10);
    await expect(page.getByText(day)).toBeVisible();
    await expectAccessible(page);
    await events.last().getByRole("link").click();
    await expect(page.getByRole("heading", { level: 1, name: t.order })).toBeFocused();
  });

  test(`desktops are narrowed to a type and to an account, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo("--owner-id", "1234567890");
    await place(demo, await purchase(demo, "one"));
    await place(demo, await purchase(demo, "two", { UserName: "li.si", TypeItemId: "desktop.n1.large" }));
    await expectSettled(demo);
    const { page, t } = await open("/#/desktops", { ...look, of: demo, width: 390 });
    await expect(rows(page)).toHaveCount(2);
    const type = page.getByRole("combobox", { name: t.type });
    await type.selectOption({ label: "desktop.n1.large" });
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page)).toContainText("li.si");
    const account = page.getByRole("combobox", { name: names.account });
    await account.selectOption({ label: "1234567890" });
    await expect(rows(page)).toHaveCount(1);
    await expect(page.getByRole("link", { name: names.csv })).toHaveAttribute("href", /type=desktop\.n1\.large&account=1234567890/);
    await type.selectOption({ index: 0 });
    await expect(rows(page)).toHaveCount(2);
    await expectNoOverflow(page);
    await expectAccessible(page);
  });

  test(`several are renewed as one batch, and those that failed alone once more, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await threeDesktops(demo);
    await demo.scenarios("insufficient-balance");
    const { page, t } = await open("/#/desktops", { ...look, of: demo, width: 390 });
    await expect(rows(page)).toHaveCount(3);
    await expectNoOverflow(page);
    await page.getByRole("button", { name: names.renewSeveral }).click();
    const dialog = page.getByRole("dialog", { name: names.renewSeveral });
    await expect(dialog.getByRole("listitem")).toHaveCount(2);
    await expect(dialog.getByText(names.longer).first()).toBeVisible();
    await expect(dialog.getByRole("status")).toHaveText(names.total);
    await dialog.getByRole("radio", { name: t.months(2), exact: true }).check();
    await expectNoOverflow(page);
    await expectAccessible(page);
    await dialog.getByRole("button", { name: names.renewNow }).dblclick();
    await expect(page.getByText(names.failed)).toBeVisible();
    await demo.scenarios();
    await page.getByRole("button", { name: names.retry }).click();
    await confirmRetry(page, t);
    await expect(page.getByText(names.done)).toBeVisible();
    await expectNoOverflow(page);
    await expectAccessible(page);
    const desktops = (await demo.state()).desktops as unknown as { renewals: { period: number }[] }[];
    expect(desktops.map((desktop) => desktop.renewals.map((renewal) => renewal.period))).toEqual([[2], [2], []]);
  });

  test(`renewals in several currencies are added up for each, ${look.lang}`, async ({ open, startDemo }, info) => {
    const book = info.outputPath("prices.toml");
    writeFileSync(book, BOOK);
    const demo = await startDemo("--prices", book);
    await threeDesktops(demo);
    await place(demo, await purchase(demo, "four", { TypeItemId: "desktop.n1.medium", ChargeType: "PREPAY", Period: 1 }));
    await expectSettled(demo);
    const { page } = await open("/#/desktops", { ...look, of: demo });
    await page.getByRole("button", { name: names.renewSeveral }).click();
    const dialog = page.getByRole("dialog", { name: names.renewSeveral });
    await expect(dialog.getByRole("status")).toHaveText(names.sums);
    // What has no price is told, and not left out.
    await place(demo, await purchase(demo, "five", { TypeItemId: "desktop.n1.large", ChargeType: "PREPAY", Period: 1 }));
    await expectSettled(demo);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: names.renewSeveral }).click();
    await expect(dialog.getByRole("status")).toHaveText(names.some);
  });

  test(`one renewal is told with its price for each period, or that there is none, ${look.lang}`, async ({ open, startDemo }, info) => {
    const book = info.outputPath("prices.toml");
    writeFileSync(book, BOOK);
    const demo = await startDemo("--prices", book);
    for (const [token, type] of [["one", "desktop.n1.small"], ["two", "desktop.n1.medium"], ["three", "desktop.n1.large"]] as const) {
      await place(demo, await purchase(demo, token, { TypeItemId: type, ChargeType: "PREPAY", Period: 1 }));
      await expectSettled(demo);
    }
    const { page, t } = await open("/#/desktops", { ...look, of: demo, width: 390 });
    const dialog = page.getByRole("dialog");
    const prices = dialog.getByRole("status").filter({ hasText: /./ });
    // Newest first; each opens by its own button.
    for (const [index, one, two] of [[2, names.oneMonth, names.twoMonths], [1, names.dollars, names.moreDollars], [0, names.none, names.none]] as const) {
      await rows(page).nth(index).getByRole("button").first().click();
      await expect(prices).toHaveText(one);
      await dialog.getByRole("radio", { name: t.months(2), exact: true }).check();
      await expect(prices).toHaveText(two);
      await expectNoOverflow(page);
      await expectAccessible(page);
      await page.keyboard.press("Escape");
      await expect(dialog).toHaveCount(0);
    }
    // By its name alone too, if it was bought here.
    const [three] = await told(demo);
    await page.goto(`${demo.origin}/#/orders`);
    await page.getByRole("radio", { name: names.desktops, exact: true }).check();
    for (const [id, price] of [[three!.desktop_id!, names.none], [(await told(demo, "&q=one"))[0]!.desktop_id!, names.oneMonth], ["ecd-elsewhere", names.none]] as const) {
      await page.getByRole("textbox", { name: t.desktopId }).fill(id);
      await page.getByRole("button", { name: names.renew, exact: true }).click();
      await expect(prices).toHaveText(price);
      await page.keyboard.press("Escape");
    }
  });

  test(`what a renewal is limited to is told before it is sent, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo("--longest-period", "6");
    await threeDesktops(demo);
    const { page, t } = await open("/#/desktops", { ...look, of: demo });
    await page.getByRole("button", { name: names.renewSeveral }).click();
    const dialog = page.getByRole("dialog", { name: names.renewSeveral });
    await expect(dialog.getByText(names.longest)).toBeVisible();
    await expect(dialog.getByText(names.beyond)).toHaveCount(0);
    await dialog.getByRole("radio", { name: t.months(9), exact: true }).check();
    await expect(dialog.getByText(names.beyond)).toBeVisible();
    await expectAccessible(page);
    await dialog.getByRole("radio", { name: t.months(6), exact: true }).check();
    await expect(dialog.getByText(names.beyond)).toHaveCount(0);
  });

  test(`desktops are found, written to a file and renewed with the keyboard at 390 pixels, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await threeDesktops(demo);
    const { page, t } = await open("/#/desktops", { ...look, of: demo, width: 390 });
    await expect(rows(page)).toHaveCount(3);
    await tabTo(page, page.getByRole("searchbox"));
    await page.keyboard.type("li.si");
    await expect(rows(page)).toHaveCount(1);
    await tabTo(page, page.getByRole("link", { name: names.csv }));
    const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    expect(await csv(await download.path())).toHaveLength(2);
    await tabTo(page, page.getByRole("searchbox"), "Shift+Tab");
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.press("Backspace");
    await expect(rows(page)).toHaveCount(3);
    const ends = page.getByRole("combobox", { name: names.ends });
    await tabTo(page, ends);
    await press(page, "ArrowDown", "ArrowDown", "ArrowDown");
    await expect(ends.locator("option:checked")).toHaveText(names.within(60));
    await expect(rows(page)).toHaveCount(1);

    await tabTo(page, page.getByRole("button", { name: names.renewSeveral }));
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: names.renewSeveral });
    await expect(dialog.getByRole("status")).toContainText(names.chosen);
    await tabTo(page, dialog.getByRole("radio", { name: t.months(1), exact: true }));
    await press(page, "ArrowRight");
    await expect(dialog.getByRole("radio", { name: t.months(2), exact: true })).toBeChecked();
    await expectNoOverflow(page);
    await tabTo(page, dialog.getByRole("button", { name: names.renewNow }));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: t.order })).toBeFocused();
    await expectSettled(demo);
    const desktops = (await demo.state()).desktops as unknown as { renewals: { period: number }[] }[];
    expect(desktops.map((desktop) => desktop.renewals.map((renewal) => renewal.period))).toEqual([[2], [], []]);
  });

  test(`several are released by keyboard, after their number was typed, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await threeDesktops(demo);
    const { page, t } = await open("/#/desktops", { ...look, of: demo, width: 390 });
    // Before its rows are there, the last control of the page is soon reached.
    await expect(rows(page)).toHaveCount(3);
    await tabTo(page, page.getByRole("button", { name: names.releaseSeveral }));
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: names.releaseSeveral });
    await expect(dialog.getByRole("listitem")).toHaveCount(1);
    await expect(dialog.getByRole("status")).toHaveText(names.chosen);
    const go = dialog.getByRole("button", { name: names.releaseNow });
    await expect(go).toHaveAttribute("aria-disabled", "true");
    await tabTo(page, dialog.getByRole("textbox", { name: names.count }));
    await page.keyboard.type("2");
    await expect(go).toHaveAttribute("aria-disabled", "true");
    await page.keyboard.press("Backspace");
    await page.keyboard.type("1");
    await expect(go).not.toHaveAttribute("aria-disabled", "true");
    await expectAccessible(page);
    await tabTo(page, go);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: t.order })).toBeFocused();
    await expectSettled(demo);
    expect((await demo.state()).desktops.map((desktop) => desktop.released)).toEqual([false, false, true]);
    await page.goto(`${demo.origin}/#/desktops`);
    await expect(rows(page)).toHaveCount(2);
    await page.getByRole("combobox").filter({ hasText: names.released }).selectOption({ label: names.released });
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page)).toContainText("alice");
  });

  test(`the file has what the filter shows, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await threeDesktops(demo);
    await place(demo, await purchase(demo, "four", { UserName: "=HYPERLINK(1)" }));
    await expectSettled(demo);
    const { page } = await open("/#/orders", { ...look, of: demo });
    const file = async () => {
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: names.csv }).click()]);
      expect(download.suggestedFilename()).toMatch(/\.csv$/);
      return csv(await download.path());
    };
    const all = await file();
    expect(all).toHaveLength(5);
    expect(all[0]).toContain(look.lang === "zh" ? "幂等令牌" : "Client token");
    expect(all.flat()).toContain("'=HYPERLINK(1)");
    await page.getByRole("searchbox").fill("li.si");
    await expect(rows(page)).toHaveCount(1);
    const some = await file();
    expect(some).toHaveLength(2);
    expect(some[1]).toEqual(expect.arrayContaining(["li.si", "PREPAY", "CNY"]));
  });
}

for (const look of LOOKS) {
  const names = NAMES[look.lang];
  const banner = look.lang === "zh" ? "3 台桌面将在 7 天内到期。" : "3 of your desktops will expire within 7 days.";
  const show = look.lang === "zh" ? "查看并续费" : "Show and renew";

  test(`who may renew is told of desktops that expire, and led to them, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await threeDesktops(demo);
    const { page } = await open("/#/orders", { ...look, of: demo, width: 390 });
    const totals = page.waitForResponse(/\/api\/desktops\/totals/);
    await page.reload();
    await totals;
    await expect(rows(page)).toHaveCount(3);
    await expect(page.getByText(banner)).toHaveCount(0);
    // No desktop is sold for less than a month, so the proxy's answer is replaced.
    await page.route(/\/api\/desktops\/totals/, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), within_7_days: 3 } });
    });
    await page.reload();
    await expect(page.getByRole("status").filter({ hasText: banner })).toBeInViewport();
    await expect(rows(page)).toHaveCount(3);
    await expectNoOverflow(page);
    await expectAccessible(page);
    const asked = page.waitForRequest((request) => /\/api\/desktops\?.*valid_within=7\b/.test(request.url()));
    await tabTo(page, page.getByRole("link", { name: show }));
    await page.keyboard.press("Enter");
    await asked;
    await expect(page).toHaveURL(/#\/desktops\/within\/7$/);
    await expect(page.getByRole("heading", { level: 1, name: names.desktops })).toBeFocused();
    await expect(page.getByRole("combobox", { name: names.ends })).toHaveValue("&valid_within=7");
    await expect(rows(page)).toHaveCount(0);
    await expectAccessible(page);
  });
}
