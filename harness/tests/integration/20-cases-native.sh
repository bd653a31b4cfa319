#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The catalogue without jostle: it is complete, its declarations are, the runner judges what goes
# wrong natively, and each fixed variant passes 20 native runs. Whether the broken ones are found
# is `jostle test`'s to say.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

runs=20
catalogue=$BUILD/cases/jostle-cases
cd "$work" || exit

if [ ! -x "$catalogue" ]; then
	not_ok "the catalogue is built" "no $catalogue"
	finish
fi

# ---- the catalogue -----------------------------------------------------------------------------

check "no declaration lacks anything" "$catalogue" --check
check "the catalogue can be listed" "$catalogue" --list
cp .out list
awk '{ print $1 }' list >ids

(cd "$SRC/cases" && find . -mindepth 2 -name '*.c' ! -path './runner/*') |
	sed 's|^\./||; s|\.c$||' | LC_ALL=C sort >files
sed 's|/[^/]*$||' ids | uniq >files.listed
check_same "every file is in it, in order" files files.listed
LC_ALL=C sort -u ids >ids.unique
LC_ALL=C sort ids >ids.sorted
check_same "no id is taken twice" ids.sorted ids.unique

check "its JSON can be had" "$catalogue" --list --json
cp .out list.json
cd / || exit
tap_run "$catalogue" --list --json
cd "$work" || exit
check_same "from any folder, marks included" list.json .out
sed -n 's/^      "id": "\(.*\)",$/\1/p' list.json >ids.json
check_same "the JSON names the same cases" ids ids.json
if command -v python3 >/dev/null; then
	check "it is JSON" python3 -m json.tool list.json
else
	skip "it is JSON" "no python3 here"
fi

while read -r file; do
	"$BUILD/cases/$file" --list
done <files >list.programs 2>&1
check_same "each file is a program of its own, which lists its variants" list list.programs

"$SRC/cases/index" "$catalogue" >README.md
check_same "the index in cases/README.md is up to date" "$SRC/cases/README.md" README.md

# ---- what the runner says of what goes wrong ---------------------------------------------------

