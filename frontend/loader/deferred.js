// Fetches the deferred module: once, when the app says that the first view is complete or when input waits for it. What fails is
// tried again, for as long as it takes, and the app says so (frontend/src/deferred.rs).
import { holdInput } from "./input.js";

/** How long one try may go without a byte, in milliseconds. A slow line takes longer in all, and is no failure. */
const DEADLINE = 10_000;
/** How long to wait after the first try that failed, and at most, in milliseconds; twice as long each time. */
const [SHORTEST, LONGEST] = [1_000, 30_000];
/** When it is fetched in any case, in milliseconds: a list of the first view may take very long. */
const LATEST = 10_000;

/** The server does not have this version of the page any more. */
class Gone extends Error {}

/** Waits until the time is up, the network is back, or a retry is asked for. */
function pause(time) {
  return new Promise((resolve) => {
    const over = new AbortController();
    const go = () => {
      over.abort();
      resolve();
    };
    const { signal } = over;
    addEventListener("online", go, { signal });
    addEventListener("click", ({ target }) => target.closest?.("[data-retry]") && go(), { capture: true, signal });
    setTimeout(go, time);
  });
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

/**
 * The deferred module at an address. `primary` is the promise of the primary module's glue. Gives `request`, which has it
 * fetched, `arrived`, a promise that fails with the first try, and `holdInput`, which keeps input from the app until it is there.
 */
export function deferModule(address, primary) {
  let requested = false;
  let release;
  let told;
  let begin;
  // The module may be there before the app is mounted, which is when it can be told.
  const mounted = new Promise((resolve) => (begin = resolve));
  let settle;
  const arrived = new Promise((resolve, reject) => (settle = { resolve, reject }));
  // Not everybody waits for it.
  arrived.catch(() => undefined);

  async function tell(state) {
    told = state;
    const [app] = await Promise.all([primary, mounted]);
    // What came later says more.
    if (told === state) app.deferred(state);
  }

  async function attempt() {
    const response = await fetchWhile(address);
    const type = response.headers.get("content-type") ?? "";
    // Some servers answer with their first page what they do not have.
    if (response.status === 404 || response.status === 410 || type.startsWith("text/html")) throw new Gone(address);
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    const { secondaryImports } = await primary;
    if (type.startsWith("application/wasm")) await WebAssembly.instantiateStreaming(response, secondaryImports());
    else await WebAssembly.instantiate(await response.arrayBuffer(), secondaryImports());
  }

  async function fetchModule() {
    for (let wait = SHORTEST; ; wait = Math.min(wait * 2, LONGEST)) {
      try {
        await attempt();
        break;
      } catch (error) {
        console.warn(error);
        settle.reject(error);
        if (error instanceof Gone) return tell("gone");
        await tell("failed");
      }
      await pause(wait);
    }
    settle.resolve();
    await tell("arrived");
    await release?.();
  }

  function request() {
    if (requested) return;
    requested = true;
    // Only a primary module that fails ends it, which start.js reports.
    fetchModule().catch(() => undefined);
  }

  return {
    arrived,
    request,
    /** To be called right before the app is mounted. */
    holdInput() {
      begin();
      setTimeout(request, LATEST);
      release = holdInput(() => {
        request();
        if (told === undefined) tell("awaited").catch(() => undefined);
      });
    },
  };
}
