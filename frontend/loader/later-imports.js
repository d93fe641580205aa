// What the later modules import: of the glue, of the primary module, and of the deferred module, whose exports `deferred` are. The
// build puts this into the glue, whose names `wasm` and `__wbg_get_imports` are (tools/module.mjs).

/** All that a module exports, with the functions in its table by their numbers (tools/export-by-table.mjs). */
function given(exports) {
  const table = exports["0given"];
  const functions = Array.from({ length: table.length }, (_, number) => table.get(number));
  return { ...exports, ...functions };
}

export const laterImports = (deferred) => ({
  ...__wbg_get_imports(),
  b: given(wasm),
  c: deferred ? given(deferred) : {},
});
