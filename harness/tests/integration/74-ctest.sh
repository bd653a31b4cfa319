#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A project outside, in an empty folder, against an installed jostle: fifteen lines of CMake and
# ctest. Its racy program, its deadlocking libcheck suite (with children and without) and a case of
# its own are red with a story that names the lines, and green after the fix.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
check "jostle installs" cmake --install "$BUILD" --prefix "$work/prefix"
mkdir project
cat >project/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.22)
project(bank LANGUAGES C)
enable_testing()
find_package(jostle REQUIRED)
find_package(Threads REQUIRED)
add_executable(counter counter.c)
target_link_libraries(counter PRIVATE Threads::Threads)
jostle_instrument(counter)
add_executable(suite suite.c)
target_link_libraries(suite PRIVATE check subunit rt m Threads::Threads)
jostle_add_test(NAME counter COMMAND counter SCHEDULES 200 LABELS racy TIMEOUT 100)
jostle_add_test(NAME suite COMMAND suite SCHEDULES 100 ENVIRONMENT CK_DEFAULT_TIMEOUT=0)
jostle_add_test(NAME suite-no-fork COMMAND suite SCHEDULES 200 ENVIRONMENT CK_FORK=no)
jostle_add_test(NAME known COMMAND suite SCHEDULES 200 ENVIRONMENT CK_FORK=no EXPECT deadlock)
jostle_add_case(own.c SCHEDULES 500 LABELS cases TIMEOUT 100)
END
cat >project/counter.c <<'END'
#include <pthread.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long counter;
static void *count(void *arg)
{
	LOCK(&lock);
	counter++;
	UNLOCK(&lock);
	return arg;
}
int main(void)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, count, NULL))
		return 2;
	count(NULL);
	return pthread_join(thread, NULL);
}
END
cat >project/suite.c <<'END'
#include <check.h>
#include <pthread.h>
static pthread_mutex_t from = PTHREAD_MUTEX_INITIALIZER, to = PTHREAD_MUTEX_INITIALIZER;
static void move(pthread_mutex_t *first, pthread_mutex_t *second)
{
	pthread_mutex_lock(first);
	pthread_mutex_lock(second);
	pthread_mutex_unlock(second);
	pthread_mutex_unlock(first);
}
static void *there(void *arg) { move(&from, &to); return arg; }
static void *back(void *arg) { move(BACK); return arg; }
START_TEST(money_moves_both_ways)
{
	pthread_t threads[2];
	ck_assert_int_eq(pthread_create(&threads[0], NULL, there, NULL), 0);
	ck_assert_int_eq(pthread_create(&threads[1], NULL, back, NULL), 0);
	ck_assert_int_eq(pthread_join(threads[0], NULL), 0);
	ck_assert_int_eq(pthread_join(threads[1], NULL), 0);
}
END_TEST
int main(void)
{
	Suite *suite = suite_create("bank");
	TCase *tcase = tcase_create("move");
	SRunner *runner = srunner_create(suite);
	tcase_add_test(tcase, money_moves_both_ways);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_SILENT);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
END
cat >project/own.c <<'END'
#include <jostle.h>
#include <pthread.h>
struct jostle_state { pthread_mutex_t lock; };
static void setup(struct jostle_state *s) { pthread_mutex_init(&s->lock, 0); }
static void body(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	LEAVE
}
JOSTLE_CASE(own) = { .title = "a lock is given back", .tags = "test", .why = "else it hangs",
	.expect = JOSTLE_PASS, .setup = setup, .threads = { { "one", body }, { "two", body } } };
END
(cd project && cp counter.c counter.in && cp suite.c suite.in && cp own.c own.in)
# version LOCK UNLOCK BACK LEAVE: the bug or its fix, as an edit of the sources.
version() {
	(cd project || exit
	sed "s/UNLOCK(&lock);/$2/; s/\\bLOCK(&lock);/$1/" counter.in >counter.c
	sed "s/BACK/$3/" suite.in >suite.c
	sed "s/LEAVE/$4/" own.in >own.c
	cmake --build build)
}
check_output '^15$' "the project has 15 lines of CMake" grep -c . project/CMakeLists.txt

version '' '' '\&to, \&from' '' >/dev/null 2>&1
check "it configures" cmake -S project -B project/build "-Djostle_DIR=$work/prefix/lib/cmake/jostle"
check "it builds with its bugs" version '' '' '\&to, \&from' ''
run_tests() {
	ctest --test-dir project/build --output-on-failure "$@"
}
run_tests -R . >red.txt 2>&1
for name in counter suite suite-no-fork case_own; do
	check_output "$name \\(Failed\\)" "$name is red" cat red.txt
done
check_output 'known \.+ +Passed' "what is expected is green" cat red.txt
check_output 'F1  race: .*count\(\)' "the race is told" cat red.txt
check_output 'counter\.c:7' "with its line" cat red.txt
check_output 'F1  deadlock: lock-cycle in move\(\)' "the deadlock is told" cat red.txt
check_output 'step +T1' "as a table" cat red.txt
for name in suite suite-no-fork; do
	check_output 'F1  deadlock: lock-cycle in move' "by $name, too" run_tests -R "^$name\$"
done
check_output 'deadlock, declared to pass|own/own' "the case is named" cat red.txt
replay=$(sed -n 's/.*See it again: jostle //p' red.txt | head -n 1)
# shellcheck disable=SC2086 # the command's words
check_status 1 "the replay command of the story shows it again" "$work/prefix/bin/jostle" $replay
check "each test leaves its JUnit" test -s project/build/jostle-out/suite_no_fork/junit.xml

check "it builds with its bugs fixed" version 'pthread_mutex_lock(\&lock);' \
	'pthread_mutex_unlock(\&lock);' '\&from, \&to' 'pthread_mutex_unlock(\&s->lock);'
check "and is green" run_tests -E known
check_status 8 "but for the finding that is expected and no longer there" run_tests -R known
check_output '^racy +=' "labels are CTest's" run_tests -L racy

wrong() {
	sed "s/SCHEDULES 200 LABELS racy/$1/" project/CMakeLists.txt >wrong/CMakeLists.txt
	cmake -S wrong -B wrong/build "-Djostle_DIR=$work/prefix/lib/cmake/jostle"
}
mkdir wrong && cp project/*.c wrong
check_output 'what is LABEL;racy' "a misspelt word is refused" wrong "SCHEDULES 200 LABEL racy"
check_output 'TIME is a number' "and so is a time in words" wrong "TIME soon"

finish
