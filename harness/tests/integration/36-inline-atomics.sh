#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Synchronisation that makes no call, in programs that are built as usual: atomic instructions are
# scheduling points, loops that wait yield, and whatever the form of the instruction, it does what
# it does natively.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
programs=$SRC/harness/tests/programs/inline

run() {
	timeout 300 "$JOSTLE" run --quiet "$@"
}

# exact NAME ARGUMENTS...: nothing found, and no timer had to break a loop.
exact() {
	local name=$1
	shift
	check "$name" timeout 300 "$JOSTLE" run --schedules 1000 -j 1 --json exact.json -- "$@"
	check "$name: no timer had to break in" test "$(grep -c 'by a timer' exact.json)" = 0
}

for build in "gcc -O0" "gcc -O2 -fno-pie -no-pie" "clang -O0" "clang -O2"; do
	# shellcheck disable=SC2086 # a compiler and its options
	check "$build: forms" $build -std=gnu11 -D_GNU_SOURCE -g -mcx16 -pthread "$programs/forms.c" -o forms
	check "$build: every form, natively" ./forms
	for reset in snapshot fork; do
		check "$build: every form, reset $reset" run --schedules 300 --reset $reset -- ./forms
	done
	# shellcheck disable=SC2086
	check "$build: synchronised" $build -std=gnu11 -g -pthread "$programs/synchronised.c" -o synchronised
	for how in flag exchange looking ticket stack published; do
		exact "$build: by $how" ./synchronised $how
	done
	for how in looking stack published; do
		check_status 1 "$build: by $how, broken, is found" \
			run --schedules 3000 --until-first -- ./synchronised $how broken
		check_status 1 "$build: and replays" "$JOSTLE" replay F1
	done
done
exact "a plain flag" ./synchronised plain
check "a loop in a loop" gcc -std=gnu11 -g -O2 -pthread "$programs/all_ready.c" -o all_ready
exact "until all are ready" ./all_ready
check "an empty loop" gcc -std=gnu11 -g -O1 "$programs/until_killed.c" -o until_killed
exact "until somebody kills it" ./until_killed
for place in 0x300000 0x900000; do
	check "code in two segments, one at $place" gcc -std=gnu11 -g -O1 -fno-pie -no-pie -pthread \
		"-Wl,--section-start=.far=$place" "$programs/far.c" -o far
	exact "is found once" ./far
done
# Most of these come through without waiting, and then somebody waits.
check "a lock that is taken often" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -DROUNDS=60 -pthread \
	"$programs/synchronised.c" -o often
exact "by ticket" ./often ticket
exact "a lock between processes" ./synchronised processes
check_status 1 "a broken one is found" \
	run --schedules 3000 --until-first -- ./synchronised processes broken

for how in "stack broken" "processes" "ticket"; do
	for reset in snapshot fork exec; do
		[ "$how $reset" != "processes snapshot" ] || continue
		# shellcheck disable=SC2086 # arguments
		run --schedules 60 --reset $reset --json $reset.json -- ./synchronised $how >/dev/null 2>&1
		grep -o '"event_hash": *"[^"]*"' $reset.json >$reset.hash
	done
	check "$how: there is a hash" test -s fork.hash
	check_same "$how: a fork and a fresh process give the same" fork.hash exec.hash
	[ "$how" = processes ] ||
		check_same "$how: a snapshot and a fork give the same" snapshot.hash fork.hash
done

# What the processor's own random numbers decide is the same each time.
check "random instructions" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/chance.c" -o chance
if ./chance; then
	for reset in snapshot fork exec; do
		check "every form of them, reset $reset" run --schedules 100 --reset $reset --json $reset.json -- ./chance
		grep -o '"event_hash": *"[^"]*"' $reset.json >$reset.hash
	done
	check "there is a hash" test -s fork.hash
	check_same "a fork and a fresh process draw the same" fork.hash exec.hash
	check_same "a snapshot and a fork, too" snapshot.hash fork.hash
else
	skip "random instructions" "this processor has none"
fi

