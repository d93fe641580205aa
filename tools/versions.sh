# The versions of the tools that build and check the project, and where they are kept. Sourced by the other scripts.
TRUNK_VERSION=0.21.14
# The same as `wasm-bindgen` in Cargo.toml: glue and compiled code must come from one version.
WASM_BINDGEN_VERSION=0.2.130
CARGO_DENY_VERSION=0.20.2

DESKBUY_TOOLS=${DESKBUY_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/deskbuy/tools}
export DESKBUY_TOOLS
PATH="$DESKBUY_TOOLS/bin:$PWD/tools/node_modules/.bin:$PATH"
export PATH
