// The monthly summary: its table, its chart, what is not known, and the file.
import { writeFileSync } from "node:fs";

import { csv } from "../support/csv.ts";
import { expect, expectAccessible, LOOKS, test } from "../support/fixtures.ts";
import { expectFocusSeen, tabTo } from "../support/keyboard.ts";
import { expectNoOverflow, expectSettled, place, purchase } from "../support/orders.ts";

const BOOK = `
currency = "CNY"
[[price]]
region = "cn-hangzhou"
type = "desktop.n1.small"
billing = "PREPAY"
per_month = 199.90
[[price]]
region = "cn-hangzhou"
type = "desktop.n1.small"
billing = "POSTPAY"
per_hour = 0.5525
`;

const NAMES = {
  zh: {
    title: "月度汇总", by: "分组方式", span: "时间范围", person: "提交人", year: "最近 12 个月", this: "本月", nobody: "未登录", csv: "下载 CSV",
    unpriced: "有 1 个已完成的订单没有价格", noPrice: "价格未知", none: "这段时间没有订单。", total: "合计", money: "¥799.60",
    chart: /每月包年包月与续费金额（CNY）.*: ¥799\.60/, hour: "¥0.5525", column: "桌面规格", nothing: /: 无/,
  },
  en: {
    title: "Monthly summary", by: "Group by", span: "Period", person: "Placed by", year: "Last 12 months", this: "This month",
    nobody: "Not signed in", csv: "Download as CSV", unpriced: "Orders that were carried out and have no price: 1.",
    noPrice: "Price unknown", none: "No orders in this time.", total: "Total", money: "CN¥799.60",
    chart: /Subscriptions and renewals by month, CNY.*: CN¥799\.60/, hour: "CN¥0.5525", column: "Desktop type", nothing: /: none/,
  },
} as const;

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`what was ordered is added up by month, and what is not known stands apart, ${look.lang}`, async ({ open, startDemo }, info) => {
    const book = info.outputPath("prices.toml");
    writeFileSync(book, BOOK);
    const demo = await startDemo("--prices", book);
    const { page } = await open("/#/orders", { ...look, of: demo });
    // The list has come, which nothing is in.
    await expect(page.getByRole("main").getByRole("link")).toHaveCount(4);
    const link = page.getByRole("link", { name: names.title });
    await tabTo(page, link);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: names.title })).toBeFocused();
    await expect(page.getByText(names.none)).toBeVisible();
    await expectAccessible(page);

    await place(demo, await purchase(demo, "one", { ChargeType: "PREPAY", Period: 3 }));
    await place(demo, await purchase(demo, "two", { UserName: "li.si", ChargeType: "PREPAY", Period: 1 }));
    await place(demo, await purchase(demo, "three", { UserName: "alice" }));
    await place(demo, await purchase(demo, "four", { TypeItemId: "desktop.n1.large" }));
    await expectSettled(demo);
    const span = page.getByRole("combobox", { name: names.span });
    await tabTo(page, span);
    await page.keyboard.press("Home");
    await expect(span.getByRole("option", { name: names.this })).toHaveJSProperty("selected", true);
    const cells = (row: number) => page.getByRole("table").getByRole("row").nth(row).getByRole("cell").allTextContents();
    await expect(page.getByRole("columnheader", { name: names.column })).toBeVisible();
    const [month] = await cells(1);
    expect(month).toMatch(/^\d{4}-\d\d$/);
    expect(await cells(1)).toEqual([month, "1", "0", names.noPrice, names.noPrice, "0"]);
    expect(await cells(2)).toEqual([month, "3", "0", names.money, names.hour, "0"]);
    await expect(page.getByRole("rowheader", { name: "desktop.n1.large" })).toBeVisible();
    await expect(page.getByRole("rowheader", { name: names.total })).toHaveCount(2);
    await expect(page.getByText(names.unpriced)).toBeVisible();
    await expect(page.getByRole("img", { name: names.chart })).toBeVisible();

    await span.selectOption({ label: names.year });
    await expect(page.getByRole("img", { name: names.nothing })).toBeVisible();
    await expect(page.getByRole("img").locator("rect")).toHaveCount(12);
    await page.getByRole("combobox", { name: names.by }).selectOption({ label: names.person });
    await expect(page.getByRole("rowheader", { name: names.nobody })).toHaveCount(2);
    await expectAccessible(page);

    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: names.csv }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe("summary.csv");
    const rows = await csv((await file.path())!);
    expect(rows[0]![1]).toBe(names.person);
    expect(rows.slice(1)).toEqual([
      [month, "", "CNY", "3", "0", "799.60", "0.5525", "0"],
      [month, "", "", "1", "0", "", "", "0"],
    ]);
  });

  test(`a phone scrolls the table and not the page, ${look.lang}`, async ({ open, startDemo }, info) => {
    const book = info.outputPath("prices.toml");
    writeFileSync(book, BOOK);
    const demo = await startDemo("--prices", book);
    await place(demo, await purchase(demo, "one", { ChargeType: "PREPAY", Period: 3 }));
    await expectSettled(demo);
    const { page } = await open("/#/summary", { ...look, of: demo, width: 390 });
    const table = page.getByRole("group", { name: names.title });
    await expect(table.getByRole("table")).toBeVisible();
    await expectNoOverflow(page);
    await expectAccessible(page);
    await tabTo(page, table);
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => table.evaluate((node) => node.scrollLeft)).toBeGreaterThan(0);
    await expectFocusSeen(page);
    const text = await page.getByRole("img").locator("text").first().boundingBox();
    expect(text!.height, "the chart's text can be read").toBeGreaterThan(10);
  });
}
