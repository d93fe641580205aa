#!/usr/bin/env bash
# Installs what is missing for one of four uses, says what it does, and is quick when there is nothing to do.
#   tools/setup.sh build    what `make run` needs: the wasm target, trunk, wasm-bindgen, wasm-opt
#   tools/setup.sh bench    what `make bench` needs besides: nginx and wrk, which it starts by itself
#   tools/setup.sh lighthouse    that of `test`, and Lighthouse
#   tools/setup.sh test     all of it: also Chromium, its headless shell and its driver, Firefox, Chinese fonts, PostgreSQL, cargo-deny, the browser tests' npm packages
# Rust build tools go to a cache folder of the project's own, so that no other version on the machine is replaced.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/versions.sh

use=${1:-build}
say() { printf '[setup] %s\n' "$*"; }
die() { printf '[setup] %s\n' "$*" >&2; exit 1; }

# --- prerequisites that only a person can give ---------------------------------------------------------------------
command -v rustup >/dev/null || die "rustup is missing: install stable Rust from https://rustup.rs"
command -v cargo >/dev/null || die "cargo is missing: rustup toolchain install stable"
command -v node >/dev/null || die "Node.js 20 or newer is missing: https://nodejs.org"
node_major=$(node -p 'process.versions.node.split(".")[0]')
[ "$node_major" -ge 20 ] || die "Node.js 20 or newer is needed, found $(node --version)"
command -v npm >/dev/null || die "npm is missing: it comes with Node.js"
command -v cc >/dev/null || [ -x /usr/bin/apt-get ] || die "a C compiler is missing (SQLite and ring are built from C)"

# --- Debian packages -------------------------------------------------------------------------------------------------
apt_updated=0
apt_install() { # names…: installs those that are missing
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  say "apt: ${missing[*]}"
  if [ $apt_updated -eq 0 ]; then "${root[@]}" apt-get update -qq; apt_updated=1; fi
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
has_apt() { [ -x /usr/bin/apt-get ] && command -v dpkg-query >/dev/null; }

# --- Rust build tools ------------------------------------------------------------------------------------------------
# Of this run alone: another one that ends earlier must not take it away.
build="$DESKBUY_TOOLS/build-$$"
trap 'rm -rf "$build"' EXIT

cargo_tool() { # binary, version, crate, optimisation, further arguments of cargo install…
  local binary=$1 version=$2 crate=$3 level=$4
  shift 4
  local stamp="$DESKBUY_TOOLS/.$crate-$version"
  [ -x "$DESKBUY_TOOLS/bin/$binary" ] && [ -e "$stamp" ] && return 0
  say "cargo: $crate $version (built cheaply, a few minutes, once for all checkouts)"
  # Build tools run for a second or two: time spent on optimising them would not come back.
  CARGO_PROFILE_RELEASE_OPT_LEVEL=$level CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=64 \
  CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_STRIP=symbols CARGO_TARGET_DIR="$build" \
    cargo install --quiet --force --root "$DESKBUY_TOOLS" --version "$version" "$@" "$crate"
  rm -f "$DESKBUY_TOOLS/.$crate-"*
  touch "$stamp"
}

rust_components() { # names…
  for component in "$@"; do
    rustup component list --installed | grep -q "^$component" && continue
    say "rustup: $component"
    rustup --quiet component add "$component"
  done
}

# --- npm packages ----------------------------------------------------------------------------------------------------
npm_packages() { # folder with a package-lock.json
  local folder=$1 stamp="$1/node_modules/.deskbuy-lock"
  cmp -s "$folder/package-lock.json" "$stamp" && return 0
  say "npm: packages of $folder"
  (cd "$folder" && PUPPETEER_SKIP_DOWNLOAD=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-audit --no-fund)
  cp "$folder/package-lock.json" "$stamp"
}

# --- Python packages ---------------------------------------------------------------------------------------------------
python_packages() { # a list of them
  local list=$1 venv="$DESKBUY_TOOLS/python"
  cmp -s "$list" "$venv/requirements.txt" && return 0
  say "Python: packages of $list"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$list"
  cp "$list" "$venv/requirements.txt"
}

build_tools() {
  if ! rustup target list --installed | grep -qx wasm32-unknown-unknown; then
    say "rustup: target wasm32-unknown-unknown"
    rustup --quiet target add wasm32-unknown-unknown
  fi
  has_apt && apt_install build-essential pkg-config
  # Without default features trunk has no TLS and no update check: everything it needs is on PATH already.
  cargo_tool trunk "$TRUNK_VERSION" trunk 0 --locked --no-default-features
  # Without --locked: the lock file in the package names a version that is not served everywhere.
  cargo_tool wasm-bindgen "$WASM_BINDGEN_VERSION" wasm-bindgen-cli 1
  npm_packages tools
}

test_tools() {
  if has_apt; then
    apt_install chromium chromium-driver fonts-noto-cjk postgresql pgbouncer python3-venv xvfb xauth
    # The browser tests are slower without it.
    apt_install chromium-headless-shell || say "no headless shell of Chromium to install"
    # The driver's package was renamed after Debian 12. Without it, tools/test.sh says that WebKit is not checked.
    apt_install webkit2gtk-driver || apt_install webkitgtk-webdriver || say "no driver of WebKit to install"
    # Elsewhere than on Debian the package has another name, and may be there already.
    command -v firefox >/dev/null || apt_install firefox-esr
  else
    command -v chromium >/dev/null || command -v google-chrome >/dev/null \
      || die "install Chromium with its chromedriver and a font with Chinese glyphs (on Debian: apt install chromium chromium-driver fonts-noto-cjk)"
    command -v firefox-esr >/dev/null || command -v firefox >/dev/null || die "install Firefox"
  fi
  rust_components rustfmt clippy
  cargo_tool cargo-deny "$CARGO_DENY_VERSION" cargo-deny 0 --locked
  npm_packages e2e
  python_packages deploy/requirements.txt
}

bench_tools() {
  has_apt && apt_install nginx wrk
  for tool in nginx wrk; do
    PATH="$PATH:/usr/sbin" command -v $tool >/dev/null || die "$tool is missing"
  done
}

case $use in
  lighthouse) build_tools; test_tools; npm_packages bench/page ;;
  bench) bench_tools ;;
  build) build_tools ;;
  test) build_tools; test_tools ;;
  *) die "usage: tools/setup.sh build|bench|test|lighthouse" ;;
esac
say "ready"
