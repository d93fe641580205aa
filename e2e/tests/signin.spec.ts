// Signing in with a real provider in a real browser: one comes back to where one was, stays signed in no longer than one
// may, and nothing that was forged, changed or used before lets anybody in.
import type { BrowserContext, Page } from "@playwright/test";

import { Desk } from "../support/desk.ts";
import {
  asked, buyPath, choice, expect, expectAccessible, expectLoaded, expectPlaced, LOOKS, option, order, review, selected,
  test, type Texts,
} from "../support/fixtures.ts";
import { CLIENT, FLAWS, PROVIDERS_PAGE } from "../support/provider.ts";

let desk: Desk;
async function start(...flags: string[]): Promise<void> {
  desk = await Desk.start(flags);
}
test.afterEach(async ({ closePages }) => {
  await closePages();
  await desk.stop();
});

const REFUSED = /the server responded with a status of (400|401|403)/;
const SESSION = "__Host-deskbuy";

function signOut(page: Page, t: Texts) {
  return page.getByRole("button", { name: t.signOut, exact: true });
}

function signInAgain(page: Page) {
  return page.locator("#sign-in").getByRole("button");
}

async function session(context: BrowserContext): Promise<string | undefined> {
  return (await context.cookies(desk.origin)).find((cookie) => cookie.name === SESSION)?.value;
}

test("one comes back to the very address, query and hash included, and buys in one's own name", async ({
  open, tolerate,
}) => {
  tolerate(PROVIDERS_PAGE);
  await start();
  const request = { region: "cn-beijing", typeItemId: "desktop.n1.small", imageType: "default" };
  const { page, t } = await open(`${desk.origin}${buyPath({ request, commodityCode: "CloudDesktop" })}`);
  await desk.provider.signIn(page, "ann");

  await expectLoaded(page, t);
  expect(new URL(page.url()).origin).toBe(desk.origin);
  expect(asked(page)).toMatchObject({ commodityCode: "CloudDesktop", request, hash: "#/buy" });
  await expect(page.getByText("Ann Lee")).toBeVisible();
  const [cookie] = (await page.context().cookies(desk.origin)).filter((found) => found.name.startsWith("__Host-"));
  expect(cookie).toMatchObject({ name: SESSION, httpOnly: true, secure: true, sameSite: "Strict", path: "/" });

  await option(page, t.user, "zhang.san").click();
  await order(page, t);
  await expectPlaced(page, t);
  await expect(page.getByText("ann@example.com")).toBeVisible();
  expect((await desk.installation.state()).desktops).toHaveLength(1);
});

test("a link to an order survives signing in", async ({ open, tolerate }) => {
  tolerate(PROVIDERS_PAGE, /the server responded with a status of 404/);
  await start();
  const { page, t } = await open(`${desk.origin}/?commodityCode=CloudDesktop#/orders/no-such-order`);
  await desk.provider.signIn(page, "vera");
  await expect(page.getByText(t.orderNotFound)).toBeVisible();
  expect(page.url()).toBe(`${desk.origin}/?commodityCode=CloudDesktop#/orders/no-such-order`);
});

test("whoever signs out is out, and is not signed in again unasked", async ({ open, tolerate }) => {
  tolerate(PROVIDERS_PAGE, REFUSED);
  await start();
  const { page, t } = await open(`${desk.origin}${buyPath()}`);
  await desk.provider.signIn(page, "ann");
  await expectLoaded(page, t);
  const kept = ["deskbuy.users", "deskbuy.user_list", "deskbuy.user_writes"];
  await page.evaluate((keys) => keys.forEach((key) => sessionStorage.setItem(key, "[]")), kept);
  await signOut(page, t).click();
  await expect(signInAgain(page)).toBeVisible();
  // The next person in this window finds no users of the last one. A write without an answer is still known.
  const left = await page.evaluate((keys) => keys.filter((key) => sessionStorage.getItem(key) !== null), kept);
  expect(left).toEqual(["deskbuy.user_writes"]);
  expect(await session(page.context())).toBeUndefined();
  expect((await page.request.get(`${desk.origin}/api/orders`)).status()).toBe(401);
  await page.reload();
  await expect(signInAgain(page)).toBeVisible();

  // The provider still knows who it is.
  await signInAgain(page).click();
  await expectLoaded(page, t);
  expect(asked(page).hash).toBe("#/buy");
});

