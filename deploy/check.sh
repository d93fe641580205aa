#!/usr/bin/env bash
# Reads the files of this folder with the programs that they are for, as far as those are installed: systemd-analyze for
# the unit, nginx for its examples, check.py for Kubernetes and compose. Installs nothing and starts nothing.
set -euo pipefail
cd "$(dirname "$0")"
PATH=$PATH:/usr/sbin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if command -v systemd-analyze >/dev/null; then
  # The program and its settings need not be there.
  sed -e 's#^ExecStart=.*#ExecStart=/bin/true#' -e 's#^EnvironmentFile=#&-#' deskbuy.service >"$work/deskbuy.service"
  systemd-analyze verify "$work/deskbuy.service"
  # From 0 (all is closed) to 10; a service that needs the network does not get much below 1.
  systemd-analyze security --offline=true --threshold=15 --no-pager "$work/deskbuy.service" | tail -1
else
  echo "[deploy] deskbuy.service NOT CHECKED: systemd-analyze is not installed"
fi

if command -v nginx >/dev/null && command -v openssl >/dev/null; then
  openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=example.com -days 1 \
    -keyout "$work/key.pem" -out "$work/fullchain.pem" 2>/dev/null
  for example in nginx*.conf; do
    sed "s#/etc/ssl/deskbuy/#$work/#" "$example" >"$work/$example"
    printf 'pid %s/pid;\nerror_log stderr warn;\nevents {}\nhttp { access_log off; include %s/%s; }\n' \
      "$work" "$work" "$example" >"$work/whole.conf"
    nginx -t -q -p "$work" -c "$work/whole.conf" -e stderr
  done
  echo "nginx takes its examples"
else
  echo "[deploy] nginx*.conf NOT CHECKED: nginx or openssl is not installed"
fi

# Where tools/setup.sh has put the packages of requirements.txt, or the machine's own Python without them.
python=${DESKBUY_TOOLS:-}/python/bin/python
[ -x "$python" ] || python=python3
if "$python" -c 'import yaml' 2>/dev/null; then
  "$python" check.py
else
  echo "[deploy] kubernetes.yaml and compose.yaml NOT CHECKED: Python with PyYAML is not installed"
fi
