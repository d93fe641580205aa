// What the page's module may use of WebAssembly: all that browsers of 2023 and later have, and none of what Binaryen's
// `--all-features` would add.

/** By the names that Binaryen's library has for them. */
export const FEATURES = ["BulkMemory", "BulkMemoryOpt", "NontrappingFPToInt", "SignExt", "MutableGlobals", "ReferenceTypes", "Multivalue"];

/** By the options of its tools. */
export const FEATURE_FLAGS = "bulk-memory bulk-memory-opt nontrapping-float-to-int sign-ext mutable-globals reference-types multivalue"
  .split(" ")
  .map((name) => `--enable-${name}`);
