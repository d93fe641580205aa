// Starts the part of the page that the address asks for, and changes to the other when asked; sends people away to sign
// in, and signs them out. A file of its own, since the content policy forbids inline script. It runs while the document
// is still being read.
import { askAhead, forgetAhead } from "./ahead.js";

const { js, wasm } = document.querySelector("script[data-js]").dataset;
const parts = {
  buy: { js, wasm },
  orders: { js: "./orders.js", wasm: "./orders_bg.wasm" },
};
// "/", and so nothing, where the proxy serves the page itself.
const api = document.querySelector('meta[name="deskbuy-api"]').content.replace(/\/$/, "");
const credentials = "include";
const parsed = new Promise((go) => {
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", go, { once: true });
  else go();
});
let shown;

const wanted = () => (location.hash.startsWith("#/orders") ? "orders" : "buy");
// The document has sent for the purchase's module. Where it is not wanted it is called off: taken up, since a browser
// complains of what is sent for and never taken up, and dropped. Not before its answer has begun: a browser may take it
// up later than it is asked to, and what is dropped by then goes on arriving.
if (wanted() !== "buy") {
  const off = new AbortController();
  fetch(wasm, { signal: off.signal })
    .then(() => off.abort())
    .catch(() => undefined);
}
// What the proxy says of itself and the person; while it cannot be reached the page tells that by itself.
const session = fetch(`${api}/api/session`, { credentials })
  .then((answer) => (answer.ok ? answer.json() : {}))
  .catch(() => ({}));
// Brings what was chosen before the module was there into the address.
let keepEarly = () => undefined;
session.then(async (who) => {
  const list = wanted() === "buy" && (who.user || !who.sign_in) && askAhead(api);
  if (!list) return;
  const [early] = await Promise.all([import("./early.js"), parsed]);
  keepEarly = await early.drawEarly(list);
  // Without it nothing is lost: the module draws all of it, and tells what went wrong.
}).catch(() => undefined);

async function load(part) {
  // Both at once; the module is compiled while it arrives.
  const wasm = fetch(part.wasm);
  // If the glue fails first, nobody waits for this one, and its failure is no other failure.
  wasm.catch(() => undefined);
  // A browser remembers that an address could not be imported, so a further try needs another address.
  part.tries = (part.tries ?? 0) + 1;
  const module = await import(part.tries === 1 ? part.js : `${part.js}?${part.tries}`);
  await module.default({ module_or_path: wasm });
  return module;
}

/** The module of a part, once. One that could not be had is asked for anew the next time. */
function ready(part) {
  part.module ??= load(part).catch((error) => {
    part.module = undefined;
    throw error;
  });
  return part.module;
}

async function show() {
  const name = wanted();
  // The part is fetched meanwhile; what went wrong with it is of interest only to who may see it.
  const loading = ready(parts[name]);
  loading.catch(() => {});
  const [who] = await Promise.all([session, parsed]);
  if (mustSignIn(who)) return;
  let module;
  try {
    module = await loading;
  } catch (error) {
    // With nothing else to show, the page says so. Otherwise the server may be on its way back: an order that was just
    // placed goes on without the page, and is looked at when it can be.
    if (shown === undefined) throw error;
    setTimeout(() => show().catch(fail), 2000);
    return;
  }
  // The address may have changed meanwhile, or this part may be there already.
  if (name !== wanted() || shown === module) return;
  keepEarly();
  const goOn = inEarly();
  shown?.stop();
  module.start(shown !== undefined, api, !!who.demo, who.user?.name ?? "", who.user?.buys === false);
  shown = module;
  if (module.late) fetchLate(module.late);
  // Its first questions are asked before this is done.
  setTimeout(() => {
    forgetAhead();
    goOn();
  });
}

/** Whoever is about to choose from the list that was there early goes on: with the focus there, and at the same place. */
function inEarly() {
  const top = () => document.querySelector("#types")?.getBoundingClientRect().top;
  const before = document.querySelector("#types:is([data-at]:hover, :focus-within)") && top();
  const { id } = document.activeElement ?? {};
  return () => {
    const after = before == null ? undefined : top();
    if (after === undefined) return;
    document.getElementById(id)?.focus({ preventScroll: true });
    scrollBy(0, after - before);
  };
}

