#!/usr/bin/env bash
# Fetches the base networks that fine-tuning starts from and compiles them: FOLDER/NAME.tflite, FOLDER/NAME.ocm.
# A file comes from OCELLUS_DATA (default ../shared/data) or else from its public address, and counts only with the
# right SHA-256; what is there and right is not fetched again.
# Arguments: the ocellusc program, the folder (default build/base-models), the list (default base-models.tsv beside
# this script: a head line, then file, SHA-256, path in OCELLUS_DATA, file of labels or -, addresses, which are tried
# in turn; of a .tgz its one .tflite is taken).
set -euo pipefail
compiler=$(realpath "$1")
list=$(realpath "${3:-$(dirname "$0")/base-models.tsv}")
folder=$(realpath -m "${2:-$(dirname "$0")/../build/base-models}")
cd "$(dirname "$0")/.."
data=${OCELLUS_DATA:-../shared/data}
mkdir -p "$folder"

say() {
  echo "base-models: $*" >&2
}

has_sum() { # file, SHA-256
  [ -f "$1" ] && [ "$(sha256sum < "$1" | cut -d ' ' -f 1)" = "$2" ]
}

# Nothing takes its name before it is whole and right: until then it is a .partial, begun anew if left from a run that
# was interrupted.
accept() { # file without .partial, SHA-256, where it is from
  has_sum "$1.partial" "$2" && mv -f "$1.partial" "$1" && return
  say "what is at $3 is not $(basename "$1"): its SHA-256 is not $2; not used"
  return 1
}

download() { # address, file
  if command -v curl > /dev/null; then
    curl --fail --silent --show-error --location --retry 2 --connect-timeout 30 --speed-limit 100 --speed-time 60 \
      --output "$2" "$1"
  elif command -v wget > /dev/null; then
    wget --no-verbose --tries 3 --timeout 60 --output-document "$2" "$1"
  else
    say "neither curl nor wget is there: apt-get install curl"
    return 1
  fi
}

# Downloads to FILE.partial. Arguments: address, FILE.
download_partial() {
  case $1 in
    *.tgz)
      download "$1" "$2.archive.partial" &&
        tar --extract --gzip --to-stdout --wildcards --file "$2.archive.partial" '*.tflite' > "$2.partial"
      ;;
    *) download "$1" "$2.partial" ;;
  esac
}

fetch() { # file, SHA-256, path in OCELLUS_DATA, addresses…
  local file=$folder/$1 sum=$2 path=$3 shared=$data/$3 address
  shift 3
  if has_sum "$file" "$sum"; then return; fi
  if [ -e "$file" ]; then say "$file is damaged (its SHA-256 is not $sum) and is replaced"; fi
  if [ -f "$shared" ] && install -m 644 "$shared" "$file.partial" && accept "$file" "$sum" "$shared"; then
    echo "$(basename "$file"): from $shared"
    return
  fi
  for address in "$@"; do
    echo "$(basename "$file"): from $address"
    if download_partial "$address" "$file"; then
      if accept "$file" "$sum" "$address"; then return; fi
    else
      say "can't download $address"
    fi
  done
  say "$(basename "$file") could not be had. Set OCELLUS_DATA to a folder that has $path, or download the file yourself" \
    "and put it at $file; then make base-models again"
  return 1
}

compile() { # file, file of labels or -
  local network=$folder/$1 made=$folder/${1%.tflite}.ocm labels=()
  [ "$2" = - ] || labels=(--labels "$folder/$2")
  "$compiler" compile "$network" -o "$made.partial" "${labels[@]}" || return
  mv -f "$made.partial" "$made"
  echo "$(basename "$made"): $(stat -c %s "$made") bytes"
}

trap 'rm -f "$folder"/*.partial' EXIT
failed=()
while IFS=$'\t' read -r file sum shared labels addresses <&3; do
  # shellcheck disable=SC2086 # addresses are separated by spaces
  fetch "$file" "$sum" "$shared" $addresses || { failed+=("$file"); continue; }
  case $file in
    *.tflite) compile "$file" "$labels" || failed+=("$file") ;;
  esac
done 3< <(tail -n +2 "$list")

[ ${#failed[@]} = 0 ] || { say "missing: ${failed[*]}"; exit 1; }
echo "The base networks are in $folder."
