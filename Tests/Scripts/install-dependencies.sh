#!/usr/bin/env bash
# Installs Debian packages of which a file is missing. Arguments: PACKAGE:FILE…
set -euo pipefail
missing=()
for pair in "$@"; do
  [ -e "${pair#*:}" ] || missing+=("${pair%%:*}")
done
[ ${#missing[@]} = 0 ] && exit 0
echo "Installing ${missing[*]} (Debian packages that the build needs)."
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo)
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}"
