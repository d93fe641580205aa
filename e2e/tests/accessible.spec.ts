// No barrier that axe can find, in both languages and both colour schemes, in the states that every purchase passes. The
// states of trouble are looked at where the other tests bring them about.
import {
  buyNow, choice, expect, expectAccessible, expectLoaded, expectPlaced, LANGS, option, review, selected, summary, test,
} from "../support/fixtures.ts";

for (const lang of LANGS) {
  for (const scheme of ["light", "dark"] as const) {
    test(`the purchase, ${lang}, ${scheme}`, async ({ openBuy }) => {
      const { page, t } = await openBuy({ lang, scheme, region: null });
      await expect(page.getByRole("button", { name: /cn-hangzhou/ })).toBeVisible();
      await expectAccessible(page);
      await page.getByRole("button", { name: /cn-hangzhou/ }).click();
      await expectLoaded(page, t);
      await expectAccessible(page);

      // Everything to mend, a subscription, and custom images, one of which is not ready.
      await choice(page, t.billing, t.prePay).check();
      await choice(page, t.imageType, t.imageCustom).check();
      await expectLoaded(page, t);
      await buyNow(page, t).click();
      await expect(summary(page, t).getByText(t.pleaseMend)).toBeVisible();
      await expectAccessible(page);

      await page.getByRole("button", { name: t.newUser, exact: true }).click();
      const dialog = page.getByRole("dialog", { name: t.newUser });
      await expect(dialog).toBeVisible();
      await expectAccessible(page);
      await dialog.getByRole("button", { name: t.createUser }).click();
      await expect(dialog.getByText(t.nameEmpty)).toBeVisible();
      await expectAccessible(page);
      await page.keyboard.press("Escape");

      await option(page, t.user, "zhang.san").click();
      await expect(selected(page, t.user)).toBeVisible();
      await buyNow(page, t).click();
      await expect(review(page, t)).toBeVisible();
      await expectAccessible(page);
      await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
      await expectPlaced(page, t);
      await expectAccessible(page);
      await page.getByRole("navigation").getByRole("link", { name: t.orders, exact: true }).click();
      await expect(page.getByRole("main").getByRole("listitem").first()).toBeVisible();
      await expectAccessible(page);
    });
  }
}

test("a dark scheme is dark, a light one is light", async ({ openBuy }) => {
  const brightness = { light: 0, dark: 0 };
  for (const scheme of ["light", "dark"] as const) {
    const { page, t } = await openBuy({ scheme });
    await expectLoaded(page, t);
    brightness[scheme] = await page.evaluate(() => {
      const [, ...parts] = /(\d+), (\d+), (\d+)/.exec(getComputedStyle(document.documentElement).backgroundColor) ?? [];
      return parts.reduce((sum, part) => sum + Number(part), 0);
    });
  }
  expect(brightness.light).toBeGreaterThan(3 * 200);
  expect(brightness.dark).toBeLessThan(3 * 60);
});

test("what is seen before the page's program has arrived has no barrier either", async ({ openBuy }) => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const { page, t } = await openBuy({
    before: (page) =>
      page.route("**/*.wasm", async (route) => {
        await released;
        await route.continue();
      }),
  });
  await expect(page.getByRole("heading", { level: 1 })).toContainText(t.title);
  await expectAccessible(page);
  release();
  await expectLoaded(page, t);
});

test("text twice as large, and a window for wide screens: nothing sticks out", async ({ openBuy }) => {
  for (const width of [640, 1920]) {
    const { page, t } = await openBuy({ width });
    await expectLoaded(page, t);
    if (width === 640) await page.evaluate(() => (document.documentElement.style.fontSize = "32px"));
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
    await expectAccessible(page);
  }
});
