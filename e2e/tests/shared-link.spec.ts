// The address is that of the form as it is shown: after a choice it keeps nothing that depended on the old one, and
// a person who opens it finds the same form.
import type { Page, Route } from "@playwright/test";

import {
  asked, choice, chosen, expect, expectLoaded, option, type Opened, regionSelect, selected, test, type Texts,
} from "../support/fixtures.ts";

/** The configuration that the form shows. */
async function shown(page: Page, t: Texts): Promise<Record<string, string | null>> {
  const value = (group: string): Promise<string> => chosen(page, group).inputValue();
  return {
    region: await regionSelect(page, t).inputValue(),
    type: await value(t.type),
    zone: await value(t.zone),
    vSwitch: await value(t.vSwitch),
    imageType: await value(t.imageType),
    image: await selected(page, t.image).textContent(),
  };
}

/** Opens the page's address elsewhere, and looks whether it is the same form, with nothing that fell away. */
async function expectSameElsewhere({ page, t }: Opened, open: (path: string) => Promise<Opened>): Promise<void> {
  const { pathname, search, hash } = new URL(page.url());
  const elsewhere = await open(`${pathname}${search}${hash}`);
  await expectLoaded(elsewhere.page, t);
  expect(await shown(elsewhere.page, t)).toEqual(await shown(page, t));
  await expect(elsewhere.page.locator(".field-note", { hasText: /./ })).toHaveCount(0);
}

type Choose = (page: Page, t: Texts) => Promise<unknown>;

/** Each case: what is chosen first, so that the address has all of it, and the choice after which some of that is gone. */
const CASES: [what: string, before: Choose, change: Choose, replaced: string[]][] = [
  [
    "the vSwitch after the zone",
    (page, t) => choice(page, t.vSwitch, "design").check(),
    (page, t) => choice(page, t.zone, "杭州 可用区 E").check(),
    ["vSwitchId"],
  ],
  [
    "the image after the image type",
    (page, t) => option(page, t.image, "Windows Server 2012 R2").first().click(),
    (page, t) => choice(page, t.imageType, t.imageCustom).check(),
    ["imageId"],
  ],
  [
    "the image after a type with a GPU",
    (page, t) => option(page, t.image, "Windows Server 2012 R2").first().click(),
    (page, t) => choice(page, t.type, "desktop.ga1.8xlarge").check(),
    ["imageId"],
  ],
  [
    "zone, vSwitch and image after the region",
    (page, t) => choice(page, t.zone, "杭州 可用区 E").check(),
    (page, t) => regionSelect(page, t).selectOption("cn-beijing"),
    ["zoneId", "vSwitchId", "imageId"],
  ],
];

for (const [what, before, change, replaced] of CASES) {
  test(`the address follows: ${what}`, async ({ open, openBuy }) => {
    const { page, t } = await openBuy();
    await expectLoaded(page, t);
    await before(page, t);
    await expectLoaded(page, t);
    const missing = (): string[] => replaced.filter((member) => typeof asked(page).request[member] !== "string");
    await expect.poll(missing).toEqual([]);
    const old = asked(page).request;

    await change(page, t);
    await expectLoaded(page, t);
    await expect.poll(missing).toEqual([]);
    const now = asked(page).request;
    for (const member of replaced) expect(now[member], member).not.toEqual(old[member]);
    await expectSameElsewhere({ page, t }, (path) => open(path));
  });
}

test("until its list is there, the address has nothing of the old choice", async ({ open, openBuy }) => {
  const held: Route[] = [];
  const { page, t } = await openBuy();
  await choice(page, t.vSwitch, "design").check();
  await expectLoaded(page, t);
  await expect.poll(() => asked(page).request).toMatchObject({ zoneId: "cn-hangzhou-b", vSwitchId: await chosen(page, t.vSwitch).inputValue() });

  await page.route(/DescribeVSwitches/, (route) => void held.push(route));
  await choice(page, t.zone, "杭州 可用区 E").check();
  await expect.poll(() => held.length).toBe(1);
  // The address is written after the request is sent.
  await expect.poll(() => asked(page).request["zoneId"]).toBe("cn-hangzhou-e");
  expect(asked(page).request).not.toHaveProperty("vSwitchId");

  await held[0]!.continue();
  await expectLoaded(page, t);
  await expect.poll(() => asked(page).request["vSwitchId"]).toBe(await chosen(page, t.vSwitch).inputValue());
  await expectSameElsewhere({ page, t }, (path) => open(path));
});

test("a link keeps what it asks for while no list has loaded", async ({ openBuy, tolerate, scenarios }) => {
  tolerate(/the server responded with a status of (502|503|504)/);
  const request = {
    typeItemId: "desktop.n1.large", zoneId: "cn-hangzhou-e", vSwitchId: "vsw-bp1desk0000000000009", imageType: "private",
    imageId: "m-bp1own0000000000000002", userGroup: "Users", period: 24,
  };
  await scenarios(
    "fail:DescribeDesktopTypeItems", "fail:DescribeZones", "fail:DescribeVSwitches", "fail:DescribeImages",
    "fail:DescribeAvailableResource",
  );
  const { page, t } = await openBuy({ commodityCode: "CloudDesktop", request });
  await choice(page, t.userGroup, t.administrators).check();
  await expect.poll(() => asked(page).request).toEqual({ region: "cn-hangzhou", ...request, userGroup: "Administrators" });
});

test("a copied link is that of the form, also before anything was chosen", async ({ openBuy }) => {
  const { page, t } = await openBuy({ request: { vSwitchId: "vsw-none" } });
  await expectLoaded(page, t);
  await expect(page.getByText(t.dropped("vsw-none"))).toBeVisible();
  await page.context().grantPermissions(["clipboard-write"]);
  await page.getByRole("button", { name: "复制配置链接" }).click();
  // The page may not read the clipboard, but a person may paste.
  const field = page.getByRole("searchbox", { name: t.searchUsers });
  await field.focus();
  await page.keyboard.press("Control+V");
  const copied = new URL(await field.inputValue());
  expect(JSON.parse(copied.searchParams.get("request")!)).toMatchObject({
    region: "cn-hangzhou",
    vSwitchId: await chosen(page, t.vSwitch).inputValue(),
  });
  expect(copied.hash).toBe("#/buy");
});
