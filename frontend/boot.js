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
  const module = await import(part.js);
  await module.default({ module_or_path: wasm });
  return module;
}

async function show() {
  const wanted = () => (location.hash.startsWith("#/orders") ? "orders" : "buy");
  const name = wanted();
  const part = parts[name];
  part.module ??= load(part);
  const module = await part.module;
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
addEventListener("deskbuy:leave", () => show().catch(fail));
show().catch(fail);
