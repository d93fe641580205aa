// Fetches the functions that a module's first view does without (tools/split.mjs). The build puts this at the end of the
// glue of a module that it divides, whose names `wasm` and `__wbg_get_imports` are.
const lateAddress = import.meta.url.replace(/\.js\b.*/, "_late.wasm");
let lateComing;

const lateImports = () => ({ ...__wbg_get_imports(), b: wasm });
// Set at the end: until then the module asks for them.
const arrived = () => (wasm["0arrived"].value = 1);

/** Fetches them ahead of need. Failing is no harm: they are asked for again. */
export function late() {
  lateComing ??= WebAssembly.instantiateStreaming(fetch(lateAddress), lateImports()).then(arrived, () => {
    lateComing = undefined;
  });
}

/** Fetches them while the module waits in the middle of a call, and the page with it. */
function lateNow() {
  const request = new XMLHttpRequest();
  request.open("GET", lateAddress, false);
  // Each byte becomes a letter, since whoever waits gets nothing but text.
  request.overrideMimeType("text/plain; charset=x-user-defined");
  try {
    request.send();
    if (request.status !== 200) throw new Error(`${lateAddress}: ${request.status}`);
    const bytes = Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0));
    new WebAssembly.Instance(new WebAssembly.Module(bytes), lateImports());
    arrived();
  } catch (error) {
    // The call cannot go on, nor can the module be trusted after it.
    document.getElementById("fatal").hidden = false;
    throw error;
  }
}
