#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Cases in C++: guards of static locals, and what the C++ library hands over by mutex and condition
# variable, atomics, shared pointers, futures and call_once. The correct ones are silent, their
# broken twins are found on the marked lines and nowhere else.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

schedules=${CPP_SCHEDULES:-300}
programs=$SRC/harness/tests/programs/cpp
cd "$work" || exit

for source in "$SRC"/cases/runner/*.c; do
	gcc -g -O1 -I"$SRC/harness/include" -DJOSTLE_CASES_SOURCE_DIR="\"$SRC\"" -c "$source" ||
		not_ok "the runner compiles"
done

# build COMPILER FLAG: both files and the runner in one program.
# shellcheck disable=SC2317 # called through check
build() {
	"$JOSTLE" c++ "--compiler=$1" -std=c++20 "$2" -Wall -Wextra -Wno-missing-field-initializers \
		-Werror -fno-omit-frame-pointer -pthread -I"$SRC/harness/include" -o cases \
		"$programs/static_local.cc" "$programs/handed_over.cc" ./*.o -ldl
}

for build in "g++ -O0" "clang++ -O2"; do
	if ! command -v "${build% *}" >/dev/null; then
		skip "$build" "not installed"
		continue
	fi
	# shellcheck disable=SC2086 # a compiler and its option
	check "$build: cases in C++ compile without a warning" build $build
	export JOSTLE_CASES=$work/cases JOSTLE_CASES_INSTRUMENTED=$work/cases
	"$JOSTLE" test --level instrumented -n "$schedules" --json verdicts.json >test.out 2>&1
	while IFS=$'\t' read -r id verdict kind why; do
		case $verdict/$id/$kind in
		ok/*/broken*/race) ok "$build: $id is found" ;;
		ok/*/broken*) not_ok "$build: $id is found" "as $kind" ;;
		ok/*/) ok "$build: $id is silent" ;;
		*) not_ok "$build: $id" "$verdict $kind $why" ;;
		esac
	done < <(python3 -c 'import json
for case in json.load(open("verdicts.json"))["cases"]:
    print(case["id"], case["verdict"], case["kind"], case["why"], sep="\t")')
	check_output '^12 passed, 0 failed, 0 known gaps, 0 skipped' "$build: all were run" cat test.out
done

# std::atomic<std::shared_ptr>: the library's own race is no error of the program's, another one is.
for build in "g++ -O0" "g++ -O2" "clang++ -O1"; do
	for fixed in 0 1; do
		if ! command -v "${build% *}" >/dev/null; then
			skip "$build: std::atomic<std::shared_ptr>" "not installed"
			continue
		fi
		# shellcheck disable=SC2086 # a compiler and its option
		"$JOSTLE" c++ --compiler=$build -std=c++20 -DFIXED=$fixed -pthread \
			"$programs/shared_pointer.cc" -o shared_pointer
		"$JOSTLE" run --schedules "$schedules" --json shared.json -- ./shared_pointer >shared.out
		status=$?
		if [ $status = $((1 - fixed)) ] && { [ $fixed = 1 ] || grep -q '^F[0-9]  race: .* on memory of' shared.out; }; then
			ok "$build: std::atomic<std::shared_ptr>, FIXED=$fixed"
		else
			not_ok "$build: std::atomic<std::shared_ptr>, FIXED=$fixed" "$(cat shared.out)"
		fi
	done
done

finish
