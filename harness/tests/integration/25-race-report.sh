#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What a race's report says: both sides with their stacks, the variable, where its memory and its
# threads come from; one title whoever comes first; and the rules that silence it, ThreadSanitizer's
# among them.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
cat >bank.c <<'END'
#include <pthread.h>
#include <stdlib.h>
struct account { long number, balance; };
static struct account accounts[4];
static long *total;
static void add(long amount) { accounts[2].balance += amount; }
__attribute__((noinline)) static void *deposit(void *arg) { add(10); return arg; }
__attribute__((noinline)) static void *report(void *arg) { *total = accounts[2].balance; return arg; }
__attribute__((noinline)) static void *reset(void *arg) { *total = 0; return arg; }
__attribute__((noinline)) static long *make_total(void) { return calloc(1, sizeof(long)); }
int main(int argc, char **argv)
{
	pthread_t thread;
	(void)argv;
	total = make_total();
	if (pthread_create(&thread, NULL, argc > 1 ? reset : deposit, NULL))
		return 2;
	report(NULL);
	pthread_join(thread, NULL);
	free(total);
	return 0;
}
END
check "the program builds" "$JOSTLE" cc -O1 -pthread bank.c -o bank
run() {
	"$JOSTLE" run -n 200 -j 1 --out out "$@"
}
run -- ./bank >race.txt
check_status 1 "the race is found" run -- ./bank
title='race: write in add\(\) / read in report\(\) on accounts\[\]\.balance'
check_output "^F1  $title\$" "named by both sides and the variable" cat race.txt
check_output 'reads memory#1 accounts\[2\]\.balance, 8 bytes, value (0|10), at bank\.c:8 in report\(\)' \
	"one side with its size and place" bash -c "tr -s ' \n' ' ' <race.txt"
check_output 'was created by T0 main at bank\.c:16 in main\(\)' "who created the thread" cat race.txt
check_output '#0 +.*bank\.c:6 in add\(\) \(inlined\)' "the stack of one, inlined frames with it" \
	cat race.txt
check_output '#1 +.*bank\.c:18 in main\(\)' "and of the other" cat race.txt
for seed in 2 3 4 5; do
	check_output "$title" "with seed $seed it has the same title" run -q --seed $seed -- ./bank
done
check_output 'on memory of make_total\(\)' "a heap block is named by who allocated it" \
	run -q -- ./bank reset
check_output 'allocated the 8 bytes that hold it at bank\.c:10' "with its size" run -- ./bank reset
check_output '"size": 8' "JSON has the size" run --json - -- ./bank

# Locks, values and a variable of a function: each side holds a lock, but not the same one.
cat >locks.c <<'END'
#include <pthread.h>
struct totals { int count; long sums[3]; };
static pthread_mutex_t ledger = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;
static double rate = 1.5;
static const char *label;
static void *credit(void *arg)
{
	struct totals *totals = arg;
	pthread_mutex_lock(&ledger);
	totals->sums[1] = -7;
	pthread_mutex_unlock(&ledger);
	rate = 2.25;
	label = "credit";
	return NULL;
}
static void *audit(void *arg)
{
	const struct totals *totals = arg;
	long seen;
	pthread_rwlock_rdlock(&table);
	seen = totals->sums[1];
	pthread_rwlock_unlock(&table);
	return rate > 0 && label ? (void *)seen : NULL;
}
int main(void)
{
	struct totals totals = { 1, { 2, 3, 4 } };
	pthread_t one, two;
	if (pthread_create(&one, NULL, credit, &totals) || pthread_create(&two, NULL, audit, &totals))
		return 2;
	pthread_join(one, NULL);
	pthread_join(two, NULL);
	return 0;
}
END
# shellcheck disable=SC2317 # called through check
json_has_locks() {
	python3 - <<'END'
import json
sites = [s for f in json.load(open("locks.json"))["findings"] for s in f["sites"]
         if "totals" in (s["object"] or "")]
write = [s for s in sites if s["operation"] == "writes"][0]
read = [s for s in sites if s["operation"] == "reads"][0]
assert write["value"] == "-7" and read["value"] in ("3", "-7"), sites
assert [(l["object"], l["mode"], l["line"]) for l in write["locks"]] == [("mutex#1 ledger", "exclusive", 10)]
assert [(l["object"], l["mode"], l["line"]) for l in read["locks"]] == [("rwlock#1 table", "shared", 21)]
END
}
for compiler in gcc clang; do
	if ! command -v $compiler >/dev/null; then
		skip "$compiler: locks, values and variables" "not installed"
		continue
	fi
	for level in -O0 -O2; do
		"$JOSTLE" cc --compiler=$compiler $level -pthread locks.c -o locks || not_ok "locks.c builds"
		run --json locks.json -- ./locks | tr -s ' \n' ' ' >locks.txt
		check_output 'on totals\.sums\[\] of main\(\)' \
			"$compiler $level: a variable of main is named" cat locks.txt
		check_output "writes memory#1 totals\.sums\[1\] of main\(\), 8 bytes, value -7, at locks\.c:11 in credit\(\) holding mutex#1 ledger, taken at locks\.c:10 in credit\(\)" \
			"$compiler $level: what one side wrote and which lock it held" cat locks.txt
		check_output "reads memory#1 totals\.sums\[1\] of main\(\), 8 bytes, value (3|-7), at locks\.c:22 in audit\(\) holding rwlock#1 table to read, taken at locks\.c:21 in audit\(\)" \
			"$compiler $level: and the other" cat locks.txt
		check_output "writes memory#1 rate, 8 bytes, value 2\.25, at locks\.c:13 in credit\(\) holding no lock" \
			"$compiler $level: a floating-point value, no lock" cat locks.txt
		check_output "writes memory#1 label, 8 bytes, value not NULL, " \
			"$compiler $level: a pointer's value has no address" cat locks.txt
		check "$compiler $level: JSON has them" json_has_locks
	done
