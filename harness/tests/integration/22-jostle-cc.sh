#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `jostle cc` and `jostle c++` are drop-in compilers: whatever a build asks of gcc or clang, it gets,
# and the program that comes out is instrumented, starts by hand and is explored by jostle.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
cat >half.c <<'END'
long shared;
void add(void) { shared = shared + 1; }
END
cat >main.c <<'END'
#include <pthread.h>
#include <stdio.h>
void add(void);
static void *body(void *arg) { add(); return arg; }
int main(void)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, body, NULL))
		return 2;
	add();
	pthread_join(thread, NULL);
	puts("done");
	return 0;
}
END
# Main sleeps in sigsuspend() until another thread signals it: by hand only real threads do that.
cat >asleep.c <<'END'
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
static atomic_int count;
static pthread_t sleeper;
static void on_signal(int number) { (void)number; }
static void *body(void *arg)
{
	atomic_fetch_add(&count, 1);
	pthread_kill(sleeper, SIGUSR1);
	return arg;
}
int main(void)
{
	sigset_t blocked, none;
	pthread_t thread;
	sleeper = pthread_self();
	signal(SIGUSR1, on_signal);
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
	if (pthread_create(&thread, NULL, body, NULL))
		return 2;
	sigsuspend(&none);
	pthread_join(thread, NULL);
	return count == 1 ? 0 : 3;
}
END
# glibc has two kinds of conditions, and the first one knows no clock.
cat >clock.c <<'END'
#include <pthread.h>
#include <time.h>
int main(void)
{
	pthread_condattr_t attributes;
	pthread_cond_t condition;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	return pthread_cond_init(&condition, &attributes);
}
END
cat >thread.cc <<'END'
#include <iostream>
#include <thread>
int shared;
int main()
{
	std::thread other([] { shared++; });
	shared++;
	other.join();
	std::cout << "done" << std::endl;
}
END
# Assertions that fail alike, each at its own line: compilers like to make one place of them.
cat >sure.c <<'END'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#define SURE(x) do { if (!(x)) { fputs("not sure\n", stderr); abort(); } } while (0)
static void *body(void *arg) { return arg; }
int main(int argc, char **argv)
{
	pthread_t thread;
	(void)argv;
	SURE(argc < 5);
	SURE(argc > 0);
	SURE(pthread_create(&thread, NULL, body, NULL) == 0);
	SURE(argc == 3);
	SURE(pthread_join(thread, NULL) == 0);
	return 0;
}
END
# races PROGRAM: explores it, and is content with a race in it.
races() {
	"$JOSTLE" run -q -n 64 -j 1 --out "$work/out" -- "$@" >"$work/races.out"
	[ $? = 1 ] && grep -q ' race' "$work/races.out"
}
# shellcheck disable=SC2317 # called through tap_run
calls_tsan() {
	nm "$1" | grep -q ' U __tsan_'
}