test("a session that ends in the middle of a purchase: one signs in again and goes on where one was", async ({
  open, tolerate,
}) => {
  tolerate(PROVIDERS_PAGE, REFUSED);
  await start("--session-lifetime", "8s");
  const { page, t } = await open(`${desk.origin}${buyPath()}`);
  await desk.provider.signIn(page, "ann");
  await expectLoaded(page, t);
  await option(page, t.user, "zhang.san").click();
  await expect.poll(async () => (await page.request.get(`${desk.origin}/api/orders`)).status(), { timeout: 30_000 }).toBe(401);

  await order(page, t);
  await expect(review(page, t).getByText(t.signInEnded)).toBeVisible();
  expect((await desk.installation.state()).desktops).toHaveLength(0);
  await review(page, t).getByRole("button", { name: t.signIn, exact: true }).click();

  await expect(selected(page, t.user)).toContainText("zhang.san");
  await order(page, t);
  await expectPlaced(page, t);
  expect((await desk.installation.state()).desktops).toHaveLength(1);
});

for (const flaw of FLAWS) {
  test(`a token with a flaw lets nobody in: ${flaw}`, async ({ open, tolerate }) => {
    tolerate(PROVIDERS_PAGE, REFUSED);
    await start();
    desk.provider.flaw = flaw;
    const { page, t } = await open(`${desk.origin}${buyPath()}`);
    const answer = page.waitForResponse((response) => response.url().startsWith(`${desk.origin}/login/callback`));
    await desk.provider.signIn(page, "ann");
    expect((await answer).status()).toBe(403);
    await expect(page.getByText("Signing in failed")).toBeVisible();
    expect(await session(page.context())).toBeUndefined();
    // The page asks and does not send one away again and again.
    await page.goto(`${desk.origin}${buyPath()}`);
    await expect(signInAgain(page)).toBeVisible();

    desk.provider.flaw = undefined;
    await signInAgain(page).click();
    await expectLoaded(page, t);
  });
}

test("a key that the provider signs with from now on is asked for, once", async ({ open, tolerate }) => {
  tolerate(PROVIDERS_PAGE, REFUSED);
  await start();
  const ann = await open(`${desk.origin}/#/orders`);
  await desk.provider.signIn(ann.page, "ann");
  await expect(ann.page.getByText(ann.t.ordersEmpty)).toBeVisible();
  expect(desk.provider.askedForKeys).toBe(1);

  desk.provider.rotateKey();
  const vera = await open(`${desk.origin}/#/orders`);
  await desk.provider.signIn(vera.page, "vera");
  await expect(vera.page.getByText("Vera", { exact: true })).toBeVisible();
  expect(desk.provider.askedForKeys).toBe(2);
  // The first person stays signed in, and the next one needs no further fetch of the keys.
  expect((await ann.page.request.get(`${desk.origin}/api/orders`)).status()).toBe(200);
  const again = await open(`${desk.origin}/#/orders`);
  await desk.provider.signIn(again.page, "ann");
  await expect(again.page.getByText(again.t.ordersEmpty)).toBeVisible();
  expect(desk.provider.askedForKeys).toBe(2);
});

for (const [tells, status] of [["of another", 403], ["nothing", 502]] as const) {
  test(`a provider that, asked who it is, tells ${tells} lets nobody in`, async ({ open, tolerate }) => {
    tolerate(PROVIDERS_PAGE, REFUSED, /status of 502/);
    await start();
    desk.provider.tells = tells;
    const { page } = await open(`${desk.origin}/#/orders`);
    const answer = page.waitForResponse((response) => response.url().startsWith(`${desk.origin}/login/callback`));
    await desk.provider.signIn(page, "ann");
    expect((await answer).status()).toBe(status);
    expect(await session(page.context())).toBeUndefined();
    expect((await page.request.get(`${desk.origin}/api/orders`)).status()).toBe(401);

    desk.provider.tells = undefined;
    await page.getByRole("link", { name: "Sign in again" }).click();
    await expect(page.getByText("Ann Lee")).toBeVisible();
  });
}

