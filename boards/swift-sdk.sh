#!/usr/bin/env bash
# Assembles a Swift SDK bundle that links static Embedded Swift programs for Linux on Arm: the toolchain's embedded
# standard library, C headers and static libraries of Debian's packages.
# Arguments: arm64 or armhf (Debian's names), a folder for bundles.
set -euo pipefail
. "$(dirname "$0")/debian-packages.sh"
architecture=$1
case $architecture in
  # Swift's triple, that of the libraries. The toolchain has embedded standard libraries for no operating system only.
  arm64) triple=aarch64-none-none-elf linux=aarch64-linux-gnu ;;
  armhf) triple=armv7-none-none-eabi linux=arm-linux-gnueabihf ;;
  *) echo "swift-sdk: no architecture $architecture; there are arm64 and armhf" >&2; exit 2 ;;
esac
mkdir -p "$2"
bundle=$(cd "$2" && pwd)/ocellus-$architecture.artifactbundle
packages=(libc6-dev linux-libc-dev libgcc-12-dev libjpeg62-turbo-dev libv4l-dev)

# Nothing half-made is left where the next run would take it for whole.
rm -rf "$bundle"
work=$bundle.partial
rm -rf "$work"
mkdir -p "$work/sdk/sysroot"

open_debian "$architecture" "$work/apt"
download_packages "$work/packages" "${packages[@]}"
for package in "$work"/packages/*.deb; do dpkg-deb -x "$package" "$work/sdk/sysroot"; done
rm -rf "$work/apt" "$work/packages" "$work/sdk/sysroot/usr/share"

toolchain=$(dirname "$(readlink -f "$(command -v swiftc)")")
cat > "$work/info.json" <<JSON
{
  "schemaVersion": "1.0",
  "artifacts": {
    "ocellus-$architecture": { "type": "swiftSDK", "version": "1", "variants": [{ "path": "sdk" }] }
  }
}
JSON
cat > "$work/sdk/swift-sdk.json" <<JSON
{
  "schemaVersion": "4.0",
  "targetTriples": { "$triple": { "sdkRootPath": "sysroot", "toolsetPaths": ["toolset.json"] } }
}
JSON
# GNU ld refuses a copy relocation that the objects have; lld does not.
cat > "$work/sdk/toolset.json" <<JSON
{
  "schemaVersion": "1.0",
  "rootPath": "$toolchain",
  "swiftCompiler": {
    "extraCLIOptions": [
      "-enable-experimental-feature", "Embedded", "-Xfrontend", "-function-sections",
      "-use-ld=lld", "-Xclang-linker", "-static", "-Xclang-linker", "--target=$linux"
    ]
  },
  "cCompiler": { "extraCLIOptions": ["--target=$linux", "-ffunction-sections"] },
  "linker": { "extraCLIOptions": ["--gc-sections"] }
}
JSON
mv "$work" "$bundle"
