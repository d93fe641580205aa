// A purchase from a cold page to a bought desktop: both addresses of the document, both languages.
import {
  beginsWith, buyNow, chosen, choice, expect, expectLoaded, expectPlaced, LANGS, line, option, order, orderLine, review, selected,
  summary, test,
} from "../support/fixtures.ts";

for (const lang of LANGS) {
  test(`pay as you go, ${lang}: choosing the user is enough`, async ({ openBuy, state }) => {
    const { page, t } = await openBuy({ lang, commodityCode: "CloudDesktopPost" });
    await expect(page).toHaveTitle(`${t.title} · Deskbuy`);
    await expect(page.getByRole("heading", { level: 1, name: t.title })).toBeVisible();
    await expectLoaded(page, t);

    // One choice; the rest are good defaults.
    await option(page, t.user, "zhang.san").click();
    await expect(selected(page, t.user)).toContainText("zhang.san");
    await expect(line(summary(page, t), t.user)).toContainText("zhang.san@example.com");
    await buyNow(page, t).click();

    const dialog = review(page, t);
    await expect(line(dialog, t.billing)).toHaveText(t.postPay);
    await expect(line(dialog, t.region)).toContainText(lang === "zh" ? "杭州" : "Hangzhou");
    await expect(line(dialog, t.type)).toContainText("desktop.n1.small");
    await expect(line(dialog, t.zone)).toHaveText(lang === "zh" ? "杭州 可用区 B" : "Hangzhou Zone B");
    await expect(line(dialog, t.vSwitch)).toContainText("office");
    await expect(line(dialog, t.image)).toContainText("Windows Server 2016");
    await expect(line(dialog, t.user)).toContainText("zhang.san");
    await expect(line(dialog, t.userGroup)).toHaveText(t.users);
    await expect(line(dialog, t.duration)).toHaveCount(0);
    await dialog.getByRole("button", { name: t.placeOrder, exact: true }).click();

    await expectPlaced(page, t);
    await expect(page).toHaveTitle(`${t.order} · Deskbuy`);
    const { desktops, tokens } = await state();
    expect(desktops).toEqual([
      expect.objectContaining({
        region: "cn-hangzhou",
        zone: "cn-hangzhou-b",
        v_switch: "vsw-bp1desk0000000000001",
        type: "desktop.n1.small",
        image: "m-bp1sys0000000000000001",
        user: "zhang.san",
        user_group: "Users",
        charge_type: "POSTPAY",
        period: null,
        released: false,
      }),
    ]);
    expect(tokens).toEqual([expect.objectContaining({ action: "CreateDesktop", uses: 1 })]);

    // The page shows what the cloud gave, under the address of the order.
    const [desktop] = desktops;
    await expect(orderLine(page, t, t.orderId)).toContainText(desktop!.order_id);
    await expect(orderLine(page, t, t.desktopId)).toContainText(desktop!.id);
    await expect(orderLine(page, t, t.requestId)).toContainText(/[0-9A-F-]{36}/);
    expect(new URL(page.url()).hash).toContain(desktop!.token.slice(0, 8));
  });

  test(`subscription, ${lang}: with a duration, and nothing left at its default`, async ({ openBuy, state }) => {
    const { page, t } = await openBuy({ lang, commodityCode: "CloudDesktop", region: "cn-beijing" });
    await expectLoaded(page, t);
    await expect(chosen(page, t.billing)).toHaveAccessibleName(beginsWith(t.prePay));
    await expect(chosen(page, t.duration)).toHaveAccessibleName(t.months(1));

    await choice(page, t.duration, t.months(12)).check();
    await choice(page, t.type, "desktop.ga1.2xlarge").check();
    await choice(page, t.zone, lang === "zh" ? "北京 可用区 C" : "Beijing Zone C").check();
    await choice(page, t.vSwitch, "研发").check();
    await choice(page, t.imageType, t.imageCustom).check();
    await option(page, t.image, "设计部标准镜像").click();
    await option(page, t.user, "张伟").click();
    await choice(page, t.userGroup, t.administrators).check();
    await expectLoaded(page, t);
    await buyNow(page, t).click();

    const dialog = review(page, t);
    await expect(line(dialog, t.billing)).toHaveText(t.prePay);
    await expect(line(dialog, t.duration)).toHaveText(t.months(12));
    await expect(line(dialog, t.userGroup)).toHaveText(t.administrators);
    await dialog.getByRole("button", { name: t.placeOrder, exact: true }).click();

    await expectPlaced(page, t);
    const { desktops } = await state();
    expect(desktops).toEqual([
      expect.objectContaining({
        region: "cn-beijing",
        zone: "cn-beijing-c",
        v_switch: "vsw-2zedesk0000000000007",
        type: "desktop.ga1.2xlarge",
        image: "m-2zeown0000000000000002",
        user: "张伟",
        user_group: "Administrators",
        charge_type: "PREPAY",
        period: 12,
      }),
    ]);
  });
}

test("what the cloud gave can be copied", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await option(page, t.user, "zhang.san").click();
  await order(page, t);
  await expectPlaced(page, t);

  const [desktop] = (await state()).desktops;
  for (const [what, text] of [[t.orderId, desktop!.order_id], [t.desktopId, desktop!.id]] as const) {
    await page.getByRole("button", { name: t.copy(what), exact: true }).click();
    await expect(orderLine(page, t, what).getByRole("status")).toHaveText(t.copied);
    // Pasted elsewhere, since the page itself may not read the clipboard.
    const elsewhere = await page.context().newPage();
    await elsewhere.setContent("<textarea></textarea>");
    await elsewhere.locator("textarea").press("ControlOrMeta+v");
    await expect(elsewhere.locator("textarea")).toHaveValue(text);
    await elsewhere.close();
  }
});

test("a second click on the button that places the order buys nothing more", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  await buyNow(page, t).dblclick();
  await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).dblclick();
  await expectPlaced(page, t);
  const { desktops, calls } = await state();
  expect(desktops).toHaveLength(1);
  expect(calls["CreateDesktop"]).toBe(1);
});

test("after an order the next one starts afresh and is another", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  for (const user of ["zhang.san", "li.si"]) {
    await option(page, t.user, user).click();
    await order(page, t);
    await expectPlaced(page, t);
    await page.getByRole("link", { name: t.buyAnother }).click();
  }
  const { desktops } = await state();
  expect(desktops.map((desktop) => desktop.user)).toEqual(["zhang.san", "li.si"]);
  expect(new Set(desktops.map((desktop) => desktop.token)).size).toBe(2);
});