test("whoever signs out is signed out at the provider too, where it offers that", async ({ open, tolerate }) => {
  tolerate(PROVIDERS_PAGE, REFUSED);
  desk = await Desk.start([], "127.0.0.1", true);
  const { page, t } = await open(`${desk.origin}${buyPath()}`);
  await desk.provider.signIn(page, "ann");
  await expectLoaded(page, t);
  await signOut(page, t).click();
  await desk.provider.signOut(page);
  await page.waitForURL(`${desk.origin}/**`);
  await signInAgain(page).click();
  // It asks who it is, which it would not if it still knew.
  await desk.provider.signIn(page, "vera");
  await expect(page.getByText("Vera", { exact: true })).toBeVisible();
});

test("nothing that lets anybody in is in the log, however much is logged", async ({ open, tolerate }) => {
  // The page asks for its orders once more when its session ends.
  tolerate(PROVIDERS_PAGE, REFUSED);
  await start("--log", "trace");
  const { page, t } = await open(`${desk.origin}/#/orders`);
  await page.waitForURL(`${desk.provider.issuer}/**`);
  const away = new URL(desk.provider.asked ?? "").searchParams;
  const back = page.waitForRequest((request) => request.url().startsWith(`${desk.origin}/login/callback`));
  await desk.provider.signIn(page, "ann");
  const came = new URL((await back).url()).searchParams;
  await expect(page.getByText(t.ordersEmpty)).toBeVisible();
  await signOut(page, t).click();
  await expect(signInAgain(page)).toBeVisible();

  const { log } = desk.installation;
  for (const told of ["a person has signed in", "a person has signed out"]) expect(log).toContain(told);
  const secrets = [CLIENT.secret, encodeURIComponent(CLIENT.secret), "thirty-two characters", ...desk.provider.gave];
  for (const name of ["state", "nonce", "code_challenge"]) secrets.push(away.get(name) ?? "");
  secrets.push(came.get("code") ?? "");
  expect(secrets.filter((secret) => secret.length > 8)).toHaveLength(12);
  for (const secret of secrets) expect(log.includes(secret), "a secret is in the log").toBe(false);
});

