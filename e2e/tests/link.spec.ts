// What a link brings along: a full configuration, one that does not fit any more, junk, no region.
import {
  asked, beginsWith, buyPath, choice, chosen, expect, expectLoaded, expectPlaced, option, order, REFUSED_REQUEST, regionSelect, selected,
  test,
} from "../support/fixtures.ts";

const CONFIGURATION = {
  typeItemId: "desktop.ga1.8xlarge",
  zoneId: "cn-hangzhou-e",
  vSwitchId: "vsw-bp1desk0000000000009",
  imageType: "private",
  imageId: "m-bp1own0000000000000002",
  userGroup: "Administrators",
  period: 24,
};

test("a configuration in the link is what is bought", async ({ openBuy, state }) => {
  const { page, t } = await openBuy({ commodityCode: "CloudDesktop", request: CONFIGURATION });
  await expectLoaded(page, t);
  await expect(choice(page, t.type, "desktop.ga1.8xlarge")).toBeChecked();
  await expect(choice(page, t.zone, "杭州 可用区 E")).toBeChecked();
  await expect(choice(page, t.vSwitch, "lab")).toBeChecked();
  await expect(choice(page, t.imageType, t.imageCustom)).toBeChecked();
  await expect(selected(page, t.image)).toContainText("设计部标准镜像");
  await expect(choice(page, t.userGroup, t.administrators)).toBeChecked();
  await expect(choice(page, t.duration, t.months(24))).toBeChecked();

  await option(page, t.user, "zhang.san").click();
  await order(page, t);
  await expectPlaced(page, t);
  expect((await state()).desktops).toEqual([
    expect.objectContaining({
      type: CONFIGURATION.typeItemId,
      zone: CONFIGURATION.zoneId,
      v_switch: CONFIGURATION.vSwitchId,
      image: CONFIGURATION.imageId,
      user_group: "Administrators",
      charge_type: "PREPAY",
      period: 24,
    }),
  ]);
});

test("a reload keeps what was chosen, and the user is not in the address", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await choice(page, t.type, "desktop.n1.large").check();
  await choice(page, t.zone, "杭州 可用区 E").check();
  await choice(page, t.vSwitch, "研发").check();
  await choice(page, t.imageType, t.imageCustom).check();
  await option(page, t.image, "call-center-v3").click();
  await choice(page, t.userGroup, t.administrators).check();
  await option(page, t.user, "zhang.san").click();
  await expect(selected(page, t.user)).toBeVisible();
  expect(page.url()).not.toContain("zhang");

  await page.reload();
  await expectLoaded(page, t);
  await expect(choice(page, t.type, "desktop.n1.large")).toBeChecked();
  await expect(choice(page, t.zone, "杭州 可用区 E")).toBeChecked();
  await expect(choice(page, t.vSwitch, "研发")).toBeChecked();
  await expect(selected(page, t.image)).toContainText("call-center-v3");
  await expect(choice(page, t.userGroup, t.administrators)).toBeChecked();
  await expect(selected(page, t.user)).toContainText("zhang.san");
  expect(page.url()).not.toContain("zhang");
});

test("Back and Forward show what the address says, also where the form has changed between the pages", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  const go = (name: string) => page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
  const orders = page.getByRole("heading", { level: 1, name: t.orders, exact: true });
  await choice(page, t.zone, "杭州 可用区 E").check();
  await expect.poll(() => asked(page).request.zoneId).toBe("cn-hangzhou-e");
  await go(t.orders);
  await expect(orders).toBeVisible();
  await go(t.buy);
  await expectLoaded(page, t);
  await choice(page, t.zone, "杭州 可用区 G").check();
  await expect.poll(() => asked(page).request.zoneId).toBe("cn-hangzhou-g");

  // These have another query than the address before them.
  await page.goBack();
  await expect(orders).toBeVisible();
  await page.goBack();
  await expect(choice(page, t.zone, "杭州 可用区 E")).toBeChecked();
  await page.goForward();
  await expect(orders).toBeVisible();
  await page.goForward();
  await expect(choice(page, t.zone, "杭州 可用区 G")).toBeChecked();
});

