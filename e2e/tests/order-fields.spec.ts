// Order fields: what the operator asks for is in the form, checked at its own field before anything is sent, in the review and
// with the order, found by a search, and corrected later. Without fields nothing of it is there.
import { fileURLToPath } from "node:url";

import {
  buyNow, buyPath, expect, expectAccessible, expectLoaded, expectPlaced, line, LOOKS, option, press, review, tabTo, test,
} from "../support/fixtures.ts";
import { expectNoOverflow, rows } from "../support/orders.ts";

const FIELDS = fileURLToPath(new URL("../../deploy/order-fields.example.toml", import.meta.url));

const NAMES = {
  zh: {
    section: "订单字段", centre: "成本中心", department: "部门", ticket: "工单号", missing: "缺少必填项", wrong: "格式不正确", hint: "例如 CN-4711",
    edit: "修改订单字段", save: "保存", changed: "修改了订单字段", cancel: "取消", filter: "按订单字段筛选",
  },
  en: {
    section: "Order fields", centre: "Cost centre", department: "Department", ticket: "Ticket", missing: "is missing",
    wrong: "not in the right form", hint: "Such as CN-4711", edit: "Edit order fields", save: "Save", changed: "Order fields changed",
    cancel: "Cancel", filter: "Filter by order field",
  },
} as const;

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`values are asked for, reviewed, kept and corrected, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo("--order-fields", FIELDS);
    const { page, t } = await open(buyPath(), { ...look, of: demo });
    await option(page, t.user, "zhang.san").click();
    await expectLoaded(page, t);
    const section = page.getByRole("region", { name: names.section });
    const centre = section.getByRole("textbox", { name: names.centre, exact: true });
    const ticket = section.getByRole("textbox", { name: names.ticket, exact: true });
    const department = section.getByRole("combobox", { name: names.department, exact: true });
    await expect(centre).toHaveAttribute("aria-required", "true");
    await expect(ticket).not.toHaveAttribute("aria-required", "true");
    await expect(section.getByText(names.hint)).toBeVisible();
    await expectAccessible(page);

    await buyNow(page, t).click();
    await expect(centre).toBeFocused();
    await expect(centre).toHaveAttribute("aria-invalid", "true");
    await expect(centre).toHaveAccessibleDescription(new RegExp(names.missing));
    await expect(review(page, t)).toHaveCount(0);
    await centre.fill("4711");
    await expect(centre).toHaveAccessibleDescription(new RegExp(names.wrong));
    await expectAccessible(page);
    await centre.fill(" CN-4711 ");
    await expect(centre).not.toHaveAttribute("aria-invalid", "true");
    await department.selectOption("研发");
    await ticket.fill("INC-77");

    await page.reload();
    await expectLoaded(page, t);
    await expect(centre).toHaveValue(" CN-4711 ");
    await expect(department).toHaveValue("研发");
    await expect(ticket).toHaveValue("INC-77");

    await buyNow(page, t).click();
    for (const [label, value] of [[names.centre, "CN-4711"], [names.department, "研发"], [names.ticket, "INC-77"]] as const) {
      await expect(line(review(page, t), label)).toHaveText(value);
    }
    await expectAccessible(page);
    const sent = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/orders"));
    await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
    const { operations } = (await sent).postDataJSON() as { operations: { OrderFields: object }[] };
    expect(operations[0]!.OrderFields).toEqual({ cost_centre: "CN-4711", department: "研发", ticket: "INC-77" });
    await expectPlaced(page, t);
    const shown = page.getByRole("region", { name: t.order, exact: true });
    await expect(line(shown, names.centre)).toHaveText("CN-4711");
    await expect(line(shown, names.ticket)).toHaveText("INC-77");
    await expectAccessible(page);

    await page.getByRole("button", { name: names.edit, exact: true }).click();
    const dialog = page.getByRole("dialog", { name: names.edit });
    const save = dialog.getByRole("button", { name: names.save, exact: true });
    const edited = dialog.getByRole("textbox", { name: names.centre, exact: true });
    await expect(edited).toHaveValue("CN-4711");
    await edited.fill("x");
    await expect(save).not.toHaveAttribute("aria-disabled", "true");
    await save.click();
    await expect(edited).toHaveAttribute("aria-invalid", "true");
    await expectAccessible(page);
    await edited.fill("CN-4712");
    await dialog.getByRole("textbox", { name: names.ticket, exact: true }).fill("");
    await save.click();
    await expect(dialog).toHaveCount(0);
    await expect(line(shown, names.centre)).toHaveText("CN-4712");
    await expect(line(shown, names.ticket)).toHaveCount(0);
    const changed = page.getByRole("listitem").filter({ hasText: names.changed });
    await expect(changed).toContainText(names.centre);
    await expect(changed).toContainText(names.ticket);

    await page.getByRole("navigation").getByRole("link", { name: t.orders, exact: true }).click();
    await page.getByRole("searchbox").fill("4711");
    await expect(rows(page)).toHaveCount(0);
    await page.getByRole("searchbox").fill("4712");
    await expect(rows(page)).toHaveCount(1);
    await page.getByRole("searchbox").fill("");

    // By the exact value of a field: typed, or one of its choices.
    for (const list of ["orders", "desktops"]) {
      await page.evaluate((list) => { location.hash = `#/${list}`; }, list);
      const field = page.getByRole("combobox", { name: names.filter, exact: true });
      await field.selectOption({ label: names.centre });
      const value = page.getByRole("textbox", { name: names.centre, exact: true });
      await expect(rows(page)).toHaveCount(1);
      await value.fill("CN-471");
      await expect(rows(page)).toHaveCount(0);
      await value.fill(" CN-4712 ");
      await expect(rows(page)).toHaveCount(1);
      await expectAccessible(page);
      await field.selectOption({ label: names.department });
      await expect(value).toHaveCount(0);
      const choices = page.getByRole("combobox", { name: names.department, exact: true });
      await choices.selectOption("HR");
      await expect(rows(page)).toHaveCount(0);
      await choices.selectOption("研发");
      await expect(rows(page)).toHaveCount(1);
      const file = page.locator('a[href*=".csv"]');
      await expect(file).toHaveAttribute("href", /field\.department=%E7%A0%94%E5%8F%91/);
    }
    expect((await demo.state()).desktops).toHaveLength(1);
  });

  test(`values are filled in with the keyboard at 390 pixels, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo("--order-fields", FIELDS);
    const { page, t } = await open(buyPath(), { ...look, width: 390, of: demo });
    await option(page, t.user, "zhang.san").click();
    await expectLoaded(page, t);
    await expectNoOverflow(page);
    const section = page.getByRole("region", { name: names.section });
    const centre = section.getByRole("textbox", { name: names.centre, exact: true });
    await expect(centre).toBeVisible();
    await buyNow(page, t).focus();
    await page.keyboard.press("Enter");
    await expect(centre).toBeFocused();
    await page.keyboard.type("CN-4711");
    await press(page, "Tab");
    await expect(section.getByRole("combobox", { name: names.department, exact: true })).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await press(page, "Tab");
    await expect(section.getByRole("textbox", { name: names.ticket, exact: true })).toBeFocused();
    await page.keyboard.type("INC-77");
    await tabTo(page, buyNow(page, t));
    await page.keyboard.press("Enter");
    await expect(line(review(page, t), names.ticket)).toHaveText("INC-77");
    await expectNoOverflow(page);
    const place = review(page, t).getByRole("button", { name: t.placeOrder, exact: true });
    await tabTo(page, place);
    await expect(place).not.toHaveAttribute("aria-disabled", "true");
    await page.keyboard.press("Enter");
    await expectPlaced(page, t);
    await expectNoOverflow(page);
    const edit = page.getByRole("button", { name: names.edit, exact: true });
    await tabTo(page, edit);
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: names.edit });
    await expect(dialog).toBeVisible();
    await expectNoOverflow(page);
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
    await expect(edit).toBeFocused();
  });
}

test("what the proxy refuses is told at its field", async ({ open, startDemo, tolerate }) => {
  tolerate(/the server responded with a status of 400/);
  const demo = await startDemo("--order-fields", FIELDS);
  const { page, t } = await open(buyPath(), { lang: "en", of: demo });
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  const centre = page.getByRole("textbox", { name: NAMES.en.centre, exact: true });
  await centre.fill("CN-4711");
  await buyNow(page, t).click();
  // As a proxy would whose settings have changed since.
  await page.route("**/api/orders", async (route) => {
    const { operations } = route.request().postDataJSON() as { operations: { OrderFields: Record<string, string> }[] };
    operations[0]!.OrderFields["cost_centre"] = "4711";
    await route.continue({ postData: JSON.stringify({ operations }) });
  }, { times: 1 });
  await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
  await expect(review(page, t)).toHaveCount(0);
  await expect(centre).toBeFocused();
  await expect(centre).toHaveAttribute("aria-invalid", "true");
  await centre.fill("CN-4712");
  await expect(centre).not.toHaveAttribute("aria-invalid", "true");
});

test("without fields nothing of them is there, and nothing asks for them", async ({ openBuy }) => {
  const { page, t } = await openBuy({ lang: "en" });
  const asked: string[] = [];
  page.on("request", (request) => void (request.url().includes("order-fields") && asked.push(request.url())));
  await page.reload();
  await expectLoaded(page, t);
  await option(page, t.user, "zhang.san").click();
  await buyNow(page, t).click();
  await expect(review(page, t)).toBeVisible();
  await expect(page.getByRole("region", { name: NAMES.en.section })).toHaveCount(0);
  await expect(review(page, t).getByText("CN-4711")).toHaveCount(0);
  expect(asked).toEqual([]);
});
