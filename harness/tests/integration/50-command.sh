#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What the command makes of a program's endings: each is found under each reset, replays exactly,
# comes with a failure file, and the result is the same for the same seed at any -j.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
check "the program builds" gcc -std=gnu11 -g -O1 -pthread \
	"$SRC/harness/tests/programs/endings.c" -o endings

# value FILE EXPRESSION: of a JSON file.
value() {
	python3 -c 'import json, sys
run = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$1" "$2"
}

# check_value EXPECTED NAME FILE EXPRESSION
check_value() {
	local got
	got=$(value "$3" "$4" 2>&1)
	if [ "$got" = "$1" ]; then
		ok "$2"
	else
		: >"$work/.out"
		not_ok "$2" "$4 is $got instead of $1"
	fi
}

# An ending, the kind and the cause that it is.
endings="segv:crash:signal kill:crash:killed exit:exit:exit-status _exit:exit:exit-status
abort:crash:abort assert:assert: self:deadlock:self"
for ending in $endings; do
	IFS=: read -r mode kind cause <<<"$ending"
	for reset in snapshot fork exec; do
		check_status 1 "$mode is found with the $reset reset" timeout 120 "$JOSTLE" run -q \
			--schedules 100 --reset $reset --out "out-$mode" --json "$mode-$reset.json" -- \
			./endings "$mode"
		check_value "['$kind']" "and is $kind alone" "$mode-$reset.json" \
			'sorted({f["kind"] for f in run["findings"] if f["severity"] == "error"})'
		[ -z "$cause" ] || check_value "$cause" "and its cause is $cause" \
			"$mode-$reset.json" 'run["findings"][0]["cause"]'
		check_value "exact" "and it replays exactly" "$mode-$reset.json" \
			'run["findings"][0]["replay"]'
		check_status 1 "and replay shows it again" timeout 60 \
			"$JOSTLE" replay --out "out-$mode" F1
	done
	check_value "True" "$mode: snapshot and fork ran the same schedules" "$mode-snapshot.json" \
		"run['event_hash'] == json.load(open('$mode-fork.json'))['event_hash']"
done

check_output '#1 .*endings\.c:[0-9]+ in user' "a crash has the stack that led to it" \
	"$JOSTLE" replay --out out-segv F1
check_output 'account\.parts\[1\]' "a member of a variable is named" \
	"$JOSTLE" run -n 100 --out out-self -- ./endings self
check_output 'endings\.c:62 in user' "with the line in the source" \
	"$JOSTLE" replay --out out-self F1
check_output 'pthread_mutex_lock\(&account.parts' "and the source itself" \
	"$JOSTLE" replay --out out-self F1

for jobs in 1 2 3; do
	timeout 120 "$JOSTLE" run -q -n 1000 -j $jobs --seed 5 --json jobs-$jobs.json \
		-- ./endings assert >/dev/null
	python3 - jobs-$jobs.json <<'EOF' >jobs-$jobs.txt
import json, sys
run = json.load(open(sys.argv[1]))
del run["timing"]
print(json.dumps(run, indent=1))
EOF
done
check_same "the result is the same with two workers" jobs-1.txt jobs-2.txt
check_same "and with three" jobs-1.txt jobs-3.txt
timeout 120 "$JOSTLE" run -q -n 1000 --seed 6 --json other.json -- ./endings assert >/dev/null
check_value "True" "another seed is another campaign" other.json \
	"run['event_hash'] != json.load(open('jobs-1.json'))['event_hash']"

check_status 3 "a program that ends before main is not controlled" \
	"$JOSTLE" run -q -n 10 -- ./endings constructor
check_output 'before main' "and is told so" "$JOSTLE" run -q -n 10 -- ./endings constructor
check "a program whose constructors do much builds" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread \
	"$SRC/harness/tests/programs/before_main.c" -o before_main
for what in nested thread left program; do
	check "before main, $what: natively" timeout 20 ./before_main $what
	for reset in snapshot fork exec; do
		check_status 0 "before main, $what: clean, reset $reset" timeout 60 \
			"$JOSTLE" run -q -n 40 --hang-timeout 1s --reset $reset -- ./before_main $what
	done
	check_status 0 "before main, $what: of a program that another one starts" timeout 60 \
		"$JOSTLE" run -q -n 20 --hang-timeout 1s -- sh -c "./before_main $what; exit \$?"
done
check "a program that fails once builds" gcc -std=gnu11 -g -O1 -pthread \
	"$SRC/harness/tests/programs/fails_once.c" -o fails_once
check_status 3 "a campaign whose every schedule is dropped is not clean" \
	"$JOSTLE" run -q -n 1 --reset exec -- ./fails_once "$work/once"
check_status 0 "one that goes on after it is" \
	"$JOSTLE" run -q -n 20 -- ./fails_once "$work/once"
check_status 0 "a program that is right is clean" "$JOSTLE" run -q -n 200 -- ./endings
check_output '^Nothing found' "and the report says so" "$JOSTLE" run -n 200 -- ./endings
check_output 'memory accesses' "and what was not looked at" "$JOSTLE" run -n 200 -- ./endings
check_output 'at most 5 %' "and what a clean result means" \
	"$JOSTLE" run -n 200 -S random -- ./endings

