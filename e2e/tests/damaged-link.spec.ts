// Links as messengers, mail programs and word processors leave them: read where they have one meaning, and never changed in
// silence.
import { chosen, choice, expect, expectAccessible, expectLoaded, test } from "../support/fixtures.ts";

for (const hash of ["#/orders。", "#/orders?from=wechat", "#/orders&x=1", "#orders", "#//orders", "#/orders%E3%80%82"]) {
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
