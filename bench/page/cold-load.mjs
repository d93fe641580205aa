// A first visit with nothing kept: first paint, time until a type can be chosen and until all lists are there, bytes,
// requests, and what moved.
import { mark, median, slowPage } from "./slow.mjs";

async function visit(browser, address) {
  const { context, page, tools } = await slowPage(browser, { line: true });
  await page.addInitScript(mark);
  let requests = 0;
  let bytes = 0;
  tools.on("Network.requestWillBeSent", ({ request }) => (requests += request.url.startsWith("http") ? 1 : 0));
  tools.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await page.goto(address);
  await page.waitForFunction(() => window.marks.usable > 0, undefined, { timeout: 60_000 });
  await page.waitForFunction(() => window.marks.complete > 0, undefined, { timeout: 60_000 });
  await page.waitForLoadState("networkidle");
  const seen = await page.evaluate(() => ({
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
    ...window.marks,
  }));
  await context.close();
  return { ...seen, requests, bytes };
}

/** Visits both in turns, and gives the medians of each. */
export async function coldLoads(browser, addresses, times) {
  const visits = Object.fromEntries(Object.keys(addresses).map((name) => [name, []]));
  for (let turn = 0; turn < times; turn += 1) {
    for (const [name, address] of Object.entries(addresses)) visits[name].push(await visit(browser, address));
  }
  const middle = (name) => {
    const of = (member) => median(visits[name].map((visit) => visit[member]));
    const members = ["paint", "usable", "complete", "bytes", "requests", "shift"];
    const worst = visits[name].reduce((worst, visit) => (visit.shift > worst.shift ? visit : worst));
    return [name, { ...Object.fromEntries(members.map((member) => [member, of(member)])), moved: worst.moved }];
  };
  return Object.fromEntries(Object.keys(addresses).map(middle));
}
