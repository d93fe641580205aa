#!/usr/bin/env bash
# Live reload: Trunk builds and serves the page, and hands /api on to the proxy's demo, which runs beside it.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh build
. tools/versions.sh

mkdir -p dist
[ -e dist/index.html ] || cp index.html dist/index.html
cargo build --quiet -p proxy
target/debug/deskbuy demo &
proxy=$!
trap 'kill $proxy 2>/dev/null || true' EXIT

echo "[dev] open http://127.0.0.1:8081/?commodityCode=CloudDesktopPost&request={%22region%22:%22cn-hangzhou%22}#/buy"
# A folder of its own, so that `make run` does not find a development build in dist/.
trunk serve --offline --public-url / --dist target/dev-dist
