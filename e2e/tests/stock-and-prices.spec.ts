// What there is to know before one chooses: where a type is in stock, what to take instead, and what it costs by the
// operator's prices.
import type { Locator, Page } from "@playwright/test";

import { installClock } from "../support/clock.ts";
import {
  beginsWith, buyNow, choice, chosen, ERROR_ANSWER, expect, expectAccessible, expectLoaded, LOOKS, option, review, summary, test,
} from "../support/fixtures.ts";
import { problem } from "../support/problem.ts";

const NAMES = {
  zh: {
    soldOut: "售罄", unknown: "未知", instead: (name: string) => `改选 ${name}`, zoneB: "杭州 可用区 B", months: (n: number) => `${n} 个月`,
    example: "演示用的示例价格", bill: "价格以阿里云账单为准", none: "运营方未给出该规格的价格", hour: "小时", each: "每台", total: "共 2 台",
    saving: "比按月购买节省", asOf: "库存截至", sign: "¥", price: "价格 / 小时", perMonth: "价格 / 月",
  },
  en: {
    soldOut: "Sold out", unknown: "Unknown", instead: (name: string) => `Take ${name} instead`, zoneB: "Hangzhou Zone B",
    months: (n: number) => `${n} months`, example: "Example prices, made up", bill: "Alibaba Cloud's bill decides the price",
    none: "The operator names no price for this type", hour: "hour", each: "Per desktop", total: "2 desktops", saving: "Saved against single months",
    asOf: "Stock as of", sign: "CN¥", price: "Price / hour", perMonth: "Price / month",
  },
} as const;

/** A line of the prices in the summary or the review. */
const line = (where: Locator, name: string): Locator => where.locator(".quote > div").filter({ hasText: name }).locator("dd");

interface Cell {
  type_item_id: string;
  zone_id: string;
  stock: string;
  age?: number;
}

/** Answers `GET /api/stock` with the true answer, changed. */
async function stockWith(page: Page, change: (cell: Cell) => void): Promise<void> {
  await page.route("**/api/stock?*", async (route) => {
    const response = await route.fetch();
    const table = (await response.json()) as { cells: Cell[] };
    for (const cell of table.cells) change(cell);
    await route.fulfill({ response, json: table });
  });
}

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`a type tells where it is in stock, and a sold-out one what to take instead, ${look.lang}`, async ({ openBuy }) => {
    const { page, t } = await openBuy(look);
    await expectLoaded(page, t);
    await expect(choice(page, t.type, "desktop.n1.small")).toHaveAccessibleName(/有货|In stock/);
    await expect(choice(page, t.type, "desktop.ga1.8xlarge")).toHaveAccessibleName(/B、E 区|Zones B, E/);
    await option(page, t.user, "li.si").click();
    await choice(page, t.userGroup, t.administrators).check();

    const last = page.getByRole("radiogroup", { name: t.zone, exact: true }).getByRole("radio").last();
    await expect(last).not.toHaveAccessibleName(new RegExp(names.soldOut));
    await choice(page, t.type, "desktop.ga1.8xlarge").check();
    await expect(last).toHaveAccessibleName(new RegExp(names.soldOut));
    await last.check();
    await expect(page.getByText(t.soldOut).first()).toBeVisible();
    await expectAccessible(page);

    // Another type in this zone; all else stays.
    await page.getByRole("button", { name: names.instead("desktop.ga1.4xlarge"), exact: true }).click();
    await expect(choice(page, t.type, "desktop.ga1.4xlarge")).toBeChecked();
    await expect(last).toBeChecked();
    await expect(page.getByRole("status").filter({ hasText: t.inStock })).toBeVisible();
    await expect(choice(page, t.userGroup, t.administrators)).toBeChecked();
    await expect(summary(page, t)).toContainText("li.si");

    // Or the same type in another zone.
    await choice(page, t.type, "desktop.ga1.8xlarge").check();
    await page.getByRole("button", { name: names.instead(names.zoneB), exact: true }).click();
    await expect(chosen(page, t.zone)).toHaveAccessibleName(beginsWith(names.zoneB));
    await expect(choice(page, t.type, "desktop.ga1.8xlarge")).toBeChecked();
    await expect(page.getByRole("status").filter({ hasText: t.inStock })).toBeVisible();
    await expect(summary(page, t)).toContainText("li.si");
  });

  test(`the stock says as of when it is, by its oldest answer, and is read out by nobody, ${look.lang}`, async ({ openBuy }) => {
    let oldest = 120;
    const age = (cell: Cell): void => {
      cell.age = cell.type_item_id === "desktop.n1.large" ? oldest : 0;
    };
    let complete = async (): Promise<void> => undefined;
    const before = async (page: Page) => {
      complete = await installClock(page, "2026-03-02T14:05:10+08:00");
      await stockWith(page, age);
    };
    const { page, t } = await openBuy({ ...look, before, more: { timezoneId: "Asia/Shanghai" } });
    await expectLoaded(page, t);
    const time = page.getByText(names.asOf);
    await expect(time).toContainText(`${names.asOf} 14:03`);
    await expect(time).toHaveAttribute("aria-live", "off");
    await expect(page.locator("[aria-live]:not([aria-live=off]), [role=status], [role=alert]").filter({ has: time })).toHaveCount(0);
    await expectAccessible(page);

    oldest = 0;
    await complete();
    await page.clock.fastForward(61_000);
    await expect(time).toContainText(`${names.asOf} 14:06`);
    // In another language it is still the time at which it was asked.
    await page.clock.fastForward(30_000);
    await page.getByRole("button", { name: t.otherLanguage, exact: true }).click();
    await expect(page.getByText(look.lang === "zh" ? "Stock as of 14:06" : "库存截至 14:06")).toBeVisible();
  });

  test(`prices for each type, each desktop and all of them, ${look.lang}`, async ({ openBuy }) => {
    const { page, t } = await openBuy(look);
    await expectLoaded(page, t);
    const sums = summary(page, t);
    await expect(choice(page, t.type, "desktop.n1.small")).toHaveAccessibleName(new RegExp(`${names.price} ${names.sign}0\\.55`));
    // Finer than coins, and exact.
    await expect(choice(page, t.type, "desktop.ga1.1xlarge")).toHaveAccessibleName(/6\.4375/);
    await expect(line(sums, "")).toHaveText(`${names.sign}0.55 / ${names.hour}`);
    await expect(sums).toContainText(names.example);

    // Two desktops for six months, 5 percent off: 199 × 6 less 59.70.
    await choice(page, t.billing, t.prePay).check();
    await expect(choice(page, t.type, "desktop.n1.small")).toHaveAccessibleName(new RegExp(`${names.perMonth} ${names.sign}199`));
    await expect(choice(page, t.duration, names.months(6))).toHaveAccessibleName(/−5%/);
    await choice(page, t.duration, names.months(6)).check();
    await page.getByRole("checkbox").check();
    await option(page, t.user, "zhang.san").click();
    await option(page, t.user, "li.si").click();
    await expect(line(sums, names.each)).toContainText(`${names.sign}1,134.30`);
    await expect(line(sums, names.total)).toContainText(`${names.sign}2,268.60`);
    await expect(line(sums, names.saving)).toContainText(`${names.sign}119.40 (5%)`);
    await expectAccessible(page);
    await buyNow(page, t).click();
    await expect(line(review(page, t), names.total)).toContainText(`${names.sign}2,268.60`);
    await expect(review(page, t)).toContainText(names.example);
    await page.keyboard.press("Escape");

    // A type that the operator has no price for.
    await choice(page, t.type, "desktop.ga1.8xlarge").check();
    await expect(sums).toContainText(names.none);
    await expect(sums.locator(".quote")).toHaveCount(0);
  });

  test(`without prices there is no column for them, and the bill decides, ${look.lang}`, async ({ openBuy }) => {
    const before = (page: Page) => page.route("**/api/prices?*", (route) => route.fulfill({ json: { prices: [] } }));
    const { page, t } = await openBuy({ ...look, before });
    await expectLoaded(page, t);
    await expect(choice(page, t.type, "desktop.n1.small")).not.toHaveAccessibleName(new RegExp(names.price));
    await expect(page.locator(".rows-head").first()).not.toContainText(names.price);
    await expect(summary(page, t)).toContainText(names.bill);
    await expectAccessible(page);
  });
}

