#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# --level perturbed: programs of meta/ on real threads. Each broken one is found by its kind and
# cause, its repaired twin stays quiet; what is merely slow is no hang; failure files replay k of n.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit

build() {
	gcc -std=gnu11 -g -O1 -pthread -DFIXED="$2" -I"$SRC/harness/include" \
		"$SRC/harness/tests/meta/$1.c" -o "$1.$2" -ldl
}

perturbed() {
	timeout 60 "$JOSTLE" run --level perturbed --seed 1 --out out "$@"
}

# "kind cause" of each finding of run.json.
found() {
	python3 -c 'import json
for f in json.load(open("run.json"))["findings"]: print(f["kind"], f["cause"] or "-")'
}

# The budget is many times what is needed: a broken one stops at the first.
while read -r program expected <&3; do
	build "$program" 0 && build "$program" 1
	perturbed -q -n 600 --until-first --json run.json -- "./$program.0" >.out 2>&1 </dev/null
	status=$?
	if [ $status = 1 ] && [ "$(found)" = "$expected" ]; then
		ok "$program is found as $expected"
	else
		not_ok "$program is found as $expected" "exit status $status, found: $(found)"
	fi
	check "and its repaired twin is quiet" perturbed -q -n 40 -- "./$program.1"
done 3<<'END'
lock_cycle_two deadlock lock-cycle
self_mutex deadlock self
join_cycle deadlock join-cycle
owner_exited deadlock owner-exited
lost_wakeup deadlock lost-wakeup
upgrade_two deadlock upgrade
upgrade_one deadlock upgrade
semaphore deadlock semaphore
failed_assert assert -
invariant invariant -
outcome outcome forbidden
exit_status exit exit-status
segfault crash signal
END

gcc -std=gnu11 -g -O1 -pthread "$SRC/harness/tests/programs/slow.c" -o slow
for what in sleeps computes waits; do
	check "a program that $what for long is not called a hang" \
		perturbed -q -n 3 --hang-timeout 100ms -- ./slow $what
done
perturbed -q -n 1 --hang-timeout 100ms --json run.json -- ./slow never >.out 2>&1
check_output '^hang no-progress$' "one that naps for ever while main waits is, at the limit" found

for what in floods escapes; do
	check_status 1 "one that $what is ended at its limit" \
		perturbed -q -n 1 --hang-timeout 100ms -- ./slow $what
done

build lock_cycle_two 0
perturbed -q -n 600 --until-first --json run.json -- ./lock_cycle_two.0 >.out 2>&1
check_output '^perturbed [0-9]+ of 10$' "the JSON says the level and k of n" python3 -c '
import json; r = json.load(open("run.json")); print(r["level"], r["findings"][0]["replay"])'
check_output 'shows again in [1-9][0-9]* of [0-9]+ replays' \
	"its failure file is run again n times, and shows" timeout 60 "$JOSTLE" replay --out out F1
check_status 1 "with exit status 1" timeout 60 "$JOSTLE" replay --out out F1
cp lock_cycle_two.1 lock_cycle_two.0
check_output 'does not show again in 10 re-runs' "and not in the repaired program" \
	timeout 60 "$JOSTLE" replay --out out F1
gcc -std=gnu11 -g -O1 -pthread -I"$SRC/harness/include" "$SRC/harness/tests/programs/turns.c" \
	-o turns -ldl
perturbed -q -n 600 --until-first -- ./turns >.out 2>&1
check_output 'shows again in [1-9][0-9]* of [0-9]+ replays' \
	"120 locks are taken in the same order again" timeout 60 "$JOSTLE" replay --out out F1

check_status 2 "gdb cannot stop there" "$JOSTLE" replay --gdb --out out F1

