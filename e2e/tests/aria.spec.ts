// What a screen reader is given of the page in each of its states, in both languages, compared with what was agreed
// (`e2e/aria`). After a change that is meant, `npx playwright test aria --update-snapshots` writes it anew; look at the
// difference before it is committed.
import type { Page } from "@playwright/test";

import { expectAriaOf } from "../support/aria.ts";
import type { Demo } from "../support/demo.ts";
import {
  type Browse, buyNow, choice, ERROR_ANSWER, expect, expectLoaded, LANGS, option, review, selected, summary, test,
} from "../support/fixtures.ts";
import { freeze } from "../support/frozen.ts";
import { expectSettled, place, purchase, rows } from "../support/orders.ts";

/** The names of the parts that the support code has none for. */
const NAMES = {
  zh: { desktops: "桌面", done: "已处理 3 / 3", unknown: /未知/ },
  en: { desktops: "Desktops", done: "3 of 3 done", unknown: /Unknown/ },
} as const;

for (const lang of LANGS) {
  // Moments are shown in the reader's zone.
  const still: Browse = { lang, before: freeze, more: { timezoneId: "Asia/Shanghai" } };
  /** Compares the page, or a part of it, with what was agreed for a state. */
  const expectAria = (page: Page, state: string, part = page.locator("body")) =>
    expectAriaOf(part, `${state}.${lang}`);

  test(`a purchase up to the order, ${lang}`, async ({ openBuy }) => {
    const { page, t } = await openBuy({ ...still, region: null });
    await expect(page.getByRole("button", { name: /cn-hangzhou/ })).toBeVisible();
    await expectAria(page, "region-chooser");

    await page.getByRole("button", { name: /cn-hangzhou/ }).click();
    await expectLoaded(page, t);
    await expect(page.getByText(t.inStock).first()).toBeVisible();
    await expectAria(page, "form-empty");

    await buyNow(page, t).click();
    await expect(summary(page, t).getByText(t.pleaseMend)).toBeVisible();
    await expectAria(page, "form-to-mend", summary(page, t));

    await choice(page, t.billing, t.prePay).check();
    await choice(page, t.duration, t.months(12)).check();
    await choice(page, t.type, "desktop.ga1.2xlarge").check();
    await choice(page, t.imageType, t.imageCustom).check();
    await option(page, t.user, "zhang.san").click();
    await expect(selected(page, t.user)).toBeVisible();
    await expectLoaded(page, t);
    await expect(page.getByText(t.inStock).first()).toBeVisible();
    await expectAria(page, "form-filled");

    await buyNow(page, t).click();
    await expect(review(page, t).getByRole("button", { name: t.placeOrder, exact: true })).toBeEnabled();
    await expectAria(page, "review", review(page, t));
  });

  test(`the list of types in the document, before the module is there, ${lang}`, async ({ openBuy, startDemo }) => {
    const of = await startDemo("--cache", "8");
    await of.learn("cn-hangzhou");
    const before = async (page: Page) => {
      await freeze(page);
      // Never answered.
      await page.route("**/*_bg.wasm", () => undefined);
    };
    const { page, t } = await openBuy({ ...still, of, before });
    await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
    await expectAria(page, "form-document");
  });

  test(`a type that is sold out, ${lang}`, async ({ openBuy, scenarios }) => {
    await scenarios("sold-out");
    const { page, t } = await openBuy(still);
    await expect(page.getByText(t.soldOut).first()).toBeVisible();
    await expectAria(page, "form-sold-out");
  });

  test(`a list that failed, ${lang}`, async ({ openBuy, scenarios, tolerate }) => {
    tolerate(ERROR_ANSWER);
    await scenarios("fail:DescribeZones");
    const { page, t } = await openBuy(still);
    await expect(page.getByText(t.failed(t.zone))).toBeVisible();
    await expect(option(page, t.user, "zhang.san")).toBeVisible();
    await expect(choice(page, t.type, "desktop.n1.small")).toHaveAccessibleName(NAMES[lang].unknown);
    await expectAria(page, "list-failed");
  });

  test(`the dialogs of users, ${lang}`, async ({ openBuy }) => {
    const { page, t } = await openBuy(still);
    await option(page, t.user, "wang.wu").click();
    await page.getByRole("button", { name: t.addEmail, exact: true }).click();
    await expect(page.getByRole("button", { name: t.saveEmail, exact: true })).toBeEnabled();
    await expectAria(page, "dialog-add-email", page.getByRole("dialog", { name: t.addEmail }));
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: t.newUser, exact: true }).click();
    const dialog = page.getByRole("dialog", { name: t.newUser });
    await dialog.getByRole("button", { name: t.createUser }).click();
    await expect(dialog.getByText(t.nameEmpty)).toBeVisible();
    await expectAria(page, "dialog-new-user", dialog);
  });

  test(`orders, desktops and a batch, ${lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await ordersOfEveryKind(demo);
    const { page, t } = await open("/#/orders", { ...still, of: demo });
    await expect(rows(page)).toHaveCount(5);
    await expectAria(page, "orders");
    await page.getByRole("radio", { name: NAMES[lang].desktops, exact: true }).check();
    await expect(rows(page)).toHaveCount(3);
    await expectAria(page, "desktops");

    for (const [token, state] of [["order-placed", t.placed], ["order-rejected", t.rejected]] as const) {
      const shown = await open(`/#/orders/${token}`, { ...still, of: demo });
      await expect(shown.page.getByRole("region", { name: t.order, exact: true }).getByText(state, { exact: true })).toBeVisible();
      await expectAria(shown.page, token);
    }

    const batch = await open("/#/orders/batch/order-batch", { ...still, of: demo });
    await expect(batch.page.getByText(NAMES[lang].done)).toBeVisible();
    await expectAria(batch.page, "batch");
  });

  test(`an order whose outcome is not known, ${lang}`, async ({ open, startDemo }) => {
    // One attempt lasts as long as the order, so that there is exactly one.
    const demo = await startDemo("--attempt-deadline", "2s", "--order-deadline", "2s", "--scenario", "hang:CreateDesktop");
    await place(demo, await purchase(demo, "order-unresolved"));
    await expectSettled(demo);
    const { page, t } = await open("/#/orders/order-unresolved", { ...still, of: demo });
    const card = page.getByRole("region", { name: t.order, exact: true });
    await expect(card.getByText(t.unresolved, { exact: true })).toBeVisible();
    await expectAria(page, "order-unresolved");
  });
}

/** One bought, one refused, and a batch of which two were bought; one after the other, so that they are so listed. */
async function ordersOfEveryKind(demo: Demo): Promise<void> {
  const batch = (number: number) => ({ ClientToken: `order-batch-00${number}`, ChargeType: "PREPAY", Period: 3 });
  const steps: [token: string, more: object, ...scenarios: string[]][] = [
    ["order-placed", {}],
    ["", batch(1)],
    ["", { ...batch(2), UserName: "li.si" }],
    ["", { ...batch(3), UserName: "alice" }, "sold-out-at-purchase"],
    ["order-rejected", { UserName: "张伟" }, "insufficient-balance"],
  ];
  for (const [token, more, ...scenarios] of steps) {
    await demo.scenarios(...scenarios);
    await place(demo, await purchase(demo, token, more as Record<string, unknown>));
    await expectSettled(demo);
  }
}