for compiler in gcc clang; do
	cc=("$JOSTLE" cc "--compiler=$compiler")
	if ! command -v $compiler >/dev/null; then
		skip "$compiler" "not installed"
		continue
	fi
	for level in -O0 -O1 -O2; do
		check "$compiler $level: sources become a program" \
			"${cc[@]}" $level -pthread main.c half.c -o all
		check_output '^done$' "$compiler $level: which starts by hand" ./all
		check "$compiler $level: and is explored" races ./all
	done
	check "$compiler: a program of assertions" "${cc[@]}" -O2 -pthread sure.c -o sure
	check_output 'T0 main at sure\.c:13 ' "$compiler: which fails at its own line" \
		"$JOSTLE" run -n 8 -j 1 --out "$work/out" -- ./sure
	check "$compiler: a program that blocks" "${cc[@]}" -pthread asleep.c -o asleep
	check "$compiler: is an ordinary one by hand" timeout 20 ./asleep
	check_status 0 "$compiler: and is explored, too" "$JOSTLE" run -q -n 64 -j 1 -- ./asleep
	check "$compiler: a program with a condition and its clock" "${cc[@]}" -pthread clock.c -o clock
	check "$compiler: has the libc of today by hand" ./clock
	check "$compiler: compiles alone" "${cc[@]}" -O1 -c half.c -o half.o
	check "$compiler: an instrumented object" calls_tsan half.o
	check "$compiler: links alone" "${cc[@]}" -pthread half.o main.c -o linked
	check "$compiler: the same program" races ./linked
	check "$compiler: a shared library" "${cc[@]}" -shared -fPIC half.c -o libhalf.so
	check "$compiler: and who uses it" \
		"${cc[@]}" -pthread main.c -L. -lhalf -Wl,-rpath,"$work" -o user
	check "$compiler: has the race of the library" races ./user
	check_output '^long shared' "$compiler: -E preprocesses" "${cc[@]}" -E half.c
	check_output '^half\.o: half\.c' "$compiler: -M makes dependencies" "${cc[@]}" -M half.c
	check "$compiler: a partial link" "${cc[@]}" -r half.o -o partial.o
	check_output "$($compiler -dumpmachine)" "$compiler: a question to the compiler" \
		"${cc[@]}" -dumpmachine
	check_output 'no input files' "$compiler: no input is the compiler's to refuse" "${cc[@]}" -O1
	check_output 'half\.c:.*warning' "$compiler: diagnostics are the compiler's" \
		"${cc[@]}" -Wmissing-prototypes -c half.c -o half.o
	tap_run "${cc[@]}" -Wall -Werror -O2 -D_FORTIFY_SOURCE=2 -pthread main.c half.c -o all
	check_same "$compiler: and what is added is silent" "$work/.out" /dev/null
	printf '%s\n' '#include <stdatomic.h>' 'void fence(void);' \
		'void fence(void) { atomic_thread_fence(memory_order_seq_cst); }' >fence.c
	check "$compiler: nor is a fence warned of" "${cc[@]}" -Wall -Wextra -Werror -O2 -c fence.c
	echo 'int f( {' >wrong.c
	$compiler -c wrong.c 2>/dev/null
	check_status $? "$compiler: the exit status is the compiler's" "${cc[@]}" -c wrong.c
	check_status 2 "$compiler: a static link is refused" \
		"${cc[@]}" -static -pthread main.c half.c -o static
	check "$compiler: one file may stay as it is" \
		"${cc[@]}" -fno-sanitize=thread -c half.c -o plain.o
	check_status 1 "$compiler: by the compiler's own option" calls_tsan plain.o
	check "$compiler: C++" "$JOSTLE" c++ "--compiler=$compiler" -O1 -pthread thread.cc -o cxx
	check_output '^done$' "$compiler: C++ starts by hand" ./cxx
	check "$compiler: C++ is explored" races ./cxx
done

check_status 2 "a compiler that is not there is named" "$JOSTLE" cc --compiler=nocc -c half.c
check_output 'nocc: not found; name another' "with what to do" \
	env JOSTLE_CC=nocc "$JOSTLE" cc -c half.c
check_output '^Usage: jostle cc' "a lone --help is ours" "$JOSTLE" cc --help

# As the compiler of a build system.
mkdir project
cp main.c half.c project
cat >project/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.22)
project(other LANGUAGES C)
find_package(Threads REQUIRED)
add_library(half SHARED half.c)
add_executable(app main.c)
target_link_libraries(app PRIVATE half Threads::Threads)
END
check "CC='jostle cc' configures a CMake build" \
	env CC="$JOSTLE cc" cmake -S project -B by-words
check "and builds it" cmake --build by-words
check "instrumented" races by-words/app
check "jostle-cc is one word for it" cmake -S project -B by-name \
	"-DCMAKE_C_COMPILER=$(dirname "$JOSTLE")/jostle-cc" -DCMAKE_BUILD_TYPE=Release
check "which builds it too" cmake --build by-name
check "instrumented as well" races by-name/app

finish