# build OUT FILE...: a program of case files, as jostle_add_catalogue() would make it.
build() {
	local out=$1
	shift
	cc -g -Wall -Wextra -Werror -I"$SRC/harness/include" -pthread -o "$out" "$@" \
		"$SRC"/cases/runner/*.c
}

mkdir -p cases/wrong
cat >cases/wrong/runs.c <<'END'
#include "jostle.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
struct jostle_state { int n; };
static int wrong(struct jostle_state *s) { return s->n; }
static int refuse(struct jostle_state *s) { s->n = 1; return ENOMEM; }
static void observe(struct jostle_state *s, char *text, size_t size)
{
	memcpy(text, s->n ? "n" : "0", size > 2 ? 2 : 0);
}
static void nothing(struct jostle_state *s) { (void)s; }
static void end_badly(struct jostle_state *s) { (void)s; _exit(3); }
static void count(struct jostle_state *s) { s->n++; }
static void stuck(struct jostle_state *s) { for (;;) pause(); (void)s; }
#define WORDS .title = "t", .tags = "t", .why = "w", .ref = "r"
JOSTLE_CASE(good) = { WORDS, .expect = JOSTLE_PASS, .body = nothing, .observe = observe,
	.outcomes = { { "0", JOSTLE_ALLOWED, "" } } };
JOSTLE_CASE(forbidden) = { WORDS, .expect = JOSTLE_OUTCOME, .body = count, .observe = observe,
	.outcomes = { { "n", JOSTLE_FORBIDDEN, "because" } } };
JOSTLE_CASE(unlisted) = { WORDS, .expect = JOSTLE_OUTCOME, .body = count, .observe = observe,
	.outcomes = { { "0", JOSTLE_ALLOWED, "" } } };
JOSTLE_CASE(invariant) = { WORDS, .expect = JOSTLE_INVARIANT, .body = nothing, .invariant = wrong };
JOSTLE_CASE(always) = { WORDS, .expect = JOSTLE_INVARIANT, .body = nothing, .always = wrong };
JOSTLE_CASE(hangs) = { WORDS, .expect = JOSTLE_HANG, .threads = { { "stuck", stuck } } };
JOSTLE_CASE(refused) = { WORDS, .expect = JOSTLE_PASS, .body = nothing, .setup = refuse };
JOSTLE_CASE(child) = { WORDS, .expect = JOSTLE_EXIT, .processes = { { "child", end_badly } } };
JOSTLE_CASE(shared) = { WORDS, .expect = JOSTLE_PASS, .processes = { { "child", count } },
	.observe = observe, .outcomes = { { "n", JOSTLE_ALLOWED, "" } } };
END
check "a case can be built outside the tree" build runs cases/wrong/runs.c
check "a good one passes" ./runs good
check_status 1 "a forbidden outcome is a failure" ./runs forbidden
check_output 'forbidden outcome n: because' "and says why" ./runs forbidden
check_status 1 "an outcome that was not declared is a failure" ./runs unlisted
check_status 1 "an invariant that does not hold at the end is a failure" ./runs invariant
check_status 1 "so is one that must always hold" ./runs always
check_status 1 "what does not end is a failure" ./runs --timeout 1 hangs
check_output 'not finished after 1 s' "and says so" ./runs --timeout 1 hangs
check_status 2 "a failed setup is exit 2" ./runs refused
check_status 1 "a child that ends badly is a failure" ./runs child
check "children share the state" ./runs shared
check_status 2 "an unknown variant is exit 2" ./runs nonsense
check_status 2 "an unknown id is exit 2" "$catalogue" --run tutorial/nonsense/broken
check_status 2 "the catalogue needs to know which" "$catalogue"
check_status 2 "JSON is a form of the list" ./runs --json
check_status 2 "a time-out must be a number" ./runs --timeout soon good

cat >cases/wrong/words.c <<'END'
#include "jostle.h"
struct jostle_state { int n; };
static void nothing(struct jostle_state *s) { s->n = 0; /* DEADLOK: a misspelt mark */ }
static int holds(struct jostle_state *s) { return s->n == 0; }
JOSTLE_CASE(silent) = { .body = 0 };
JOSTLE_CASE(both) = { .title = "t", .tags = "t", .why = "w", .ref = "r", .expect = JOSTLE_DEADLOCK,
	.body = nothing, .threads = { { 0, nothing } }, .outcomes = { { "0", JOSTLE_ALLOWED, "" } } };
JOSTLE_CASE(twice) = { .title = "t", .tags = "t", .why = "w", .ref = "r", .expect = JOSTLE_ASSERT,
	.also = JOSTLE_ALSO(JOSTLE_ASSERT), .body = nothing };
JOSTLE_CASE(quiet) = { .title = "t", .tags = "t", .why = "w", .ref = "r",
	.expect = JOSTLE_INVARIANT, .body = nothing, .invariant = holds };
END
build words cases/wrong/words.c
check_status 1 "--check complains" ./words --check
cp .out complaints
for complaint in 'silent: says no \.expect' 'silent: says no \.title' 'silent: says no \.tags' \
	'silent: says no \.why' 'silent: says no \.ref' 'silent: needs exactly one' \
	'both: needs exactly one' 'both: a deadlock says its \.cause' 'both: a thread lacks its name' \
	'both: \.observe and \.outcomes' 'quiet: a comment in capitals is no known mark' \
	'twice: \.also repeats' 'quiet: no mark says where' 'quiet: no fixed variant'; do
	check_output "$complaint" "--check: ${complaint//\\/}" cat complaints
done

# ---- the hooks ---------------------------------------------------------------------------------

