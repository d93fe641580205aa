// What the later modules import: of the glue, of the primary module, and of those that came after it, whose exports `later` are. The
// build puts this into the glue, whose names `wasm` and `__wbg_get_imports` are (tools/module.mjs).

/** All that a module exports, with the functions in its table by their numbers (tools/export-by-table.mjs). */
function given(exports) {
  const table = exports["0given"];
  const functions = Array.from({ length: table?.length ?? 0 }, (_, number) => table.get(number));
  return { ...exports, ...functions };
}

export function laterImports(...later) {
  const imports = __wbg_get_imports();
  for (const [index, exports] of [wasm, ...later].entries()) imports["bcd"[index]] = given(exports);
  return imports;
}
