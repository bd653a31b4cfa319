#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The catalogue under jostle, one check a variant: the broken ones show what they declare on the
# lines that they mark, the fixed ones nothing. Not only as the build made it: compilers place the
# same calls differently and describe them differently.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=catalogue.sh
. "$(dirname "$0")/catalogue.sh"

cd "$work" || exit

CATALOGUE_FORKS=500

schedules=1000
# verdicts WHAT CATALOGUE: a check for each line of `jostle test`.
verdicts() {
	local what=$1 verdict id rest lines=0
	: >"$work/.out"
	JOSTLE_CASES=$2 catalogue $schedules verdicts.json >test.out 2>&1
	sed -n 's/^      "\(id\|verdict\)": "\(.*\)",$/\2/p' verdicts.json | paste - - >verdicts
	while read -r id verdict rest; do
		lines=$((lines + 1))
		case $verdict in
		ok | gap) ok "$what: $id" ;;
		skipped) # because it needs what the level lacks: what needs accesses was run as built
			[ "$what" != "as built" ] || skip "$what: $id" "needs what this level lacks"
			;;
		*) not_ok "$what: $id" "$verdict $rest" "$(grep -A4 -F "$id" test.out)" ;;
		esac
	done <verdicts
	if [ "$lines" = "$("$2" --list | wc -l)" ]; then
		ok "$what: every variant has a verdict"
	else
		not_ok "$what: every variant has a verdict" "$(tail -n 3 test.out)"
	fi
}

# build COMPILER FLAGS...: the whole catalogue in one program.
# shellcheck disable=SC2317 # called through tap_run
build() {
	local sources=()
	mapfile -t sources < <(cd "$SRC" && find cases -name '*.c' | LC_ALL=C sort)
	(cd "$SRC" && "$@" -g -fno-omit-frame-pointer -fno-optimize-sibling-calls -pthread \
		-Iharness/include -DJOSTLE_CASES_SOURCE_DIR="\"$SRC\"" -o "$work/jostle-cases" \
		"${sources[@]}")
}

catalogue_forks=(--level controlled) # 24-cases-instrumented has them with accesses
verdicts "as built" "$BUILD/cases/jostle-cases"
catalogue_forks=()
catalogue_options=(--level controlled) # the instrumented catalogue is the same as before
CATALOGUE_FORKS=100
schedules=500
for compiler in "gcc -O0" "gcc -O2" "clang -O1"; do
	# shellcheck disable=SC2086 # a command and its option
	if ! command -v ${compiler% *} >/dev/null; then
		skip "$compiler" "not installed"
	elif tap_run build $compiler; then
		verdicts "$compiler" "$work/jostle-cases"
	else
		not_ok "$compiler: the catalogue builds"
	fi
done

finish
