#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The catalogue instrumented, by each compiler at each level of optimisation: every marked race whose
# access is still in the object code is found on its lines and nowhere else, every fixed variant is
# silent. At -O0 no access may be gone. ci/soak runs each of the six builds (MATRIX_BUILD) with more
# schedules for each case (MATRIX_SCHEDULES) than the few hundred here.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=catalogue.sh
. "$(dirname "$0")/catalogue.sh"

schedules=${MATRIX_SCHEDULES:-300}
catalogue_options=(--level instrumented)
: "${CATALOGUE_FORKS:=$schedules}"
compiler=${MATRIX_BUILD:-clang -O2}
cd "$work" || exit

# build COMPILER FLAG: the whole catalogue in one program.
# shellcheck disable=SC2317 # called through tap_run
build() {
	local sources=() runner=() source
	mapfile -t sources < <(cd "$SRC" && find cases -path cases/runner -prune -o -name '*.c' -print |
		LC_ALL=C sort)
	for source in "$SRC"/cases/runner/*.c; do
		runner+=("$work/$(basename "$source" .c).o")
		[ -e "${runner[-1]}" ] || gcc -g -O1 -I"$SRC/harness/include" \
			-DJOSTLE_CASES_SOURCE_DIR="\"$SRC\"" -c "$source" -o "${runner[-1]}" || return
	done
	(cd "$SRC" && "$JOSTLE" cc "--compiler=$1" "$2" -fno-omit-frame-pointer -pthread \
		-Iharness/include -o "$work/cases" "${sources[@]}" "${runner[@]}")
}

# shellcheck disable=SC2086 # a compiler and its option
if ! command -v ${compiler% *} >/dev/null; then
	skip "$compiler" "not installed"
	finish
elif ! tap_run build $compiler; then
	not_ok "$compiler: the catalogue builds"
	finish
fi
: >"$work/.out"
JOSTLE_CASES_INSTRUMENTED=$work/cases catalogue "$schedules" verdicts.json >test.out 2>&1
while IFS=$'\t' read -r id verdict levels why; do
	case $levels/$verdict in
	instrumented/ok | instrumented/gap) ok "$compiler: $id" ;;
	*) not_ok "$compiler: $id" "$verdict $why" ;;
	esac
done < <(python3 -c 'import json
for case in json.load(open("verdicts.json"))["cases"]:
    print(case["id"], case["verdict"], case["levels"] or "-", case["why"], sep="\t")')
check_output '^[0-9]+ passed, ' "$compiler: the catalogue was run" cat test.out
# The lint of the marks: which ones the compiler left no access for.
python3 -c 'import json
for mark in json.load(open("verdicts.json"))["gone"]:
    print("# gone:", mark)'
check "$compiler: a mark at a free is always checked" python3 -c 'import json, os
for mark in json.load(open("verdicts.json"))["gone"]:
    file, line = mark.rsplit(":", 1)
    source = open(os.path.join(os.environ["SRC"], file)).read().splitlines()
    assert "free(" not in source[int(line) - 1], mark'
if [ "${compiler#* }" = -O0 ]; then
	check_output '"gone": \[\]' "$compiler: no marked access is gone" cat verdicts.json
fi

finish