// What the first view does without is fetched when somebody seems to come to use it, or has left it open for a while. A
// screen reader moves the focus, or clicks, with neither key nor pointer.
const SIGNS = ["pointermove", "pointerdown", "wheel", "keydown", "focusin", "click"];
const WHILE = 10_000;

function fetchLate(late) {
  for (const sign of SIGNS) addEventListener(sign, late, { capture: true, once: true, passive: true });
  setTimeout(late, WHILE);
}

// Set from when somebody is sent away to sign in until it has succeeded: whoever comes back without, or has signed out,
// is asked and not sent away again and again.
const ASK = "deskbuy.sign-in";

function remember(ask) {
  try {
    const asked = sessionStorage.getItem(ASK);
    if (ask) sessionStorage.setItem(ASK, "1");
    else sessionStorage.removeItem(ASK);
    return asked;
  } catch {
    return "1";
  }
}

function mustSignIn({ sign_in, user }) {
  const must = sign_in && !user;
  const asked = remember(must);
  if (must && asked) document.getElementById("sign-in").hidden = false;
  else if (must) signIn();
  return must;
}

// The address goes along, hash and all, which the proxy would not see otherwise: one comes back to it.
function signIn() {
  const { pathname, search, hash, href } = location;
  location.assign(`${api}/login?return=${encodeURIComponent(api ? href : pathname + search + hash)}`);
}

async function signOut() {
  const answer = await fetch(`${api}/logout`, { method: "POST", credentials });
  if (!answer.ok) throw new Error(`sign-out: ${answer.status}`);
  remember(true);
  location.reload();
}

function fail(error) {
  console.error(error);
  document.getElementById("fatal").hidden = false;
}

// Links between routes only change the hash. The routers' own listeners, of which one part's outlives the part, never
// see them.
function follow(event) {
  if (event.target.closest?.("[data-keys]")) showKeys();
  if (event.target.closest?.("[data-sign-in]")) signIn();
  else if (event.target.closest?.("[data-sign-out]")) signOut().catch(fail);
  const link = event.target.closest?.('a[href^="#/"]');
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  location.hash = link.hash;
}

// A key alone is one that somebody may mean otherwise, who speaks to the machine for example: those can be turned off.
const KEYS = "deskbuy.keys";
let single = true;
try {
  single = localStorage.getItem(KEYS) !== "off";
} catch {
  // Forbidden, so nothing is kept.
}

function keepSingle(on) {
  single = on;
  try {
    if (on) localStorage.removeItem(KEYS);
    else localStorage.setItem(KEYS, "off");
  } catch {
    // It holds until the page is left.
  }
}

const showKeys = () =>
  import("./keys.js").then((keys) => keys.showKeys(single, keepSingle)).catch((error) => console.error(error));

function press(event) {
  const { key, target } = event;
  const other = event.ctrlKey || event.metaKey;
  if (event.defaultPrevented || event.isComposing || event.altKey || document.querySelector("dialog[open]")) return;
  if (key === "Enter" && other) document.querySelector(".buy")?.click();
  const types = target.closest?.("input:not([type=radio], [type=checkbox]), select, textarea, [role=listbox]");
  if (other || types || !single) return;
  if (key === "?") showKeys();
  // The last of them: of users, the one thing that nobody chooses for one.
  const search = key === "/" && [...document.querySelectorAll("input[type=search]")].at(-1);
  if (!search) return;
  event.preventDefault();
  search.focus();
}

addEventListener("keydown", press);
addEventListener("click", follow, { capture: true });
// What the buying part asks of the other one.
globalThis.deskbuy = { snippet: async (...what) => (await ready(parts.orders)).snippet(...what) };
addEventListener("deskbuy:ahead", () => ready(parts.orders).catch(() => undefined));
addEventListener("deskbuy:leave", () => show().catch(fail));
show().catch(fail);
