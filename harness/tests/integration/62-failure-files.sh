#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Failure files that are damaged, cut off, foreign, or of a program that is no more what it was: one
# clear sentence each, the right exit status, and no crash.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
program=$SRC/harness/tests/meta/lock_cycle_two.c

build() {
	gcc -std=gnu11 -g -O1 -pthread "$@" -o prog
}

# replay FILE...: sets status; what it wrote is in out and err.
replay() {
	timeout 60 "$JOSTLE" replay --quiet --hang-timeout 1s "$@" >out 2>err </dev/null
	status=$?
}

# refuses REGEX NAME FILE...: status 2, nothing on standard output, and one sentence.
refuses() {
	local regex=$1 name=$2
	shift 2
	replay "$@"
	cat out err >.out
	if [ $status = 2 ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] &&
		LC_ALL=C grep -qE "^jostle: .*($regex)" err && ! LC_ALL=C grep -q '[^ -~]' err; then
		ok "$name"
	else
		not_ok "$name" "exit status $status: jostle replay $*"
	fi
}

# answers STATUS REGEX NAME: what replaying the good file says, on either stream.
answers() {
	replay good.json
	cat out err >.out
	if [ $status = "$1" ] && grep -qE "$2" .out; then
		ok "$3"
	else
		not_ok "$3" "exit status $status instead of $1, or nothing matches $2"
	fi
}

# mutants NAME COMMAND...: the command writes mutant.json for $at, for each number that it reads.
mutants() {
	local name=$1 bad=0 count=0
	shift
	: >.out
	while read -r at; do
		"$@"
		cmp -s mutant.json good.json && continue
		count=$((count + 1))
		replay mutant.json
		if [ $status = 2 ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] &&
			grep -q '^jostle: mutant.json: .' err; then
			continue
		fi
		bad=$((bad + 1))
		{
			echo "at byte $at: exit status $status"
			head -n 3 out err
		} >>.out
	done
	if [ $bad = 0 ] && [ $count -gt 10 ]; then
		ok "$name ($count of them)"
	else
		not_ok "$name" "$bad of $count are not refused in one sentence"
	fi
}
put() {
	{
		head -c "$at" good.json
		printf '%b' "$1"
		tail -c +$((at + 2)) good.json
	} >mutant.json
}
cut_off() { head -c "$at" good.json >mutant.json; }
cut_out() {
	{
		head -c "$at" good.json
		tail -c +$((at + 12)) good.json
	} >mutant.json
}
twice() {
	{
		head -c "$at" good.json
		tail -c +$((at - 20)) good.json
	} >mutant.json
}

check "the program builds" build -DFIXED=0 "$program"
check_status 1 "and fails" "$JOSTLE" run --quiet --until-first --schedules 1000 --out found -- ./prog
cp found/F1.json good.json
size=$(stat -c %s good.json)
answers 1 'bit for bit' "its failure file replays"

# Spaces between JSON's words do not count, so a mutant may replay: those that begin or end in them
# are left out by looking for bytes of words alone.
words=$(grep -abo '[0-9A-Za-z_]' good.json | cut -d: -f1)
step=$(($(wc -l <<<"$words") / 40))
mutants "another letter" put 'Q' < <(awk "NR % $step == 0" <<<"$words")
mutants "another digit" put '7' < <(awk "NR % $step == 3" <<<"$words")
mutants "a zero byte" put '\000' < <(awk "NR % $((step * 3)) == 5" <<<"$words")
mutants "a byte that is no text" put '\377' < <(awk "NR % $((step * 3)) == 7" <<<"$words")
mutants "bytes that are missing" cut_out < <(awk "NR % $((step * 2)) == 2" <<<"$words")
mutants "bytes that are there twice" twice < <(awk "NR % $((step * 2)) == 4 && \$1 > 30" <<<"$words")
mutants "a file that was cut off" cut_off < <(seq 0 $((size / 30)) $((size - 3)))

