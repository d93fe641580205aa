// An order that no one can vouch for: the page says so, offers nothing that could buy twice, and the operator finds it.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { Installation } from "../support/installation.ts";
import { buyPath, expect, expectAccessible, expectLoaded, LOOKS, option, order, test } from "../support/fixtures.ts";

const binary = fileURLToPath(new URL("../../target/debug/deskbuy", import.meta.url));

for (const look of LOOKS) {
  test(`an outcome that cannot be known is told as such, until a person has looked, ${look.lang}`, async ({ open }) => {
    const installation = new Installation("--attempt-deadline", "1s", "--order-deadline", "3s");
    await installation.start();
    try {
      const { page, t } = await open(`${installation.origin}${buyPath()}`, look);
      await option(page, t.user, "zhang.san").click();
      await expectLoaded(page, t);
      await installation.scenarios("hang:CreateDesktop");
      await order(page, t);

      const card = page.getByRole("region", { name: t.order, exact: true });
      await expect(card.getByText(t.unresolved, { exact: true })).toBeVisible();
      await expect(card.getByText(t.doNotRepeat)).toBeVisible();
      await expect(page.getByRole("button", { name: /重新提交|Try again/ })).toHaveCount(0);
      await expectAccessible(page);

      const token = decodeURIComponent(page.url().split("#/orders/")[1] ?? "");
      const operator = (...words: string[]) => {
        const { status, stdout, stderr } = spawnSync(binary, ["orders", "--database-url", installation.database, ...words]);
        expect(status, stderr.toString()).toBe(0);
        return stdout.toString();
      };
      expect(operator()).toContain(token);
      operator("resolve", token, "--rejected", "--note", "not in the console");
      await page.reload();
      await expect(card.getByText(t.rejected, { exact: true })).toBeVisible();
      await expect(card.getByText("not in the console")).toBeVisible();
      expect(operator()).not.toContain(token);
    } finally {
      await installation.stop();
    }
  });
}
