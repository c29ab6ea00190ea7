# What the suites share: the board's program in front of a camera, its answers, its faults.
#
# A subject is a picture with a network that knows it, at $subjects/NAME: picture.jpg, model.ocm, and for each size of
# the camera WIDTHxHEIGHT/color.jpg, grey.jpg and the raw frames by their codes.
#
# A test is done when its function ends, has failed with the first command that fails, and says so in words by `fail`;
# `skip` ends it as one that can't be run here, `note` adds words to its line.

subjects=${OCELLUS_SUBJECTS:-/subjects}
answers=$work/answers
faults=$work/faults
# Seconds that the emulated board has for what takes a board milliseconds. Nothing is judged by them: what does not
# come within them does not come.
patience=20

# The program's words on standard error, as extended patterns.
gone_report='the camera is gone'
back_report='the camera is back'
truncated_report='a JPEG ends early'
flagged_report='the driver marks a frame as damaged'
summary_line='[0-9]+ frames, [0-9]+ dropped, [0-9]+ faults'

fail() {
  echo "$*" > $words
  exit 1
}

skip() {
  echo "$*" > $words
  exit 77
}

note() { echo "$*" >> $words; }

# Prints the time since the start, in milliseconds.
milliseconds() {
  read -r up _ < /proc/uptime
  echo "${up%.*}${up#*.}0"
}

# Waits until a command succeeds. Arguments: seconds, the command…
wait_until() {
  local deadline=$(($(milliseconds) + $1 * 1000))
  shift
  until "$@"; do
    [ "$(milliseconds)" -lt $deadline ] || return 1
    sleep 0.02
  done
}

# Loads a kernel module after those that it needs. Arguments: its name, its parameters…
load_module() {
  local name=$1 file
  if [ ! -e "/modules/$name" ]; then
    modprobe "$@"
    return
  fi
  shift
  while read -r file; do
    [ -e "/sys/module/$(basename "$file" .ko | tr - _)" ] && continue
    case $file in
      */"$name".ko) insmod "$file" "$@" ;;
      *) insmod "$file" ;;
    esac
  done < "/modules/$name"
}

# Prints the devices with a name in the kernel, of them those with a place among the nodes of their camera.
# Arguments: a pattern, the place or nothing for any.
device_named() {
  local node name
  for node in /sys/class/video4linux/video*; do
    [ -e "$node/name" ] || continue
    read -r name < "$node/name"
    case $name in
      $1)
        [ "${2:-any}" = any ] || [ "$2" = "$(cat "$node/index")" ] || continue
        echo "/dev/${node##*/}"
        ;;
    esac
  done
}

# Whether there is a subject. Those of real photographs are there only where the data are.
has_subject() { [ -d "$subjects/$1" ]; }

# Prints the answers in lines of JSON, of standard input: label, tab, score.
answers_in() { sed -n 's/.*"top":\[{"index":[0-9]*,"label":"\([^"]*\)","score":\([0-9.]*\)}.*/\1	\2/p'; }

# Prints what the picture's file gives, as answers_in does. Arguments: a subject, the file in its folder.
file_answer() {
  ocellus classify --model "$subjects/$1/model.ocm" --top 1 --json "$subjects/$1/$2" | answers_in
}

# Starts the program in front of a camera. Arguments: a subject, the camera, more options…
watch() {
  local model=$subjects/$1/model.ocm device=$2
  shift 2
  : > $answers
  ocellus classify --model "$model" --camera "$device" --top 1 --json "$@" > $answers 2> $faults &
  program=$!
}

answer_count() { wc -l < $answers; }
has_answers() { [ "$(answer_count)" -ge "$1" ]; }
is_running() { kill -0 "$program" 2> /dev/null; }

# Waits until the program has come to something, as long as it runs. Arguments: a command that says whether it has…
wait_for() {
  wait_until $patience has_come_to_end_or "$@"
  "$@"
}
has_come_to_end_or() { "$@" || ended; }

# Waits for a number of answers from now on.
more_answers() {
  local wanted=$(($(answer_count) + $1))
  wait_for has_answers $wanted || fail "no more answers after $(answer_count): $(tail -n 1 $faults)"
}