refuses 'no such failure file' "a file that is not there" missing.json
refuses 'No such file' "one in a folder that is not there" nowhere/missing.json
refuses 'no such failure file' "an ID that is not there" --out found F77
refuses 'is a directory' "a directory" found
refuses 'no regular file' "a device" /dev/zero
mkfifo pipe
refuses 'no regular file' "a pipe" pipe
ln -s loop loop
refuses 'no such failure file|levels of symbolic' "a link to itself" loop
: >empty
refuses 'no failure file' "an empty file" empty
refuses 'no failure file' "a program" ./prog
echo '[1, 2]' >list
refuses 'no failure file' "a list" list
echo '{"format": "something else", "version": 1}' >other
refuses 'no failure file' "another program's JSON" other
"$JOSTLE" run --quiet --schedules 100 --json run.json -- ./prog >/dev/null 2>&1
refuses 'no failure file' "the JSON of a run" run.json
head -c 300000 /dev/zero | tr '\0' '[' >deep
refuses 'no failure file' "three hundred thousand brackets" deep
sed 's/"version": [0-9]*,/"version": 99,/' good.json >newer
refuses 'version 99' "a newer version" newer
sed 's/"version": [0-9]*,/"version": 99999999999999999999,/' good.json >newest
refuses 'no failure file|damaged' "a version that is no number" newest
cat good.json good.json >two
refuses 'damaged' "two files in one" two
grep -v '"checksum"' good.json | sed '/^  "output"/s/,$//' >unsigned
refuses 'checksum' "a file without its checksum" unsigned
if [ "$(id -u)" = 0 ]; then
	chmod 711 .
	chmod 000 good.json
	check_output 'Permission denied' "a file that may not be read" \
		setpriv --reuid=65534 --clear-groups "$JOSTLE" replay "$work/good.json"
else
	chmod 000 good.json
	refuses 'Permission denied' "a file that may not be read" good.json
fi
chmod 644 good.json

sed 's/$/\r/' good.json >dos.json
check_status 1 "line ends of another system do no harm" "$JOSTLE" replay --quiet dos.json
mkdir -p else/where
cp good.json else/where
check_status 1 "nor does another folder" env -C else/where "$JOSTLE" replay --quiet good.json

# The program is not what it was.
rebuilt='was rebuilt'
{
	cat "$program"
	echo 'int unrelated(void); int unrelated(void) { return 3; }'
} >again.c
build -DFIXED=0 again.c
answers 1 "$rebuilt" "a program that was rebuilt: said"
answers 1 'The failure shows again' "and it shows again"
build -DFIXED=1 "$program"
answers 0 "$rebuilt" "a program that was mended: said"
answers 0 'does not show again; it went another way at step [0-9]+' "and where it went another way"
sed 's/pthread_mutex_lock(one);/& pthread_mutex_unlock(one); pthread_mutex_lock(one);/' \
	"$program" >longer.c
build -DFIXED=0 longer.c
answers 0 'another way at step [0-9]+, but something else does' "one that fails elsewhere"
echo 'int main(void) { return 0; }' >nothing.c
build nothing.c
answers 0 'another way at step [0-9]+' "one that does nothing any more"
echo 'int main(void) { return *(volatile int *)0; }' >crash.c
build crash.c
answers 0 'does not show again.*something else does' "one that crashes"
echo 'int main(void) { for (;;) ; }' >endless.c
build endless.c
answers 0 'does not show again.*something else does' "one that hangs"
build -static -DFIXED=0 "$program"
answers 3 'statically linked' "one that cannot be controlled any more"
printf '#!/bin/sh\nexit 0\n' >prog
answers 3 'is a script' "one that became a script"
chmod 644 prog
answers 2 'not executable' "one that may not be started"
rm prog
answers 2 'prog: No such file' "one that is gone"
mkdir prog
answers 2 'is a directory' "one that became a folder"
rmdir prog
build -DFIXED=0 "$program"
answers 1 'bit for bit' "the same source gives the same program and the same failure"
finish
