// The page's clock, as a test moves it.
import type { Page } from "@playwright/test";

/**
 * Installs the page's clock, before the page is opened. Gives what waits until the deferred module is there: its fetch has a
 * deadline on the same clock. The app asks for its limits when it has arrived.
 */
export async function installClock(page: Page, time?: string): Promise<() => Promise<void>> {
  await page.clock.install(time === undefined ? {} : { time });
  const arrived = page.waitForRequest("**/api/limits");
  // A test that fails earlier says why by itself.
  arrived.catch(() => undefined);
  return async () => void (await arrived);
}
