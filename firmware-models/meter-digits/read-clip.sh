#!/usr/bin/env bash
# Reads the bundled clip frame by frame and compares each reading with the truth.
# Argument: the ocellus program.
set -euo pipefail
program=$1
here=$(dirname "$0")

"$program" classify --model "$here/../meter-digits.ocm" --top 1 "$here/clip.mjpeg" |
  awk -v truth="$here/truth.tsv" '
    {
      # SOURCE FRAME: LABEL SCORE
      frame = $2
      sub(/:$/, "", frame)
      if ((getline expected < truth) <= 0) expected = "nothing"
      right += $3 == expected
      printf "frame %3d  reads %-7s  score %s%s\n", frame, $3, $4, $3 == expected ? "" : "  (it shows " expected ")"
    }
    END { printf "%d of %d right\n", right, NR }'
