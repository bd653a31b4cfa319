#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Names of any bytes, folders inside each other, two commands at once in one folder, numbers out of
# range: what cannot be done is refused with what to do instead, and what is done is done to what the
# user named.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1

cat >fails.c <<'END'
#include <pthread.h>
#include <stdio.h>
#include <string.h>
static void *nothing(void *unused) { return unused; }
/* [WORD]: fails when that is the byte 0xff, or when it reads a line "fail". */
int main(int argc, char **argv)
{
	char line[16] = "";
	pthread_t thread;
	pthread_create(&thread, NULL, nothing, NULL);
	pthread_join(thread, NULL);
	if (argc > 1)
		return strcmp(argv[1], "\xff") == 0;
	return fgets(line, sizeof(line), stdin) && strcmp(line, "fail\n") == 0;
}
END
gcc -g -pthread fails.c -o fails

# A replay takes the bytes, and not what JSON can hold of them.
odd=$(printf 'odd\xfe')
mkdir "$odd"
cp fails "$odd/$odd"
cd "$odd" || exit 1
check_status 1 "an argument that is no UTF-8 is passed on" \
	"$JOSTLE" run -q -n 64 --out ../odd -- "./$odd" "$(printf '\xff')"
cd ..
check_status 1 "and replayed, in a folder and by a program of such names" "$JOSTLE" replay odd/F1.json
mv .out said
check_output 'shows again, bit for bit' "to the bit" cat said
if python3 -c 'import jsonschema' 2>/dev/null; then
	check "whose file keeps to the schema" python3 -c 'import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' \
		odd/F1.json "$SRC/tools/report/schema/failure.schema.json"
else
	skip "whose file keeps to the schema" "no jsonschema here"
fi

# Standard input of another campaign is not that of this finding.
# shellcheck disable=SC2016 # expanded inside
check_status 1 "standard input is kept" bash -c 'echo fail | "$JOSTLE" run -q -n 64 --out in -- ./fails'
check_status 1 "and replayed" "$JOSTLE" replay in/F1.json
# shellcheck disable=SC2016 # expanded inside
check_output '^ *0 said' "without a word" \
	bash -c '"$JOSTLE" replay in/F1.json 2>&1 >/dev/null | wc -l | sed "s/$/ said/"'
echo other >in/F1.stdin
check_output 'F1.stdin is not what the program read when F1 was found' "another one is told of" \
	"$JOSTLE" replay in/F1.json

# A copy of a folder cannot lie inside it.
mkdir -p pristine/tmp
check_status 2 "a working folder that would hold its own copies is refused" \
	env TMPDIR="$work/pristine/tmp" "$JOSTLE" run -q -n 64 --workdir pristine -- ./fails
mv .out said
check_output 'set TMPDIR to a folder outside' "with a way out" cat said
mkdir pristine-tmp
check_status 0 "one whose name begins alike is not" \
	env TMPDIR="$work/pristine-tmp" "$JOSTLE" run -q -n 64 --workdir pristine -- ./fails