check_status 0 "an expected exit status is no finding" \
	"$JOSTLE" run -q -n 100 --expect-exit 3 -- ./endings copy
printf 'one\ntwo\n' >input
check_output '\| two' "standard input is there in each schedule" \
	"$JOSTLE" run -n 100 --stdin input --out out-in -- ./endings copy
check_output '\| two' "and when it is replayed" "$JOSTLE" replay --out out-in F1
mkfifo silent
exec 9<>silent # open at both ends: it neither gives nor closes
if timeout 30 "$JOSTLE" run -n 100 --expect-exit 3 -- ./endings copy <silent >"$work/.out" 2>&1; then
	ok "a pipe that gives nothing is not waited for"
else
	not_ok "a pipe that gives nothing is not waited for"
fi
exec 9>&-

mkdir template && printf 'four' >template/data
check_status 0 "a working folder is fresh in each schedule" \
	"$JOSTLE" run -q -n 100 --workdir template --expect-exit 4 -- "$work/endings" grow
check_value "four" "and its template is left alone" jobs-1.json \
	"open('template/data').read()"

echo 'assert:user' >rules
check_status 0 "a suppressed finding does not count" \
	"$JOSTLE" run -q -n 100 --suppressions rules -- ./endings assert
check_output 'suppressed by assert:user' "but is named" \
	"$JOSTLE" run -n 100 --suppressions rules -- ./endings assert
check_status 0 "what the baseline knows does not count" \
	"$JOSTLE" run -q -n 100 --baseline jobs-1.json -- ./endings assert
check_status 1 "what it does not know counts" \
	"$JOSTLE" run -q -n 100 --baseline jobs-1.json -- ./endings abort
echo 'asert:*' >wrong-rules
check_status 2 "an unknown kind in a rule is an error" \
	"$JOSTLE" run -q -n 10 --suppressions wrong-rules -- ./endings

check_status 2 "a folder that cannot be made is an error" \
	"$JOSTLE" run -q -n 100 --out /dev/null/out -- ./endings assert
check_output 'assert in end_somehow' "but the finding is still shown" \
	"$JOSTLE" run -q -n 100 --out /dev/null/out -- ./endings assert
cp out-assert/F1.json cut.json && truncate -s 700 cut.json
check_status 2 "a cut failure file is an error" "$JOSTLE" replay cut.json
sed 's/"schedule": [0-9]*/"schedule": 4/' out-assert/F1.json >changed.json
check_output 'damaged' "a changed one is noticed" "$JOSTLE" replay changed.json

"$JOSTLE" run -q -n 100 --out out-old -- ./endings assert >/dev/null
gcc -std=gnu11 -g -O0 -pthread "$SRC/harness/tests/programs/endings.c" -o endings
check_output 'was rebuilt' "a program that was rebuilt is noticed" "$JOSTLE" replay --out out-old F1
check_status 1 "and the decisions are tried on it" "$JOSTLE" replay --out out-old F1

# Stopped from outside: what is known is reported, and nobody is left behind.
for signal in INT TERM; do
	"$JOSTLE" run -t 60s -j 2 --out out-stop -- ./endings self >stopped 2>&1 &
	pid=$!
	for _ in $(seq 100); do
		pgrep -P $pid >/dev/null && break
		sleep 0.05
	done
	sleep 0.5
	kill -$signal $pid
	wait $pid
	check "SIG$signal ends with what was found" test $? = 1
	check_output 'Interrupted' "and says so" cat stopped
	check_status 1 "and no process is left" pgrep -f "$work/endings self"
done

# Also when a schedule goes on for ever, with seconds until its bound of steps.
gcc -std=gnu11 -g -O1 -pthread "$SRC/harness/tests/programs/loops_below.c" -o loops_below
"$JOSTLE" run -t 60s -j 2 --hang-timeout 1s -- ./loops_below endless >stopped 2>&1 &
pid=$!
for _ in $(seq 100); do
	pgrep -f "$work/loops_below endless" >/dev/null && break
	sleep 0.05
done
kill -TERM $pid
for _ in $(seq 600); do
	kill -0 $pid 2>/dev/null || break
	sleep 0.05
done
check_status 1 "one SIGTERM ends a schedule that does not end" kill -0 $pid
kill -KILL $pid 2>/dev/null
wait $pid 2>/dev/null
check_output 'interrupted before a schedule was completed' "and says so" cat stopped
check_status 1 "and no process is left of it" pgrep -f "loops_below endless"
check_output 'hang: no-scheduling-point' "what hangs when the time is up is reported" \
	timeout 100 "$JOSTLE" run -t 1s -j 1 --hang-timeout 2s -- ./loops_below forked
check_output 'not one schedule was completed' "the end of --time cuts off what goes on" \
	timeout 60 "$JOSTLE" run -t 1s -j 2 --hang-timeout 1s -- ./loops_below endless

if command -v gdb >/dev/null; then
	printf 'jostle-threads\nkill\n' |
		timeout 60 "$JOSTLE" replay --out out-self --gdb F1 >debugged 2>&1
	check_output 'in user .*endings\.c:[0-9]+' "gdb stops at the end and shows the threads" \
		bash -c 'tr "\n" " " <debugged'
else
	skip "gdb stops at the end and shows where threads stand" "no gdb here"
fi

finish
