// Answers that come when a test lets them.
import type { Page, Route } from "@playwright/test";

/** Holds what is asked for at addresses of a pattern back until `arrive` is called, and counts how often it is asked for. */
export function hold(pattern: string) {
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const held = { asked: 0, arrive: () => arrive(), before: async (page: Page) => void (await page.route(pattern, wait)) };
  const wait = async (route: Route) => {
    held.asked += 1;
    await arrived;
    await route.continue();
  };
  return held;
}
