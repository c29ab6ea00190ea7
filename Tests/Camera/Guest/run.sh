# Runs a suite on the board: calls set_up once, then each function test_NAME in the order in which they stand in the
# suite's file, each in a shell of its own that ends with the first command that fails.
#
# For each a line: TEST NAME PASS|FAIL|SKIP words. After the last: END. Argument: the suite.
board=$(dirname "$0")
suite=$1
work=$(mktemp -d)
words=$work/words
. "$board/camera.sh"
. "$board/$suite.sh"

set_up || echo "run.sh: the suite $suite could not be set up"
for name in $(sed -n 's/^test_\([a-z0-9_]*\)().*/\1/p' "$board/$suite.sh"); do
  : > $words
  # Not within "if": there a shell does not end with the first failure.
  (
    set -e
    trap clean_up EXIT
    "test_$name"
  )
  case $? in
    0) verdict=PASS ;;
    77) verdict=SKIP ;;
    *) verdict=FAIL ;;
  esac
  echo "TEST $name $verdict $(tr '\n' ' ' < $words)"
  if [ $verdict = FAIL ]; then describe_failure; fi
  rm -rf "${work:?}"/*
done
echo END
