// Finding the parts of the page by what people see and hear: groups of choices, lists, the summary, the review.
import { expect, type Locator, type Page } from "@playwright/test";

import type { Texts } from "./texts.ts";

/** A name that begins like this and goes on, if at all, with something else: `office` is not `office-2`. */
export function beginsWith(name: string): RegExp {
  return new RegExp(`^\\s*${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w-])`);
}

/** A choice of a group, such as the zone. */
export function choice(page: Page, group: string, name: string): Locator {
  return page.getByRole("radiogroup", { name: group, exact: true }).getByRole("radio", { name: beginsWith(name) });
}

/** The choice of a group that is made. */
export function chosen(page: Page, group: string): Locator {
  return page.getByRole("radiogroup", { name: group, exact: true }).getByRole("radio", { checked: true });
}

/** A row of a list with search, such as the user. */
export function option(page: Page, list: string, name: string): Locator {
  return page.getByRole("listbox", { name: list, exact: true }).getByRole("option", { name: beginsWith(name) });
}

/** The row of a list that is chosen. */
export function selected(page: Page, list: string): Locator {
  return page.getByRole("listbox", { name: list, exact: true }).getByRole("option", { selected: true });
}

/** The select of the region. */
export function regionSelect(page: Page, t: Texts): Locator {
  return page.getByRole("combobox", { name: t.region, exact: true });
}

/** The summary beside the form. */
export function summary(page: Page, t: Texts): Locator {
  return page.getByRole("complementary", { name: t.summary });
}

/** What the summary, or the review, says of a field. */
export function line(within: Locator, field: string): Locator {
  // The summary holds its lines twice, for wide and for narrow windows; one of them is shown.
  const term = within.page().locator("dt", { hasText: new RegExp(`^${field}$`) });
  return within.locator("dl > div:visible").filter({ has: term }).locator("dd");
}

/** The button that begins a purchase. */
export function buyNow(page: Page, t: Texts): Locator {
  return page.getByRole("button", { name: t.buyNow, exact: true });
}

/** The last look before the purchase. */
export function review(page: Page, t: Texts): Locator {
  return page.getByRole("dialog", { name: t.review });
}

/** Waits until everything has loaded and a purchase can begin. */
export async function expectLoaded(page: Page, t: Texts): Promise<void> {
  await expect(buyNow(page, t)).toBeVisible();
  await expect(buyNow(page, t)).not.toHaveAttribute("aria-disabled", "true");
}

/** Opens the review and places the order. */
export async function order(page: Page, t: Texts): Promise<void> {
  await expectLoaded(page, t);
  await buyNow(page, t).click();
  await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
}

/** What the page of an order says of a field. */
export function orderLine(page: Page, t: Texts, field: string): Locator {
  return line(page.getByRole("region", { name: t.order, exact: true }), field);
}

/** Waits until the order has succeeded. */
export async function expectPlaced(page: Page, t: Texts): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: t.order })).toBeVisible();
  await expect(page.getByRole("region", { name: t.order, exact: true }).getByText(t.placed, { exact: true })).toBeVisible();
}

/** What the page's address asks for. */
export function asked(page: Page): { commodityCode: string | null; request: Record<string, unknown>; hash: string } {
  const address = new URL(page.url());
  const request = JSON.parse(address.searchParams.get("request") ?? "{}") as Record<string, unknown>;
  return { commodityCode: address.searchParams.get("commodityCode"), request, hash: address.hash };
}
