#!/usr/bin/env bash
# Shows what a change does to the looks of the page: pictures of its states from the last commit on main (BASE=… names
# another) and from the tree as it is, both before the proxy as it is. Says what differs; the report has the pictures
# side by side. A command and not a test: fonts and browsers move.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/versions.sh
root=$PWD

base=$(git rev-parse "${BASE:-main}^{commit}")
# The page of each base is kept: it does not change.
page="$root/target/visual/pages/$base"
if [ ! -e "$page/index.html" ]; then
  echo "[visual] building the page of ${base:0:10}"
  tree=$(mktemp -d)
  git worktree add --quiet --detach --force "$tree" "$base"
  trap 'git worktree remove --force "$tree"' EXIT
  ln -s "$root/tools/node_modules" "$tree/tools/node_modules"
  (cd "$tree" && CARGO_TARGET_DIR="$root/target" RUST_LOG=error trunk build --release --offline)
  mkdir -p "$(dirname "$page")"
  rm -rf "$page"
  cp -r "$tree/dist" "$page"
fi
make --no-print-directory page
cargo build --quiet -p proxy

export DESKBUY_VISUAL="$root/target/visual"
rm -rf "$DESKBUY_VISUAL"/{base,results,report}
run() { (cd e2e && npx --no-install playwright test -c visual/playwright.config.ts "$@"); }
echo "[visual] pictures of ${base:0:10}"
DESKBUY_PAGE="$page" run --update-snapshots=all >"$DESKBUY_VISUAL/base.log" || { tail -n 40 "$DESKBUY_VISUAL/base.log"; exit 1; }
echo "[visual] pictures of the tree"
run >"$DESKBUY_VISUAL/tree.log" || true
changed=$(find "$DESKBUY_VISUAL/results" -name '*-diff.png' | wc -l)
find "$DESKBUY_VISUAL/results" -name '*-diff.png' -printf '%f\n' | sed 's/-diff.png$//' | sort | sed 's/^/  changed: /'
tail -n 2 "$DESKBUY_VISUAL/tree.log"
echo "[visual] $changed of $(find "$DESKBUY_VISUAL/base" -name '*.png' | wc -l) pictures changed; side by side in target/visual/report/index.html"
