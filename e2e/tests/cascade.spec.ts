// Each choice changes what there is to choose below it, what is chosen there, and the page's address.
import {
  asked, beginsWith, choice, chosen, expect, expectLoaded, line, option, regionSelect, selected, summary, test,
} from "../support/fixtures.ts";

test("the region changes everything but the user, and the address follows", async ({ openBuy }) => {
  const { page, t } = await openBuy({ commodityCode: "CloudDesktop", request: { period: 3 } });
  await choice(page, t.zone, "杭州 可用区 E").check();
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);

  await regionSelect(page, t).selectOption("cn-beijing");
  await expect(choice(page, t.zone, "北京 可用区 A")).toBeChecked();
  await expect(choice(page, t.zone, "杭州 可用区 E")).toHaveCount(0);
  await expect(page.getByText(t.dropped("cn-hangzhou-e"))).toBeVisible();
  await expect(chosen(page, t.vSwitch)).toHaveValue(/^vsw-2ze/);
  await expect(page.getByText("vsw-bp1")).toHaveCount(0);
  await expect(selected(page, t.image)).toContainText("Windows Server 2016");
  await expect(selected(page, t.user)).toContainText("zhang.san");
  await expectLoaded(page, t);

  expect(asked(page)).toMatchObject({ commodityCode: "CloudDesktop", hash: "#/buy" });
  expect(asked(page).request).toMatchObject({ region: "cn-beijing", period: 3 });
  await expect(line(summary(page, t), t.region)).toContainText("北京");
});

test("a choice that comes to fit again is back", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await choice(page, t.zone, "杭州 可用区 G").check();
  await regionSelect(page, t).selectOption("cn-shenzhen");
  await expect(choice(page, t.zone, "深圳 可用区 A")).toBeChecked();
  await regionSelect(page, t).selectOption("cn-hangzhou");
  await expect(choice(page, t.zone, "杭州 可用区 G")).toBeChecked();
  await expect(page.getByText(t.dropped("cn-hangzhou-g"))).toHaveCount(0);
});

test("the billing kind rewrites the address and shows or hides the duration", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  const duration = page.getByRole("radiogroup", { name: t.duration });
  await expect(duration).toHaveCount(0);

  // Stock is asked for by billing kind.
  const stock = page.waitForRequest((request) => request.url().includes("ChargeType=PREPAY"));
  await choice(page, t.billing, t.prePay).check();
  await stock;
  await expect(duration).toBeVisible();
  await expect(duration.getByRole("radio")).toHaveCount(12);
  expect(asked(page)).toMatchObject({ commodityCode: "CloudDesktop", request: { region: "cn-hangzhou" }, hash: "#/buy" });
  await choice(page, t.duration, t.months(36)).check();
  expect(asked(page).request).toMatchObject({ period: 36 });
  await expect(line(summary(page, t), t.duration)).toHaveText(t.months(36));

  await choice(page, t.billing, t.postPay).check();
  await expect(duration).toHaveCount(0);
  await expect(line(summary(page, t), t.duration)).toHaveCount(0);
  expect(asked(page).commodityCode).toBe("CloudDesktopPost");

  await choice(page, t.billing, t.prePay).check();
  await expect(choice(page, t.duration, t.months(36))).toBeChecked();
});

test("the type decides about images and stock", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await choice(page, t.zone, "杭州 可用区 G").check();
  await expect(page.getByText(`desktop.n1.small 在 杭州 可用区 G ${t.inStock}`)).toBeVisible();

  // The largest type has an image that is newer than all others, and is sold out in this zone.
  await choice(page, t.type, "desktop.ga1.8xlarge").check();
  await expect(selected(page, t.image)).toContainText("multi-GPU");
  await expect(option(page, t.image, "Windows Server 2012 R2 数据中心版")).toHaveCount(0);
  await expect(page.getByText(`desktop.ga1.8xlarge 在 杭州 可用区 G ${t.soldOut}`)).toBeVisible();
  await option(page, t.image, "Windows Server 2016 with AMD").click();
  await expect(selected(page, t.image)).toContainText("with AMD S7150");

  // The image chosen is not for common types.
  await choice(page, t.type, "desktop.n1.medium").check();
  await expect(selected(page, t.image)).toContainText("Windows Server 2016 数据中心版");
  await expect(option(page, t.image, "Windows Server 2016 with AMD")).toHaveCount(0);
  await expect(page.getByText(t.dropped("m-bp1sys0000000000000004"))).toBeVisible();
  await expect(page.getByText(`desktop.n1.medium 在 杭州 可用区 G ${t.inStock}`)).toBeVisible();
});

test("the family narrows the types and takes no choice away", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  const types = page.getByRole("radiogroup", { name: t.type, exact: true }).getByRole("radio");
  await expect(types).toHaveCount(7);
  await choice(page, t.family, t.familyGpu).check();
  await expect(types).toHaveCount(4);
  await expect(choice(page, t.type, "desktop.ga1.4xlarge")).toHaveAccessibleName(/16.*40 GB.*2 × AMD S7150/);
  await expect(line(summary(page, t), t.type)).toContainText("desktop.n1.small");
  await choice(page, t.family, t.familyCommon).check();
  await expect(types).toHaveCount(3);
  await expect(choice(page, t.type, "desktop.n1.small")).toBeChecked();
  await choice(page, t.family, t.familyAll).check();
  await expect(types).toHaveCount(7);
});

test("the zone decides about vSwitches and stock; the one with most room is the default", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  const vSwitches = page.getByRole("radiogroup", { name: t.vSwitch, exact: true }).getByRole("radio");
  // Five of the network in the first zone, and none of another network.
  await expect(vSwitches).toHaveCount(5);
  await expect(page.getByText("other-network")).toHaveCount(0);
  await expect(chosen(page, t.vSwitch)).toHaveAccessibleName(/^office\b.*251/);
  await expect(choice(page, t.vSwitch, "full")).toBeDisabled();
  await expect(choice(page, t.vSwitch, "full")).toHaveAccessibleName(new RegExp(t.vSwitchFull));
  await choice(page, t.vSwitch, "design").check();

  await choice(page, t.zone, "杭州 可用区 E").check();
  await expect(vSwitches).toHaveCount(4);
  await expect(chosen(page, t.vSwitch)).toHaveAccessibleName(beginsWith("office-2"));
  await expect(choice(page, t.vSwitch, "design")).toHaveCount(0);
  await expect(page.getByText(t.dropped("vsw-bp1desk0000000000002"))).toBeVisible();
  await expect(page.getByText(`desktop.n1.small 在 杭州 可用区 E ${t.inStock}`)).toBeVisible();
  await expect.poll(() => asked(page).request).toMatchObject({ zoneId: "cn-hangzhou-e" });
});

test("the image type decides about images; the newest that fits and is ready is the default", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await expect(selected(page, t.image)).toContainText("Windows Server 2016 数据中心版");
  await choice(page, t.imageType, t.imageCustom).check();
  await expect(selected(page, t.image)).toContainText("研发环境-2018");
  // Newer, but still being made; and one for GPU types only.
  await expect(option(page, t.image, "office-next")).toHaveAttribute("aria-disabled", "true");
  await expect(option(page, t.image, "设计部标准镜像")).toHaveCount(0);
  await expect(option(page, t.image, "training <room 2>")).toBeVisible();
  await expect.poll(() => asked(page).request).toMatchObject({ imageType: "private" });

  await choice(page, t.imageType, t.imageSystem).check();
  await expect(selected(page, t.image)).toContainText("Windows Server 2016 数据中心版");
});