done

cat >local.c <<'END'
#include <pthread.h>
static __thread struct { int calls, tally[4]; } own;
static int *lent;
static pthread_barrier_t begin, end;
static void *owner(void *arg)
{
	own.calls = 1;
	lent = &own.tally[2];
	pthread_barrier_wait(&begin);
	own.tally[2] = 5;
	pthread_barrier_wait(&end);
	return arg;
}
static void *borrower(void *arg)
{
	pthread_barrier_wait(&begin);
	*lent = 6;
	pthread_barrier_wait(&end);
	return arg;
}
int main(void)
{
	pthread_t one, two;
	pthread_barrier_init(&begin, NULL, 2);
	pthread_barrier_init(&end, NULL, 2);
	if (pthread_create(&one, NULL, owner, NULL) || pthread_create(&two, NULL, borrower, NULL))
		return 2;
	pthread_join(one, NULL);
	pthread_join(two, NULL);
	return 0;
}
END
for compiler in gcc clang; do
	command -v $compiler >/dev/null || continue
	for level in -O0 -O2; do
		"$JOSTLE" cc --compiler=$compiler $level -pthread local.c -o local || not_ok "local.c builds"
		check_output 'on own\.tally\[\] \(thread-local\)$' \
			"$compiler $level: a thread-local variable is named" run -- ./local
	done
done

# Where a thread's end is told there is no line: not that of the function before its own.
cat >ended.c <<'END'
#include <pthread.h>
static int unused(void) { return 1; }
static void *body(void *arg) { int here = 1; *(int **)arg = &here; return NULL; }
int main(void)
{
	pthread_t thread;
	int *left;
	if (pthread_create(&thread, NULL, body, &left))
		return 2;
	pthread_join(thread, NULL);
	return *left != unused();
}
END
for compiler in gcc clang; do
	command -v $compiler >/dev/null || continue
	"$JOSTLE" cc --compiler=$compiler -O0 -w -pthread ended.c -o ended || not_ok "ended.c builds"
	check_output '^  T1 body ended$' "$compiler: the end of a thread is at no line" run -- ./ended
done

# silenced STATUS RULE
silenced() {
	echo "$2" >rules
	check_status "$1" "rule $2 ends with $1" run -q --suppressions rules -- ./bank
}
silenced 0 'race:deposit'
silenced 0 'race:^report$'
silenced 0 'race:accounts'
silenced 0 'race:bank.c'
silenced 1 'race:^repor$'
silenced 1 'race:elsewhere'
silenced 0 'race_top:add'
silenced 1 'race_top:deposit'
silenced 0 'called_from_lib:bank'
silenced 1 'called_from_lib:libother.so'
silenced 2 'thread:main'