check_status 2 "--reset needs control" perturbed --reset fork -- ./slow sleeps
check_status 2 "a strategy that there is not" perturbed --strategy pos -- ./slow sleeps
check_status 3 "a program without threads is not called clean" perturbed -n 3 -- /bin/true
perturbed -q -n 8 -j 1 --json run.json -- ./self_mutex.0 >.out 2>&1 </dev/null
cp run.json one.json
perturbed -q -n 8 -j 2 --json run.json -- ./self_mutex.0 >.out 2>&1 </dev/null
check_output '^True 8$' "-j changes nothing but the pace" python3 -c '
import json; a, b = (json.load(open(n)) for n in ("one.json", "run.json"))
same = [[f[k] for k in ("kind", "cause", "title", "count")] for f in a["findings"]] == \
	[[f[k] for k in ("kind", "cause", "title", "count")] for f in b["findings"]]
print(same, b["findings"][0]["count"])'
# The catalogue on real threads: a variant that shows in each run, and one whose kind is not looked
# for and leads to nothing.
catalogue() {
	timeout 100 "$JOSTLE" test --level perturbed "$@"
}
check_output '^ok +deadlock/self/broken +deadlock: self' "a case shows on real threads" \
	catalogue 'deadlock/self/*'
check_output '^ok +deadlock/self/fixed +silent +40$' "its repaired variant is silent" \
	catalogue 'deadlock/self/*'
catalogue -n 4 --json cases.json --junit cases.xml misuse/double_destroy >cases.txt 2>&1
check_output '^0$' "what is not seen is no failure" echo $?
check_output '^miss +misuse/double_destroy/broken +not seen +4$' "and is told" cat cases.txt
check_output 'does not look for misuse' "with the reason" cat cases.txt
check_output '^1 passed, 0 failed, .* 1 not seen$' "and counted" cat cases.txt
check_output '^not seen perturbed 1$' "the JSON has it" python3 -c 'import json
r = json.load(open("cases.json")); c = r["cases"][0]
print(c["verdict"], c["levels"], r["not_seen"])'
check_output '<skipped message=".*does not look for misuse' "JUnit has it as skipped" cat cases.xml
check_output '^ok 1 - misuse/double_destroy/broken # skip .*does not look for misuse' "TAP, too" \
	catalogue -n 4 --tap - misuse/double_destroy
check_status 2 "what needs control is refused there, too" catalogue --reset fork misuse

cat >wrong.c <<'END'
#include "jostle.h"
struct jostle_state {
	pthread_mutex_t lock;
};
static void twice(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	pthread_mutex_lock(&s->lock);
}
#define WRONG(name, kind, ...)                                                          \
	JOSTLE_CASE(name) = { .title = "t", .tags = "mutex", .why = "w", .ref = "r", \
			      .expect = kind, .threads = { { "one", twice } }, __VA_ARGS__ }
WRONG(as_pass, JOSTLE_PASS);
WRONG(as_misuse, JOSTLE_MISUSE);
WRONG(as_assert, JOSTLE_ASSERT);
WRONG(as_cycle, JOSTLE_DEADLOCK, .cause = "lock-cycle");
WRONG(as_self, JOSTLE_DEADLOCK, .cause = "self");
END
gcc -g -O1 -pthread -I"$SRC/harness/include" -o wrong wrong.c "$SRC"/cases/runner/*.c -ldl
JOSTLE_CASES=$PWD/wrong catalogue -n 2 >wrong.txt 2>&1
check_output '^1$' "a catalogue that declares something else fails" echo $?
for row in 'FAIL wrong/as_pass' 'FAIL wrong/as_assert' 'FAIL wrong/as_cycle' 'ok +wrong/as_self' \
	'ok +wrong/as_misuse'; do
	check_output "^$row +deadlock: self" "the verdict is: $row" cat wrong.txt
done
check_output 'the cause is self instead of lock-cycle' "and says why" cat wrong.txt
check "nothing is left behind" \
	test -z "$(running slow)$(running lock_cycle_two.)$(running self_mutex.0)"
finish
