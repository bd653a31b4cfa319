#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every option that --help names has an effect: what the command does without it is another thing
# than what it does with it. The last check compares the options that were tried with those that
# --help knows, so that a new one cannot come without its check.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
check "the program builds" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread \
	"$SRC/harness/tests/programs/options.c" -o options

tried=
# run OPTIONS... -- ARGUMENT: a short campaign on the program.
run() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	timeout 100 "$JOSTLE" run -q -n 200 -j 1 "${options[@]}" -- "$work/options" "$2"
}
json() {
	python3 -c 'import json, sys
run = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$1" "$2"
}
# effect OPTION WITHOUT WITH ARGUMENT [VALUE]: the exit statuses of two campaigns.
effect() {
	tried+=" $1"
	check_status "$2" "without --$1 '$4' ends with $2" run -- "$4"
	check_status "$3" "with --$1 ${5-} it ends with $3" run "--$1" ${5+"$5"} -- "$4"
}

mkdir template && touch template/marker
echo x >letter
echo 'deadlock:*' >rules
effect workdir 1 0 file template
effect stdin 1 0 input letter
effect expect-exit 1 0 status 3
effect suppressions 1 0 order rules
run --json known.json -- order >/dev/null
effect baseline 1 0 order known.json
effect fail-on 0 1 left note
effect nasty 0 1 wait wakeup
for kind in eintr short eagain memory; do
	effect nasty 0 1 $kind $kind
done
effect kill 0 1 child child
check "a program with weak orders builds" "$JOSTLE" cc -std=gnu11 -g -O1 -pthread \
	"$SRC/harness/tests/programs/litmus.c" -o litmus
tried+=" memory-model"
check_status 1 "loads that read older stores show something" \
	timeout 100 "$JOSTLE" run -q -n 500 --memory-model c11 -- ./litmus SB
check_status 0 "and those of the latest do not" \
	timeout 100 "$JOSTLE" run -q -n 500 --memory-model sc -- ./litmus SB
effect with 1 0 term true
effect step-bound 0 1 steps 100
effect memory-limit 0 1 memory 1M
check_output 'too-many-threads' "--threads-limit is noticed" run --threads-limit 4 -- threads
check_status 0 "without it the program has room" run -- threads

tried+=" threads-limit schedules"
run --json a.json -- "" >/dev/null
check_output '^200$' "--schedules is the number that is run" json a.json 'run["schedules"]'
tried+=" time"
check "--time ends a campaign" timeout 60 "$JOSTLE" run -q -t 300ms --json b.json -- ./options
check_output '^time$' "and is named as what ended it" json b.json 'run["ended"]'
tried+=" until-first"
run --until-first --json c.json -- order >/dev/null
check_output '^first True$' "--until-first stops early" json c.json \
	'run["ended"] + " " + str(run["schedules"] < 200)'
tried+=" seed strategy reset verify-every jobs"
run --json d.json -- order >/dev/null
run --seed 2 --json e.json -- order >/dev/null
check_output True "--seed makes another campaign" json d.json \
	'run["event_hash"] != __import__("json").load(open("e.json"))["event_hash"]'
run --strategy random --json f.json -- order >/dev/null
check_output True "--strategy does, too" json d.json \
	'run["event_hash"] != __import__("json").load(open("f.json"))["event_hash"]'
for reset in snapshot fork exec; do
	run --reset $reset --json g.json -- order >/dev/null
	check_output "^$reset True$" "--reset $reset is used and changes nothing else" json g.json \
		'run["reset"] + " " + str(run["event_hash"] ==
			__import__("json").load(open("d.json"))["event_hash"])'
done
check_output '2 workers' "--jobs starts workers" \
	"$JOSTLE" run -n 500 --jobs 2 --out out-jobs -- ./options order
check_output 'schedules were run twice' "--verify-every runs schedules twice" \
	"$JOSTLE" run -n 500 -j 1 --verify-every 8 --out out-verify -- ./options order
check_output '^0$' "and with 0 none" bash -c \
	"'$JOSTLE' run -n 500 -j 1 --verify-every 0 -- ./options order | grep -c 'run twice'"

tried+=" level"
check_status 0 "--level controlled is a level" run --level controlled -- ""
check_status 3 "and instrumented another, which this program is not" run --level instrumented -- ""
check_output 'on real threads' "and perturbed is another" \
	"$JOSTLE" run -n 3 --level perturbed --out out-level -- ./options order
tried+=" confirm"
cat >race.c <<'END'
#include <pthread.h>
static volatile int shared;
static void *work(void *arg)
{
	shared++;
	return arg;
}
int main(void)
{
	pthread_t thread;
	if (pthread_create(&thread, 0, work, 0))
		return 2;
	shared++;
	return pthread_join(thread, 0);
}
END
check "a racy program builds" "$JOSTLE" cc -O1 -pthread race.c -o race
for count in 0 20; do
	"$JOSTLE" run -q -n 200 --confirm $count --out out-confirm --json r.json -- ./race >/dev/null 2>&1
	check_output "^$count\$" "--confirm $count steers so often" json r.json \
		'max([0] + [o["schedules"] for o in (run["findings"][0]["confirmation"] or {"orders": []})["orders"]])'
done
tried+=" under under-runs table"
"$JOSTLE" test --under none --under-runs 2 -n 20 --table table.md --json table.json \
	misuse/sem_overflow/fixed >/dev/null 2>&1