# A command that is killed cannot remove its folders: the next one does, but no other's.
folders() {
	find pristine-tmp -mindepth 1 -maxdepth 1 -name 'jostle-work-*' | wc -l
}
# begun: a command that goes on until it is killed, once its schedules run in its folder.
begun() {
	TMPDIR="$work/pristine-tmp" "$JOSTLE" run -q -t 300s -j 1 --workdir pristine -- /bin/sleep 1 >/dev/null 2>&1 8>&- &
	for _ in $(seq 200); do
		[ "$(folders)" = "$1" ] && break
		sleep 0.05
	done
}
begun 1
killed=$!
kill -KILL $killed
wait $killed 2>/dev/null
check_output '^1$' "a command that is killed leaves its folder" folders
mkdir -p pristine-tmp/jostle-work-mine pristine-tmp/jostle-work-0000001-abcdef
mkdir -p pristine-tmp/jostle-work-9999999-locked/a && chmod 0 pristine-tmp/jostle-work-9999999-locked/a
ln -s "$work/pristine" pristine-tmp/jostle-work-9999998-abcdef
exec 8<pristine-tmp/jostle-work-9999999-locked
flock 8
begun 5
check_output '^5$' "the next command removes it: of five folders one is its own" folders
check "what another process has locked stays" test -d pristine-tmp/jostle-work-9999999-locked/a
check "what a running process made stays" test -d pristine-tmp/jostle-work-0000001-abcdef
check "what only begins so stays" test -d pristine-tmp/jostle-work-mine
check "what a link of that name leads to stays" test -d pristine/tmp
exec 8<&-
env TMPDIR="$work/pristine-tmp" "$JOSTLE" run -q -n 3 --workdir pristine -- ./fails >/dev/null 2>&1
check_output '^4$' "once it is not locked it goes, with all in it; that of a command that runs does not" folders
kill -TERM $!
wait $! 2>/dev/null

check_status 2 "one file cannot hold two formats" \
	"$JOSTLE" run -q -n 64 --json all --junit all -- ./fails
mv .out said
check_output 'all: is to hold the result in two formats' "which is said" cat said
check_status 0 "a device may get several" \
	"$JOSTLE" run -q -n 64 --json /dev/null --junit /dev/null -- ./fails

while read -r option text sentence; do
	check_output "$sentence" "$option $text: $sentence" "$JOSTLE" run "$option" "$text" -- ./fails
done <<'END'
--hang-timeout 10ms too short; at least 100ms
--time 0 too short; at least 1ms
--memory-limit 1K too small; at least 1M
-n 99999999999999999999 is too large
END

if unshare -rm bash -c 'mkdir noexec && mount -t tmpfs -o noexec none noexec' 2>/dev/null; then
	# shellcheck disable=SC2016 # expanded inside
	noexec() { unshare -rm bash -c 'mount -t tmpfs -o noexec none noexec && cp fails noexec && "$@"' bash "$@"; }
	check_output 'mounted noexec; copy it' "a program that may not be executed there" \
		noexec "$JOSTLE" run -n 64 -- noexec/fails
	check_output 'mounted noexec\?' "nor may the program of a lesson" \
		noexec "$JOSTLE" lesson 3 --out noexec "$SRC/cases/tutorial/02_result_too_early.c"
else
	skip "a program that may not be executed there" "no namespace of mounts here"
fi

# Nobody waits for the other end of a FIFO, nor for a folder that is gone.
mkfifo fifo
chmod +x fifo
check_status 2 "a FIFO is no program" timeout 20 "$JOSTLE" run -n 64 -- ./fifo
check_status 0 "as standard input it gives nothing" \
	timeout 20 "$JOSTLE" run -n 64 --stdin fifo -- ./fails
mv .out said
check_output 'the pipe gave nothing' "which is said" cat said
gone() {
	(mkdir gone && cd gone && rmdir ../gone && "$JOSTLE" run -n 64 -- ../fails)
}
check_output 'fails: the folder that it is relative to was removed' "a folder that is gone" gone

# A reader that goes away is none of our business, whatever it reads.
# shellcheck disable=SC2016 # expanded inside
check_status 0 "JSON into a pipe that nobody reads" \
	bash -c '{ sleep 1; "$JOSTLE" list --json -; echo $? >piped; } | true; exit "$(cat piped)"'

# Of lessons at once in one folder each explores its own program.
cp "$SRC/cases/tutorial/02_result_too_early.c" mine.c
for i in 1 2 3; do
	"$JOSTLE" lesson 3 mine.c --out together -n 300 >together.$i 2>&1 </dev/null &
done
wait
check "lessons at once in one folder wait for each other" \
	grep -q 'together/lesson-3 and is waited for' together.1 together.2 together.3
for i in 1 2 3; do
	check_output '^broken: found' "and each has its grade" cat together.$i
done
finish