# Waits until it has reported a fault a number of times. Arguments: the number, a pattern.
wait_for_reports() {
  wait_for has_reports "$1" "$2" || fail "not $1 reports of '$2' but: $(tail -n 3 $faults)"
}
has_reports() { [ "$(grep -c -E -- "$2" $faults)" -ge "$1" ]; }

# A fault that lasts is reported once, not for each picture. Argument: a pattern.
expect_one_report() {
  local count
  count=$(grep -v -E -- "$summary_line" $faults | grep -c -E -- "$1" || true)
  [ "$count" = 1 ] || fail "$count reports of '$1'"
}

# Waits for the end of a program that was given --count.
finish() {
  wait_until $patience ended || fail "it goes on after $(answer_count) answers: $(tail -n 1 $faults)"
  wait "$program" || fail "it ended with $?: $(tail -n 1 $faults)"
}
ended() { ! is_running; }

# Ends the program as a service manager would: it must end well, with its summary.
stop() {
  kill -TERM "$program"
  wait_until $patience ended || fail "SIGTERM does not end it"
  wait "$program" || fail "it ended with $? on SIGTERM: $(tail -n 1 $faults)"
  [ -n "$(summary)" ] || fail "no summary, but: $(tail -n 3 $faults)"
}
summary() { grep -E "$summary_line" $faults | tail -n 1; }

# The summary has counted a fault. Argument: its name there.
expect_counted() { summary | grep -q -E "[(, ]$1 [1-9][0-9]*[,)]" || fail "no '$1' in: $(summary)"; }

# Every answer, or every one from a number on, has the file's label. Arguments: a subject, the file in its folder, the
# first answer's number.
expect_answers() {
  local expected shown
  expected=$(file_answer "$1" "$2")
  [ -n "$expected" ] || fail "the file $2 of $1 gives no answer"
  shown=$(tail -n +"${3:-1}" $answers | answers_in | cut -f 1 | sort -u)
  [ "$shown" = "${expected%	*}" ] || fail "it saw '$(echo "$shown" | head -n 3)', the file is '$expected'"
  note "$1: $expected, the camera $(answers_in < $answers | tail -n 1 | cut -f 2) in $(answer_count)"
}

# The ages are those of pictures taken since a time: none is taken later than the one before, in the future or before
# the program was started, and none is younger than its decoding and inference. Argument: the time, in milliseconds.
expect_sane_ages() {
  local now
  now=$(milliseconds)
  sed -E 's/.*"captured_us":(-?[0-9]+),.*"age_us":(-?[0-9]+),"decode_us":([0-9]+),"infer_us":([0-9]+),.*/\1 \2 \3 \4/' \
    $answers > $work/ages
  # In microseconds: captured, age, decoding, inference.
  awk -v start="$1" -v now="$now" '
    NF != 4 { print "not an answer with its ages: " $0; exit }
    $1 / 1000 < start - 20 || ($1 + $2) / 1000 > now + 20 { print "taken at " $1 ", aged " $2; exit }
    $2 < $3 + $4 { print "an age of " $2 " with decoding " $3 " and inference " $4; exit }
    $1 <= before { print "taken at " $1 " after " before; exit }
    { before = $1; if ($2 > most) most = $2 }
    END { if (NR == 0) print "no answers"; else print "at most " most " µs" > "'$words'" }' $work/ages > $work/insane
  [ ! -s $work/insane ] || fail "$(cat $work/insane)"
}

# Prints a number of every answer. Argument: its name.
numbers() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" $answers; }

# Every word is in a file. Arguments: the file, words…
expect_words() {
  local file=$1 word
  shift
  for word in "$@"; do
    grep -q -F -- "$word" "$file" || fail "no $word in: $(cat "$file")"
  done
}

# Ends what a test may have left running.
clean_up() {
  kill $program $feeder $emulator 2> /dev/null || true
  wait
}

describe_failure() {
  head -n 20 $faults 2> /dev/null
  tail -n 3 $answers 2> /dev/null
  dmesg | tail -n 8
}