check_output '^2$' "--under runs cases below a detector, --under-runs says how often" json table.json \
	'run["cases"][0]["under"]["none"]["runs"]'
check_output '^. misuse/sem_overflow/fixed . pass . ok . ok .$' "--table writes Markdown" \
	cat table.md
tried+=" hang-timeout"
check_output 'in 2\.|in 1\.|in 0\.' "--hang-timeout ends what hangs" \
	timeout 60 "$JOSTLE" run -n 1 --hang-timeout 200ms -- ./options endless

tried+=" out json quiet show-output keep-output colour"
run --out elsewhere -- order >/dev/null
check "--out says where failure files go" test -s elsewhere/F1.json
check_status 1 "and where replay finds them" "$JOSTLE" replay --out elsewhere F1
check_output '^{' "--json - writes to standard output" run --json - -- order
check_output '^F1 error' "--quiet tells a finding in one line" run -- order
check_output '^ *step  T1' "and without it the story is told" \
	"$JOSTLE" run -n 200 -j 1 -- ./options order
"$JOSTLE" run -q -n 50 --step-bound 250 --out out-much -- ./options much >/dev/null
"$JOSTLE" run -n 50 -j 1 --expect-exit 9 --out out-much -- ./options much >short.txt
"$JOSTLE" run -n 50 -j 1 --expect-exit 9 --out out-much --show-output -- ./options much >long.txt
check_output 'line 299' "the end of what the program wrote is shown" cat short.txt
check_status 1 "without its beginning" grep -q 'line 0$' short.txt
check_output 'line 0$' "and with --show-output with it" cat long.txt
mkdir kept
run --keep-output kept --expect-exit 0 -- much >/dev/null
check_output 'line 299' "--keep-output keeps what each schedule wrote" cat kept/199.out
check_output $'\033' "--colour always colours what is no terminal" \
	"$JOSTLE" run -n 50 --colour always --out out-colour -- ./options order
check_status 1 "which is plain otherwise" \
	bash -c "'$JOSTLE' run -n 50 --out out-colour -- ./options order | grep -q $'\033'"

tried+=" junit tap"
run --junit result.xml --tap result.tap -- order >/dev/null
check_output '<failure ' "--junit writes JUnit" cat result.xml
check_output '^not ok ' "--tap writes TAP" cat result.tap

tried+=" runs"
timeout 60 "$JOSTLE" under none -q --runs 3 --json under.json -- ./options order >/dev/null
check_output '^3$' "--runs is the number that under runs" json under.json 'run["schedules"]'
tried+=" tsan-build"
timeout 60 "$JOSTLE" under none,tsan -q --runs 1 --tsan-build /bin/true --json build.json \
	-- ./options order >/dev/null 2>&1
check_output '/bin/true: is no ThreadSanitizer build' "--tsan-build is what tsan gets" \
	json build.json 'run["tools"][1]["left_out"]'

tried+=" quick rounds workers html"
compare() {
	timeout 200 "$JOSTLE" compare "$@"
}
compare --quick --rounds 2 --workers 1,3 --html page.html --json compare.json >/dev/null
check_output '^2 \[1, 3\] True$' "--rounds, --workers and --quick say what compare measures" \
	json compare.json '"%d %s %s" % (run["rounds"], run["workers"], run["quick"])'
check_output '<svg' "--html writes a page" cat page.html
compare --rounds 1 --workers 1 --json slow.json >/dev/null
check_output '^False True$' "without --quick it measures longer" json slow.json \
	'"%s %s" % (run["quick"], run["wait_ns"] >
		__import__("json").load(open("compare.json"))["wait_ns"])'

tried+=" gdb man help"
check_output '^\.TH JOSTLE' "--man is the manual page" "$JOSTLE" help --man
check_output '^Usage' "--help is help" "$JOSTLE" run --help
if command -v gdb >/dev/null; then
	gcc -g -pthread "$SRC/harness/tests/programs/tick_crash.c" -o tick_crash
	check_status 1 "a crash of a program that reads the processor's counter" \
		"$JOSTLE" run --quiet --schedules 50 --out ticks -- ./tick_crash
	check_output 'unset = 1' "below gdb it stops there and not at each reading" \
		bash -c "printf 'quit\n' | timeout 60 '$JOSTLE' replay --out ticks --gdb F1"
	check_output 'in fiber_trampoline|fiber=0x' "--gdb replays below gdb" \
		bash -c "printf 'jostle-threads\nkill\n' | timeout 60 '$JOSTLE' replay \
			--out elsewhere --gdb F1"
else
	skip "--gdb replays below gdb" "no gdb here"
fi

check_status 1 "the environment sets options" \
	env JOSTLE_FAIL_ON=note "$JOSTLE" run -q -n 50 -- ./options left
check_status 0 "and the command line wins over it" \
	env JOSTLE_FAIL_ON=note "$JOSTLE" run -q -n 50 --fail-on error -- ./options left

for command in run under test list show lesson replay compare strategies doctor version help; do
	"$JOSTLE" $command --help | grep -oE -- '^ +(-., )? *--[a-z-]+' | grep -oE '[a-z-]{3,}$'
done | sed 's/^--//' | sort -u >known
tr ' ' '\n' <<<"$tried" | grep . | sort -u >checked
check_same "every option of --help was tried" known checked

finish
