# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Shared by the scripts of ci/: steps that are quiet unless they fail, and the sum of all checks.
# Everything is built in build/ of the tree that the script stands in, whatever the working folder.
set -u

src=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$src/build
logs=$build/ci
jobs=$(nproc)
mkdir -p "$logs"

red='' green='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
fi

# The failed checks of a log, each with its explanation; else a compiler's complaints; else the end.
show_failure() {
	if grep -qE '^(not ok|FAIL)\b' "$1"; then
		awk '/^(not ok|FAIL) / { show = 6 } /^(#|  |not ok|FAIL)/ { if (show-- > 0) print }' \
			"$1" | head -n 80
	elif grep -qE '(error|warning): ' "$1"; then
		grep -E -A 3 '(error|warning): ' "$1" | head -n 60
	else
		tail -n 40 "$1"
	fi | sed 's/^/    /'
}

# step NAME COMMAND...: runs it with its output in build/ci/NAME.log and prints one line, and what
# went wrong when it failed. Returns its exit status.
step() {
	local name=$1 log status started=$SECONDS
	shift
	log=$logs/${name//[^a-zA-Z0-9]/-}.log
	"$@" >"$log" 2>&1 </dev/null
	status=$?
	if [ $status = 0 ]; then
		printf '%s%-44s%s %4d s\n' "$green" "$name" "$plain" $((SECONDS - started))
	else
		printf '%s%-44s failed%s, %d s, log in %s\n' "$red" "$name" "$plain" \
			$((SECONDS - started)) "${log#"$src/"}"
		show_failure "$log"
	fi
	return $status
}

# configure_and_build FOLDER CMAKE-ARGS... [-- TARGETS...]
configure_and_build() {
	local folder=$1 args=() targets=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		args+=("$1")
		shift
	done
	[ $# -eq 0 ] || shift
	[ $# -eq 0 ] || targets=(--target "$@")
	# Twice as fast as make with so many small files.
	[ -e "$folder/CMakeCache.txt" ] || args+=(-G Ninja)
	cmake -S "$src" -B "$folder" "${args[@]}" &&
		cmake --build "$folder" -j "$jobs" "${targets[@]}"
}

# count_checks FOLDER...: sets passed, failed and skipped from the TAP logs of these builds. Every
# test that ctest knows must have left a log with its plan; one that did not has failed.
count_checks() {
	local folder name log ok
	passed=0 failed=0 skipped=0
	for folder in "$@"; do
		while read -r name; do
			log=$folder/tap/$name.tap
			if ! grep -qs '^1\.\.' "$log" && ! grep -qs '^not ok\b' "$log"; then
				failed=$((failed + 1))
				echo "${red}$name did not run to its end${plain}"
				continue
			fi
			ok=$(grep -c '^ok\b' "$log")
			failed=$((failed + $(grep -c '^not ok\b' "$log")))
			skipped=$((skipped + $(grep -ciE '^ok\b.*# skip' "$log")))
			passed=$((passed + ok))
		done < <(ctest --test-dir "$folder" -N 2>/dev/null |
			sed -n 's/^ *Test *#[0-9]*: //p')
	done
	passed=$((passed - skipped))
}
