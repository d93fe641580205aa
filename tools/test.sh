#!/usr/bin/env bash
# Checks and tests, one step or all of them: tools/test.sh all|lint|unit|sweep|wasm|interop|api|e2e|firefox|webkit|size|pictures
# Each step sets up what it needs, says what it does, and stops at the first failure. A table at the end says how long each
# part took, also after a failure, and which browser tests did not pass at once.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/versions.sh

part="" part_began=0 times=()
end_part() { [ -z "$part" ] || times+=("$(printf '%6d s  %s' $((SECONDS - part_began)) "$part")"); }
step() {
  end_part
  part=$* part_began=$SECONDS
  printf '\n[test] %s\n' "$*"
}
print_times() {
  local status=$?
  end_part
  [ $status -eq 0 ] || times+=("          (failed here)")
  [ ${#times[@]} -le 1 ] || printf '\n[test] times\n%s\n%6d s  in all\n' "$(printf '%s\n' "${times[@]}")" "$SECONDS"
  [ ! -s "$E2E_FAILED_LIST" ] || printf '\n[test] browser tests that did not pass at once\n%s\n' "$(cat "$E2E_FAILED_LIST")"
  rm -f "$E2E_FAILED_LIST"
}
E2E_FAILED_LIST=$(mktemp)
export E2E_FAILED_LIST
trap print_times EXIT

must_not_need() { # crate with its features, names…: fails if the crate needs one of them to run
  local crate=$1 name
  shift
  for name in "$@"; do
    # shellcheck disable=SC2086 # the features are words of their own
    if cargo tree --quiet -p $crate --edges normal --prefix none | grep -q "^$name v"; then
      echo "[test] $crate must not depend on $name" >&2
      exit 1
    fi
  done
}

lint() {
  step "formatting"
  cargo fmt --all --check
  step "clippy, servers"
  cargo clippy --quiet --workspace --exclude frontend --all-targets --features proxy/failpoints -- -D warnings
  step "clippy, proxy without the demo"
  cargo clippy --quiet -p proxy --no-default-features -- -D warnings
  step "dependencies between crates"
  # Cargo refuses an import that is not declared; this refuses the declaration.
  must_not_need shared cloud orders proxy simulator axum tokio
  must_not_need cloud orders proxy simulator axum
  must_not_need orders proxy simulator axum
  must_not_need simulator cloud orders proxy
  must_not_need "frontend --target wasm32-unknown-unknown" schemars
  must_not_need "proxy --no-default-features" simulator
  step "files of the deployment"
  deploy/check.sh
  step "documents"
  node tools/documents.mjs
  step "clippy, page"
  cargo clippy --quiet -p frontend --target wasm32-unknown-unknown --all-targets -- -D warnings
  # The page's tests run in the browser, and one with the plain attribute would not run at all.
  if grep -rn '#\[test\]' frontend/src; then
    echo "[test] a test of the page is a #[wasm_bindgen_test]" >&2
    exit 1
  fi
  step "licences, bans, sources"
  cargo deny --log-level error --all-features check licenses bans sources
  # A release needs each crate's text.
  node tools/licences.mjs target/third-party-licences.txt
  step "advisories"
  # The database of advisories is fetched with git. Where that host is not reached, the check says so and is left out;
  # where it is, an advisory fails the run.
  if cargo deny --log-level error fetch db 2>/dev/null; then
    cargo deny --log-level error --all-features check --disable-fetch advisories
  else
    echo "[test] advisories NOT CHECKED: the advisory database cannot be fetched from here"
  fi
  step "types of the browser tests"
  (cd e2e && npx --no-install tsc --noEmit)
}

unit() {
  step "Rust tests"
  cargo test --quiet --workspace --exclude frontend
  step "tests of the build's own steps"
  node --test tools/
}

sweep() {
  step "fault sweep, the short one (make sweep is the whole)"
  cargo test --quiet -p proxy --features failpoints --test sweep -- --quick
}

wasm() {
  step "page tests in the browser"
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner \
    cargo test -p frontend --target wasm32-unknown-unknown
}

page_and_proxy() {
  step "building page and proxy"
  make --no-print-directory page
  cargo build --quiet -p proxy -p simulator
}

# The program of the other tests, without the page in it, takes this one's place again.
page_in_program() {
  step "the page in the program"
  make --no-print-directory page
  cargo build --quiet -p proxy --features page
  node tools/page-in-program.mjs target/debug/deskbuy
}

interop() {
  step "official clients against the simulator"
  e2e/interop/run.sh
}

api() {
  step "description of the API, and the proxy driven by it"
  e2e/api/run.sh
}

e2e() {
  page_in_program
  page_and_proxy
  step "browser tests"
  (cd e2e && npx --no-install playwright test)
}

firefox() {
  page_and_proxy
  step "a purchase in Firefox"
  (cd e2e && npx --no-install playwright test -c firefox/playwright.config.ts)
}

webkit() {
  # Debian's webkit2gtk-driver and xvfb. Where they are not installed, the step says so and is left out.
  if ! command -v WebKitWebDriver >/dev/null || ! command -v xvfb-run >/dev/null; then
    echo "[test] WebKit NOT CHECKED: webkit2gtk-driver or xvfb is not installed"
    return
  fi
  page_and_proxy
  step "a purchase in WebKit"
  (cd e2e && npx --no-install playwright test -c webkit/playwright.config.ts)
}

size() {
  page_and_proxy
  step "bytes of a cold load and of an order"
  node tools/size.mjs
}

pictures() {
  page_and_proxy
  node tools/pictures.mjs
}

step "setting up"
tools/setup.sh test
case ${1:-all} in
  all) lint; unit; sweep; wasm; interop; api; size; firefox; webkit; e2e; printf '\n[test] all passed\n' ;;
  lint | unit | sweep | wasm | interop | api | e2e | firefox | webkit | size | pictures) "$1" ;;
  *) echo "usage: tools/test.sh all|lint|unit|sweep|wasm|interop|api|e2e|firefox|webkit|size|pictures" >&2; exit 2 ;;
esac
