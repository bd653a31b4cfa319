#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The differential test: what the program in programs/differential prints natively, a line for each
# call with its result, it prints under control as well, under each of many schedules, after each
# kind of reset. At least five calls of every function that the library exports: the list is the
# symbol table's.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

schedules=${DIFFERENTIAL_SCHEDULES:-50}
library=$BUILD/lib/libjostle.so
program=$work/differential

# Exported, and no program calls them; and what the compiler calls in instrumented programs, which
# the instrumented catalogue runs.
not_called() {
	awk '$2 ~ /^instrument\// { print $1 "\tof instrumented programs" }' "$SRC/harness/exports.txt"
	cat <<-'END'
		__libc_start_main	the start of every program: nothing here runs without it
		_ZNSt13random_device9_M_getvalEv	chance: no two native calls return the same
		jostle_hooks_v1	jostle's own, for programs that register invariants
	END
}

# No builtins and no inline functions, so that each call is made by its name; what it warns of is what is tested.
check "the program of calls builds" gcc -g -O0 -w -fno-builtin -D_GNU_SOURCE -pthread \
	"$SRC"/harness/tests/programs/differential/*.c -o "$program"

# native FAMILY, controlled FAMILY SCHEDULES OPTION...: its lines, of each run, in $work/FAMILY.*
# The program appends them to a file itself: so nothing that the tool does to output can hide one.
native() {
	rm -f "$work/$1.native"
	"$program" "$1" "$work/$1.native" >/dev/null 2>&1 </dev/null
	[ $? = 3 ] && tail -n 1 "$work/$1.native" | grep -qx end
}

controlled() {
	local family=$1 count=$2
	shift 2
	rm -f "$work/$family.controlled"
	"$JOSTLE" run --schedules "$count" --seed 5 -j 1 --expect-exit 3 \
		--out "$work/out" "$@" -- "$program" "$family" "$work/$family.controlled" \
		>"$work/$family.report" 2>&1 </dev/null
}

# equal FAMILY COUNT: at least COUNT runs left their lines, and each is the native run's.
equal() {
	awk -v count="$2" '
		NR == FNR { native[++lines] = $0; next }
		$0 == "begin" { at = 0; runs++ }
		{ at++; if ($0 != native[at]) { if (shown++ < 10) print "native:     " native[at] "\ncontrolled: " $0 } }
		$0 == "end" { if (at == lines) whole++ }
		END {
			printf "%d runs of %d lines, %d whole, %d lines differ\n", runs, lines, whole, shown
			exit !(runs >= count && whole == runs && shown == 0)
		}' "$work/$1.native" "$work/$1.controlled"
}

families=$("$program")
for family in $families; do
	check "$family: the native run comes to its end" native "$family"
	controlled "$family" "$schedules"
	check "$family: each of $schedules schedules returns what the native run does" \
		equal "$family" "$schedules"
done
for reset in fork exec; do
	for family in $families; do
		controlled "$family" 2 --reset $reset
		check "$family: so it does when each schedule begins with $reset" equal "$family" 2
	done
done

nm -D --defined-only "$library" | awk '{ print $3 }' | sort >"$work/exported"
check "the library exports functions" test "$(wc -l <"$work/exported")" -gt 100
not_called | cut -f 1 | sort >"$work/not_called"
check_same "each name that is not called is exported" "$work/not_called" \
	<(comm -12 "$work/not_called" "$work/exported")
# A line counts only for a name that the program really imports.
nm -D --undefined-only "$program" | sed 's/.* //; s/@.*//' | sort >"$work/imported"
cat "$work"/*.native | sed -n 's/ #[0-9]* -> .*//p' | sort | uniq -c |
	awk '$1 >= 5 { print $2 }' | sort | comm -12 - "$work/imported" >"$work/called"
comm -23 "$work/exported" "$work/not_called" | comm -23 - "$work/called" >"$work/missing"
check_same "every exported function was called five times or more" "$work/missing" /dev/null

finish
