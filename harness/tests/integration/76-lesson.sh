#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# jostle lesson: the course is listed, a lesson says what it asks for, and a student's file is graded
# found, fixed or fixed by luck; what is no answer to the lesson is refused with a sentence.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
lesson() {
	timeout 200 "$JOSTLE" lesson "$@"
}
# number ID: of the lesson.
number() {
	lesson --json - | python3 -c 'import json, sys
print([row["lesson"] for row in json.load(sys.stdin) if row["id"] == sys.argv[1]][0])' "$1"
}
# said REGEX NAME: about what the last check ran.
said() {
	cp .out .said
	check_output "$1" "$2" cat .said
}
# student FILE ID: a copy of a lesson's file without its answer.
student() {
	sed '/^JOSTLE_CASE(fixed/,/^};/d' "$SRC/cases/$2.c" >"$1"
}

# ---- the course --------------------------------------------------------------------------------

check "the lessons are listed" lesson
cp .out list
check_output '^ *1  tutorial/01_two_critical_sections$' "with number and file" cat list
lesson --json first.json >/dev/null
lesson --json second.json >/dev/null
check_same "always in the same order" first.json second.json
python3 -c 'import json
rows = json.load(open("first.json"))
print(*(row["id"] for row in rows), sep="\n")
assert [row["lesson"] for row in rows] == list(range(1, len(rows) + 1))' >ids
LC_ALL=C sort ids >sorted
LC_ALL=C sort -u ids >unique
check_same "each file is one lesson" sorted unique
(cd "$SRC/cases" && ls tutorial/*.c thread/*.c process/*.c sync/*.c ipc/*.c) |
	sed 's|\.c$||' | LC_ALL=C sort >files
grep -E '^(tutorial|thread|process|sync|ipc)/' sorted >taught
check_same "and every file of the course's folders is in it" files taught

# Only the figures may differ: they are those of one compiler.
echo '{"cases": []}' >none.json
"$SRC/cases/index" "$BUILD/cases/jostle-cases" none.json |
	sed -n '/^<!-- the course/,/^<!-- end of the course/p' >expected
sed -n '/^<!-- the course/,/^<!-- end of the course/p' "$SRC/cases/README.md" |
	sed -E 's/\| [0-9,]+ \|/| ... |/g' >table
check_same "the table of topics in cases/README.md is up to date" expected table

one=$(number tutorial/01_two_critical_sections)
check_output 'cp .*/cases/tutorial/01_two_critical_sections.c mine.c' "a lesson names its file" \
	lesson "$one"
check_output "^  Wrong: +'110', '80'$" "and what must not come out" lesson "$one"
check "the file that it names is there" bash -c \
	"'$JOSTLE' lesson $one | awk '/^  cp / { print \$2 }' | xargs test -f"

# ---- found -------------------------------------------------------------------------------------

student mine.c tutorial/01_two_critical_sections
check_status 1 "a file that was not mended is found" lesson "$one" mine.c
cp .out found.txt
check_output '^broken: found$' "and said to be" cat found.txt
check_output 'mine\.c' "with the student's own lines" cat found.txt
replay=$(sed -n 's/^  See it again: jostle replay //p' found.txt)
check_status 1 "the replay line shows it again" "$JOSTLE" replay "$replay"
check_output 'first look: .*seed 1: found' "and the seed is told" cat found.txt

sed 's/balance_write(s, balance_read(s) - 20);/usleep(1000);\n&/
	1i #include <unistd.h>' mine.c >sleeps.c
check_status 1 "sleeping is no fix" lesson "$one" sleeps.c
said '^broken: found$' "and is found by the first look"

# ---- fixed -------------------------------------------------------------------------------------

sed 's/balance_write(s, balance_read(s) \([-+]\) \([0-9]*\));/pthread_mutex_lock(\&s->lock);\
	s->balance \1= \2;\
	pthread_mutex_unlock(\&s->lock);/' mine.c >right.c
check "one critical section is a fix" lesson "$one" right.c
cp .out right.txt
check_output '^broken: fixed$' "and said to be" cat right.txt
check_output 'second look: 50,000 of 50,000 schedules, level instrumented.*' \
	"after a second look at the instrumented level" cat right.txt
check_output 'second look: 50,000 of 50,000 schedules, level controlled.*' \
	"and at the controlled one" cat right.txt
sed 's/pthread_mutex_destroy/(void)&/; s/expect = JOSTLE_OUTCOME/expect = JOSTLE_PASS/
	s/long balance;$/int deposits, withdrawals;\n\t&/' right.c >more.c
check "what does not judge may be changed" lesson "$one" more.c

lesson "$one" mine.c --json a.json >/dev/null
lesson "$one" mine.c --json b.json >/dev/null
check_same "the same file gets the same answer, to the byte" a.json b.json
check_output '^found found outcome$' "the JSON has grade and finding" python3 -c 'import json
result = json.load(open("a.json"))
variant = result["variants"][0]
print(result["grade"], variant["grade"], variant["finding"]["kind"])'

# ---- fixed by luck -----------------------------------------------------------------------------

# Without a lock there is no switch in between at the controlled level; the race is there.
sed 's/balance_write(s, balance_read(s) \([-+]\) \([0-9]*\));/s->balance \1= \2;/' mine.c >race.c
check_status 1 "no lock at all is no fix" lesson "$one" race.c
cp .out race.txt
check_output '^broken: fixed by luck$' "but looks like one to the first look" cat race.txt
check_output 'first look: 10,000 of 10,000 schedules, level controlled, seed 1: silent' \
	"which was silent" cat race.txt
check_output '^F[0-9]*  race' "and the second finds the race" cat race.txt

# if instead of while goes well as long as nobody wakes without a reason.
four=$(number tutorial/04_if_instead_of_while)
student waits.c tutorial/04_if_instead_of_while
check_status 1 "lesson 4 as it is, is found" lesson "$four" waits.c
said '^broken: found$' "by the first look"
python3 - waits.c <<'END'
import re, sys
text = open(sys.argv[1]).read()
# One consumer's turn after the other: no one steals, but a spurious wake-up still goes on.
text = text.replace("struct jostle_state {", "struct jostle_state {\n\tpthread_mutex_t turn;", 1)
names = re.findall(r'\{ "[^"]*", (\w+) \}', text[text.index("JOSTLE_CASE(broken)"):])
takers = [name for name in set(names) if names.count(name) > 1]
for name in takers:
    text = re.sub(r"(static void %s\(struct jostle_state \*s\)\n\{\n)(.*?)(\n\}\n)" % name,
                  r"static void %s_in_turn(struct jostle_state *s)\n{\n\2\3\n"
                  r"\1\tpthread_mutex_lock(&s->turn);\n\t%s_in_turn(s);\n"
                  r"\tpthread_mutex_unlock(&s->turn);\3" % (name, name), text, count=1, flags=re.S)
open(sys.argv[1], "w").write(text)
END
check_status 1 "one taker at a time is no fix either" lesson "$four" waits.c
said '^broken: fixed by luck$' "it needs that nobody wakes without a reason"

check_status 1 "--schedules is the first look's budget" lesson "$four" --schedules 1 waits.c
said 'second look: .* of 5 schedules' "and a fifth of the second's"

# ---- no answer ---------------------------------------------------------------------------------

# refused REGEX NAME SED: the lesson's file, changed so, is refused with 2 and this sentence.
refused() {
	sed "$3" mine.c >bad.c
	check_status 2 "$2" lesson "$one" bad.c
	said "$1" "and says so"
}
refused 'does not compile' "a file that does not compile is no answer" 's/long seen/lung seen/; s/;$/;;)/'
refused 'no JOSTLE_CASE\(broken\)' "nor one without the case" 's/JOSTLE_CASE(broken)/JOSTLE_CASE(mine)/'
refused "is titled 'Mine'" "nor another case" 's/\.title = ".*"/.title = "Mine"/'
refused 'says no \.observe' "nor one without observe" '/\.observe =/d; /\.outcomes/,/} },$/d'
refused 'is not the lesson.s own function' "nor one that observes something else" \
	's/"%ld", s->balance/"%d", 90/'
refused "allows the outcome '110'" "nor one that allows what is wrong" \
	's/"110", JOSTLE_FORBIDDEN/"110", JOSTLE_ALLOWED/'
refused 'all of them must run' "nor one that lets one thread run" \
	's/, { "withdraw", withdraw }//'
eight=$(number tutorial/08_invariant_two_fields)
sed '/\.invariant =/d; /\.guarded_by =/d' "$SRC/cases/tutorial/08_invariant_two_fields.c" >bad.c
check_status 2 "nor one without its invariant" lesson "$eight" bad.c
said 'says no \.invariant' "and says so"
check_status 2 "another lesson's file is no answer" lesson "$eight" mine.c
said 'another lesson|no JOSTLE_CASE' "and says so"

check_status 2 "a file that is missing is a usage error" lesson "$one" nowhere.c
check_status 2 "so is one that is no C file" lesson "$one" list
check_status 2 "so is a lesson that there is not" lesson 0
check_status 2 "or is no number" lesson one
check_status 2 "or a second file" lesson "$one" mine.c right.c
check_output 'two.c' "and it is named" lesson "$one" mine.c two.c

end=$(number ipc/pipe_end_left_open)
student nothing.c ipc/pipe_end_left_open
sed -i 's/send_to_child(0);/return;/' nothing.c
check_status 3 "a program that does nothing cannot be controlled" lesson "$end" nothing.c

# Without outcomes, silence alone is no fix.
order=$(number tutorial/03_lock_order)
valid() {
	python3 -c 'import json, jsonschema, sys
schema, text = (json.load(open(name)) for name in sys.argv[1:])
resolver = jsonschema.RefResolver(f"file://{sys.argv[1]}", schema)
jsonschema.Draft7Validator(schema, resolver=resolver).validate(text)' "$SRC/tools/report/schema/lesson.schema.json" "$1"
}
# emptied FILE FUNCTION...: their bodies do nothing.
emptied() {
	python3 - "$@" <<'END'
import re, sys
text = open(sys.argv[1]).read()
for name in sys.argv[2:]:
    text, count = re.subn(r"(static void %s\(struct jostle_state \*s\)\n\{\n).*?\n\}\n" % name,
                          r"\1\t(void)s;\n}\n", text, count=1, flags=re.S)
    assert count == 1, name
open(sys.argv[1], "w").write(text)
END
}
bodies=$(sed -n '/^JOSTLE_CASE(broken)/,/^};/s/.*{ "[^"]*", \([a-z_]*\) }.*{ "[^"]*", \([a-z_]*\) }.*/\1 \2/p' \
	"$SRC/cases/tutorial/03_lock_order.c")
student order.c tutorial/03_lock_order
check_status 1 "two locks in two orders" lesson "$order" -n 300 order.c
for body in $bodies; do
	student empty.c tutorial/03_lock_order
	emptied empty.c "$body"
	check_status 1 "a silent answer whose $body() does nothing" lesson "$order" -n 300 --json empty.json empty.c
	said '^broken: found$' "is no fix"
	check_output "Operations of the thread $body: none" "and the body is named" cat empty.json
	check "in JSON, too" valid empty.json
done
# The functions of the answer below the broken one's name.
python3 - "$SRC/cases/tutorial/03_lock_order.c" >answer.c <<'END'
import re, sys
text = open(sys.argv[1]).read()
cases = {name: re.search(r"^JOSTLE_CASE\(%s\).*?^\};\n" % name, text, re.M | re.S).group(0)
         for name in ("broken", "fixed")}
threads = {name: re.search(r"\.threads = .*?(?=\n\t\.|\n\};)", case, re.S).group(0)
           for name, case in cases.items()}
answer = cases["broken"].replace(threads["broken"], threads["fixed"])
print(text.replace(cases["fixed"], "").replace(cases["broken"], answer), end="")
END
check "the lesson's own fix is one" lesson "$order" -n 300 --json answer.json answer.c
check_output 'what the work came to is not judged' "with what that cannot tell" cat answer.json
check_output '^2 12 2 12$' "how much it does" python3 -c 'import json
work = json.load(open("answer.json"))["variants"][0]["work"]
print(*(work[name] for name in ("threads", "operations", "own_threads", "own_operations")))'
check "also as JSON" valid answer.json
twice=$(number misuse/join_twice)
student unstarted.c misuse/join_twice
emptied unstarted.c "$(sed -n '/^JOSTLE_CASE(broken)/,/^};/s/.*\.body = \([a-z_]*\).*/\1/p' unstarted.c)"
check_status 1 "nor is one that never starts the thread" lesson "$twice" -n 300 --json unstarted.json unstarted.c
check_output 'processes started: 0; by the' "and says so" cat unstarted.json

mkdir folder
cp right.c folder/right.c
cd folder || exit
check "--out says where program and failure files go" lesson --out elsewhere "$one" right.c
check "and it is kept there" test -x "elsewhere/lesson-$one/program"

finish