test("whoever says no at the provider is asked again", async ({ open, tolerate }) => {
  tolerate(PROVIDERS_PAGE, REFUSED);
  await start();
  const { page } = await open(`${desk.origin}/#/orders`);
  await page.waitForURL(`${desk.provider.issuer}/**`);
  await page.getByRole("link", { name: /cancel/i }).click();
  await expect(page.getByText("Signing in failed")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Sign in again" }).click();
  await desk.provider.signIn(page, "ann");
  await expect(page.getByText("Ann Lee")).toBeVisible();
});

for (const look of LOOKS) {
  test(`without barriers: signed in, signed out, asked again (${look.lang}, ${look.scheme})`, async ({ open, tolerate }) => {
    tolerate(PROVIDERS_PAGE, REFUSED);
    await start("--session-lifetime", "8s");
    const { page, t } = await open(`${desk.origin}${buyPath()}`, look);
    await desk.provider.signIn(page, "vera");
    await expectLoaded(page, t);
    await expectAccessible(page);
    await expect.poll(async () => (await page.request.get(`${desk.origin}/api/orders`)).status(), { timeout: 30_000 }).toBe(401);
    await choice(page, t.billing, t.prePay).click();
    await expect(page.getByText(t.signInEnded).first()).toBeVisible();
    await expectAccessible(page);
    await page.reload();
    await expect(page.getByText("Vera", { exact: true })).toBeVisible();
    await signOut(page, t).click();
    await expect(signInAgain(page)).toBeVisible();
    await expectAccessible(page);
  });
}

test("an answer of the provider is good once, and in the browser that asked", async ({ open, tolerate, browser }) => {
  tolerate(PROVIDERS_PAGE, REFUSED);
  await start();
  const { page, t } = await open(`${desk.origin}/#/orders`);
  await page.waitForURL(`${desk.provider.issuer}/**`);
  const pending = await page.context().cookies(desk.origin);
  const back = page.waitForRequest((request) => request.url().startsWith(`${desk.origin}/login/callback`));
  await desk.provider.signIn(page, "ann");
  const callback = (await back).url();
  await expect(page.getByText(t.ordersEmpty)).toBeVisible();
  await page.context().clearCookies({ name: SESSION });

  const refused = async (of: Page, status: number) => {
    expect((await of.goto(callback))?.status()).toBe(status);
    expect(await session(of.context())).toBeUndefined();
  };
  await refused(page, 400);
  // Even where the browser's part was kept, the code is used up.
  const other = await browser.newContext();
  const cookie = pending.map(({ name, value }) => `${name}=${value}`).join("; ");
  expect(cookie).toContain("__Host-deskbuy-login-");
  expect((await other.request.get(callback, { headers: { cookie }, maxRedirects: 0 })).status()).toBe(403);
  await refused(await other.newPage(), 400);
  await other.close();
});

test("a session that was changed is none", async ({ open, tolerate, browser }) => {
  tolerate(PROVIDERS_PAGE, REFUSED);
  await start();
  const { page, t } = await open(`${desk.origin}/#/orders`);
  await desk.provider.signIn(page, "ann");
  await expect(page.getByText(t.ordersEmpty)).toBeVisible();
  const value = (await session(page.context())) ?? "";
  const middle = Math.floor(value.length / 2);
  const changed = `${value.slice(0, middle)}${value[middle] === "A" ? "B" : "A"}${value.slice(middle + 1)}`;
  const ask = (text: string) => ({ headers: { cookie: `${SESSION}=${text}` } });
  const stranger = await browser.newContext();
  expect((await stranger.request.get(`${desk.origin}/api/orders`, ask(value))).status()).toBe(200);
  const answer = await stranger.request.get(`${desk.origin}/api/orders`, ask(changed));
  expect(answer.status()).toBe(401);
  expect(await answer.json()).toMatchObject({ code: "sign_in_required" });
  await stranger.close();
});

test("whoever may only look is told so, and whoever may not is not let in", async ({ open, tolerate }) => {
  tolerate(PROVIDERS_PAGE, REFUSED);
  await start();
  const vera = await open(`${desk.origin}${buyPath()}`);
  await desk.provider.signIn(vera.page, "vera");
  await expect(vera.page.getByText(vera.t.onlyLooks)).toBeVisible();
  await option(vera.page, vera.t.user, "zhang.san").click();
  await order(vera.page, vera.t);
  await expect(review(vera.page, vera.t).getByText(vera.t.notAllowed)).toBeVisible();
  expect((await desk.installation.state()).calls["CreateDesktop"]).toBeUndefined();

  const norm = await open(`${desk.origin}${buyPath()}`);
  await desk.provider.signIn(norm.page, "norm");
  await expect(norm.page.getByText("you may not use this page")).toBeVisible();
  expect(await session(norm.page.context())).toBeUndefined();
});

test("another site can have nothing done in the name of who is signed in", async ({ open, tolerate }) => {
  tolerate(PROVIDERS_PAGE, REFUSED, /favicon/, /CORS policy/, /api\/session\)$/);
  await start();
  const { page, t } = await open(`${desk.origin}/#/orders`);
  await desk.provider.signIn(page, "ann");
  await expect(page.getByText(t.ordersEmpty)).toBeVisible();

  // The provider's is another site; here it plays the evil one.
  const evil = await page.context().newPage();
  for (const path of ["/logout", "/api/orders", "/api/CreateUser"]) {
    await evil.goto(`${desk.provider.issuer}/.well-known/openid-configuration`);
    const answer = evil.waitForResponse((response) => response.url() === `${desk.origin}${path}`);
    await evil.evaluate((action) => {
      const form = Object.assign(document.createElement("form"), { action, method: "post", enctype: "text/plain" });
      form.append(Object.assign(document.createElement("input"), { name: '{"operations":[', value: "]}" }));
      document.body.append(form);
      form.submit();
    }, `${desk.origin}${path}`);
    expect((await answer).status(), path).toBe(403);
    await evil.waitForURL(`${desk.origin}${path}`);
  }
  await evil.goto(`${desk.provider.issuer}/.well-known/openid-configuration`);
  const read = await evil.evaluate(
    (url) => fetch(url, { credentials: "include" }).then(() => "read", () => "kept out"),
    `${desk.origin}/api/session`,
  );
  expect(read).toBe("kept out");

  // With the person's own cookie, and the origin of another page.
  const headers = { origin: "https://evil.example", "content-type": "application/json" };
  const forged = await page.request.post(`${desk.origin}/api/orders`, { headers, data: { operations: [] } });
  expect(forged.status()).toBe(403);
  expect(await forged.json()).toMatchObject({ code: "cross_site", outcome: "not_sent" });

  await page.reload();
  await expect(signOut(page, t)).toBeVisible();
  expect((await desk.installation.state()).calls["CreateUser"]).toBeUndefined();
});
