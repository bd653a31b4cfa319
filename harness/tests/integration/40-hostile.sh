#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Programs that misbehave neither hang nor lose the campaign: each is reported for what it is, the
# other schedules run, and nothing else is reported. Each program of programs/hostile misbehaves in
# its second thread: always, or when that thread came first. How many schedules those are depends
# on the seed alone, so it must be the same number for all of them.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

programs=$SRC/harness/tests/programs/hostile
seed=4
cd "$work" || exit

# build NAME
build() {
	tap_run gcc -std=gnu11 -g -O1 -w -pthread "$programs/$1.c" -o "$1" || not_ok "$1 builds"
}

# field NAME: of the JSON that the last campaign wrote.
field() {
	sed -n "s/^  \"$1\": \"\\{0,1\\}\\([^\",]*\\)\"\\{0,1\\},\\{0,1\\}\$/\\1/p" json
}

# found: a line for each finding that is more than a note, "kind/cause count replay headline".
found() {
	sed -n 's/^      "\(kind\|cause\|severity\|headline\|count\|replay\)": "\{0,1\}\(.*[^",]\)"\{0,1\},\{0,1\}$/\1 \2/p' json |
		awk '{ value = $0; sub(/^[a-z]* /, "", value); is[$1] = value }
		     $1 == "replay" && is["severity"] != "note" {
			print is["kind"] "/" is["cause"], is["count"], is["replay"], is["headline"]
		     }'
}

# run SECONDS SCHEDULES RESET PROGRAM ARGUMENTS...: leaves the JSON and $status.
run() {
	local seconds=$1 count=$2 reset=$3
	shift 3
	rm -f json
	timeout -k 1 "$seconds" "$JOSTLE" run --quiet --seed $seed --schedules "$count" \
		--reset "$reset" --json json "${options[@]}" -- "$@" >.out 2>&1
	status=$?
	[ ! -s json ] || found >findings
}

# expect NAME STATUS SCHEDULES REGEX: the last campaign ran all its schedules; what it found is one
# finding that matches, or nothing when REGEX is empty.
expect() {
	local name=$1 expected=$2 count=$3 regex=$4 wanted=1
	[ -n "$regex" ] || wanted=0
	if [ "$status" = "$expected" ] && [ -f json ] && [ "$(field schedules)" = "$count" ] &&
		[ "$(field ended)" = schedules ] && [ "$(field dropped)" = 0 ] &&
		[ "$(field unverified)" = 0 ] && [ "$(wc -l <findings)" = $wanted ] &&
		{ [ $wanted = 0 ] || grep -qE "^$regex" findings; }; then
		ok "$name"
	else
		[ ! -f json ] || grep -E '^  "' json >>.out
		[ ! -f findings ] || cat findings >>.out
		not_ok "$name" "exit status $status, expected $expected" "wanted: $regex"
	fi
}

# shows NAME STATUS REGEX PROGRAM [RESET...]: always and sometimes.
shows() {
	local name=$1 expected=$2 regex=$3 program=$4 reset always='' some=''
	shift 4
	build "$program"
	for reset in "${@:-auto}"; do
		[ -z "$regex" ] || { always=${regex/ / 100 exact } some=${regex/ / $half exact }; }
		run 60 100 "$reset" "./$program"
		expect "$name, in every schedule ($reset)" "$expected" 100 "$always"
		run 60 100 "$reset" "./$program" sometimes
		expect "$name, in $half of 100 ($reset)" "$expected" 100 "$some"
	done
}

# Nothing is learnt from earlier schedules, which differ.
options=(--strategy random)
# In how many schedules the second thread comes first, by a program that is well understood.
build exit_thread
run 60 100 auto ./exit_thread sometimes
half=$(awk '$1 == "exit/exit-status" { print $2 }' findings)
half=${half:-none}
if [ "$half" -gt 5 ] && [ "$half" -lt 95 ]; then
	ok "the second thread comes first in some of 100 schedules: $half"
else
	not_ok "the second thread comes first in some of 100 schedules: $half"
fi

