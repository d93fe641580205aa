// A slow machine on a slow line, and the marks that are measured on it. The same for both pages.
const LINE = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 };
/** How many times slower the processor is made. */
export const SLOWER = 4;

/** Opens a page whose processor, and line if it is to be so, are slow. */
export async function slowPage(browser, { line }) {
  const context = await browser.newContext({ locale: "zh-CN", viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  await tools.send("Network.enable");
  if (line) await tools.send("Network.emulateNetworkConditions", LINE);
  await tools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  return { context, page, tools };
}

/**
 * Runs in the page, before anything of it: notes the first frame that shows a type to choose, the first one that shows the
 * last list of the form, and what moves.
 */
export function mark() {
  const marks = { usable: 0, complete: 0, shift: 0, moved: [] };
  window.marks = marks;
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) {
      if (shift.hadRecentInput) continue;
      marks.shift += shift.value;
      const moved = shift.sources.map(({ node }) => node?.parentElement?.id || node?.id || node?.className || node?.nodeName);
      marks.moved.push(`${shift.value.toFixed(4)} at ${Math.round(shift.startTime)} ms: ${moved.join(", ")}`);
    }
  }).observe({ type: "layout-shift", buffered: true });
  const first = (selector, member) => {
    // This frame draws it; the next one has drawn it.
    if (document.querySelector(selector)) requestAnimationFrame(() => (marks[member] = performance.now()));
    else requestAnimationFrame(() => first(selector, member));
  };
  first("input[type=radio][name=type]:enabled", "usable");
  first("input[type=radio][name=v-switch]:enabled", "complete");
}

/** The value that so much of the values do not exceed. */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)];
}

export const median = (values) => quantile(values, 0.5);
