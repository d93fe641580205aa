// Renewing and releasing where it is not plain: by keyboard, on a phone, while one is under way, with a lost answer, with a
// refusal that is tried again, and for desktops bought elsewhere.
import type { Page } from "@playwright/test";

import {
  BROKEN_CONNECTION, buyPath, choice, expect, expectAccessible, expectFocusSeen, LOOKS, press, tabTo, type Texts,
} from "../support/fixtures.ts";
import { test } from "../support/installed.ts";
import type { Installation } from "../support/installation.ts";
import { confirmRetry, expectNoOverflow, expectSettled, place, purchase, rows, told } from "../support/orders.ts";

const NAMES = {
  zh: {
    desktops: "桌面", renew: "续费", release: "释放", renewNow: "确认续费", releaseNow: "确认释放", renewTitle: "续费桌面",
    releaseTitle: "释放桌面", done: "已完成", notDone: "未完成", again: "重新提交", released: "已释放", underWay: "处理中",
    elsewhere: "在别处购买的桌面", warning: "永久删除",
  },
  en: {
    desktops: "Desktops", renew: "Renew", release: "Release", renewNow: "Renew now", releaseNow: "Release now",
    renewTitle: "Renew desktop", releaseTitle: "Release desktop", done: "Done", notDone: "Not done", again: "Try again",
    released: "Released", underWay: "In progress", elsewhere: "Desktops bought elsewhere", warning: "destroys the desktop",
  },
} as const;

type Names = (typeof NAMES)["zh" | "en"];

let installation: Installation;
test.beforeEach(({ installation: started }) => {
  installation = started;
});

/** Buys a desktop, past the page, and tells its identifier. */
async function bought(more: Record<string, unknown> = {}): Promise<string> {
  await place(installation, await purchase(installation, `bought-${String(more["ChargeType"] ?? "POSTPAY")}`, more));
  await expectSettled(installation);
  return (await told(installation))[0]!.desktop_id!;
}

const subscription = { ChargeType: "PREPAY", Period: 1 };

async function showDesktops(page: Page, names: Names): Promise<void> {
  await page.getByRole("radio", { name: names.desktops, exact: true }).check();
}

function state(page: Page, t: Texts, text: string) {
  return page.getByRole("region", { name: t.order, exact: true }).getByText(text, { exact: true });
}

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`a desktop is released by keyboard alone, ${look.lang}`, async ({ open }) => {
    const id = await bought();
    const { page, t } = await open("/#/orders", look);
    await showDesktops(page, names);
    const opener = rows(page).getByRole("button", { name: `${names.release} ${id}` });
    await expect(opener).toBeVisible();
    await tabTo(page, opener);
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: names.releaseTitle });
    await expect(dialog.getByText(names.warning)).toBeVisible();
    await expectFocusSeen(page);
    // Escape leads back to where one was, and has done nothing.
    await page.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
    await expect(opener).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(dialog.getByRole("textbox")).toBeFocused();

    const go = dialog.getByRole("button", { name: names.releaseNow });
    await page.keyboard.type(id.toUpperCase());
    await page.keyboard.press("Enter");
    await expect(go).toHaveAttribute("aria-disabled", "true");
    await tabTo(page, go);
    await press(page, "Enter", "Space");
    await expect(dialog).toBeVisible();
    await expectAccessible(page);
    expect((await told(installation)).map((order) => order.action)).toEqual(["CreateDesktop"]);

    await tabTo(page, dialog.getByRole("textbox"), "Shift+Tab");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type(id);
    await expect(go).not.toHaveAttribute("aria-disabled", "true");
    await expectAccessible(page);
    await tabTo(page, go);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: t.order })).toBeFocused();
    await expect(state(page, t, names.done)).toBeVisible();
    await expectAccessible(page);
    expect((await installation.state()).desktops).toEqual([expect.objectContaining({ id, released: true })]);

    await page.getByRole("navigation").getByRole("link", { name: t.orders, exact: true }).click();
    await showDesktops(page, names);
    await expect(rows(page)).toContainText(names.released);
    await expect(rows(page).getByRole("button")).toHaveCount(0);
  });

  test(`a renewal that is refused is said so, and tried again once there is money, ${look.lang}`, async ({ open }) => {
    const id = await bought(subscription);
    await installation.scenarios("insufficient-balance");
    const { page, t } = await open("/#/orders", { ...look, width: 390 });
    await showDesktops(page, names);
    await expectNoOverflow(page);
    await rows(page).getByRole("button", { name: `${names.renew} ${id}` }).click();
    const dialog = page.getByRole("dialog", { name: names.renewTitle });
    await choice(page, t.duration, t.months(24)).check();
    await expectNoOverflow(page);
    await expectAccessible(page);
    await dialog.getByRole("button", { name: names.renewNow }).click();
    await expect(state(page, t, names.notDone)).toBeVisible();
    await expect(page.getByText(t.lowBalance).first()).toBeVisible();
    await expectAccessible(page);

    await installation.scenarios();
    await page.getByRole("button", { name: names.again }).dblclick();
    await expect(page.getByRole("dialog")).toContainText(t.months(24));
    await expectAccessible(page);
    await confirmRetry(page, t);
    await expect(state(page, t, names.done)).toBeVisible();
    await expectNoOverflow(page);
    const renewals = (await installation.state()).desktops.map((desktop) => (desktop as unknown as { renewals: unknown[] }).renewals);
    expect(renewals).toEqual([[expect.objectContaining({ period: 24 })]]);
    // The list shows what was paid for: one month and twenty-four.
    await page.getByRole("navigation").getByRole("link", { name: t.orders, exact: true }).click();
    await showDesktops(page, names);
    await expect(rows(page)).toContainText(t.months(25));
  });
}