all="snapshot fork exec"
# shellcheck disable=SC2086 # a list
{
	shows "a write through NULL" 1 'crash/signal .*SIGSEGV at an address near NULL' segfault $all
	shows "a stack overflow" 1 'crash/stack-overflow .*ran out of stack' stack_overflow $all
	shows "abort" 1 'crash/abort .*called abort' abort_thread $all
	shows "_exit in a thread" 1 'exit/exit-status .*exit status 7' exit_thread $all
	shows "kill -9 of itself" 1 'crash/killed .*SIGKILL' kill_self $all
	shows "freeing garbage" 1 'lifetime/invalid-free .*not allocated' free_garbage $all
	shows "closing every descriptor" 0 '' close_all $all
}
# What it spoils is the record, too. A process that goes on after that has told nothing.
build scribble_record
run 60 30 auto ./scribble_record
cp .out said
check "scribbling over the record, in every schedule: nothing is known" test "$status" = 3
check "which is said" grep -q 'memory that is not its own' said
run 60 100 auto ./scribble_record sometimes
expect "scribbling over the record, in $half of 100" 0 100 ''
check "those are told of" grep -q 'memory that is not its own' json
# Over all memory: whether it can go on depends on what lies where.
build scribble_everywhere
run 60 30 auto ./scribble_everywhere
if [ "$status" = 3 ]; then
	check "scribbling over all memory: nothing is known" grep -q 'memory that is not its own' .out
else
	expect "scribbling over all memory: a crash" 1 30 'crash/killed 30 exact '
	check "and it is said" grep -q 'memory that is not its own' json
fi
shows "a call of nowhere" 1 'crash/signal .*SIGSEGV' jump_nowhere
shows "kill -9 of its own thread" 1 'crash/killed .*SIGKILL' kill_raw
shows "an endless loop with calls" 1 'livelock/step-bound ' loop_calls
shows "more threads than the limit" 0 'misuse/too-many-threads .*limit' many_threads
shows "allocating without end" 1 'exit/exit-status .*exit status 6' eats_memory
shows "a signal handler that waits for ever" 1 'deadlock/signal-wait ' handler_sleeps
shows "freeing the middle of a block" 1 'lifetime/invalid-free ' free_inside
shows "freeing twice" 1 'lifetime/double-free .*twice' free_twice
shows "writing beyond a block" 0 '' scribble_heap
shows "scribbling over libc's data" 1 'crash/signal .*SIGSEGV\.' scribble_libc

# Who waits for a mutex whose memory is gone crashes at its own call, whoever runs then.
build unmapped_lock
run 60 100 auto ./unmapped_lock
expect "a mutex that is unmapped while somebody waits for it" 1 100 \
	'crash/signal [0-9]+ exact .*SIGSEGV'

# Two schedules each, since each costs the timeout.
options=(--hang-timeout 300ms)
for program in loop_silent loop_libc loop_syscalls handler_loops handler_faults; do
	build $program
	run 60 2 auto ./$program
	expect "$program: hangs, and the next schedule runs" 1 2 'hang/no-scheduling-point 2 exact '
done
run 60 2 fork ./loop_silent
expect "a hang in a forked schedule" 1 2 'hang/no-scheduling-point 2 exact '
run 60 2 exec ./loop_silent
expect "a hang in a process of its own" 1 2 'hang/no-scheduling-point 2 exact '
# Of several processes the one that computes is looked at, also when it is another program.
tap_run gcc -std=gnu11 -g -O1 -pthread "$programs/../loops_below.c" -o loops_below || not_ok "loops_below builds"
for how in forked execed; do
	run 60 2 auto ./loops_below $how
	expect "$how: a hang in a child" 1 2 'hang/no-scheduling-point 2 exact '
	check_output '"function": "loop_for_ever"' "$how: and where" cat json
done
options=(--hang-timeout 200ms)
run 60 2 auto ./loops_below steps
expect "few steps with much to compute between them are no hang" 0 2 ''

options=(--hang-timeout 20s -j 1)
build two_gigabytes
run 120 10 auto ./two_gigabytes
expect "2 GB of allocation, and it is given back" 0 10 ''

finish
