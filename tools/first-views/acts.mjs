// What goes wrong, is kept from an earlier visit, or is done in a visit of a first view.

/** The region of the visits. */
export const REGION = "cn-hangzhou";

export const problem = (code, more = {}) => ({
  type: "about:blank", title: "", code, outcome: "not_sent", request_id: "r-1", upstream_request_id: "u-1", retry_after: 1, ...more,
});

/** Ways in which a request may go wrong. */
export const FAULTS = {
  "an error": (route) => route.fulfill({ status: 503, json: problem("upstream_unavailable") }),
  "no connection": (route) => route.abort(),
  "somebody else's error": (route) => route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad Gateway</h1>" }),
  "a session that has ended": (route) => route.fulfill({ status: 401, json: problem("sign_in_required") }),
  "no JSON": (route) => route.fulfill({ status: 200, contentType: "application/json", body: '{"a":[' }),
  "other types": (route) => route.fulfill({ status: 200, json: [1] }),
  "nothing in it": (route) => route.fulfill({ status: 200, json: {} }),
};

/** An answer with all numbers, texts and members of lists turned into something else. */
export function spoilt(value, how) {
  if (Array.isArray(value)) return value.map((one) => spoilt(one, how));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spoilt(one, how)]));
  }
  return how(value);
}

/** Texts and numbers that are written in every way that JSON has. */
export const odd = (one) => (typeof one === "string" ? `${one} "\\/\b\f\n\r\t\u0001云😀` : typeof one === "number" ? -1.5e300 : one);
export const escaped = (text) => text.replace(/[^\x00-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);

export const api = (...names) => (url) => names.some((name) => url.pathname === `/api/${name}`);
export const on = (names, handler) => ({ before: (page) => page.route(api(...[names].flat()), handler) });
/** What a browser has kept from an earlier visit. */
export const kept = (lasting, ofWindow = {}) => ({
  before: (page) =>
    page.addInitScript(
      ([lasting, ofWindow]) => {
        for (const [name, value] of Object.entries(lasting)) localStorage.setItem(name, value);
        for (const [name, value] of Object.entries(ofWindow)) sessionStorage.setItem(name, value);
      },
      [lasting, ofWindow],
    ),
});

/** A request that is answered after those that do not wait. */
export const late = (route) => setTimeout(() => route.continue().catch(() => undefined), 700);

/** The server in front, which serves the page below a path and strips it. */
export const belowPath = (page) =>
  page.route("**/it/desk/**", (route) => route.continue({ url: route.request().url().replace("/it/desk/", "/") }));

/** All requests of the API fail until `reconnect`. */
export const cutOff = (page) => page.route("**/api/**", (route) => route.abort());

export async function reconnect(page) {
  await page.clock.runFor(90_000);
  await page.unroute("**/api/**");
  await page.clock.runFor(90_000);
  await page.waitForLoadState("networkidle");
}

/** Lists whose first two requests each fail. */
export function comesBack(names) {
  const failed = {};
  return on(names, (route) => {
    const { pathname } = new URL(route.request().url());
    failed[pathname] = (failed[pathname] ?? 0) + 1;
    return failed[pathname] <= 2 ? route.abort() : route.continue();
  });
}

export function both(one, other) {
  return { before: (page) => Promise.all([one.before(page), other.before(page)]) };
}

export function forbidStorage(page) {
  return page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, { get: () => { throw new DOMException("forbidden", "SecurityError"); } });
    }
  });
}

/** A deferred module that comes to nothing: after some time it fails so often, and then it is gone. */
export function deferred(how, times) {
  let tries = 0;
  const fail = { abort: (route) => route.abort(), error: (route) => route.fulfill({ status: 503 }) }[how];
  const answer = (route) => ((tries += 1) <= times ? fail(route) : route.fulfill({ status: 404 })).catch(() => undefined);
  return { before: (page) => page.route("**/*_deferred.wasm", (route) => void setTimeout(answer, 2500, route)) };
}

/** Holds the module back until `chooseEarly` lets it go. */
export async function holdModule(page) {
  let arrive;
  const arrives = new Promise((resolve) => (arrive = resolve));
  await page.exposeFunction("arrive", () => arrive());
  await page.route("**/*_bg.wasm", (route) => arrives.then(() => route.continue()));
}

