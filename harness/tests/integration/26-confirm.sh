#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Confirmation: each race is steered at, in both orders, and the report says what each led to, with
# a failure file that shows just that. A race whose accesses never meet is not called confirmed.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
run() {
	"$JOSTLE" run -n 500 -j 1 --out out --json out.json "$@"
}
# of FINDING-NUMBER JQ-LIKE-PATH: a value of the last run's JSON
of() {
	python3 - "$@" <<'END'
import json, sys
finding = json.load(open("out.json"))["findings"][int(sys.argv[1])]
print(eval(sys.argv[2], {"f": finding, "c": finding["confirmation"], "len": len, "sorted": sorted}))
END
}

cat >publish.c <<'END'
#include <assert.h>
#include <pthread.h>
static int ready, data;
static void *publish(void *arg)
{
	ready = 1;
	data = 7;
	return arg;
}
int main(void)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, publish, NULL))
		return 2;
	if (ready)
		assert(data == 7);
	pthread_join(thread, NULL);
	return 0;
}
END
check "a program that publishes too early builds" "$JOSTLE" cc -O1 -pthread publish.c -o publish
check_status 1 "its races are found" run -- ./publish
for index in 0 1; do
	check_output '^race confirmed$' "race $index is confirmed" of $index 'f["kind"] + " " + c["status"]'
	check_output '^2$' "in both orders" of $index 'len([o for o in c["orders"] if o["met"] > 0])'
done
# The assertion needs the read of data before its write, whichever race is looked at.
data=$(of 0 'f["title"]' | grep -c ' on data$')
data=$((1 - data))
led='sorted(set((o["first"]["line"], r["kind"]) for o in c["orders"] for r in o["led_to"]), key=str)'
check_output "^\[\(16, 'assert'\), \(7, None\)\]$" \
	"reading data first fails the assertion, writing it first comes to nothing" of $data "$led"
check_output "^\[\(15, None\), \(6, 'assert'\), \(6, None\)\]$" \
	"ready is read too late to see it, or the other order may fail" of $((1 - data)) "$led"
# Each result has a file that shows the very same.
for index in 0 1; do
	while read -r kind file; do
		check_status 1 "$(basename "$file" .json) replays" "$JOSTLE" replay "$file"
		[ "$kind" = None ] && kind=race
		check_output "^${file##*/}.*$kind: |^F[0-9][a-z]  $kind" "and is a $kind" \
			"$JOSTLE" replay "$file"
		check_output 'bit for bit' "exactly" "$JOSTLE" replay "$file"
	done < <(of $index '"\n".join(str(r["kind"]) + " " + r["file"] for o in c["orders"] for r in o["led_to"])')
done
check_output 'Confirmed: in [0-9]+ of [0-9]+ steered schedules' "the report says so" \
	cat <("$JOSTLE" run -n 500 --out out -- ./publish)
cp out.json one.json
run -- ./publish >/dev/null 2>&1
check "the same seed gives the same confirmation" python3 -c '
import json
one, two = json.load(open("one.json")), json.load(open("out.json"))
assert [f["confirmation"] for f in one["findings"]] == [f["confirmation"] for f in two["findings"]]
assert one["findings"][0]["confirmation"]'
run --confirm 0 -- ./publish >text 2>&1
check_output '^None$' "--confirm 0 steers at nothing" of 0 'c'
check "and says nothing of it" bash -c '! grep -q -i confirmed text'

# Only the confirmation meets this one: six hundred steps lie before the late access.
cat >rare.c <<'END'
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int *box;
static void *take(void *arg)
{
	int *mine = box;
	box = NULL;
	if (mine)
		*mine = 1;
	return arg;
}
__attribute__((noinline)) static void use(void) { *box = 2; }
int main(void)
{
	pthread_t thread;
	box = malloc(sizeof(*box));
	if (!box || pthread_create(&thread, NULL, take, NULL))
		return 2;
	for (int i = 0; i < 300; i++) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
	}
	if (box)
		use();
	pthread_join(thread, NULL);
	return 0;
}
END
check "a program with a late access builds" "$JOSTLE" cc -O1 -pthread rare.c -o rare
"$JOSTLE" run -n 40 -j 1 --strategy sticky --confirm 0 --json plain.json -- ./rare >/dev/null 2>&1
"$JOSTLE" run -n 40 -j 1 --strategy sticky --json out.json -- ./rare >text 2>&1
check "steering finds the crash that 40 schedules do not" python3 -c '
import json
kinds = lambda name: [f["kind"] for f in json.load(open(name))["findings"]]
assert "crash" not in kinds("plain.json"), kinds("plain.json")
assert "crash" in kinds("out.json"), kinds("out.json")'
check_output 'shown while a race was confirmed, in [0-9]+ of [0-9]+ steered' \
	"and says where it comes from" cat text

