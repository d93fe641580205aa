#!/usr/bin/env bash
# Builds the proxy for production, without the simulator: target/dist/deskbuy. It is built twice: the first one counts what
# it does while it is in use (bench/train.mjs), and with that the second is laid out so that what runs often is quick.
# Quick when there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '[proxy] %s\n' "$*"; }
build() { # flags of the compiler, further arguments of cargo build…
  local flags=$1
  shift
  RUSTFLAGS="${RUSTFLAGS:-} $flags" cargo build --quiet --profile dist -p proxy --no-default-features "$@"
}

training=$PWD/target/training
profile=$training/deskbuy.profdata
counting=$training/dist/deskbuy

say "building the one that counts"
# Where it would leave its counts, were it not told another place.
build "-Cprofile-generate=$training/counts" --target-dir "$training"
if [ ! -e "$profile" ] || [ -n "$(find "$counting" bench/{train,servers,page-load}.mjs -newer "$profile")" ]; then
  say "using it"
  cargo build --quiet --release -p simulator
  rm -rf "$training/counts"
  mkdir -p "$training/counts"
  node bench/train.mjs "$counting" "$training/counts"
  "$(rustc --print sysroot)"/lib/rustlib/*/bin/llvm-profdata merge -o "$profile" "$training"/counts/*.profraw
fi
say "building the one for production"
build "-Cprofile-use=$profile"
say "target/dist/deskbuy"
