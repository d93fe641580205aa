#!/usr/bin/env bash
# Builds the OCI image, by buildah or podman: deploy/image.sh [NAME]. What it needs from outside are the crates and npm
# packages of a build, and no base image: the program's libraries are those of the machine that it is built on.
#   BINARY=FILE takes a program that is built already, ROOT=FOLDER only lays the image's files out there, ARCHIVE=FILE writes
#   the image into a file for `podman load` and `docker load`.
set -euo pipefail
cd "$(dirname "$0")/.."

name=${1:-deskbuy}
binary=${BINARY:-target/dist/deskbuy}
if [ -z "${BINARY:-}" ]; then
  make --no-print-directory proxy
fi
"$binary" version --json | grep -q '"page"' || { echo "$binary was built without the page (--features page)" >&2; exit 1; }

root=${ROOT:-$(mktemp -d)}
[ -n "${ROOT:-}" ] || trap 'rm -rf "$root"' EXIT
system=$root/system
install -D -m 755 "$binary" "$system/usr/bin/deskbuy"
papers=$system/usr/share/doc
install -D -m 644 LICENSE "$papers/deskbuy/LICENSE"
node tools/licences.mjs "$papers/deskbuy/THIRD-PARTY"
# The loader and each library, where the program looks for them, with the terms of the package that each is from.
ldd "$binary" | grep -o '/[^ ]*' | while read -r library; do
  install -D -m 755 "$(readlink -f "$library")" "$system$library"
  package=$(dpkg-query -S "$library" 2>/dev/null | cut -d : -f 1 | head -1) || true
  [ ! -r "/usr/share/doc/$package/copyright" ] || install -D -m 644 "/usr/share/doc/$package/copyright" "$papers/$package/copyright"
done
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$system/etc/ssl/certs/ca-certificates.crt"
printf 'deskbuy:x:65532:65532::/var/lib/deskbuy:/sbin/nologin\n' >"$system/etc/passwd"
printf 'deskbuy:x:65532:\n' >"$system/etc/group"
printf 'hosts: files dns\n' >"$system/etc/nsswitch.conf"
install -d -m 1777 "$system/tmp"
install -d -m 700 "$root/state"
[ -z "${ROOT:-}" ] || exit 0

builder=$(command -v buildah || command -v podman) || { echo "neither buildah nor podman is installed" >&2; exit 1; }
# The health check is Docker's; the plain OCI format has none. The time is the commit's, so that two builds are the same.
time=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
find "$root" -exec touch --no-dereference --date="@$time" {} +
"$builder" build --quiet --format docker --timestamp "$time" --tag "$name" --file deploy/Containerfile "$root"
if [ -n "${ARCHIVE:-}" ]; then
  rm -f "$ARCHIVE"
  "$builder" push --quiet "$name" "docker-archive:$ARCHIVE:$name"
fi