test("while a renewal is under way the desktop says so and offers no other", async ({ open }) => {
  const names = NAMES.zh;
  const id = await bought(subscription);
  await installation.scenarios("hang:RenewDesktop");
  const { page, t } = await open("/#/orders");
  await showDesktops(page, names);
  await rows(page).getByRole("button", { name: `${names.renew} ${id}` }).click();
  await page.getByRole("button", { name: names.renewNow }).click();
  await expect(state(page, t, "正在处理")).toBeVisible();
  await page.getByRole("navigation").getByRole("link", { name: t.orders, exact: true }).click();
  await showDesktops(page, names);
  await expect(rows(page)).toContainText(names.underWay);
  await expect(rows(page).getByRole("button")).toHaveCount(0);
  await expectAccessible(page);

  // It ends while one looks on.
  await installation.scenarios();
  await expect(rows(page).getByRole("button", { name: `${names.renew} ${id}` })).toBeVisible();
  await expect(rows(page)).toContainText(t.months(2));
});

test("the answer to a renewal is lost: renewing again, even after a reload, renews once", async ({ open, tolerate }) => {
  tolerate(BROKEN_CONNECTION);
  const names = NAMES.zh;
  const id = await bought(subscription);
  const { page, t } = await open("/#/orders");
  const renew = async () => {
    await rows(page).getByRole("button", { name: `${names.renew} ${id}` }).click();
    await page.getByRole("button", { name: names.renewNow }).click();
  };
  await showDesktops(page, names);
  await page.route("**/api/orders", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  }, { times: 1 });
  await renew();
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("无法连接服务");
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("不会重复执行");
  // Another period would be another order.
  const periods = page.getByRole("dialog").getByRole("radio");
  await expect(periods.first()).toBeDisabled();
  await expect(periods.last()).toBeDisabled();
  await expectAccessible(page);
  await expectSettled(installation);
  await page.reload();
  await showDesktops(page, names);
  await renew();
  await expect(state(page, t, names.done)).toBeVisible();
  expect((await installation.state()).desktops).toEqual([expect.objectContaining({ renewals: [expect.anything()] })]);
});

test("a subscription bought elsewhere is renewed by its name; releasing it is refused, and said so", async ({ open }) => {
  const names = NAMES.zh;
  const id = await bought(subscription);
  await installation.forgetOrders();
  const { page, t } = await open(buyPath({ hash: "#/orders" }));
  await showDesktops(page, names);
  await expect(rows(page)).toHaveCount(0);
  const section = page.getByRole("region", { name: names.elsewhere });
  const name = section.getByRole("textbox", { name: t.desktopId });
  await name.fill(` ${id} `);
  await section.getByRole("button", { name: names.release, exact: true }).click();
  await page.getByRole("dialog").getByRole("textbox").fill(id);
  await page.getByRole("button", { name: names.releaseNow }).click();
  await expect(state(page, t, names.notDone)).toBeVisible();
  await expect(page.getByText(t.requestId).first()).toBeVisible();
  expect((await installation.state()).desktops).toEqual([expect.objectContaining({ released: false })]);

  await page.goBack();
  await showDesktops(page, names);
  await name.fill(id);
  await section.getByRole("button", { name: names.renew, exact: true }).click();
  await choice(page, t.duration, t.months(3)).check();
  await page.getByRole("button", { name: names.renewNow }).click();
  await expect(state(page, t, names.done)).toBeVisible();
  expect((await installation.state()).desktops).toEqual([expect.objectContaining({ renewals: [expect.objectContaining({ period: 3 })] })]);
});

test("elsewhere: the region that is shown is the one that is meant, also where the address names none", async ({ open }) => {
  const names = NAMES.zh;
  const id = await bought();
  await installation.forgetOrders();
  const { page, t } = await open("/#/orders");
  await showDesktops(page, names);
  const section = page.getByRole("region", { name: names.elsewhere });
  const name = section.getByRole("textbox", { name: t.desktopId });
  const release = section.getByRole("button", { name: names.release, exact: true });
  // Without a name there is nothing to release, and the reason stands there.
  await release.click();
  await expect(section.getByRole("alert")).not.toBeEmpty();
  await expect(name).toHaveAttribute("aria-invalid", "true");
  await expectAccessible(page);

  const region = section.getByRole("combobox", { name: t.region });
  await expect(region).toHaveValue("cn-hangzhou");
  await name.fill(id);
  await release.click();
  await page.getByRole("dialog", { name: names.releaseTitle }).getByRole("textbox").fill(id);
  await page.getByRole("button", { name: names.releaseNow }).click();
  await expect(state(page, t, names.done)).toBeVisible();
  expect((await installation.state()).desktops).toEqual([expect.objectContaining({ released: true })]);
});
