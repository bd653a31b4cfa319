#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# jostle under: programs below Helgrind, DRD, Memcheck and ThreadSanitizer. What a detector can see
# becomes a finding by its kind, with both sides; the repaired twin stays quiet; the formats keep to
# their schemas; suppressions reach their detector; hostile programs end, and leave nothing behind.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit

mkdir tmp
export TMPDIR=$work/tmp
programs=$SRC/harness/tests/programs
for fixed in 0 1; do
	gcc -std=gnu11 -g -O0 -pthread -DFIXED=$fixed "$programs/below.c" -o below.$fixed
	gcc -std=gnu11 -g -O0 -pthread -DFIXED=$fixed -fsanitize=thread "$programs/below.c" \
		-o tsan.$fixed
done
under() {
	timeout 120 "$JOSTLE" under "$@"
}
# "kind cause roles" of each finding.
found() {
	python3 -c 'import json
for f in json.load(open("run.json"))["findings"]:
	print(f["kind"], f["cause"] or "-", *sorted({s["role"] for s in f["sites"]}))'
}
# finds TOOL PROGRAM WHAT EXPECTED: the findings, one a line between slashes.
finds() {
	local status
	under "$1" -q -n 2 --fail-on note --json run.json -- "./$2.0" "$3" >.out 2>&1 </dev/null
	status=$?
	if [ $status = 1 ] && [ "$(found | sort -u | paste -sd/)" = "$4" ]; then
		ok "$1 finds '$3': $4"
	else
		not_ok "$1 finds '$3': $4" "exit status $status, found: $(found | paste -sd/)"
	fi
	check "and nothing in its repaired twin" \
		under "$1" -q -n 2 --fail-on note -- "./$2.1" "$3"
}

keeps_to_schema() {
	python3 -c 'import json, jsonschema, sys
schema, text = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.Draft7Validator(schema).validate(text)' "$SRC/tools/report/schema/run.schema.json" "$1"
}

have_valgrind=
if command -v valgrind >/dev/null; then
	have_valgrind=1
	finds helgrind below race "race - accesses created"
	finds helgrind below order "lock-order lock-cycle holds takes"
	finds helgrind below unlock "misuse unlock-unlocked at"
	finds helgrind below child "race - accesses created"
	finds helgrind below executed "race - accesses created"
	finds drd below unlock "misuse unlock-unlocked at"
	finds memcheck below freed "lifetime use-after-free allocated at earlier"
	finds memcheck below lost "leak memory-lost at"
	check_output '^race' "drd finds 'race', by one side at least" \
		bash -c "timeout 120 '$JOSTLE' under drd -q -n 3 --json - -- ./below.0 race |
			python3 -c 'import json, sys
