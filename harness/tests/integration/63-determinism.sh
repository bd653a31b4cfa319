#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The same seed gives the same bytes: the JSON of a run but for its timing, what it prints, and each
# failure file, run twice and with two workers, for every strategy and all resets.
#
# SAME_SCHEDULES: how many schedules a run has.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

schedules=${SAME_SCHEDULES:-600}
cases=$BUILD/cases/jostle-cases
cd "$work" || exit

strip_timing() {
	sed '/^  "timing": {/,/^  }/d' "$1"
}

# campaign NAME JOBS ARGS...: its results are in NAME/. Each campaign writes to the same names, since
# reports tell where files are.
campaign() {
	local name=$1 jobs=$2
	shift 2
	rm -rf out result.json
	timeout $((120 + schedules / 20)) "$JOSTLE" run --quiet --seed 5 -j "$jobs" --out out --json result.json "$@" \
		>text 2>errors </dev/null
	status=$?
	[ -s result.json ] || return 1
	rm -rf "$name"
	mkdir -p "$name" out
	mv out "$name/files"
	strip_timing result.json >"$name/json"
	mv text errors "$name"
	echo "$status" >"$name/status"
}

# same NAME ARGS...
same() {
	local name=$1 lacks=
	shift
	{
		campaign one 1 "$@" || lacks="no result at first: $(head -n 2 errors)"
		campaign again 1 "$@" || lacks="no result the second time"
		campaign two 2 "$@" || lacks="no result with two workers"
		diff -r one again && diff -r one two
	} >.out 2>&1
	# What was compared is what was meant: a finding has its file.
	grep -q '^  "event_hash"' one/json || lacks="no event hash"
	[ "$(cat one/status)" = 0 ] || [ -s one/files/F1.json ] || lacks="no failure file"
	if [ -z "$lacks" ] && [ ! -s .out ] && [ "$(cat one/status)" -le 1 ]; then
		ok "$name"
	else
		not_ok "$name" "$lacks" "exit status $(cat one/status 2>/dev/null)"
	fi
}

for name in aborts segfault killed lock_held sem_overflow; do
	gcc -std=gnu11 -g -O1 -pthread -DFIXED=0 "$SRC/harness/tests/meta/$name.c" -o $name || exit
done

hash_of() {
	sed -n 's/^  "event_hash": "\(.*\)",/\1/p' "$1"
}
campaign one 1 --schedules 100 -- "$cases" --run deadlock/lock_order_two/broken
campaign two 1 --schedules 100 --seed 6 -- "$cases" --run deadlock/lock_order_two/broken
if [ -n "$(hash_of one/json)" ] && [ "$(hash_of one/json)" != "$(hash_of two/json)" ]; then
	ok "another seed gives another result"
else
	not_ok "another seed gives another result"
fi

mapfile -t strategies < <("$JOSTLE" strategies | awk '/^[a-z]/ { print $1 }')
[ ${#strategies[@]} -ge 4 ] || exit
for strategy in "${strategies[@]}" pct:2 pct:7; do
	for id in deadlock/lock_order_three/broken wakeup/one_signal_many_waiters/broken \
		tutorial/08_invariant_two_fields/broken tutorial/06_check_then_act/fixed; do
		same "$strategy: $id" --schedules "$schedules" --strategy "$strategy" -- \
			"$cases" --run $id
	done
done
for name in aborts segfault killed lock_held sem_overflow; do
	same "auto: a program of the kind $name" --schedules $((schedules / 2)) -- ./$name
done
for reset in snapshot fork exec; do
	same "reset $reset" --reset $reset --schedules $((schedules / 2)) -- \
		"$cases" --run deadlock/lock_order_two/broken
done
# What schedules learn about places that race is part of what later ones are.
instrumented=$BUILD/cases/jostle-cases-instrumented
for reset in snapshot fork exec; do
	same "reset $reset, with accesses" --reset $reset --schedules 100 -- \
		"$instrumented" --run atomicity/check_then_act/broken
	hash_of one/json >$reset.learned
done
check_same "a fork learns as a snapshot does" snapshot.learned fork.learned
check_same "a fresh process, too" snapshot.learned exec.learned
# What the whole machine has once: two workers would be in each other's way.
gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$SRC/harness/tests/programs/had_once.c" -o had_once || exit
for kind in flock record-lock file folder fifo path abstract key; do
	same "a program that uses a common $kind" --schedules "$schedules" -- ./had_once $kind
	if [ "$(cat two/status)" = 0 ] && grep -q '"reset": "snapshot"' two/json; then
		ok "two workers are not in each other's way: $kind"
	else
		not_ok "two workers are not in each other's way: $kind" "$(head -n 20 two/json)"
	fi
done
same "all kinds of nastiness" --nasty wakeup,eintr,short,eagain,memory --schedules "$schedules" -- \
	"$cases" --run deadlock/pipe_full/fixed
same "a file as standard input" --schedules "$schedules" --stdin "$SRC/LICENSE" -- \
	"$cases" --run deadlock/self/fixed
finish