test("what is chosen for one is what can be had", async ({ openBuy }) => {
  const soldOut = (cell: Cell): void => {
    if (cell.type_item_id === "desktop.n1.small") cell.stock = "sold_out";
    if (cell.type_item_id === "desktop.n1.medium" && cell.zone_id !== "cn-hangzhou-g") cell.stock = "sold_out";
  };
  const { page, t } = await openBuy({ before: (page) => stockWith(page, soldOut) });
  await expectLoaded(page, t);
  await expect(choice(page, t.type, "desktop.n1.medium")).toBeChecked();
  await expect(chosen(page, t.zone)).toHaveValue("cn-hangzhou-g");
});

test("what is in stock is looked at again while the page is open, and what was chosen stays", async ({ openBuy }) => {
  let asked = 0;
  let gone = false;
  const count = (cell: Cell): void => {
    if (gone && cell.type_item_id === "desktop.n1.small") cell.stock = "sold_out";
  };
  let complete = async (): Promise<void> => undefined;
  const before = async (page: Page) => {
    complete = await installClock(page);
    await stockWith(page, count);
    page.on("request", (request) => void (request.url().includes("/api/stock?") && (asked += 1)));
  };
  const { page, t } = await openBuy({ before });
  await expectLoaded(page, t);
  await expect(choice(page, t.type, "desktop.n1.small")).toHaveAccessibleName(/有货/);
  expect(asked).toBe(1);
  gone = true;
  await complete();
  await choice(page, t.type, "desktop.n1.small").focus();
  await page.clock.fastForward(61_000);
  await expect(choice(page, t.type, "desktop.n1.small")).toHaveAccessibleName(/售罄/);
  expect(asked).toBe(2);
  // Neither the choice nor the focus went with it.
  await expect(choice(page, t.type, "desktop.n1.small")).toBeChecked();
  await expect(choice(page, t.type, "desktop.n1.small")).toBeFocused();
});

test("stock that is not known keeps nobody from buying", async ({ openBuy, tolerate }) => {
  tolerate(ERROR_ANSWER);
  const before = (page: Page) => page.route("**/api/stock?*", (route) => route.fulfill(problem(503, "upstream_unavailable")));
  const { page, t } = await openBuy({ before });
  await expectLoaded(page, t);
  await expect(choice(page, t.type, "desktop.n1.small")).toHaveAccessibleName(/未知/);
  await expect(page.getByText(NAMES.zh.asOf)).toHaveCount(0);
  await option(page, t.user, "zhang.san").click();
  await buyNow(page, t).click();
  await expect(review(page, t)).toBeVisible();
});