print(*(f[\"kind\"] for f in json.load(sys.stdin)[\"findings\"]))'"
	check "and nothing in its repaired twin" under drd -q -n 2 -- ./below.1 race
else
	skip "Helgrind, DRD and Memcheck find what they can see" "no valgrind here"
fi
finds tsan tsan race "race - accesses created"
finds tsan tsan order "lock-order lock-cycle created holds takes"
finds tsan tsan unlock "misuse - at"
finds tsan tsan child "race - accesses created"

# Of the reads and writes of both the kernel says which meet; two reads do not race.
accesses='(write in deposit\(\) / (read|write)|read in deposit\(\) / write) in withdraw\(\) on balance'
under tsan -q -n 3 --json run.json --junit run.xml --tap run.tap -- ./tsan.0 race >.out 2>&1
check_output "^race: $accesses [1-3] of 3 tsan\$" \
	"a race is told by both functions and the variable, as k of n" python3 -c 'import json
run = json.load(open("run.json")); f = run["findings"][0]
print(f["title"], f["replay"], run["tool"])'
check_output '^withdraw [0-9]+ memory#1 balance 8 .*mutex#1 lock' \
	"with stack, thread, size and locks of a side" python3 -c 'import json
f = json.load(open("run.json"))["findings"][0]
s = [s for s in f["sites"] if s["function"] == "withdraw"][0]
print(s["function"], s["thread"], s["object"], s["size"], s["stack"][0]["file"], s["locks"])'
check "JSON keeps to its schema" keeps_to_schema run.json
check "and JUnit" xmllint --noout --schema "$SRC/tools/report/schema/junit.xsd" run.xml
check_output 'testsuite name="jostle under tsan ./tsan.0' "which names the detector" cat run.xml
check_output "^not ok 2 - race: $accesses" "TAP has the finding as a test" cat run.tap

under tsan -q -n 2 --out out -- ./tsan.0 race >first.out 2>&1
check_output 'jostle replay out/F1.json$' "it says how to see it again" cat first.out
check_output 'shows again in [1-9][0-9]* of [0-9]+ replays' "and is run again below its detector" \
	timeout 120 "$JOSTLE" replay --out out F1
check_status 1 "with exit status 1, and JSON" \
	timeout 120 "$JOSTLE" replay --json again.json -q --out out F1
check_output "^race: $accesses [1-9][0-9]* of" \
	"in the detector's words" python3 -c 'import json
f = json.load(open("again.json")); print(f["title"], f["replay"])'
cp tsan.0 kept
cp tsan.1 tsan.0
check_status 0 "but not in the repaired program" timeout 120 "$JOSTLE" replay --out out F1
mv kept tsan.0
[ "$have_valgrind" ] && under helgrind,tsan -q -n 2 --out both --tsan-build ./tsan.0 -- ./below.0 order \
	>/dev/null 2>&1 && check_output 'shows again in' "one of several detectors' is run below that one" \
	timeout 120 "$JOSTLE" replay --out both F1

check_output 'exit-status' "the program's own exit status is judged" \
	under tsan -q -n 1 -- ./tsan.0 status
check_status 0 "and may be expected" under tsan -q -n 1 --expect-exit 3 -- ./tsan.1 status
check_status 0 "TSAN_OPTIONS of the user's hold" \
	env TSAN_OPTIONS="report_bugs=0" timeout 60 "$JOSTLE" under tsan -q -n 1 -- ./tsan.0 race

printf 'race:^withdraw$\nmutex:nothing\n' >tsan.rules
check_status 0 "suppressions of ThreadSanitizer's format are passed on" \
	under tsan -q -n 2 --suppressions tsan.rules -- ./tsan.0 race
check_status 0 "and those of TSAN_OPTIONS beside them" \
	env TSAN_OPTIONS="suppressions=$PWD/tsan.rules" timeout 60 "$JOSTLE" under tsan -q -n 2 \
	--suppressions <(echo 'deadlock:take') -- ./tsan.0 race
printf '*:race:*withdraw*\n' >own.rules
check_output 'suppressed by \*:race:\*withdraw\*' "jostle's own apply to each" \
	under tsan -n 1 --suppressions own.rules -- ./tsan.0 race
printf '{\n   one\n   Helgrind:Race\n   ...\n   fun:withdraw\n   ...\n}\n{\n   two\n   Helgrind:Race\n   fun:deposit\n   ...\n}\n' \
	>valgrind.rules
[ "$have_valgrind" ] && check_status 0 "and Valgrind's are passed on, too" \
	under helgrind -q -n 2 --suppressions valgrind.rules --suppressions own.rules -- ./below.0 race
check_output "valgrind.rules: is in Valgrind's format" "which run cannot follow" \
	"$JOSTLE" run --suppressions valgrind.rules -- ./below.1 race
check_status 2 "nor the kinds of ThreadSanitizer's alone" \
	"$JOSTLE" run --suppressions tsan.rules -- ./below.1 race

# several NAME DETECTORS OPTIONS... -- PROGRAM...: the exit status, and "kind, k of n below each" of
# each finding; JSON and the two streams into files with that name.
several() {
	local name=$1
	shift
	under --json "$name.json" "$@" </dev/null >"$name.out" 2>"$name.err"
	echo "status $?"
	python3 - "$name.json" <<-'END'
		import json, sys
		for f in json.load(open(sys.argv[1]))["findings"]:
		    print(f["kind"], *("%s:%d/%d" % (b["tool"], b["shown"], b["runs"]) for b in f["below"]))
	END
}
if [ "$have_valgrind" ]; then
	several three helgrind,drd,tsan -n 3 --tsan-build ./tsan.0 --junit three.xml --tap three.tap \
		-- ./below.0 race >three.list
	check_output '^status 1$' "a race below three detectors is found" cat three.list
	check_output '^race helgrind:[1-3]/3 drd:[0-3]/3 tsan:[1-3]/3$' \
		"as one finding, with k of n for each" cat three.list
	check_output '^2 ' "and nothing else" wc -l three.list
	check_output 'runs: helgrind [1-3] of 3, drd [0-3] of 3,' "which the text says" cat three.out
	check_output '^9 runs on real threads below helgrind, drd and tsan' "with all that ran" \
		cat three.out
	check_output '^ok 4 - below tsan$' "and TAP" cat three.tap
	check "JUnit keeps to its schema" \
		xmllint --noout --schema "$SRC/tools/report/schema/junit.xsd" three.xml
	several twins helgrind,tsan -q -n 3 --tsan-build ./tsan.0 -- ./below.0 twins >twins.list
	check_output '^2$' "the same race at other lines is another finding" grep -c '^race ' twins.list
	several order helgrind,drd,tsan -q -n 2 --fail-on warning --tsan-build ./tsan.0 \
		-- ./below.0 order >order.list
	check_output '^lock-order helgrind:2/2 drd:0/2 tsan:2/2$' "a lock order is one finding, too" \
		cat order.list
	check_status 0 "and the repaired twin is quiet below all" \
		under helgrind,drd,tsan -q -n 2 --tsan-build ./tsan.1 --fail-on note -- ./below.1 twins
	check "each reads the same standard input" bash -c \
		"echo x | timeout 60 '$JOSTLE' under none,memcheck -q -n 1 -- ./below.1 input"
else
	skip "a race below three detectors is one finding" "no valgrind here"
fi
several left none,tsan -n 1 --junit left.xml --tap left.tap -- ./below.1 race >left.list
check_output '^status 3$' "without a finding, a detector that was left out is no pass" cat left.list
check_output '^jostle: left out: tsan: ./below.1: is no ThreadSanitizer build;' \
	"which is said" cat left.err
check_output '^1$' "once" grep -c ThreadSanitizer left.err
check_output '^Nothing found; tsan left out' "and stands in the text" cat left.out
check_output '^tsan 0 left out: .*fsanitize=thread' "in JSON" python3 -c 'import json
t = json.load(open("left.json"))["tools"][1]
print(t["tool"], t["runs"], t["ended"] + ":", t["left_out"])'
check_output '^not ok 3 - below tsan' "in TAP" cat left.tap
check_output '<error .*left out' "and in JUnit" cat left.xml
check "JSON keeps to its schema" keeps_to_schema left.json
several found none,memcheck,tsan -q -n 1 -- ./tsan.0 status >found.list
check_output '^status 1$' "what another one found counts" cat found.list
mkdir empty
check_status 3 "nothing is left when all are" \
	env PATH="$work/empty" "$JOSTLE" under memcheck,tsan -- ./below.1 race
check_status 2 "one that is named twice" under tsan,none,tsan -- ./tsan.0 race
check_status 2 "one that there is not, among others" under none,helgrin -- ./below.0 race
check_status 2 "a program that there is not" under none,tsan -- ./nothing
check_output '^1 ' "which is said once" \
	bash -c "'$JOSTLE' under none,tsan -- ./nothing 2>lines; wc -l lines"
check_status 2 "--tsan-build without tsan" under none,drd --tsan-build ./tsan.0 -- ./below.0 race

check_status 2 "a detector that there is not" under helgrin -- ./below.0 race
check_output 'did you mean helgrind\?' "and the nearest one" under helgrin -- ./below.0 race
check_status 2 "a detector alone is not enough" under helgrind
check_status 3 "tsan needs a build" under tsan -- ./below.0 race
check_output 'fsanitize=thread' "and says which" under tsan -- ./below.0 race
check_status 3 "which Valgrind cannot run" under helgrind -- ./tsan.0 race
if [ "$have_valgrind" ]; then
	check_status 3 "a detector that does not start is no result" \
		env VALGRIND_OPTS=--nonsense timeout 60 "$JOSTLE" under drd -n 1 -- ./below.0 race
	check_output 'DRD did not start it: .*nonsense' "and its words say why" \
		env VALGRIND_OPTS=--nonsense timeout 60 "$JOSTLE" under drd -n 1 -- ./below.0 race
fi
check_status 3 "a missing Valgrind is no pass" \
	env PATH="$work/empty" "$JOSTLE" under memcheck -- ./below.0 race
check_output 'install the package valgrind' "and says what to install" \
	env PATH="$work/empty" "$JOSTLE" under memcheck -- ./below.0 race
for name in sh mktemp rm; do
	ln -s "$(command -v $name)" empty/
done
check_output 'Valgrind: .*helgrind, drd and memcheck' "doctor says what is lost without it" \
	env PATH="$work/empty" "$JOSTLE" doctor
check_output 'no  ThreadSanitizer of gcc' "and without a compiler" \
	env PATH="$work/empty" "$JOSTLE" doctor
check_output '^yes ThreadSanitizer of gcc' "and that its ThreadSanitizer runs" "$JOSTLE" doctor
[ "$have_valgrind" ] && check_output '^yes Valgrind 3\.' "as Valgrind does" "$JOSTLE" doctor
check_status 3 "nor is a program without threads" under none -n 1 -- /bin/true

if command -v clang >/dev/null &&
	clang -g -O0 -pthread -DFIXED=0 -fsanitize=thread "$programs/below.c" -o clang.0 2>/dev/null; then
	check_output "^F1 error: race: $accesses" "a runtime inside the program will do" \
		under tsan -q -n 3 -- ./clang.0 race
else
	skip "a runtime inside the program will do" "no clang here that links ThreadSanitizer"
fi

# Hostile programs: each below each detector, as many at a time as there are processors, all of which
# write their failure files into the same folder.
gcc -std=gnu11 -g -O1 -pthread "$programs/slow.c" -o slow
gcc -std=gnu11 -g -O1 -pthread -fsanitize=thread "$programs/slow.c" -o slow-tsan
gcc -std=gnu11 -g -O1 -pthread -DFIXED=0 -I"$SRC/harness/include" \
	"$SRC/harness/tests/meta/self_mutex.c" -o self_mutex -ldl
gcc -std=gnu11 -g -O1 -pthread -DFIXED=0 -fsanitize=thread -I"$SRC/harness/include" \
	"$SRC/harness/tests/meta/self_mutex.c" -o self_mutex-tsan -ldl
while read -r tool suffix; do
	[ "$have_valgrind" ] || [ "$suffix" != - ] || [ "$tool" = none ] || continue
	[ "$suffix" = - ] && suffix=
	while read -r name program argument expected; do
		echo "$tool $name $work/$program$suffix $argument $expected"
	done <<-END
		hangs self_mutex - deadlock
		crashes slow crashes crash
		forks slow escapes hang
		floods slow floods hang
		naps slow never hang
	END
done >hostile <<'END'
none -
helgrind -
drd -
memcheck -
tsan -tsan
END
cat >one.sh <<'END'
timeout 100 "$JOSTLE" under "$1" -q -n 1 --hang-timeout 100ms --json "$1.$2.json" -- "$3" "$4" \
	>"$1.$2.out" 2>&1
echo $? >"$1.$2.status"
END
xargs -P "$(nproc)" -n 5 bash -c 'bash one.sh "$@"' bash <hostile
while read -r tool name _ _ expected; do
	check_output "^1 .*$expected" "one that $name below $tool ends and is reported: $expected" \
		python3 -c 'import json, sys
name = sys.argv[1]
print(open(name + ".status").read().strip(),
	*(f["kind"] for f in json.load(open(name + ".json"))["findings"]))' "$tool.$name"
done <hostile
# Twelve times as long is for those that compute or sleep.
check_output '^1$' "one that waits for the outside, and does not move, ends after twice the limit" \
	bash -c "timeout 25 '$JOSTLE' under none -q -n 1 --hang-timeout 3s -- ./slow listens >/dev/null
		echo \$?"
check_output '^0$' "and no process is left" bash -c "pgrep -c -f '[/]${work#/}/(slow|self_mutex)'"
check_output '^0$' "nor a folder" bash -c "find '$TMPDIR' -mindepth 1 | wc -l"
finish
