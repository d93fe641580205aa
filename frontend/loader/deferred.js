// Fetches the modules that come after the primary one, each once. What fails is tried again, for as long as it takes, and the app
// says so (frontend/src/deferred.rs).
import { fail } from "./fatal.js";
import { holdInput } from "./input.js";

/** How long one try may go without a byte, in milliseconds. A slow line takes longer in all, and is no failure. */
const DEADLINE = 10_000;
/** How long to wait after the first try that failed, and at most, in milliseconds; twice as long each time. */
const [SHORTEST, LONGEST] = [1_000, 30_000];
/** When the deferred module is fetched in any case, in milliseconds: a list of the first view may take very long. */
const LATEST = 10_000;
/** After how long the app says that the on-demand module is awaited, in milliseconds. */
const NOTICED = 400;

/** The server does not have this version of the page any more. */
class Gone extends Error {}

/** Listens for what asks for a retry: a button, or the network that is back. Gives a promise of it, and what ends it. */
function listenForRetry() {
  const over = new AbortController();
  const { signal } = over;
  const asked = new Promise((resolve) => {
    addEventListener("online", resolve, { signal });
    addEventListener("click", ({ target }) => target.closest?.("[data-retry]") && resolve(), { capture: true, signal });
  });
  return [asked, () => over.abort()];
}

/** The answer at an address, as long as it goes on coming. */
async function fetchWhile(address) {
  const late = new AbortController();
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => late.abort(new Error(`${address}: nothing came`)), DEADLINE);
  };
  wait();
  try {
    const response = await fetch(address, { signal: late.signal });
    if (!response.body) return response;
    const watch = new TransformStream({
      transform(chunk, to) {
        wait();
        to.enqueue(chunk);
      },
      flush: () => clearTimeout(timer),
    });
    const { status, headers } = response;
    return new Response(response.body.pipeThrough(watch, { signal: late.signal }), { status, headers });
  } catch (error) {
    clearTimeout(timer);
    throw error;
  }
}

/** The file at an address, and its type. */
async function fetchFile(address) {
  const response = await fetchWhile(address);
  const type = response.headers.get("content-type") ?? "";
  // Some servers answer with their first page what they do not have.
  if (response.status === 404 || response.status === 410 || type.startsWith("text/html")) throw new Gone(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return [response, type];
}

/** The module at an address, compiled. */
async function compile(address) {
  const [response, type] = await fetchFile(address);
  if (type.startsWith("application/wasm")) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** The style sheet at an address. */
async function fetchStyle(address) {
  const [response] = await fetchFile(address);
  return new CSSStyleSheet().replace(await response.text());
}

let begin;
// A module may be there before the app is mounted and can be told.
const canBeTold = new Promise((resolve) => (begin = resolve));

/**
 * A module at an address that comes after the primary one, whose glue `primary` promises, and after those whose exports are promised
 * by `earlier`; `style` is the address of the style sheet of what it draws, if there is one. Gives `request`, which has both fetched;
 * `arrived`, a promise that fails with the first try; `exports`, one of what the module exports, and `told`, one of when the app knows,
 * which do not fail.
 */
function laterModule(address, primary, earlier, { isOnDemand = false, style }) {
  let requested = false;
  let state;
  let settle;
  let know;
  const arrived = new Promise((resolve, reject) => (settle = { resolve, reject }));
  // Not everybody waits for it.
  arrived.catch(() => undefined);
  let provide;
  const exports = new Promise((resolve) => (provide = resolve));
  const told = new Promise((resolve) => (know = resolve));

  async function tell(now) {
    state = now;
    const [app] = await Promise.all([primary, canBeTold]);
    // What came later says more.
    if (state === now) app.later(isOnDemand, now);
  }

  async function fetchModule() {
    let module;
    let sheet;
    for (let wait = SHORTEST; !module; wait = Math.min(wait * 2, LONGEST)) {
      // Listening begins before the try: a retry that is asked for meanwhile follows as soon as the try has failed.
      const [asked, ignore] = listenForRetry();
      try {
        [module, sheet] = await Promise.all([compile(address), style && fetchStyle(style)]);
      } catch (error) {
        console.warn(error);
        settle.reject(error);
        if (error instanceof Gone) return tell("gone");
        await tell("failed");
        await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, wait))]);
      } finally {
        ignore();
      }
    }
    if (sheet) document.adoptedStyleSheets.push(sheet);
    const { laterImports } = await primary;
    const exports = await Promise.all(earlier);
    try {
      provide((await WebAssembly.instantiate(module, laterImports(...exports))).exports);
    } catch (error) {
      return fail(error);
    }
    settle.resolve();
    await tell("arrived");
    know();
  }

  return {
    arrived,
    exports,
    told,
    /** Has the app say that it is awaited, unless more is known. */
    awaited: () => void (state === undefined && tell("awaited").catch(() => undefined)),
    request() {
      if (requested) return;
      requested = true;
      // Only a primary or an answers module that fails ends it, which start.js reports.
      fetchModule().catch(() => undefined);
    },
  };
}

/** The deferred module: what no first view calls. It is fetched when the app says that the first view is complete, or when input waits. */
export function deferModule(address, primary, answers, style) {
  const module = laterModule(address, primary, [answers], { style });
  return {
    ...module,
    /** To be called right before the app is mounted, by which its input waits for the module. */
    holdInput() {
      setTimeout(module.request, LATEST);
      const release = holdInput(() => {
        module.request();
        module.awaited();
      });
      module.told.then(release);
    },
  };
}

/** The on-demand module: what only some pages and dialogs call, which ask for it. */
export function onDemandModule(address, primary, answers, deferred) {
  const module = laterModule(address, primary, [answers, deferred.exports], { isOnDemand: true });
  return {
    ...module,
    request() {
      deferred.request();
      module.request();
      setTimeout(module.awaited, NOTICED);
    },
  };
}

/** To be called when the app is mounted and the answers module is there. */
export const appCanBeTold = () => begin();