# Loops that note where they looked last, and look at several places in turn.
for compiler in gcc clang; do
	check "$compiler: lanes" "$compiler" -std=gnu11 -g -O2 -pthread "$programs/lanes.c" -o lanes
	exact "$compiler: who goes round them waits" ./lanes
done
# A wait that looks some rounds long sleeps in some schedules.
check "a wait that sleeps" g++ -std=c++20 -g -O1 -pthread "$programs/sleeper.cc" -o sleeper
exact "is woken" ./sleeper
check_status 1 "or not" run --schedules 5000 --until-first -- ./sleeper broken
check_status 1 "which replays" "$JOSTLE" replay F1

check "an atomic instruction on nothing" gcc -g -O1 -pthread "$programs/null.c" -o null
check_output 'crash.*signal' "is a crash" timeout 100 "$JOSTLE" run --schedules 100 -- ./null
check_output 'null\.c:12' "at its own place" timeout 100 "$JOSTLE" run --schedules 100 -- ./null
check "critical sections of OpenMP" gcc -g -O1 -fopenmp "$programs/critical.c" -o critical
exact "hold" ./critical
check_status 1 "two of them are not one" run --schedules 3000 --until-first -- ./critical broken
# What such instructions order is ordered for accesses that are seen, too.
for compiler in gcc clang; do
	check "$compiler: a library that orders" "$compiler" -std=gnu11 -g -O2 -shared -fPIC \
		"$programs/orders.c" -o liborders.so
	check "$compiler: a program whose accesses are seen" "$JOSTLE" cc --compiler=$compiler -g -O1 \
		-pthread "$programs/ordered.c" -L. -lorders -Wl,-rpath,"$PWD" -o ordered
	for how in lock:number take:sums meet:boxes; do
		races=${how#*:} how=${how%:*}
		exact "$compiler: by $how" ./ordered "$how"
		check "$compiler: by $how, not even a warning" \
			sh -c 'grep -q "\"findings\"" exact.json && ! grep -q "\"race\"" exact.json'
		check_output "error: race: .*on $races" \
			"$compiler: by $how, broken, races" run --schedules 1000 -- ./ordered "$how" broken
		check_status 1 "$compiler: which replays" "$JOSTLE" replay F1
	done
done
# Where they are too many for that, no race is told.
for compiler in gcc clang; do
	check "$compiler: a lock of inline assembly" "$JOSTLE" cc --compiler=$compiler -g -O1 -pthread \
		"$programs/assembly.c" -o assembly
	for rounds in 2 600 3000; do
		check "$compiler: taken $rounds times" run --schedules 40 --fail-on warning -- ./assembly $rounds
		check_status 1 "$compiler: two of them, $rounds times, are none" \
			run --schedules 40 -- ./assembly $rounds broken
	done
	check_output 'races are not looked for once a schedule performs inline assembly' \
		"$compiler: and it is said" timeout 300 "$JOSTLE" run --schedules 40 -- ./assembly 3000
	# What only a plain store of assembly orders is doubtful, unless both come at once.
	check_status 0 "$compiler: handed over by a plain store: no error" \
		run --schedules 200 -- ./assembly 0
	check_output 'proof: what inline assembly does is not seen' "$compiler: but a doubt" \
		timeout 300 "$JOSTLE" run --schedules 200 -- ./assembly 0
	check_output 'error: race: .*on number' "$compiler: nor waited for: a race" \
		run --schedules 200 -- ./assembly 0 broken
	run --schedules 400 --confirm 0 -- ./assembly -1 >once.txt
	check_output 'race: .*on number' "$compiler: what nothing guards" cat once.txt
	check "$compiler: is told once each way" test "$(grep -c race: once.txt)" -le 2
done
check "accesses that critical sections of OpenMP order" "$JOSTLE" cc -g -O1 -fopenmp \
	"$programs/critical.c" -o critical
check "as it is" timeout 300 "$JOSTLE" run --schedules 1000 --fail-on warning -- ./critical
check "atomic loads that are calls" g++ -std=c++17 -g -O0 -pthread "$programs/loads.cc" -o loads
exact "are seen in a loop" ./loads

finish
