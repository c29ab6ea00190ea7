#!/usr/bin/env bash
# Debian's packages for another architecture, for scripts to source. They are looked up and downloaded with a package
# state of their own; what is installed on this machine is neither read nor changed.

# Opens Debian's list of packages: afterwards apt-cache and apt-get of this shell speak of that architecture alone.
# Arguments: arm64 or armhf (Debian's names), a folder to hold the state, which the caller removes.
open_debian() {
  local architecture=$1 state=$2
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  debian_mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
  mkdir -p "$state/lists/partial" "$state/archives/partial"
  echo "deb [signed-by=$keyring] $debian_mirror bookworm main" > "$state/sources.list"
  : > "$state/status"
  cat > "$state/apt.conf" <<CONFIGURATION
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "$state";
Dir::State::status "$state/status";
Dir::Cache "$state";
Dir::Etc::SourceList "$state/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
CONFIGURATION
  export APT_CONFIG=$state/apt.conf
  apt-get update -qq
}

# Downloads packages. Arguments: a folder, made where it is missing, names…
download_packages() {
  local folder=$1
  shift
  echo "Downloading $* from $debian_mirror."
  mkdir -p "$folder"
  (cd "$folder" && apt-get download -qq "$@")
}
