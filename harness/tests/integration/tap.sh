# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Sourced by each integration script. $JOSTLE is the command, $BUILD the build folder, $SRC the
# source tree; $work is an empty folder that goes away at the end. One line a check, and the plan
# last: a script that dies half way has no plan, which ci/tap counts as a failure.
#
#	. "$(dirname "$0")/tap.sh"
#	check "a program without threads is fine" "$JOSTLE" run -- true
#	check_status 2 "an unknown option is a usage error" "$JOSTLE" run --nonsense
#	check_output 'no such' "and says so" "$JOSTLE" run --nonsense
#	skip "needs valgrind" "valgrind is not installed"
#	finish
set -u

: "${SRC:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)}"
: "${BUILD:=$SRC/build}"
: "${JOSTLE:=$BUILD/bin/jostle}"
export SRC BUILD JOSTLE

tap_count=0
tap_failed=0
work=$(mktemp -d "${TMPDIR:-/tmp}/jostle-test.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The output of the last command that a check ran is in $work/.out (both streams).
ok() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}

not_ok() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
	shift
	[ $# -eq 0 ] || printf '# %s\n' "$@"
	[ ! -s "$work/.out" ] || tail -n 20 "$work/.out" | sed 's/^/#   /'
}

skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# running NAME: the processes of that program of this test's own folder; a zombie is its parent's
# business, and other tests have programs of that name.
running() {
	local pid
	for pid in $(pgrep -x -r R,S,D,T "$1"); do
		[[ $(readlink "/proc/$pid/exe") != "$(realpath "$work")"/* ]] || echo "$pid"
	done
}

tap_run() {
	"$@" >"$work/.out" 2>&1 </dev/null
}

# check NAME COMMAND...: it exits with 0.
check() {
	check_status 0 "$@"
}

# check_status STATUS NAME COMMAND...
check_status() {
	local expected=$1 name=$2 status
	shift 2
	tap_run "$@"
	status=$?
	if [ $status = "$expected" ]; then
		ok "$name"
	else
		not_ok "$name" "exit status $status instead of $expected: $*"
	fi
}

# check_output REGEX NAME COMMAND...: what it prints, on either stream, matches; any exit status.
check_output() {
	local regex=$1 name=$2
	shift 2
	tap_run "$@"
	if grep -qE -- "$regex" "$work/.out"; then
		ok "$name"
	else
		not_ok "$name" "no line matches $regex: $*"
	fi
}

# check_same NAME FILE FILE: equal to the byte.
check_same() {
	if cmp -s "$2" "$3"; then
		ok "$1"
	else
		: >"$work/.out"
		diff -a -u "$2" "$3" | head -n 20 >"$work/.out"
		not_ok "$1" "$2 and $3 differ"
	fi
}

# The plan, and the exit status of the script.
finish() {
	echo "1..$tap_count"
	[ "$tap_failed" = 0 ]
	exit
}
