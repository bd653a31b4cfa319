#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What the kernel measures is the same in every schedule and in every run, and the report says so;
# a file of /proc that is not known to be the same is named.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
check "builds: figures" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 "$SRC/harness/tests/programs/figures.c" -o figures
mkdir out again

run() {
	timeout 200 "$JOSTLE" run --quiet "$@"
}

differ() {
	! cmp -s "$1" "$2"
}

./figures >one && ./figures >two
check "natively two runs measure differently" differ one two
check "in 40 schedules, each of them twice" \
	run --schedules 40 --verify-every 1 --keep-output out --json run.json -- ./figures
check "they print something" test -s out/0.out
check "all print the same" test "$(md5sum out/*.out | cut -d " " -f 1 | sort -u | wc -l)" = 1
check_output '"reset": "fork"' "so that the fork reset is good for it" cat run.json
check "and another run, too" run --schedules 1 --keep-output again -- ./figures
check_same "to the byte" out/0.out again/0.out
check_output 'figures that the kernel measures .*constants' "which is said" cat run.json

# What is mapped, without what the reset makes of it and what is the engine's.
mkdir maps
for reset in snapshot fork exec; do
	check "mappings, reset $reset" run --schedules 3 --reset $reset --keep-output maps --json $reset.json -- \
		./figures /proc/self/maps
	grep -o '"event_hash": *"0x[^"]*"' $reset.json >$reset.hash
	mv maps/2.out $reset.maps
done
check "there is a hash" test -s exec.hash
check_same "a snapshot and a process of its own have the same" snapshot.maps exec.maps
check_same "and a fork" fork.maps exec.maps
check_same "and the same schedules" snapshot.hash exec.hash
check_output '^[0-9a-f]+-[0-9a-f]+ rw-p 00000000 00:00 0 +\[stack\]$' "with one stack" cat exec.maps
check_output '^[0-9a-f]+-[0-9a-f]+ r-xp .* /[^ ]*/figures$' "and the program" cat exec.maps
check_status 1 "nothing in it is the engine's" grep memfd:jostle exec.maps

# What is left of a file's own text.
check "the number of threads is the program's" run --schedules 1 --keep-output out -- ./figures /proc/self/status
check_output '^Threads:	1$' "not that of the engine's" cat out/0.out
check_output '^Name:	figures$' "and its name is its own" cat out/0.out
check "names that nobody knows" run --schedules 2 --json other.json -- ./figures /proc/interrupts
check_output '/proc/interrupts, which the program opened' "are named" cat other.json
check "what says the same each time" run --schedules 2 --json same.json -- ./figures /proc/self/cmdline
check_status 1 "is not" grep -E 'program opened|figures that' same.json

check "a program that depends on what cannot be repeated" run --schedules 5 --json depend.json -- ./figures depend
check_output 'random/uuid, which the program opened' "has it named" cat depend.json
check_output 'showed it first at step [0-9]+: T0 writes to descriptor [0-9]+ at depend\(\) \(figures.c:[0-9]+\), which gave [0-9]+ once and [0-9]+' \
	"and where it went another way" cat depend.json
check_status 1 "which the others do not" grep 'showed it first' run.json other.json same.json
finish
