#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The formats that other programs read keep to their schemas, whatever the program under test is
# called and writes: JSON and failure files by jsonschema, JUnit by xmllint, TAP by prove.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

schema=$SRC/tools/report/schema
cd "$work" || exit
# valid SCHEMA FILE: says what is wrong with it.
valid() {
	python3 - "$schema/$1.schema.json" "$2" <<'END'
import json, jsonschema, sys
schema, text = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.Draft7Validator.check_schema(schema)
# A schema may refer to another one in its folder.
resolver = jsonschema.RefResolver(f"file://{sys.argv[1]}", schema)
jsonschema.Draft7Validator(schema, resolver=resolver).validate(text)
END
}
junit() {
	xmllint --noout --huge --schema "$schema/junit.xsd" "$1"
}
# Some versions of prove do not know version 14, whose tests and YAML blocks are those of 13.
proved() {
	sed '1s/^TAP version 14$/TAP version 13/' "$1" >"$1.13"
	LC_ALL=C prove -e cat "$1.13"
}
# formats NAME WHAT COMMAND ARGUMENTS...: all formats of one jostle command, each checked.
formats() {
	local name=$1 what=$2 command=$3
	shift 3
	"$JOSTLE" "$command" -q --json "$name.json" --junit "$name.xml" --tap "$name.tap" "$@" \
		>"$name.txt" 2>&1 </dev/null
	check "JUnit keeps to its schema: $what" junit "$name.xml"
	check_status 1 "prove finds no fault but the failures: $what" \
		grep -E 'Parse error|Bail|Dubious|No subtests' <(proved "$name.tap" 2>&1)
}

gcc -g -O1 -pthread "$SRC/ci/programs/transfer.c" -o transfer
formats run "a deadlock" run -n 100 --out out -- "$work/transfer"
check "JSON keeps to its schema" valid run run.json
check "and a failure file" valid failure out/F1.json
check_output '^Result: FAIL' "prove is red" proved run.tap
check_output '1/[0-9]+ subtests' "by one test" proved run.tap
check_output '^ +\| +step +T1 transfer' "TAP has the interleaving" cat run.tap
check_output '^ +step +T1 transfer' "JUnit has it, too" cat run.xml
check_output '^1 deadlock: lock-cycle$' "one failure, by its kind" python3 -c '
import xml.etree.ElementTree as tree
root = tree.parse("run.xml").getroot()
print(root.get("failures"), root.find(".//failure").get("type"))'

# A wait has a row where it begins, and another one where it ends, if it does.
gcc -std=gnu11 -g -O1 -pthread -DFIXED=0 "$SRC/harness/tests/meta/lost_wakeup.c" -o lost
formats lost "a lost wakeup" run -1 -n 1000 --out out -- "$work/lost"
check_output '^ +[0-9]+ +waits on condition#1 bell *$' "a wait that begins is told so" cat lost.xml
check_status 1 "and nobody is woken who waits for ever" grep -E 'is woken|times out' lost.xml

# What came before a misuse is told by what it was.
for program in freed_late_signal:frees use_destroyed:destroys; do
	gcc -std=gnu11 -g -O1 -pthread -DFIXED=0 "$SRC/harness/tests/meta/${program%:*}.c" -o earlier
	"$JOSTLE" run -1 -n 1000 --out out -- ./earlier >earlier.txt 2>&1
	check_output "^  T[0-9].* earlier: ${program#*:} .*at ${program%:*}\\.c:" \
		"${program%:*}: the earlier one ${program#*:}" cat earlier.txt
done

# A file's lock is told from its unlock.
gcc -std=gnu11 -g -O1 -pthread -DFIXED=0 "$SRC/harness/tests/meta/file_locks_crossed.c" -o crossed
"$JOSTLE" run -1 -n 1000 --out out -- ./crossed >crossed.txt 2>&1
check_output '^ +[0-9]+ +locks file descriptor [0-9]+ *$' "who locks a file is told so" cat crossed.txt
check_output '^ +[0-9]+ +unlocks file descriptor [0-9]+ *$' "and who unlocks it" cat crossed.txt

gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$SRC/harness/tests/programs/options.c" -o options
formats plain "nothing found" run -n 100 -- ./options ""
check_output '^Result: PASS' "prove is green when nothing was found" proved plain.tap
check_status 1 "and JUnit has no failure" grep -qE '<(failure|error)' plain.xml
check "JSON keeps to its schema then" valid run plain.json

printf '%s\n' 'deadlock:*' >rules
formats suppressed "suppressed" run -n 100 --suppressions rules -- "$work/transfer"
check_output '# skip suppressed by' "a suppressed finding is skipped, with its rule" \
	cat suppressed.tap
check_output '^Result: PASS' "and does not fail" proved suppressed.tap

formats nothing "no thread" run -n 10 -- /bin/true
check_output '<error message="[^"]' "what could not be controlled is an error" cat nothing.xml
check_output '^Result: FAIL' "and no pass" proved nothing.tap

