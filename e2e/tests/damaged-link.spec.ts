// Links as messengers, mail programs and word processors leave them: read where they have one meaning, and never changed in
// silence.
import { chosen, choice, expect, expectAccessible, expectLoaded, test } from "../support/fixtures.ts";

for (const hash of ["#/orders。", "#/orders?from=wechat", "#/orders&x=1", "#orders", "#//orders", "#/orders%E3%80%82", "#%21/orders"]) {
  test(`${hash} opens the orders`, async ({ open }) => {
    const { page, t } = await open(`/${hash}`);
    await expect(page.getByRole("heading", { level: 1, name: t.orders, exact: true })).toBeVisible();
    await expect(page.getByText(/还没有订单|共 \d+ 条/)).toBeVisible();
  });
}

const UNREAD = "链接中有无法识别的内容";

test("a link with curly quotes, another case and a full stop is read as it was meant", async ({ open }) => {
  const { page, t } = await open("/?commodityCode=clouddesktop。&request={“region”:“cn-hangzhou”，“period”:“12”，“userGroup”:“administrators”}。#/buy");
  await expectLoaded(page, t);
  await expect(choice(page, t.billing, t.prePay)).toBeChecked();
  await expect(choice(page, t.duration, t.months(12))).toBeChecked();
  await expect(choice(page, t.userGroup, t.administrators)).toBeChecked();
  await expect(page.getByText(UNREAD)).toHaveCount(0);
});

test("what a link does not say for certain is named, until it is chosen", async ({ open }) => {
  const request = encodeURIComponent(JSON.stringify({ region: "cn-hangzhou", period: 10, userGroup: "admins" }));
  const { page, t } = await open(`/?commodityCode=CloudDesktopPre&request=${request}#/buy`);
  await expectLoaded(page, t);
  const notice = page.getByRole("alert").filter({ hasText: UNREAD });
  await expect(notice.getByRole("listitem")).toHaveText([`${t.billing}: CloudDesktopPre`, `${t.duration}: 10`, `${t.userGroup}: admins`]);
  await expectAccessible(page);
  await choice(page, t.billing, t.prePay).check();
  await choice(page, t.duration, t.months(9)).check();
  await expect(chosen(page, t.duration)).toHaveValue("9");
  await expect(notice.getByRole("listitem")).toHaveText([`${t.userGroup}: admins`]);
  await choice(page, t.userGroup, t.administrators).check();
  await expect(notice).toHaveCount(0);
});

const REQUEST = '{"region":"cn-hangzhou","period":12,"userGroup":"Administrators"}';
for (const [how, path] of [
  ["escaped for HTML twice", `/?commodityCode=CloudDesktop&amp;amp;request=${REQUEST}#/buy`],
  ["whose signs are full-width", `/?commodityCode＝CloudDesktop＆request＝${REQUEST}#/buy`],
  ["whose query stands behind the hash", `/#/buy?commodityCode=CloudDesktop&request=${REQUEST}`],
  ["whose hash is encoded", `/?request=${REQUEST}&commodityCode=CloudDesktop%23/buy`],
] as const) {
  test(`a link ${how} is read as it was meant`, async ({ open }) => {
    const { page, t } = await open(path);
    await expectLoaded(page, t);
    await expect(choice(page, t.billing, t.prePay)).toBeChecked();
    await expect(choice(page, t.duration, t.months(12))).toBeChecked();
    await expect(choice(page, t.userGroup, t.administrators)).toBeChecked();
    await expect(page.getByText(UNREAD)).toHaveCount(0);
    // The address is the form's own from the first choice on.
    await choice(page, t.duration, t.months(9)).check();
    await page.reload();
    await expectLoaded(page, t);
    await expect(choice(page, t.duration, t.months(9))).toBeChecked();
    await expect(page.getByText(UNREAD)).toHaveCount(0);
  });
}

for (const [what, query, line] of [
  ["a misspelt name", "commodity=CloudDesktop", "commodity: CloudDesktop"],
  ["two billing kinds", "commodityCode=CloudDesktop&commodityCode=CloudDesktopPost", "付费方式: CloudDesktopPost"],
  ["two durations", 'commodityCode=CloudDesktop&request={"region":"cn-hangzhou","period":12,"period":1}', "购买时长: 12"],
  ["a duration that is no whole number", 'commodityCode=CloudDesktop&request={"region":"cn-hangzhou","period":12.5}', "购买时长: 12.5"],
] as const) {
  test(`a link with ${what} changes nothing in silence`, async ({ open }) => {
    const { page } = await open(`/?${query}#/buy`);
    await expect(page.getByRole("alert").filter({ hasText: UNREAD }).getByRole("listitem")).toHaveText([line]);
  });
}
