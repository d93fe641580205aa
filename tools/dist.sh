#!/usr/bin/env bash
# Builds the proxy for production, with the page in it: target/dist/deskbuy. The same commit gives the same bytes with the same
# compiler: paths of this machine are not in the program, and the time in it is the commit's. For another kind of machine, into
# target/TRIPLE/dist: TARGET=aarch64-unknown-linux-gnu, with Debian's cross compiler (gcc-aarch64-linux-gnu).
set -euo pipefail
cd "$(dirname "$0")/.."

DESKBUY_COMMIT=$(git rev-parse HEAD 2>/dev/null || true)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
cargo_home=${CARGO_HOME:-$HOME/.cargo}
sysroot=$(rustc --print sysroot)
# Spaces in a path end the flag, so that the encoded form with separators of its own is used.
separator=$'\x1f'
CARGO_ENCODED_RUSTFLAGS="--remap-path-prefix=$PWD=/deskbuy${separator}--remap-path-prefix=$cargo_home=/cargo${separator}--remap-path-prefix=$sysroot=/rust"
# SQLite, ring and mimalloc are built from C.
CFLAGS="-ffile-prefix-map=$PWD=/deskbuy -ffile-prefix-map=$cargo_home=/cargo"
export DESKBUY_COMMIT SOURCE_DATE_EPOCH CARGO_ENCODED_RUSTFLAGS CFLAGS
target=()
if [ -n "${TARGET:-}" ]; then
  target=(--target "$TARGET")
  name=${TARGET^^}
  export "CARGO_TARGET_${name//-/_}_LINKER=${TARGET/-unknown/}-gcc"
fi
cargo build --quiet --profile dist "${target[@]}" -p proxy --no-default-features --features page "$@"
