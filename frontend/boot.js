// Starts the part of the page that the address asks for, and changes to the other when asked. A file of its own, since
// the content policy forbids inline script.
const { js, wasm } = document.querySelector("script[data-js]").dataset;
const parts = {
  buy: { js, wasm },
  orders: { js: "./orders.js", wasm: "./orders_bg.wasm" },
};
let shown;

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
  const wanted = () => (location.hash.startsWith("#/orders") ? "orders" : "buy");
  const name = wanted();
  let module;
  try {
    module = await ready(parts[name]);
  } catch (error) {
    // With nothing else to show, the page says so. Otherwise the server may be on its way back: an order that was just
    // placed goes on without the page, and is looked at when it can be.
    if (shown === undefined) throw error;
    setTimeout(() => show().catch(fail), 2000);
    return;
  }
  // The address may have changed meanwhile, or this part may be there already.
  if (name !== wanted() || shown === module) return;
  shown?.stop();
  module.start(shown !== undefined);
  shown = module;
}

function fail(error) {
  console.error(error);
  document.getElementById("fatal").hidden = false;
}

// Links between routes only change the hash. The routers' own listeners, of which one part's outlives the part, never
// see them.
function follow(event) {
  const link = event.target.closest?.('a[href^="#/"]');
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  location.hash = link.hash;
}

addEventListener("click", follow, { capture: true });
// What the buying part asks of the other one.
globalThis.deskbuy = { snippet: async (...what) => (await ready(parts.orders)).snippet(...what) };
addEventListener("deskbuy:ahead", () => ready(parts.orders).catch(() => undefined));
addEventListener("deskbuy:leave", () => show().catch(fail));
show().catch(fail);