cat >hooks.c <<'END'
#include "jostle.h"
#include <stdio.h>
static void outcome(const char *text, int grade, const char *why)
{
	printf("outcome %s %d %s\n", text, grade, why);
}
static int (*asked)(void *);
static void *asked_of;
static void invariant(const char *name, int (*fn)(void *), void *arg, void *guard)
{
	asked = fn;
	asked_of = arg;
	printf("invariant %s %d %s\n", name, fn(arg), guard ? "guarded" : "free");
}
static void always(const char *name, int (*fn)(void *), void *arg)
{
	printf("always %s %d\n", name, fn(arg));
}
static void fail(int kind, const char *message, const char *file, int line)
{
	printf("fail %d %s %s %d\n", kind, message, file, line > 0);
}
static const struct jostle_hooks hooks = { 1, JOSTLE_LEVEL_CONTROLLED, outcome, invariant, always,
	fail };
const struct jostle_hooks *jostle_hooks_v1(void);
const struct jostle_hooks *jostle_hooks_v1(void) { return &hooks; }
__attribute__((destructor)) static void at_exit(void)
{
	if (asked)
		printf("afterwards %d\n", asked(asked_of));
}
END
check "a stand-in for the engine can be built" \
	cc -shared -fPIC -I"$SRC/harness/include" -o hooks.so hooks.c
# shellcheck disable=SC2317 # called through check
hooked() {
	LD_PRELOAD=./hooks.so ./runs "$1"
}
check "with hooks, a forbidden outcome is the engine's to judge" hooked forbidden
check_output '^outcome n 2 because$' "and is handed over with its grade" hooked forbidden
check_output '^outcome n 2 the case declares no such' "an undeclared one as well" hooked unlisted
check_output '^invariant wrong/runs/invariant 0 free$' "an invariant is handed over" \
	hooked invariant
check_output '^fail 13 the invariant .* cases/wrong/runs.c 1$' "checked at the end" hooked invariant
check_output '^afterwards 1$' "and forgotten after the run" hooked invariant
check_output '^always wrong/runs/always 0$' "what must always hold is handed over" hooked always

# ---- the header --------------------------------------------------------------------------------

echo '#include "jostle.h"' >alone.c
cp alone.c alone.cc
check "the header compiles alone as C99" cc -std=c99 -Wall -Wextra -Wpedantic -Wshadow -Werror \
	-I"$SRC/harness/include" -c alone.c -o alone.o
cat >case.cc <<'END'
#include "jostle.h"
struct jostle_state { int n; };
static void nothing(struct jostle_state *s) { s->n = 0; }
JOSTLE_CASE(plain) = { .title = "t", .tags = "t", .why = "w", .ref = "r", .expect = JOSTLE_PASS,
	.body = nothing };
END
if command -v c++ >/dev/null; then
	check "and as C++17" c++ -std=c++17 -Wall -Wextra -Werror -I"$SRC/harness/include" \
		-c alone.cc -o alone.o
	check "a case can be written in C++20" c++ -std=c++20 -Wall -Wextra -Werror \
		-Wno-missing-field-initializers -I"$SRC/harness/include" -c case.cc -o case.o
	for object in "$SRC"/cases/runner/*.c; do
		cc -I"$SRC/harness/include" -c "$object"
	done
	check "and linked to the runner" c++ -o plain case.o main.o catalogue.o check.o list.o \
		marks.o run.o verdict.o -pthread
	check_output '^case/plain ' "which lists it" ./plain --list
else
	for what in "and as C++17" "a case can be written in C++20" "and linked to the runner" \
		"which lists it"; do
		skip "$what" "no C++ compiler here"
	done
fi

# ---- the fixed variants ------------------------------------------------------------------------

# shellcheck disable=SC2317 # called through check
passes_every_time() {
	for ((run = 1; run <= runs; run++)); do
		if ! "$catalogue" --run "$1" >run.out 2>&1; then
			echo "run $run:"
			cat run.out
			return 1
		fi
	done
}

awk '$2 == "pass" { print $1 }' list >fixed
while read -r id; do
	check "$id passes $runs native runs" passes_every_time "$id"
done <fixed

finish
