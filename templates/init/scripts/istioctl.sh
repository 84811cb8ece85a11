#!/usr/bin/env bash
# Puts the istioctl of a release into a folder, for example: scripts/istioctl.sh 1.31.4 /usr/local/bin
#
# The script compares the archive with the published checksum, which detects a broken download. To detect a forged
# archive, set the checksum yourself in ISTIOCTL_SHA256.
set -euo pipefail

if [ $# -ne 2 ]; then
  echo 'usage: istioctl.sh VERSION FOLDER' >&2
  exit 2
fi
version=$1
folder=$2

case "$(uname -s)" in
  Linux) system=linux ;;
  Darwin) system=osx ;;
  *) echo "there is no istioctl here for $(uname -s)" >&2; exit 2 ;;
esac
case "$(uname -m)" in
  x86_64 | amd64) machine=amd64 ;;
  aarch64 | arm64) machine=arm64 ;;
  *) echo "there is no istioctl here for $(uname -m)" >&2; exit 2 ;;
esac
archive=istioctl-$version-$system-$machine.tar.gz
release=${ISTIO_RELEASES:-https://github.com/istio/istio/releases/download}/$version

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fetch() {
  curl --fail --silent --show-error --location --retry 3 --output "$work/$1" "$release/$1"
}
sum() {
  if command -v sha256sum > /dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

fetch "$archive"
if [ -n "${ISTIOCTL_SHA256:-}" ]; then
  expected=$ISTIOCTL_SHA256
else
  fetch "$archive.sha256"
  expected=$(cut -d ' ' -f 1 "$work/$archive.sha256")
fi
actual=$(sum "$work/$archive")
if [ "$actual" != "$expected" ]; then
  echo "$archive has the SHA-256 $actual, not $expected" >&2
  exit 1
fi

tar -xzf "$work/$archive" -C "$work" istioctl
mkdir -p "$folder"
mv "$work/istioctl" "$folder/istioctl"
chmod 755 "$folder/istioctl"
echo "istioctl $version is in $folder"
