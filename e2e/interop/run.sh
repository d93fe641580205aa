#!/usr/bin/env bash
# Checks the simulator with two clients that nobody here wrote, with a lasting key and with a temporary one. Builds what
# it needs, takes free ports, and leaves nothing running. Exit code 0 only if every check passed.
set -euo pipefail
cd "$(dirname "$0")/../.."

target="${CARGO_TARGET_DIR:-target}"
venv="$target/interop-venv"
log="$target/interop-simulator.log"
simulator_pid=""

stop() {
  if [[ -n "$simulator_pid" ]]; then
    kill "$simulator_pid" 2>/dev/null || true
    wait "$simulator_pid" 2>/dev/null || true
    simulator_pid=""
  fi
}
trap stop EXIT

echo "interop: building the simulator"
cargo build --quiet -p simulator --bin simulator

# The list of what is installed is kept beside it, so that a changed list is installed anew.
if ! cmp -s e2e/interop/requirements.txt "$venv/requirements.txt"; then
  echo "interop: installing the Python client"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r e2e/interop/requirements.txt
  cp e2e/interop/requirements.txt "$venv/requirements.txt"
fi
if [[ ! -d e2e/node_modules/@alicloud/pop-core ]]; then
  echo "interop: installing the Node client"
  (cd e2e && npm ci --no-audit --no-fund --loglevel=error)
fi

export ACCESS_KEY_ID=interop-id ACCESS_KEY_SECRET=interop-secret
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY

# Starts the simulator with these flags and waits until it says where it listens.
start() {
  "$target/debug/simulator" --listen 127.0.0.1:0 --access-key "$ACCESS_KEY_ID:$ACCESS_KEY_SECRET" "$@" >"$log" 2>&1 &
  simulator_pid=$!
  for _ in $(seq 100); do
    SIMULATOR_URL="$(sed -n 's/^simulator: listening on //p' "$log")"
    if [[ -n "$SIMULATOR_URL" ]]; then
      export SIMULATOR_URL
      return
    fi
    kill -0 "$simulator_pid" 2>/dev/null || break
    sleep 0.1
  done
  echo "interop: the simulator did not start:" >&2
  cat "$log" >&2
  exit 1
}

# Adds up the closing lines of the clients, so that the last line tells of all checks.
passed=0
failed=0
run() {
  local name="$1" output status=0
  shift
  output="$("$@" 2>&1)" || status=$?
  local line
  line="$(grep -E '^[0-9]+ passed, [0-9]+ failed$' <<<"$output" | tail -n 1 || true)"
  echo "interop: $name: ${line:-no closing line}"
  grep -vE '^[0-9]+ passed, [0-9]+ failed$' <<<"$output" || true
  if [[ -z "$line" ]]; then
    failed=$((failed + 1))
    return
  fi
  local ok bad
  read -r ok _ bad _ <<<"$line"
  passed=$((passed + ok))
  failed=$((failed + bad))
  if [[ "$status" -ne 0 && "$bad" -eq 0 ]]; then
    failed=$((failed + 1))
  fi
}

for key in lasting temporary; do
  if [[ "$key" == temporary ]]; then
    export STS_TOKEN='CAIS+interop/token=='
    start --sts-token "$STS_TOKEN"
  else
    unset STS_TOKEN
    start
  fi
  run "@alicloud/pop-core, $key key" node e2e/interop/pop-core.mjs
  run "aliyun-python-sdk-core, $key key" "$venv/bin/python" e2e/interop/sdk_core.py
  stop
done

echo "$passed passed, $failed failed"
[[ "$failed" -eq 0 ]]