/** Another type is checked in the document's list, which keeps the focus. */
export async function chooseEarly(page) {
  await page.locator('input[type=radio][value^="desktop."]').nth(2).check();
  await page.evaluate(() => globalThis.arrive());
}

export const untilGone = (page) => page.locator(".deferred a").waitFor();

/** Input that is held, before it is known that there is nothing to come. */
export async function holdSome(page) {
  await page.locator("button.buy").click();
  await page.locator("[aria-busy=true]").waitFor();
}

/** A hundred users are kept from an earlier visit. */
export async function manyPicked(page, demo) {
  const answer = await fetch(`${new URL(demo.page).origin}/api/DescribeActivityDirectoryUsers?RegionId=${REGION}`);
  const users = (await answer.json()).Users.filter((user) => user.Email !== "").slice(0, 100).map((user) => user.Name);
  await page.addInitScript((users) => sessionStorage.setItem("deskbuy.users", JSON.stringify(users)), users);
}

export async function soldOutInPart(route) {
  const answer = await route.fetch();
  const table = await answer.json();
  for (const cell of table.cells) {
    const isFirst = cell.type_item_id === "desktop.n1.small";
    if (isFirst || (cell.type_item_id === "desktop.n1.medium" && cell.zone_id !== "cn-hangzhou-g")) cell.stock = "sold_out";
  }
  await route.fulfill({ response: answer, json: table });
}

/** The deferred module stays away, so that all that follows is done without it. */
export const neverDeferred = (page) => page.route("**/*_deferred.wasm", () => undefined);

/** What people and browsers do that the loader does not hold back: pointers, focus, sizes, paper, other tabs, the network. */
export async function handle(page) {
  for (const selector of ["[role=option]", "label:has(input[type=radio])", ".summary", "select"]) {
    const part = page.locator(selector).first();
    if (!(await part.isVisible())) continue;
    await part.hover();
    await page.mouse.down();
    await page.mouse.up();
    for (const kind of ["pointerdown", "pointermove", "pointercancel", "touchstart", "touchend", "contextmenu", "dblclick"]) {
      await part.dispatchEvent(kind);
    }
  }
  for (let press = 0; press < 40; press++) await page.keyboard.press("Tab");
  const { width, height } = page.viewportSize();
  for (const size of [{ width: 390, height: 700 }, { width, height }]) await page.setViewportSize(size);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.evaluate(() => {
    try { localStorage.setItem("deskbuy.language", document.documentElement.lang === "en" ? "zh" : "en"); } catch { /* forbidden */ }
  });
  await other.close();
  await page.context().setOffline(true);
  await page.waitForTimeout(300);
  await page.context().setOffline(false);
  await page.evaluate(() => {
    for (const kind of ["beforeprint", "afterprint", "resize", "blur", "pageshow", "pagehide"]) dispatchEvent(new Event(kind));
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  });
  await scroll(page);
  await page.waitForTimeout(12_000);
}

export async function scroll(page) {
  for (const list of await page.locator("[role=listbox]").all()) {
    for (const to of [400, 4000, 0, 1e6]) {
      await list.evaluate((list, to) => (list.scrollTop = to), to);
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    }
  }
}

/** Time passes: stock is asked for again, gaps in it sooner, and sometimes it cannot be had. */
export async function later(page) {
  await page.clock.runFor(70_000);
  await page.waitForLoadState("networkidle");
  let gaps = true;
  await page.route(api("stock"), async (route) => {
    const answer = await route.fetch();
    const table = await answer.json();
    if (gaps) for (const cell of table.cells) cell.stock = "unknown";
    await route.fulfill({ json: table });
  });
  await page.clock.runFor(70_000);
  await page.waitForLoadState("networkidle");
  gaps = false;
  await page.clock.runFor(30_000);
  await page.waitForLoadState("networkidle");
  await page.route(api("stock"), FAULTS["an error"]);
  await page.route(api("DescribeAvailableResource"), FAULTS["no connection"]);
  await page.clock.runFor(140_000);
  await page.waitForLoadState("networkidle");
}
