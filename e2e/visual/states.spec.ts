// What is looked at: the purchase from empty to ordered, trouble, orders; in both languages and themes, wide and narrow.
import { expect, type Page } from "@playwright/test";

import {
  buyNow, buyPath, choice, ERROR_ANSWER, expectLoaded, LANGS, option, review, summary, test,
} from "../support/fixtures.ts";
import { freeze } from "../support/frozen.ts";
import { expectSettled, place, purchase } from "../support/orders.ts";

for (const lang of LANGS) {
  for (const scheme of ["light", "dark"] as const) {
    for (const width of [390, 1280]) {
      const browse = { lang, scheme, width, before: freeze, more: { timezoneId: "Asia/Shanghai" } };
      const look = `${lang}-${scheme}-${width}`;
      const picture = (page: Page, state: string, fullPage = true) =>
        expect.soft(page).toHaveScreenshot(`${state}-${look}.png`, { fullPage });

      test(`purchase, ${look}`, async ({ openBuy }) => {
        const { page, t } = await openBuy({ ...browse, commodityCode: "CloudDesktop" });
        await expectLoaded(page, t);
        await expect(page.getByText(t.inStock).first()).toBeVisible();
        await picture(page, "form");
        await buyNow(page, t).click();
        await expect(summary(page, t).getByText(t.pleaseMend)).toBeVisible();
        await picture(page, "form-to-mend");
        await page.getByRole("button", { name: t.newUser, exact: true }).click();
        await expect(page.getByRole("dialog", { name: t.newUser })).toBeVisible();
        await picture(page, "dialog", false);
        await page.keyboard.press("Escape");
        await choice(page, t.type, "desktop.ga1.2xlarge").check();
        await option(page, t.user, "zhang.san").click();
        await expectLoaded(page, t);
        await buyNow(page, t).click();
        await expect(review(page, t)).toBeVisible();
        await picture(page, "review", false);
      });

      test(`the list of types before the module is there, ${look}`, async ({ open, startDemo }) => {
        const demo = await startDemo("--cache", "8");
        await demo.learn("cn-hangzhou");
        const { page, t } = await open(`${demo.origin}${buyPath()}`, {
          ...browse,
          before: async (page) => {
            await freeze(page);
            await page.route("**/*_bg.wasm", () => undefined);
          },
        });
        await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
        await picture(page, "form-early");
      });

      test(`trouble, ${look}`, async ({ openBuy, scenarios, tolerate }) => {
        tolerate(ERROR_ANSWER);
        await scenarios("fail:DescribeZones", "sold-out");
        const { page, t } = await openBuy(browse);
        await expect(page.getByText(t.failed(t.zone))).toBeVisible();
        await expect(option(page, t.user, "zhang.san")).toBeVisible();
        await picture(page, "list-failed");
      });

      test(`orders, ${look}`, async ({ open, startDemo }) => {
        const demo = await startDemo();
        await place(demo, await purchase(demo, "seen-1"));
        await expectSettled(demo);
        await demo.scenarios("sold-out-at-purchase");
        await place(demo, await purchase(demo, "seen-2", { UserName: "li.si" }));
        await expectSettled(demo);
        const { page, t } = await open("/#/orders", { ...browse, of: demo });
        await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(2);
        await picture(page, "orders");
        for (const [token, state] of [["seen-1", t.placed], ["seen-2", t.rejected]] as const) {
          const shown = await open(`/#/orders/${token}`, { ...browse, of: demo });
          await expect(shown.page.getByRole("region", { name: t.order, exact: true }).getByText(state, { exact: true })).toBeVisible();
          await picture(shown.page, `order-${token}`);
        }
      });
    }
  }
}
