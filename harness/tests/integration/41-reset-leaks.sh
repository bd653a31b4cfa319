#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What a schedule leaves behind is gone in the next one. Each program of programs/leak leaves
# something else behind and turns what it sees of it into scheduling points, so a trace of an
# earlier schedule shows in the event hash of the campaign:
#
# - a snapshot's hash after all schedules is that of the fork reset, in which each schedule starts
#   from a process that has run none, and of the exec reset over fewer;
# - it does not depend on how the schedules are shared among workers;
# - descriptors, mappings and memory do not grow, as the program itself sees at each start.
#
# usage: 41-reset-leaks.sh [SCHEDULES] [SCHEDULES OF EXEC]
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

schedules=${1:-2000}
schedules_exec=${2:-100}
programs=$SRC/harness/tests/programs/leak
cd "$work" || exit

# field NAME: of the JSON that the last campaign wrote.
field() {
	sed -n "s/^  \"$1\": \"\\{0,1\\}\\([^\",]*\\)\"\\{0,1\\},\\{0,1\\}\$/\\1/p" json
}

# campaign EXPECTED_RESET ARGUMENTS...: 0 when all schedules ran with that reset, twice the same, and
# nothing was found; $hash is theirs.
campaign() {
	local expected=$1 count=$2
	shift 2
	hash=
	timeout $((600 + count / 50)) "$JOSTLE" run --quiet --seed 3 --schedules "$count" --reset "$expected" \
		--stdin /etc/passwd --json json "$@" >.out 2>&1 || return 1
	hash=$(field event_hash)
	[ "$(field reset)" = "$expected" ] && [ "$(field schedules)" = "$count" ] &&
		[ "$(field dropped)" = 0 ] && [ -n "$hash" ]
}

# same NAME HASH ARGUMENTS...: as campaign(), with that hash.
same() {
	local name=$1 expected=$2
	shift 2
	if ! campaign "$@"; then
		[ ! -s json ] || cat json >>.out
		not_ok "$name" "did not run to its end with nothing found: $*"
	elif [ "$hash" != "$expected" ]; then
		: >.out
		not_ok "$name" "$hash instead of $expected: $*"
	else
		ok "$name"
	fi
}

# does_not_grow NAME FILE: of three columns the most of the last quarter is not above the most of
# the first half, but for 1 MB of memory: a page that one schedule in a thousand touches.
does_not_grow() {
	if awk '{ for (i = 1; i <= 3; i++) value[i, NR] = $i }
	     END {
		for (line = 1; line <= NR; line++)
			for (i = 1; i <= 3; i++) {
				if (line <= NR / 2 && value[i, line] > early[i])
					early[i] = value[i, line]
				if (line > NR * 3 / 4 && value[i, line] > late[i])
					late[i] = value[i, line]
			}
		printf "descriptors %d then %d, mappings %d then %d, pages %d then %d\n",
			early[1], late[1], early[2], late[2], early[3], late[3]
		exit NR < 100 || late[1] > early[1] || late[2] > early[2] || late[3] > early[3] + 256
	     }' "$2" >.out; then
		ok "$1"
	else
		not_ok "$1"
	fi
}

for source in "$programs"/*.c; do
	name=$(basename "$source" .c)
	tap_run gcc -std=gnu11 -g -O1 -pthread "$source" -o "$name" -lm || {
		not_ok "$name builds"
		continue
	}
	rm -f log json
	: >.out
	if ! campaign snapshot "$schedules" -j 1 -- "./$name"; then
		[ ! -s json ] || cat json >>.out
		not_ok "$name: $schedules schedules with the snapshot find nothing"
		continue
	fi
	ok "$name: $schedules schedules with the snapshot find nothing"
	reference=$hash
	same "$name: the same events however they are shared out" "$reference" \
		snapshot "$schedules" -j 2 -- "./$name"
	same "$name: the same events in processes that ran nothing before" "$reference" \
		fork "$schedules" -j 2 -- "./$name"
	campaign snapshot "$schedules_exec" -- "./$name"
	same "$name: the same events in $schedules_exec fresh processes" "$hash" \
		exec "$schedules_exec" -- "./$name"
	# It reads its own mappings here, whose borders a reset may move: nothing to compare runs by.
	if LEAK_LOG=$work/log campaign snapshot "$schedules" -j 1 --verify-every 0 -- "./$name"; then
		does_not_grow "$name: descriptors, mappings and memory do not grow" log
	else
		not_ok "$name: descriptors, mappings and memory do not grow" "$(field reset_reason)"
	fi
done

# What lies right behind the library may be one mapping with its data.
check "a program that fills the holes between libraries builds" \
	gcc -std=gnu11 -g -O1 -pthread -I"$SRC/harness/tests/programs" "$SRC/harness/tests/programs/early_pages.c" -o early_pages
check "natively" ./early_pages
check "its pages are restored" campaign snapshot 50 -- ./early_pages

# The place of a call is that of the call, not of an earlier one whose return address is left on the
# stack: it is part of the event hash, by which two runs of a schedule are compared.
program=$SRC/harness/tests/programs/sorted_then_written.c
check "an instrumented program that sorts and writes builds" "$JOSTLE" cc -O1 "$program" -o sorted
explored() {
	"$JOSTLE" run --seed 3 --schedules 50 -j 1 --out out -- ./sorted
}
check_output 'reset snapshot' "its schedules come out the same a second time" explored
check_output ' 2[0-9]: fprintf\(stderr' "its call of write() is at the fprintf()" explored

finish
