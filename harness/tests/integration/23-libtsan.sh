#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A program that was built with gcc -fsanitize=thread, for ThreadSanitizer, runs below jostle as it
# is: it gets a libtsan that is jostle. What holds the real runtime inside is refused.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
source=$SRC/harness/tests/programs/versions.c
if ! tap_run gcc -g -O1 -fsanitize=thread -pthread "$source" -o tsan -lm; then
	skip "gcc -fsanitize=thread" "gcc has no libtsan here"
	finish
fi
# What needs libc's present versions exits with 0 only when it got them.
check "the program is one of libtsan's" bash -c "readelf -d tsan | grep -q 'NEEDED.*libtsan.so'"
check_output 'needs realpath of no version' "which asks for functions of no version" \
	bash -c "nm -D tsan | grep -q ' U realpath$' && echo needs realpath of no version"
check_status 0 "runs below jostle and gets their present versions" \
	"$JOSTLE" run -q -n 200 -j 1 -- ./tsan
check_status 1 "its races are found" "$JOSTLE" run -q -n 200 -j 1 --json race.json -- ./tsan race
check_output '"kind": "race"' "and told as such" cat race.json
check_status 1 "and replayed" "$JOSTLE" replay F1

check_output 'linked with libtsan' "doctor says what it is" "$JOSTLE" doctor ./tsan
check_output 'linked for ThreadSanitizer' "the report says what is not seen" \
	"$JOSTLE" run -n 20 --out out-told -- ./tsan

mkdir 'a folder: with blanks'
cp -L "$BUILD/lib/libjostle.so" 'a folder: with blanks'
cp -rL "$BUILD/lib/jostle" 'a folder: with blanks'
check_status 0 "wherever the library lies" env \
	JOSTLE_LIBRARY="$work/a folder: with blanks/libjostle.so" "$JOSTLE" run -q -n 20 -- ./tsan

refused() {
	check_status 3 "$1 is refused" "$JOSTLE" run -- "./$2"
	check_output 'jostle cc' "with the way out" "$JOSTLE" run -- "./$2"
}
if tap_run gcc -g -fsanitize=thread -static-libtsan -pthread "$source" -o inside -lm; then
	refused "gcc's static runtime" inside
fi
if tap_run clang -g -fsanitize=thread -pthread "$source" -o clang -lm; then
	refused "clang's, which is always static," clang
fi
echo 'void __tsan_init(void); void __tsan_init(void) {}' >other.c
gcc -shared -fPIC -Wl,-soname,libtsan.so.99 other.c -o libtsan.so.99
echo 'void __tsan_init(void); int main(void) { __tsan_init(); return 0; }' >future.c
gcc future.c ./libtsan.so.99 -o future
refused "a runtime of an unknown version" future

finish
