// Starts the page: asks who is there, fetches the app's module meanwhile, and mounts the app when both are known. A file, since
// the content policy forbids inline script; it runs while the document is still being read. README.md has the order of it all.
import { deferModule } from "./deferred.js";
import { fail } from "./fatal.js";
import { api, mayUse, session } from "./session.js";
import { keepTexts } from "./text.js";

// Named after what is in them, by the build; a development build has no deferred module.
const { js, wasm, deferred: deferredAddress } = document.querySelector("script[data-js]").dataset;
// They are relative to the document, and an import to the loader's file.
const glueAddress = new URL(js, document.baseURI).href;

const parsed = new Promise((go) => {
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", go, { once: true });
  else go();
});

async function fetchPrimary() {
  // Both at once; the module is compiled while it arrives.
  const code = fetch(wasm);
  // If the glue fails first, nothing awaits this one, and its failure must not be reported as another.
  code.catch(() => undefined);
  const glue = await import(glueAddress);
  await glue.default({ module_or_path: code });
  return glue;
}

const primary = fetchPrimary();
// What went wrong with it is of interest only to who may see the page.
primary.catch(() => undefined);
const deferred = deferredAddress && deferModule(deferredAddress, primary);
// The primary module is what the purchase's first view calls; any other route needs both. Only a hint: where it is wrong, the
// app asks a moment later.
const firstView = /^(#(\/(buy.*)?)?)?$/.test(location.hash);
const both = startsWithBoth();
if (both || !firstView) deferred?.request();

/** Whether, below this path, the profile was found to miss the first view here (placeholder.js): the app starts when both modules are there. */
function startsWithBoth() {
  try {
    return sessionStorage.getItem(`deskbuy.both-modules${location.pathname.replace(/^\/$/, "")}`) !== null;
  } catch {
    return false;
  }
}

async function start() {
  const [who] = await Promise.all([session, parsed]);
  if (!mayUse(who)) return;
  const app = await primary;
  if (both) await deferred?.arrived;
  else deferred?.holdInput();
  keepTexts();
  const { name = "", buys, approves } = who.user ?? {};
  app.start(api, !!who.demo, name, buys === false, !!approves, !!who.order_fields, () => deferred?.request());
  if (!deferred || both) app.deferred("arrived");
}

start().catch(fail);
