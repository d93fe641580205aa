// Answers that wait for a test.
import type { Page } from "@playwright/test";

/** Holds the page's requests to an address, and all answers with them, until what it returns is called. */
export async function hold(page: Page, address: string | RegExp, options: { times?: number } = {}): Promise<() => void> {
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route(address, async (route) => {
    await held;
    await route.continue();
  }, options);
  return letGo;
}