test("what does not exist is dropped, and the page says so", async ({ openBuy, tolerate }) => {
  // The lists are asked for side by side, those of the type before it is known that there is no such type.
  tolerate(REFUSED_REQUEST);
  const request = { typeItemId: "desktop.x9", zoneId: "cn-hangzhou-z", vSwitchId: "vsw-none", imageId: "m-none" };
  const { page, t } = await openBuy({ request });
  for (const gone of Object.values(request)) await expect(page.getByText(t.dropped(gone))).toBeVisible();
  await expect(choice(page, t.type, "desktop.n1.small")).toBeChecked();
  await expect(choice(page, t.zone, "杭州 可用区 B")).toBeChecked();
  await expect(chosen(page, t.vSwitch)).toHaveAccessibleName(beginsWith("office"));
  await expect(selected(page, t.image)).toContainText("Windows Server 2016");
  await expectLoaded(page, t);
});

const REGION = encodeURIComponent('{"region":"cn-hangzhou"}');
const JUNK: [what: string, path: string, usable: boolean][] = [
  ["an unknown commodity code", `/?commodityCode=Other&request=${REGION}#/buy`, true],
  ["an unknown route", `/?request=${REGION}#/nowhere/at/all`, true],
  ["no route", `/?commodityCode=CloudDesktopPost&request=${REGION}`, true],
  ["members of wrong types", buyPath({ request: { typeItemId: { a: 1 }, zoneId: 7, period: "x", imageType: [] } }), true],
  ["values that cannot be", buyPath({ request: { period: 10, userGroup: "Root", typeItemId: "<b>'\"&" } }), true],
  ["a very long value", buyPath({ request: { imageId: `m-${"x".repeat(5000)}` } }), true],
  ["a request that is no JSON", "/?commodityCode=CloudDesktopPost&request={broken#/buy", false],
  ["a request that is a list", "/?commodityCode=CloudDesktopPost&request=[1]#/buy", false],
  ["a region that is no text", '/?request={"region":7}#/buy', false],
  ["percent signs that mean nothing", "/?request=%E4%ZZ%#/buy", false],
];

for (const [what, path, usable] of JUNK) {
  test(`a link with ${what} gives a page that can be used`, async ({ open, tolerate }) => {
    tolerate(REFUSED_REQUEST);
    const { page, t } = await open(path);
    if (!usable) await page.getByRole("button", { name: "cn-hangzhou" }).click();
    await expectLoaded(page, t);
    await expect(choice(page, t.type, "desktop.n1.small")).toBeChecked();
  });
}

test("without a region the page lets one choose", async ({ openBuy }) => {
  const { page, t } = await openBuy({ region: null, commodityCode: "CloudDesktop", request: { period: 6 } });
  await expect(page.getByRole("heading", { level: 1, name: t.title })).toBeVisible();
  await expect(page.getByRole("heading", { level: 2, name: t.chooseRegion })).toBeVisible();
  await expect(page.getByRole("alert").filter({ hasText: /./ })).toHaveCount(0);
  await page.getByRole("button", { name: /cn-shanghai/ }).click();
  await expect(regionSelect(page, t)).toHaveValue("cn-shanghai");
  await expect(choice(page, t.duration, t.months(6))).toBeChecked();
  await expectLoaded(page, t);
  expect(asked(page)).toMatchObject({ commodityCode: "CloudDesktop", request: { region: "cn-shanghai", period: 6 } });
});

test("an unknown region is named, and another can be chosen", async ({ openBuy, tolerate }) => {
  tolerate(REFUSED_REQUEST);
  const { page, t } = await openBuy({ region: "xx-nowhere-1" });
  await expect(page.getByRole("alert").filter({ hasText: t.unknownRegion("xx-nowhere-1") })).toBeVisible();
  await page.getByRole("button", { name: /cn-beijing/ }).click();
  await expect(choice(page, t.zone, "北京 可用区 A")).toBeChecked();
  await expectLoaded(page, t);
  expect(asked(page).request).toMatchObject({ region: "cn-beijing" });
});