# The table ends with the race, however long the schedule goes on, and tells once what a thread does
# again and again.
cat >posts.c <<'END'
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
static sem_t done;
static int number;
static void post_all(void)
{
	for (int i = 0; i < 50; i++)
		sem_post(&done);
}
static void *raise_it(void *before)
{
	if (before)
		post_all();
	number++;
	if (!before)
		post_all();
	return NULL;
}
int main(int argc, char **argv)
{
	void *before = argc > 1 ? argv : NULL;
	pthread_t one, two;
	if (sem_init(&done, 0, 0) || pthread_create(&one, NULL, raise_it, before) ||
	    pthread_create(&two, NULL, raise_it, before))
		return 2;
	pthread_join(one, NULL);
	pthread_join(two, NULL);
	return 0;
}
END
"$JOSTLE" cc -O1 -pthread posts.c -o posts
"$JOSTLE" run -n 1 --seed 1 --confirm 0 -- ./posts >after.txt
awk '/step  T/ { shown = 1 } /See it again/ { exit } shown && $1 ~ /^([0-9]+|race)$/' after.txt >rows
check_output '^ +race +(reads|writes) memory#1 number$' "the table ends with the race" tail -n 1 rows
check_output '^2$' "both accesses are in it" grep -c '^ *race ' rows
"$JOSTLE" run -n 1 --seed 1 --strategy sticky --confirm 0 -- ./posts before >before.txt
check_output 'posts .*[0-9][0-9] times' "and before it fifty posts in few rows" \
	grep -A1 'posts' before.txt
check "which are not many rows" test "$(grep -c 'posts' before.txt)" -lt 40

# Each access stands among the steps where its thread made it, be it a step or between two; so do
# the free and the use of memory.
cat >between.c <<'END'
#include <pthread.h>
#include <stdlib.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int *box;
static void sync_now(void) { pthread_mutex_lock(&lock); pthread_mutex_unlock(&lock); }
static void *other(void *arg)
{
	sync_now();
	if (arg)
		free(box);
	else
		box[0]++;
	sync_now();
	return NULL;
}
int main(int argc, char **argv)
{
	pthread_t thread;
	box = calloc(4, sizeof(*box));
	if (pthread_create(&thread, NULL, other, argc > 1 ? argv : NULL))
		return 2;
	sync_now();
	if (argc < 3)
		box[0]++;
	else
		free(box);
	sync_now();
	pthread_join(thread, NULL);
	return 0;
}
END
"$JOSTLE" cc -O1 -pthread between.c -o between
# shellcheck disable=SC2317 # called through check
rows_are_where_they_belong() {
	python3 - "$1" "$2" <<'END'
import json, sys
races = 0
for finding in json.load(open(sys.argv[1]))["findings"]:
    rows = finding["events"]
    about = [i for i, row in enumerate(rows) if row["access"]]
    sides = [s for s in finding["sites"] if s["role"] in ("accesses", "at", "earlier")]
    assert len(about) == 2 and about[-1] == len(rows) - 1, rows
    for i in about:
        row = rows[i]
        assert sum(s["thread"] == row["thread"] and s["line"] == row["line"] and
                   row["what"].startswith(s["operation"]) for s in sides) == 1, (row, sides)
        before = [r for r in rows[:i] if r["thread"] == row["thread"]]
        after = [r for r in rows[i + 1:] if r["thread"] == row["thread"]]
        assert all(r["step"] <= row["step"] for r in rows[:i]) and before
        assert all(r["step"] >= row["step"] for r in rows[i + 1:])
        # After the first pair of lock and unlock, before the second.
        assert sum("unlocks" in r["what"] for r in before) == 1, rows
    assert all("value" in s for s in sides if s["operation"] != "frees" and s["role"] == "accesses")
    races += finding["kind"] == sys.argv[2]
assert races
END
}
# access KIND ARGUMENT...
access() {
	for number in 2 3 4 5 6; do
		run -q --seed $number --confirm 0 --json between.json -- ./between "${@:2}" >/dev/null
		check "$1 $# $number: the accesses are where they belong" \
			rows_are_where_they_belong between.json "$1"
	done
}
access race
access race free
access lifetime free
access lifetime free twice
run --seed 2 -- ./between free twice >twice.txt
check_output ' earlier: frees memory#1 at between\.c:1?[0-9]+ in ' "the first of two frees" cat twice.txt
check_output '^  T[01] [a-z]+ frees memory#1 at between\.c:[0-9]+ in ' "and the second" cat twice.txt

# A line that stands at several places of the code, as of an unrolled loop, is told once; two lines
# are two findings.
cat >unrolled.c <<'END'
#include <pthread.h>
#include <stdlib.h>

