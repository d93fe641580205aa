#!/usr/bin/env bash
# Builds the Debian package: deploy/debian/build.sh FOLDER-OF-THE-TARBALL VERSION OUT MACHINE. The package has the program, its unit, a
# system user, and the settings in /etc/deskbuy. It starts nothing: the first start takes settings.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
from=$1 version=$2 out=$3
case $4 in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  *) echo "no Debian architecture is known for $4" >&2; exit 1 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
umask 022

install -D -m 755 "$from/deskbuy" "$root/usr/bin/deskbuy"
# A user of the package's own in place of one that systemd makes for the time that it runs, so that a restore keeps its owner.
mkdir -p "$root/lib/systemd/system"
sed -e 's#/usr/local/bin/deskbuy#/usr/bin/deskbuy#' -e 's/^DynamicUser=yes$/User=deskbuy\nGroup=deskbuy/' \
  "$from/deskbuy.service" >"$root/lib/systemd/system/deskbuy.service"
install -D -m 644 "$from/deskbuy.toml" "$root/etc/deskbuy/deskbuy.toml"
# The access key is in it.
{ cat "$from/deskbuy.env.example"; } | sed 's/^#DESKBUY_CONFIG=/DESKBUY_CONFIG=/' >"$work/env"
install -D -m 600 "$work/env" "$root/etc/deskbuy/deskbuy.env"
install -D -m 644 "$from/completions/deskbuy.bash" "$root/usr/share/bash-completion/completions/deskbuy"
install -D -m 644 "$from/completions/_deskbuy" "$root/usr/share/zsh/vendor-completions/_deskbuy"
install -D -m 644 "$from/completions/deskbuy.fish" "$root/usr/share/fish/vendor_completions.d/deskbuy.fish"
mkdir -p "$root/usr/share/man/man1" "$root/usr/share/doc/deskbuy/examples"
gzip -n -9 <"$from/man/deskbuy.1" >"$root/usr/share/man/man1/deskbuy.1.gz"
gzip -n -9 <"$from/CHANGELOG.md" >"$root/usr/share/doc/deskbuy/changelog.gz"
cat "$from/LICENSE" "$from/THIRD-PARTY" >"$root/usr/share/doc/deskbuy/copyright"
install -m 644 "$from/OPERATING.md" "$from/SECURITY.md" "$root/usr/share/doc/deskbuy/"
install -m 644 "$from"/*.example.toml "$from"/nginx*.conf "$root/usr/share/doc/deskbuy/examples/"

# The newest symbol of the C library says which one it takes.
glibc=$(readelf --dyn-syms --wide "$from/deskbuy" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1 | cut -d _ -f 2)
mkdir "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<CONTROL
Package: deskbuy
Version: $version
Architecture: $architecture
Maintainer: The Deskbuy project
Section: web
Priority: optional
Installed-Size: $(du -sk --apparent-size "$root" | cut -f 1)
Depends: libc6 (>= $glibc), libgcc-s1, ca-certificates, passwd
Description: purchase page for Alibaba Cloud's cloud desktops
 A self-built purchase page with the signing proxy behind it: one program that
 serves the page, keeps the access key, signs each call and keeps every order.
CONTROL
printf '/etc/deskbuy/deskbuy.env\n/etc/deskbuy/deskbuy.toml\n' >"$root/DEBIAN/conffiles"
install -m 755 "$here/postinst" "$here/prerm" "$here/postrm" "$root/DEBIAN/"
(cd "$root" && find . -path ./DEBIAN -prune -o -type f -print | sed 's#^\./##' | LC_ALL=C sort | xargs md5sum >DEBIAN/md5sums)
# Times, owners and order are the same in each build.
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$root" "$out/deskbuy_${version}_$architecture.deb" >/dev/null
