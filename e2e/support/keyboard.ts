// Getting about by keyboard, with a look at the focus after every key: it must be somewhere, be seen, and be uncovered.
import { expect, type Locator, type Page } from "@playwright/test";

/** What is wrong with the focus, or nothing. Runs in the page. */
function faultOfFocus(): string {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || focused === document.body) return "nothing has the focus";
  const name = `<${focused.tagName.toLowerCase()} id="${focused.id}" class="${focused.className}">`;
  if (!focused.matches(":focus-visible")) return `${name} does not show that it has the focus`;
  // A choice shows it at its label, a list at its active row.
  const row = document.getElementById(focused.getAttribute("aria-activedescendant") ?? "");
  const places = [focused, focused.closest("label"), row].filter((place) => place !== null);
  const outlined = (place: Element): boolean => {
    const { outlineStyle, outlineWidth } = getComputedStyle(place);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
  };
  // A heading takes the focus to be read out; nothing can be done there that a ring would point at.
  const isHeading = focused.matches("h1[tabindex='-1']");
  if (!isHeading && !places.some(outlined)) return `${name} has no ring`;
  const shown = row ?? focused.closest("label") ?? focused;
  const { left, top, right, bottom } = shown.getBoundingClientRect();
  const points = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => [left + x * (right - left), top + y * (bottom - top)] as const));
  const hits = points.filter(([x, y]) => {
    const hit = document.elementFromPoint(x, y);
    return hit !== null && (shown.contains(hit) || focused.contains(hit));
  });
  return hits.length > 0 ? "" : `${name} is out of sight or covered`;
}

/** The focus is somewhere, it is seen, and nothing covers it. */
export async function expectFocusSeen(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(faultOfFocus), { message: "the focus" }).toBe("");
}

/** Presses keys one after the other, with a look at the focus after each. */
export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await expectFocusSeen(page);
  }
}

/** Presses Tab, or Shift+Tab, until a control has the focus; fails if it is not reached. */
export async function tabTo(page: Page, control: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  const passed: string[] = [];
  for (let step = 0; step < 40; step += 1) {
    await press(page, key);
    if (await control.evaluateAll((controls) => controls.some((control) => control === document.activeElement))) return;
    passed.push(await page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent?.trim().slice(0, 20) || "?"));
  }
  throw new Error(`${key} does not lead there, but to ${passed.join(", ")}`);
}
