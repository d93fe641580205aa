#!/usr/bin/env bash
# Makes a release out of target/dist/deskbuy: tarball, Debian package, image, list of parts (SBOM) and sums, in target/release-VERSION.
# The same program gives the same files: everything is sorted, belongs to root, and has the time of the commit.
#   TARGET=aarch64-unknown-linux-gnu takes the program that was built for that kind of machine, and runs it with qemu-user-static.
#   BINARY=FILE takes a program that is built already, OUT=FOLDER another folder, IMAGE=no leaves the image out.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '[release] %s\n' "$*"; }
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
binary=${BINARY:-target/${TARGET:+$TARGET/}dist/deskbuy}
out=${OUT:-target/release-$version}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
machine=${TARGET:-$(uname -m)}
machine=${machine%%-*}
run=()
[ "$machine" = "$(uname -m)" ] || run=("qemu-$machine-static" -L "/usr/$machine-linux-gnu")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$out"
mkdir -p "$out"

# --- what goes into each of them -------------------------------------------------------------------------------------
name=deskbuy-$version-$machine-linux
root=$work/$name
install -D -m 755 "$binary" "$root/deskbuy"
install -m 644 LICENSE CHANGELOG.md SECURITY.md deploy/deskbuy.service deploy/deskbuy.toml deploy/deskbuy.env.example \
  deploy/prices.example.toml deploy/notifications.example.toml deploy/order-fields.example.toml deploy/nginx.conf deploy/nginx-two-origins.conf "$root/"
install -m 644 deploy/README.md "$root/OPERATING.md"
node tools/licences.mjs "$root/THIRD-PARTY" >/dev/null
mkdir -p "$root/completions" "$root/man"
"${run[@]}" "$binary" completions bash >"$root/completions/deskbuy.bash"
"${run[@]}" "$binary" completions zsh >"$root/completions/_deskbuy"
"${run[@]}" "$binary" completions fish >"$root/completions/deskbuy.fish"
"${run[@]}" "$binary" man >"$root/man/deskbuy.1"
node tools/sbom.mjs "$version" "$out/$name.cdx.json"
say "$name.cdx.json: $(grep -c '"purl"' "$out/$name.cdx.json") parts"

# --- tarball ---------------------------------------------------------------------------------------------------------
tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu -C "$work" -cf - "$name" \
  | gzip -n -9 >"$out/$name.tar.gz"
say "$name.tar.gz: $(stat -c %s "$out/$name.tar.gz") bytes"

# --- Debian package ----------------------------------------------------------------------------------------------------
if command -v dpkg-deb >/dev/null; then
  deploy/debian/build.sh "$root" "$version" "$out" "$machine"
  say "$(cd "$out" && ls ./*.deb): $(stat -c %s "$out"/*.deb) bytes"
else
  say "the Debian package is NOT BUILT: dpkg-deb is not installed"
fi

# --- image -------------------------------------------------------------------------------------------------------------
if [ "${IMAGE:-}" != no ] && [ ${#run[@]} -eq 0 ] && { command -v buildah || command -v podman; } >/dev/null 2>&1; then
  BINARY=$binary ARCHIVE=$out/$name-image.tar deploy/image.sh "deskbuy:$version"
  say "$name-image.tar: $(stat -c %s "$out/$name-image.tar") bytes"
else
  say "the image is NOT BUILT: neither buildah nor podman is installed, it was not wanted, or the program is not for this machine"
fi

(cd "$out" && sha256sum -- * >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
say "needs $(readelf -d "$binary" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort | xargs) of the system"
say "done: $out"
