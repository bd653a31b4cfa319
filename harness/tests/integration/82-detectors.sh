#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# jostle test --under: a sample of the catalogue below none, Helgrind, DRD and TSan in one table;
# a difference without a reason fails; the reasons stand in cases/README.md.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit

if ! command -v valgrind >/dev/null; then
	skip "the catalogue below other detectors" "no valgrind here"
	finish
fi

# Seven cases: found by all, by those that look for its kind, by none; accused by each of the three.
sample=(race/unlocked_reader/broken race/unlocked_reader/fixed deadlock/self/broken
	clean/handed_over_atomics/release_acquire clean/handed_over_message/socket_message
	clean/once/c11 misuse/sem_overflow/fixed)
timeout 300 "$JOSTLE" test --under none,helgrind,drd,tsan --under-runs 1 --schedules 500 --json sample.json \
	--junit sample.xml --tap sample.tap --table sample.md "${sample[@]}" >sample.txt 2>&1
check_output '^0$' "a sample whose differences all have reasons is green" echo $?
cell() { # CASE COLUMN
	awk -F' *[|] *' -v id="$1" -v column="$2" '$2 == id { print $(column + 2) }' sample.md
}
while read -r id column expected <&3; do
	check_output "^$expected\$" "$id, column $column: $expected" cell "$id" "$column"
done 3<<'END'
race/unlocked_reader/broken 2 ok
race/unlocked_reader/broken 4 ok
race/unlocked_reader/broken 6 ok
race/unlocked_reader/fixed 5 ok
deadlock/self/broken 3 ok
clean/handed_over_atomics/release_acquire 4 race a
clean/handed_over_atomics/release_acquire 6 ok
clean/handed_over_message/socket_message 4 race m
clean/handed_over_message/socket_message 6 ok
clean/once/c11 6 race c
misuse/sem_overflow/fixed 3 ok
END
# What TSan says of fences depends on whether the reader comes second.
check_output '^  fences .* race f$' "clean/handed_over_atomics/fences is a race for TSan" \
	timeout 300 "$JOSTLE" test --under tsan --under-runs 30 --schedules 500 \
	clean/handed_over_atomics/fences
check_output '^0$' "the table has 80 columns at most" \
	awk 'length > 80 { n++ } END { print n + 0 }' sample.txt
check_output '^jostle +found 2 of 2 broken variants, accused 0 of 5' "and sums" cat sample.txt
check_output '^  a  C11 atomics: [1-9]' "and the letters" cat sample.txt

check "the JSON keeps to its schema" python3 -c '
import json, jsonschema, sys
schema, text = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.Draft7Validator(schema).validate(text)' \
	"$SRC/tools/report/schema/test.schema.json" sample.json
check_output '^0 differs c race' "and has each cell" python3 -c 'import json
r = json.load(open("sample.json"))
c = [c for c in r["cases"] if c["id"] == "clean/once/c11"][0]["under"]["tsan"]
print(r["unexplained"], c["verdict"], c["marks"], c["kind"])'
check "JUnit keeps to its schema" xmllint --noout --schema \
	"$SRC/tools/report/schema/junit.xsd" sample.xml
check_output 'name="clean/once/c11 under tsan"' "each cell is a test of JUnit" \
	cat sample.xml
check_output '^ok [0-9]+ - clean/once/c11 under tsan # skip calls that the detector does not know$' \
	"and of TAP, skipped with its reason" cat sample.tap
check_output '^0$' "each reason stands in cases/README.md, in the same words" python3 -c '
import json, re
words = lambda text: re.sub(r"\s+", " ", text)
readme = words(open("'"$SRC"'/cases/README.md").read())
missing = [c["mark"] for c in json.load(open("sample.json"))["classes"]
	if words("- **%s**, %s: %s" % (c["mark"], c["title"], c["text"])) not in readme]
print(len(missing), *missing)'

# A report that no class covers: the case keeps silent about its atomics.
cat >untold.c <<'END'
#include "jostle.h"
#include <stdatomic.h>
struct jostle_state {
	int data;
	atomic_int ready;
};
static void give(struct jostle_state *s)
{
	s->data = 1;
	atomic_store(&s->ready, 1);
}
static void take(struct jostle_state *s)
{
	while (!atomic_load(&s->ready))
		sched_yield();
	s->data++;
}
JOSTLE_CASE(one) = { .title = "t", .tags = TAGS, .why = "w", .ref = "r", .expect = JOSTLE_PASS,
		     .threads = { { "give", give }, { "take", take } } };
END
for tags in clean atomic; do
	gcc -g -O1 -pthread -DTAGS="\"$tags\"" -I"$SRC/harness/include" -o $tags untold.c \
		-D_GNU_SOURCE -include sched.h "$SRC"/cases/runner/*.c -ldl
	JOSTLE_CASES=$PWD/$tags timeout 100 "$JOSTLE" test --under helgrind --under-runs 1 -n 100 \
		>$tags.txt 2>&1
	echo $? >>$tags.txt
done
check_output '^  one +pass +ok +race \?$' "what no class covers is marked" cat clean.txt
check_output 'unexplained$' "named unexplained" cat clean.txt
check_output '^1$' "and fails" cat clean.txt
check_output '^  one +pass +ok +race a$' "what one covers has its letter" cat atomic.txt
check_output '^0$' "and is no failure" cat atomic.txt

check_output "bad value|no such|'nonsense'" "an unknown detector is refused" \
	"$JOSTLE" test --under nonsense race/counter
check_status 2 "with 2" "$JOSTLE" test --under nonsense race/counter
check_status 2 "--table needs --under" "$JOSTLE" test --table t.md race/counter
check_status 2 "and so does --under-runs" "$JOSTLE" test --under-runs 2 race/counter
cp "$BUILD/cases/jostle-cases" alone
check_output 'jostle-cases-tsan.*not built' "without the TSan build it says what to do" \
	env "JOSTLE_CASES=$PWD/alone" "$JOSTLE" test --under tsan race/counter
check_output '^0$' "nothing is left behind" bash -c "pgrep -c -f '$work/(clean|atomic) '"
finish
