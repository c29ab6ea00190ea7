#!/usr/bin/env bash
# firmware-models/base-models.sh takes only what has the right SHA-256, from OCELLUS_DATA before any address, fetches
# nothing twice and leaves nothing broken behind. No network is used: addresses are files, and where there must be no
# download at all, curl and wget are programs that fail. The bundled network of meter digits stands in for a base
# network, and the real ones are compiled where OCELLUS_DATA has them.
# Argument: the ocellusc program.
set -euo pipefail
compiler=$(realpath "$1")
cd "$(dirname "$0")/../.."
script=firmware-models/base-models.sh
digits=$PWD/firmware-models/meter-digits
data=${OCELLUS_DATA:-../shared/data}
Tests/Scripts/install-dependencies.sh curl:/usr/bin/curl

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
log=$scratch/log
sum=$(sha256sum < "$digits/meter-digits.tflite" | cut -d ' ' -f 1)
labels_sum=$(sha256sum < "$digits/labels.txt" | cut -d ' ' -f 1)
# A firmware model knows the name of its source.
cp "$digits/meter-digits.tflite" "$scratch/digits.tflite"
"$compiler" compile "$scratch/digits.tflite" -o "$scratch/expected.ocm" --labels "$digits/labels.txt"

passed=0
failures=0
expect() { # what, command…
  local what=$1
  shift
  if "$@"; then passed=$((passed + 1)); else
    failures=$((failures + 1))
    echo "check-base-models: $case: not so: $what; the script said:" >&2
    sed 's/^/    /' "$log" >&2
  fi
}