static struct entry { int a, b; } *entries;

static void *count(void *unused)
{
	(void)unused;
#ifdef TWO_LINES
	entries[0].a = 1;
	entries[1].a = 1;
#else
#pragma GCC unroll 2
	for (int i = 0; i < 2; i++)
		entries[i].a = 1;
#endif
	return NULL;
}

int main(void)
{
	pthread_t threads[2];

	entries = calloc(2, sizeof(*entries));
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, count, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
END
for twin in ONE_LINE TWO_LINES; do
	"$JOSTLE" cc -O2 -D$twin -pthread unrolled.c -o $twin
	run -q -n 200 --json $twin.json -- ./$twin >$twin.txt
done
check_output '^F2 error: .*; at the lines of F1$' "a line that was unrolled" cat ONE_LINE.txt
check_output '"folded_into": "F1"' "the same for programs" cat ONE_LINE.json
check_output '^F2 error: .*jostle replay' "two lines are two" cat TWO_LINES.txt

# What is not instrumented is named, once, and what is is not.
echo 'int plain(void); int plain(void) { return 1; }' >plain.c
gcc -shared -fPIC plain.c -o libplain.so
"$JOSTLE" cc -shared -fPIC plain.c -o libseen.so
sed 's/int main/int plain(void); int main/; s/report(NULL)/plain(); report(NULL)/' bank.c >user.c
"$JOSTLE" cc -O1 -pthread user.c -o user -L. -lplain -Wl,-rpath,"$work"
"$JOSTLE" cc -O1 -pthread user.c -o seen -L. -lseen -Wl,-rpath,"$work"
check_output 'accesses inside libplain\.so, not built' "an uninstrumented library is named" run -- ./user
check_status 1 "an instrumented one is not" \
	bash -c "'$JOSTLE' run -n 50 -- ./seen | grep -q 'not built with'"
check_output 'not instrumented: libplain\.so' "doctor names it" "$JOSTLE" doctor ./user
check_output 'instrumented by .*(GCC|clang)' "and the compiler" "$JOSTLE" doctor ./user
check_output 'data races are not found' "and a program that is not instrumented" \
	"$JOSTLE" doctor /bin/true
# Beside a fence in line weak orders show nothing, which is said where they are used.
cat >dekker.c <<'END'
#include <pthread.h>
#include <stdatomic.h>

static atomic_int wants[2];

static void *enter(void *other)
{
	const long me = !other;

	atomic_store_explicit(&wants[me], 1, STORE);
	atomic_load_explicit(&wants[!me], LOAD);
	return NULL;
}

int main(void)
{
	pthread_t thread;

	__asm__ volatile("mfence" ::: "memory");
	pthread_create(&thread, NULL, enter, NULL);
	enter(&thread);
	return pthread_join(thread, NULL);
}
END
"$JOSTLE" cc -pthread -DSTORE=memory_order_release -DLOAD=memory_order_acquire dekker.c -o weak
"$JOSTLE" cc -pthread -DSTORE=memory_order_seq_cst -DLOAD=memory_order_seq_cst dekker.c -o strong
check_output 'weak memory orders: ' "weak orders are named" run -n 50 -- ./weak
run -n 50 -- ./strong >strong.txt
check_output '^50 schedules' "where all are sequentially consistent" cat strong.txt
check_status 1 "nothing is said of them" grep -q 'weak memory' strong.txt
# Who looks alone for long, and gives up, is not said to look for ever.
cat >patient.c <<'END'
#include <pthread.h>
#include <stdatomic.h>

static atomic_int never;

static void *nothing(void *argument)
{
	return argument;
}

int main(void)
{
	pthread_t thread;
	int rounds = 0;

	pthread_create(&thread, NULL, nothing, NULL);
	pthread_join(thread, NULL);
	while (rounds < 8000000 && !atomic_load(&never))
		rounds++;
	return rounds != 8000000;
}
END
"$JOSTLE" cc -O1 -pthread patient.c -o patient
check_status 0 "eight million looks of the last thread are none too many" run -n 2 -- ./patient
check_output 'level instrumented' "the level is told" run -- ./bank
check_output 'level controlled' "and the lower one, when asked for" run --level controlled -- ./bank
check_status 0 "where the race is not seen" run -q --level controlled -- ./bank
check_status 3 "a program that is not instrumented has no such level" \
	run --level instrumented -- /bin/true

finish
