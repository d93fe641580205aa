// Orders as a program places them, past the page: to have some in the list, or to see what the page does with news.
import { expect, type Locator, type Page } from "@playwright/test";

import type { Texts } from "./texts.ts";

/** Somewhere with a proxy: a demo or an installation. */
interface Proxy {
  readonly origin: string;
}

/** An order as the proxy tells it; what tests look at. */
export interface Told {
  token: string;
  action: string;
  state: "awaiting_approval" | "accepted" | "sending" | "placed" | "rejected" | "unresolved";
  desktop_id?: string;
  created_at: number;
}

/** What a desktop for zhang.san is ordered with; `more` replaces and adds. */
export async function purchase(proxy: Proxy, token: string, more: Record<string, unknown> = {}): Promise<object> {
  const answer = await fetch(`${proxy.origin}/api/DescribeDesktopOwner?RegionId=cn-hangzhou`);
  const { OwnerVpcId } = (await answer.json()) as { OwnerVpcId: string };
  return {
    Action: "CreateDesktop", RegionId: "cn-hangzhou", ClientToken: token, TypeItemId: "desktop.n1.small", ChargeType: "POSTPAY",
    VpcId: OwnerVpcId, ZoneId: "cn-hangzhou-b", VSwitchId: "vsw-bp1desk0000000000001", ImageId: "m-bp1sys0000000000000001",
    UserName: "zhang.san", UserGroup: "Users", ...more,
  };
}

/** Places orders, at most a hundred at a time. */
export async function place(proxy: Proxy, ...operations: object[]): Promise<void> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ operations });
  const answer = await fetch(`${proxy.origin}/api/orders`, { method: "POST", headers, body });
  if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`);
}

/** Orders that the proxy has, newest first. */
export async function told(proxy: Proxy, query = ""): Promise<Told[]> {
  const answer = await fetch(`${proxy.origin}/api/orders?limit=200${query}`);
  return ((await answer.json()) as { orders: Told[] }).orders;
}

/** Waits until nothing is under way any more. */
export async function expectSettled(proxy: Proxy): Promise<void> {
  const open = async () => (await told(proxy, "&state=accepted,sending")).length;
  await expect.poll(open, { message: "orders under way", timeout: 45_000 }).toBe(0);
}

/** The rows of the list of orders or desktops. */
export function rows(page: Page): Locator {
  return page.getByRole("main").getByRole("listitem");
}

/** Says yes in the dialog that a retry opens; twice, which is one order. */
export async function confirmRetry(page: Page, t: Texts): Promise<void> {
  const place = page.getByRole("dialog").getByRole("button", { name: t.placeOrder, exact: true });
  await expect(place).not.toHaveAttribute("aria-disabled", "true");
  await place.dblclick();
}

/** Nothing is wider than the window. */
export async function expectNoOverflow(page: Page): Promise<void> {
  const content = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(content, "pixels of content").toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
}

/** Every order of the cloud's with its own token, and how often each user has a desktop. */
export function perUser(desktops: { user: string; token: string }[]): Record<string, number> {
  expect(new Set(desktops.map((desktop) => desktop.token)).size).toBe(desktops.length);
  const counts: Record<string, number> = {};
  for (const { user } of desktops) counts[user] = (counts[user] ?? 0) + 1;
  return counts;
}