# A place where files are published, an OCELLUS_DATA without any, no base networks yet.
begin() { # the case's name
  case=$1
  place=$scratch/${case// /-}
  published=$place/published
  mkdir -p "$published" "$place/data" "$place/programs"
  cp "$digits/meter-digits.tflite" "$digits/labels.txt" "$published/"
  addresses=file://$published/meter-digits.tflite
}

run() {
  printf 'file\tsha256\tin_data\tlabels\taddresses\nlabels.txt\t%s\tlabels.txt\t-\tfile://%s\ndigits.tflite\t%s\t%s\n' \
    "$labels_sum" "$published/labels.txt" "$sum" "models/digits.tflite	labels.txt	$addresses" > "$place/list.tsv"
  PATH=$place/programs:$PATH OCELLUS_DATA=$place/data "$script" "$compiler" "$place/out" "$place/list.tsv" > "$log" 2>&1
}

refuses() { ! run; }
says() { grep -qF -- "$1" "$log"; }
is_right() { # the network, its firmware model, and nothing else beside the labels
  cmp -s "$place/out/digits.tflite" "$digits/meter-digits.tflite" &&
    cmp -s "$place/out/digits.ocm" "$scratch/expected.ocm" &&
    [ "$(ls -A "$place/out" | tr '\n' ' ')" = "digits.ocm digits.tflite labels.txt " ]
}
has_no_network() { [ "$(ls -A "$place/out")" = labels.txt ]; }
damage() { # file: one byte another
  printf '\x5a' | dd of="$1" bs=1 seek=1000 conv=notrunc status=none
}
program() { # name, its lines: in place of the one of that name
  printf '#!/bin/sh\n%s\n' "$2" > "$place/programs/$1"
  chmod +x "$place/programs/$1"
}
no_downloads() {
  program curl "echo A DOWNLOAD >&2; exit 6"
  program wget "echo A DOWNLOAD >&2; exit 6"
}

begin "from an address"
expect "it succeeds" run
expect "the network is whole and compiled with its labels" is_right

begin "what is there is not fetched again"
expect "it succeeds" run
no_downloads
rm -r "$published"
expect "it succeeds again" run
expect "the network is whole" is_right

begin "from OCELLUS_DATA"
mkdir "$place/data/models"
cp "$digits/meter-digits.tflite" "$place/data/models/digits.tflite"
cp "$digits/labels.txt" "$place/data/"
no_downloads
expect "it succeeds without a download" run
expect "the network is whole" is_right

begin "a wrong file in OCELLUS_DATA"
mkdir "$place/data/models"
cp "$digits/meter-digits.tflite" "$place/data/models/digits.tflite"
damage "$place/data/models/digits.tflite"
expect "it succeeds from the address" run
expect "it says that the file's sum is wrong" says "$place/data/models/digits.tflite is not digits.tflite"
expect "the network is whole" is_right

begin "a wrong file at the address"
damage "$published/meter-digits.tflite"
expect "it refuses" refuses
expect "it names the address" says "$addresses is not digits.tflite: its SHA-256 is not $sum"
expect "it says what to do" says "put it at $place/out/digits.tflite"
expect "no network is left" has_no_network

begin "a download by hand"
rm "$published/meter-digits.tflite"
expect "it refuses what is not there" refuses
cp "$digits/meter-digits.tflite" "$place/out/digits.tflite"
expect "it takes what was put there" run
expect "the network is whole" is_right

begin "the next address"
addresses="file://$published/missing.tflite file://$published/damaged.tflite $addresses"
cp "$published/meter-digits.tflite" "$published/damaged.tflite"
damage "$published/damaged.tflite"
expect "it succeeds" run
expect "it names the missing one" says "can't download file://$published/missing.tflite"
expect "it names the damaged one" says "file://$published/damaged.tflite is not digits.tflite"
expect "the network is whole" is_right

begin "an archive"
tar -C "$digits/.." -czf "$published/digits.tgz" meter-digits/labels.txt meter-digits/meter-digits.tflite
addresses=file://$published/digits.tgz
expect "it succeeds" run
expect "the network is whole" is_right

begin "a broken archive"
head -c 5000 "$digits/meter-digits.tflite" > "$published/digits.tgz"
addresses=file://$published/digits.tgz
expect "it refuses" refuses
expect "no network is left" has_no_network

begin "a damaged network"
expect "it succeeds" run
damage "$place/out/digits.tflite"
expect "it succeeds again" run
expect "it says so" says "is damaged"
expect "the network is whole again" is_right

begin "killed while downloading"
expect "it succeeds" run
rm "$place/out/digits.tflite" "$place/out/digits.ocm"
# The first 1000 bytes arrive; then everything ends.
program curl 'while [ "$1" != --output ]; do shift; done
head -c 1000 "'"$digits"'/meter-digits.tflite" > "$2"
kill -KILL $PPID'
expect "it ends" refuses 2> /dev/null # Bash says that it was killed.
expect "nothing has the network's name" [ ! -e "$place/out/digits.tflite" ]
expect "part of it is there" [ "$(stat -c %s "$place/out/digits.tflite.partial")" = 1000 ]
rm "$place/programs/curl"
expect "the next run succeeds" run
expect "the network is whole" is_right

begin "the card"
while IFS=$'\t' read -r file sha256 _ labels addresses; do
  for words in "$file" "$sha256" $addresses; do
    expect "README.md has $words" grep -qF -- "$words" firmware-models/README.md
  done
  [[ $file != *.tflite ]] && continue
  line="compile build/base-models/$file -o build/base-models/${file%.tflite}.ocm"
  [ "$labels" = - ] || line+=" --labels build/base-models/$labels"
  expect "README.md has the line: $line" grep -qF -- "$line" firmware-models/README.md
done < <(tail -n +2 firmware-models/base-models.tsv)

begin "the real ones"
skipped=0
if [ -d "$data/models" ]; then
  no_downloads
  real() { PATH=$place/programs:$PATH OCELLUS_DATA=$data "$script" "$compiler" "$place/out" > "$log" 2>&1; }
  expect "they are compiled without a download" real
  for network in $(cut -f 1 firmware-models/base-models.tsv | grep '\.tflite$'); do
    expect "$network is compiled" [ -s "$place/out/${network%.tflite}.ocm" ]
  done
else
  echo "SKIPPED: no real base networks at $data (set OCELLUS_DATA); only the bundled one is compiled"
  skipped=1
fi

echo "base-models: $passed passed, $failures failed, $skipped skipped"
[ $failures = 0 ]
