#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The installed tree works from any folder, without root, and after it was moved; another project
# finds it with CMake and with pkg-config.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

check "installing needs no root and no settings" \
	cmake --install "$BUILD" --prefix "$work/first"
mv "$work/first" "$work/moved"
prefix=$work/moved
for file in bin/jostle lib/libjostle.so include/jostle.h lib/cmake/jostle/jostleConfig.cmake \
	lib/jostle/libtsan.so.2 bin/jostle-cc lib/pkgconfig/jostle.pc share/doc/jostle/LICENSE; do
	check "$file is installed" test -f "$prefix/$file"
done

cat >"$work/plain.c" <<'END'
#include <pthread.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *body(void *arg)
{
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	return arg;
}
int main(void)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, body, NULL))
		return 2;
	body(NULL);
	return pthread_join(thread, NULL);
}
END
check "a program compiles against nothing but libc" gcc -pthread "$work/plain.c" -o "$work/plain"
cd "$work" || exit
check "the moved command finds its library and controls a program" \
	"$prefix/bin/jostle" run --schedules 50 -- "$work/plain"

mkdir "$work/project"
cat >"$work/project/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.22)
project(other LANGUAGES C)
find_package(jostle REQUIRED)
jostle_add_case(own.c)
find_package(Threads REQUIRED)
add_library(counting counting.c)
add_executable(racing racing.c)
target_link_libraries(racing PRIVATE counting Threads::Threads)
jostle_instrument(racing counting)
END
echo 'long counter; void count(void); void count(void) { counter++; }' >"$work/project/counting.c"
cat >"$work/project/racing.c" <<'END'
#include <pthread.h>
void count(void);
static void *body(void *arg)
{
	count();
	return arg;
}
int main(void)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, body, NULL))
		return 2;
	count();
	return pthread_join(thread, NULL);
}
END
cat >"$work/project/own.c" <<'END'
#include <jostle.h>
struct jostle_state {
	int unused;
};
static void body(struct jostle_state *s)
{
	s->unused = 1;
}
JOSTLE_CASE(own_fixed) = {
	.title = "one thread alone", .tags = "test", .why = "nothing to race with",
	.expect = JOSTLE_PASS, .threads = { { "body", body } },
};
END
check "another project configures with find_package" \
	cmake -S "$work/project" -B "$work/project/build" "-Djostle_DIR=$prefix/lib/cmake/jostle"
check "and builds a case of its own" cmake --build "$work/project/build"
check "which runs natively" "$work/project/build/own"
check "what it had instrumented runs natively, too" "$work/project/build/racing"
check_output '"kind": "race"' "and shows its race below jostle" \
	"$prefix/bin/jostle" run -n 64 --json - -- "$work/project/build/racing"

check "the installed course has its lessons" "$prefix/bin/jostle" lesson
cp "$prefix/libexec/jostle/cases/tutorial/01_two_critical_sections.c" mine.c
check_status 1 "and grades a file" "$prefix/bin/jostle" lesson 1 mine.c
cp .out graded
check_output '^Lesson 1, mine.c: found$' "as it should" cat graded

check "the moved compiler finds its library" \
	"$prefix/bin/jostle-cc" -pthread "$work/project/racing.c" "$work/project/counting.c" -o by-cc
check_output '"kind": "race"' "and instruments" \
	"$prefix/bin/jostle" run -n 64 --json - -- ./by-cc

check_output "-I.*include" "pkg-config knows the include folder" \
	env "PKG_CONFIG_PATH=$prefix/lib/pkgconfig" pkg-config --cflags jostle
flags() {
	PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config "--variable=instrument_$1" jostle
}
for compiler in gcc clang; do
	command -v $compiler >/dev/null || continue
	# shellcheck disable=SC2046 # several words
	check "$compiler builds with pkg-config's flags" $compiler $(flags ${compiler}_cflags) \
		-c "$work/project/counting.c" -o counting.o
	# shellcheck disable=SC2046
	check "and links" $compiler $(flags ${compiler}_cflags) -c "$work/project/racing.c" -o main.o
	# shellcheck disable=SC2046
	check "a program" $compiler -pthread counting.o main.o $(flags libs) -o by-pkg-config
	check_output '"kind": "race"' "that is instrumented" \
		"$prefix/bin/jostle" run -n 64 --json - -- ./by-pkg-config
done
check "and the library, where it really is" test -f \
	"$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --variable=library jostle)"

finish