name=$'we"ird <&> ]]> \x01\xff#\\ \nline'
gcc -D_GNU_SOURCE -g -O1 -pthread "$SRC/harness/tests/programs/hostile_text.c" -o "$name"
formats hostile "hostile text" run -n 20 --out hostile -- "./$name" $'x\x02\xfe]]>'
check "JSON keeps to its schema with hostile text" valid run hostile.json
check "and so does the failure file" valid failure hostile/F1.json
check_output '^1/[0-9]+ subtests|Failed 1/2' "what the program wrote is no test" proved hostile.tap
check_output '\\x1b\[31m \\x01 \\xff\\xfe \\xed\\xa0\\x80' "bytes that XML cannot hold are shown" \
	cat hostile.xml
formats long "a line of a megabyte" run -n 20 --out long --show-output --expect-exit 3 \
	-- "./$name" plain
check "JSON keeps to its schema then, too" valid run long.json

formats test "the catalogue" test -n 500 tutorial/03_lock_order tutorial/05_signal_before_wait
check "its JSON keeps to its schema" valid test test.json
check_output 'testcase classname="jostle test" name="tutorial/03_lock_order/broken"' \
	"a case is a test" cat test.xml
check_status 0 "all of them" proved test.tap

formats perturbed "real threads" run -n 20 --level perturbed --out perturbed -- "$work/transfer"
check "the JSON of real threads keeps to its schema" valid run perturbed.json
printf '%s\n' '#include <pthread.h>' 'static long n;' \
	'static void *body(void *arg) { n++; return arg; }' \
	'int main(void) { pthread_t t; if (pthread_create(&t, 0, body, 0)) return 2;' \
	'	n++; return pthread_join(t, 0); }' >racing.c
"$JOSTLE" cc -g -pthread racing.c -o racing
formats race "a race" run -n 20 --out race -- "$work/racing"
check "its JSON keeps to its schema" valid run race.json
check "and its failure file" valid failure race/F1.json
check_output '<failure [^>]*type="race' "and JUnit names the kind" cat race.xml

lesson=$("$JOSTLE" lesson --json - | python3 -c 'import json, sys
print([row["lesson"] for row in json.load(sys.stdin) if row["id"] == "tutorial/03_lock_order"][0])')
"$JOSTLE" lesson --json course.json >/dev/null
"$JOSTLE" lesson "$lesson" --json row.json >/dev/null
sed '/^JOSTLE_CASE(fixed/,/^};/d' "$SRC/cases/tutorial/03_lock_order.c" >mine.c
check_status 1 "a lesson" "$JOSTLE" lesson "$lesson" mine.c -n 200 --json found.json
for name in course row found; do
	check "the JSON of a lesson keeps to its schema: $name" valid lesson $name.json
done
check_output '^TAP version 14' "--tap - writes to standard output, alone" \
	bash -c "'$JOSTLE' run -q -n 20 --tap - -- ./transfer | head -n 1"
check_output '^<\?xml' "and so does --junit -" \
	bash -c "'$JOSTLE' run -n 20 --junit - -- ./transfer | head -n 1"
check_status 2 "only one can" "$JOSTLE" run -n 20 --junit - --json - -- ./transfer
check_status 2 "a file that cannot be written is said" \
	"$JOSTLE" run -q -n 20 --junit no/such/folder/x.xml -- ./transfer

# The validators themselves.
sed 's/"kind": "deadlock"/"kind": "hiccup"/' run.json >bad.json
check_status 1 "a wrong kind does not keep to the schema" valid run bad.json
sed 's/"grade": "found"/"grade": "well done"/' found.json >bad.json
check_status 1 "nor a grade that there is not" valid lesson bad.json
sed 's/"kind": "deadlock"/"kind": "hiccup"/' found.json >bad.json
check_status 1 "nor a wrong kind in a lesson's finding" valid lesson bad.json
sed 's/<failure message=/<failure massage=/' run.xml >bad.xml
check_status 3 "nor a wrong attribute" junit bad.xml

# Of a library that the program loads itself, the names are known as well.
cat >plugin.c <<'END'
static int used;
__attribute__((noinline)) void *use(void *arg) { used++; return arg; }
END
cat >loads.c <<'END'
#include <dlfcn.h>
#include <pthread.h>
int main(int argc, char **argv)
{
	void *library = dlopen(argv[1], RTLD_NOW);
	void *(*use)(void *) = library ? (void *(*)(void *))dlsym(library, "use") : NULL;
	pthread_t thread;
	if (!use || pthread_create(&thread, NULL, use, NULL))
		return 2;
	use(NULL);
	pthread_join(thread, NULL);
	return argc > 2 ? dlclose(library) : 0;
}
END
check "a plugin" "$JOSTLE" cc -O1 -shared -fPIC plugin.c -o plugin.so
check "and who loads it" "$JOSTLE" cc -O1 -pthread loads.c -o loads -ldl
loaded() {
	"$JOSTLE" run -n 200 -j 1 --out out "$@"
}
for reset in snapshot fork exec; do
	check_output 'in use\(\) on used' "its race is named, reset $reset" \
		loaded --reset $reset -- ./loads ./plugin.so
done
check_output 'plugin\.c:2 in use\(\)' "with its line" loaded -- ./loads "$work/plugin.so"
check_output 'plugin\.c:2 in use\(\)' "also when it is closed again" loaded -- ./loads ./plugin.so close
check_output 'bit for bit' "and it replays" "$JOSTLE" replay --out out F1

finish