# Ordered by an instruction that nobody sees, in one direction or by a lock.
cat >unseen.c <<'END'
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
static int shared, flag, wants[2], turn;
static void set(int *word, int value)
{
	__asm__ volatile("movl %1, %0" : "=m"(*word) : "r"(value) : "memory");
}
static int get(int *word)
{
	int value;
	__asm__ volatile("movl %1, %0" : "=r"(value) : "m"(*word) : "memory");
	return value;
}
static void *write_then_flag(void *arg)
{
	shared = 1;
	set(&flag, 1);
	return arg;
}
static void *locked(void *arg) /* Peterson, Myths about the mutual exclusion problem, 1981 */
{
	const int me = arg != NULL;

	set(&wants[me], 1);
	set(&turn, !me);
	while (get(&wants[!me]) && get(&turn) != me)
		sched_yield();
	shared++;
	set(&wants[me], 0);
	return arg;
}
int main(int argc, char **argv)
{
	pthread_t one, two;
	(void)argv;
	if (argc == 1) {
		if (pthread_create(&one, NULL, write_then_flag, NULL))
			return 2;
		while (!get(&flag))
			sched_yield();
		shared++;
		pthread_join(one, NULL);
		return 0;
	}
	if (pthread_create(&one, NULL, locked, NULL) || pthread_create(&two, NULL, locked, &shared))
		return 2;
	pthread_join(one, NULL);
	pthread_join(two, NULL);
	return 0;
}
END
check "a program that orders by unseen instructions builds" \
	"$JOSTLE" cc -O1 -pthread unseen.c -o unseen
run -- ./unseen >/dev/null 2>&1
check_output '^unconfirmed$' "accesses that come in one order only are unconfirmed" of 0 'c["status"]'
run -- ./unseen lock >/dev/null 2>&1
check_output '^reversed$' "those that exclude each other are reversed" of 0 'c["status"]'
check_output '^error$' "and still errors where all code is instrumented" of 0 'f["severity"]'

# Where the instruction is in an object that is not instrumented, that is no proof.
cat >hidden.c <<'END'
static int flag;
void hidden_set(void) { __atomic_store_n(&flag, 1, __ATOMIC_RELEASE); }
int hidden_get(void) { return __atomic_load_n(&flag, __ATOMIC_ACQUIRE); }
END
cat >uses.c <<'END'
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
void hidden_set(void);
int hidden_get(void);
static int shared, other;
static void *first(void *arg)
{
	other = 1;
	shared = 1;
	hidden_set();
	return arg;
}
int main(int argc, char **argv)
{
	pthread_t one;
	(void)argv;
	if (pthread_create(&one, NULL, first, NULL))
		return 2;
	if (argc > 1)
		other = 2;
	while (!hidden_get())
		sched_yield();
	shared++;
	pthread_join(one, NULL);
	return shared + other > 9;
}
END
check "a library without instrumentation builds" \
	cc -O1 -shared -fPIC hidden.c -o libhidden.so
check "and a program that uses it" "$JOSTLE" cc -O1 -pthread uses.c -o uses -L. -lhidden -Wl,-rpath,.
check_status 0 "what it orders is a warning" run -- ./uses
check_output '^warning libhidden\.so$' "that names the library" of 0 'f["severity"] + " " + c["doubt"]'
check_status 0 "and does not end a search for the first error" run -1 -- ./uses
check_output '^500$' "which goes on" python3 -c 'import json
print(json.load(open("out.json"))["schedules"])'
check_status 0 "so it is when nobody steers at it" run --confirm 0 -- ./uses
check_output '^warning libhidden\.so 0$' "with the same reason" \
	of 0 'f["severity"] + " " + c["doubt"] + " " + str(len(c["orders"]))'
check_output 'Not steered at' "and said to be untried" \
	"$JOSTLE" run -n 64 --confirm 0 --out "$work/untried" -- ./uses
check_status 1 "what is seen to meet is an error all the same" run -- ./uses meet
check_output '^error None$' "without a doubt" of 0 'f["severity"] + " " + str(c["doubt"])'

# What does not show again and ends no schedule says nothing of the other schedules.
cat >races_once.c <<'END'
#include <fcntl.h>
#include <pthread.h>
static int shared[4], first;
static void *races(void *unused)
{
	if (first)
		for (int i = 0; i < 4; i++)
			shared[i]++;
	return unused;
}
int main(int argc, char **argv)
{
	pthread_t thread;
	first = argc > 1 && open(argv[1], O_CREAT | O_EXCL | O_WRONLY, 0600) >= 0;
	if (pthread_create(&thread, 0, races, 0))
		return 2;
	races(0);
	return pthread_join(thread, 0);
}
END
check "a program that races in its first run alone builds" \
	"$JOSTLE" cc -O0 -pthread races_once.c -o races_once
check_status 0 "a run without races is a run" \
	"$JOSTLE" run -n 2 -j 1 --reset exec --verify-every 0 --out out -- ./races_once "$work/once"
finish
