#!/usr/bin/env bash
# Makes a release out of target/dist/deskbuy: tarball, Debian package, image, list of parts (SBOM) and sums, in target/release-VERSION.
# The same program gives the same files: everything is sorted, belongs to root, and has the time of the commit.
#   BINARY=FILE takes a program that is built already, OUT=FOLDER another folder, IMAGE=no leaves the image out.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '[release] %s\n' "$*"; }
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
binary=${BINARY:-target/dist/deskbuy}
out=${OUT:-target/release-$version}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
machine=$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$out"
mkdir -p "$out"

# --- what goes into each of them -------------------------------------------------------------------------------------
name=deskbuy-$version-$machine-linux
root=$work/$name
install -D -m 755 "$binary" "$root/deskbuy"
install -m 644 LICENSE CHANGELOG.md SECURITY.md deploy/deskbuy.service deploy/deskbuy.toml deploy/deskbuy.env.example \
  deploy/prices.example.toml deploy/nginx.conf deploy/nginx-two-origins.conf "$root/"
install -m 644 deploy/README.md "$root/OPERATING.md"
node tools/licences.mjs "$root/THIRD-PARTY" >/dev/null
mkdir -p "$root/completions" "$root/man"
"$binary" completions bash >"$root/completions/deskbuy.bash"
"$binary" completions zsh >"$root/completions/_deskbuy"
"$binary" completions fish >"$root/completions/deskbuy.fish"
"$binary" man >"$root/man/deskbuy.1"
node tools/sbom.mjs "$version" "$out/$name.cdx.json"
say "$name.cdx.json: $(grep -c '"purl"' "$out/$name.cdx.json") parts"

# --- tarball ---------------------------------------------------------------------------------------------------------
tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu -C "$work" -cf - "$name" \
  | gzip -n -9 >"$out/$name.tar.gz"
say "$name.tar.gz: $(stat -c %s "$out/$name.tar.gz") bytes"

# --- Debian package ----------------------------------------------------------------------------------------------------
if command -v dpkg-deb >/dev/null; then
  deploy/debian/build.sh "$root" "$version" "$out"
  say "$(cd "$out" && ls ./*.deb): $(stat -c %s "$out"/*.deb) bytes"
else
  say "the Debian package is NOT BUILT: dpkg-deb is not installed"
fi

# --- image -------------------------------------------------------------------------------------------------------------
if [ "${IMAGE:-}" != no ] && { command -v buildah || command -v podman; } >/dev/null 2>&1; then
  BINARY=$binary ARCHIVE=$out/$name-image.tar deploy/image.sh "deskbuy:$version"
  say "$name-image.tar: $(stat -c %s "$out/$name-image.tar") bytes"
else
  say "the image is NOT BUILT: neither buildah nor podman is installed, or it was not wanted"
fi

(cd "$out" && sha256sum -- * >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
say "needs $(ldd "$binary" | awk '{ print $1 }' | grep -v '^linux-vdso' | xargs -n 1 basename | sort | xargs) of the system"
say "done: $out"
