#!/usr/bin/env bash
# Checks the description of the interface, /api/openapi.json: a public validator reads it, a public driver of interfaces calls
# the running proxy by it (no 5xx, no answer outside of its schema), and the curl examples of docs/api.md do what they say.
# Takes free ports and leaves nothing running. SEED=N for another run, EXAMPLES=N for more calls of each address.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
venv="$target/api-venv"
work=$(mktemp -d)
proxy_pid=""
stop() {
  if [[ -n "$proxy_pid" ]]; then
    kill "$proxy_pid" 2>/dev/null || true
    wait "$proxy_pid" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap stop EXIT
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY

if ! cmp -s e2e/api/requirements.txt "$venv/requirements.txt"; then
  echo "api: installing the Python packages"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r e2e/api/requirements.txt
  cp e2e/api/requirements.txt "$venv/requirements.txt"
fi
cargo build --quiet -p proxy

"$target/debug/deskbuy" demo --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --simulator-listen 127.0.0.1:0 --rate-limit 0 \
  >"$work/proxy.out" 2>"$work/proxy.log" &
proxy_pid=$!
for _ in $(seq 300); do
  DESK="$(sed -n 's#^deskbuy: page \(http://[^/]*\)/.*#\1#p' "$work/proxy.out")"
  [[ -z "$DESK" ]] || break
  kill -0 "$proxy_pid" 2>/dev/null || break
  sleep 0.1
done
[[ -n "${DESK:-}" ]] || { echo "api: the proxy did not start:" >&2; cat "$work/proxy.log" >&2; exit 1; }
export DESK

curl --silent --fail "$DESK/api/openapi.json" >"$work/openapi.json"
"$venv/bin/openapi-spec-validator" --schema 3.1 "$work/openapi.json"

"$venv/bin/python" e2e/api/examples.py docs/api.md

# Calls that may be right or wrong, then right ones in a region that is served. The stream of events does not end by itself.
drive() { # configuration, kind of calls
  # It keeps what it found in the folder that it runs in.
  env -C "$work" "$venv/bin/schemathesis" --config-file "$PWD/e2e/api/$1" run "$work/openapi.json" --url "$DESK" \
    --exclude-path /api/orders/events --phases coverage,fuzzing --mode "$2" --max-examples "${EXAMPLES:-10}" --seed "${SEED:-1}" \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance \
    --request-timeout 30 --no-shrink --warnings off --continue-on-failure >"$work/report" 2>&1 || { cat "$work/report"; exit 1; }
  echo "api: $1, $2: $(grep 'generated' "$work/report" | sed 's/^ *//')"
}
drive schemathesis.toml all
drive one-region.toml positive
kill -0 "$proxy_pid"
