// Typing into the search of a directory of fifty thousand: from the key to the painted list, and how much of the list is
// in the document.
import { quantile, slowPage } from "./slow.mjs";

// Words of every length, found often, seldom and never, with corrections.
const KEYS = [..."user-123", ..."<<<<<", ..."9@example", ..."<<<<<<<<<<<<", ..."zhang.san", ..."<<<<<<<<<", ..."nobody"];

/** Runs in the page: a promise of the time from the next key to the frame after it. */
function nextKey() {
  return new Promise((resolve) => {
    addEventListener(
      "keydown",
      ({ timeStamp }) =>
        requestAnimationFrame(() => {
          // A task after the frame's callbacks runs when the frame has been handed over to be shown.
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve(performance.now() - timeStamp);
          port2.postMessage(undefined);
        }),
      { capture: true, once: true },
    );
  });
}

/** Types all of it, and tells the times and the most nodes that the list had. */
export async function typing(browser, address) {
  const { context, page } = await slowPage(browser, { line: false });
  await page.goto(address);
  await page.locator("#user [role=option]").first().waitFor({ timeout: 60_000 });
  await page.waitForLoadState("networkidle");
  await page.locator("#users input[type=search]").focus();
  const times = [];
  let nodes = 0;
  for (const key of KEYS) {
    const time = page.evaluate(nextKey);
    // The listener is there when this has been answered.
    await page.evaluate(() => undefined);
    await page.keyboard.press(key === "<" ? "Backspace" : key);
    times.push(await time);
    nodes = Math.max(nodes, await page.evaluate(() => document.querySelectorAll("#user, #user *").length));
  }
  const size = await page.evaluate(() => document.activeElement?.value);
  if (size !== "nobody") throw new Error(`the field holds “${size}”`);
  await context.close();
  return { middle: quantile(times, 0.5), p95: quantile(times, 0.95), most: Math.max(...times), nodes };
}
