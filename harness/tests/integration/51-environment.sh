#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Whatever the machine is like in which the command is started, a full disk, low limits, closed
# descriptors, a terminal that goes away, its exit status is never that of "nothing found" when
# something was, it says in one sentence what to do, and nothing is left behind.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"
cd "$work" || exit 1
ulimit -c 0

cat >deadlock.c <<'END'
#include <pthread.h>
static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static void *there(void *unused)
{
	pthread_mutex_lock(&one);
	pthread_mutex_lock(&other);
	pthread_mutex_unlock(&other);
	pthread_mutex_unlock(&one);
	return unused;
}
int main(void)
{
	pthread_t thread;
	pthread_create(&thread, NULL, there, NULL);
	pthread_mutex_lock(&other);
	pthread_mutex_lock(&one);
	pthread_mutex_unlock(&one);
	pthread_mutex_unlock(&other);
	return pthread_join(thread, NULL);
}
END
cat >race.c <<'END'
#include <pthread.h>
int count;
static void *add(void *unused)
{
	count++;
	return unused;
}
int main(void)
{
	pthread_t thread;
	pthread_create(&thread, NULL, add, NULL);
	count++;
	return pthread_join(thread, NULL);
}
END
gcc -g -pthread deadlock.c -o deadlock
gcc -g -pthread race.c -o race
gcc -g -pthread -fsanitize=thread race.c -o race-tsan

# with_full COMMAND...: TMPDIR is a folder without any room, in a namespace of mounts of its own.
with_full() {
	mkdir -p full
	# shellcheck disable=SC2016 # expanded inside
	unshare -rm bash -c 'mount -t tmpfs -o size=64k none full || exit 99
		head -c 1000000 /dev/zero >full/all 2>/dev/null
		TMPDIR=$PWD/full "$@"' bash "$@"
}
if with_full true; then
	have_full=1
else
	have_full=
	skip "a full disk" "no namespace of mounts here"
fi

# What a detector cannot write must not pass for silence.
if [ "$have_full" ]; then
	tools=tsan
	command -v valgrind >/dev/null && tools="tsan helgrind memcheck"
	for tool in $tools; do
		program=./race
		[ "$tool" != tsan ] || program=./race-tsan
		check_status 2 "below $tool without room for its reports nothing is claimed" \
			with_full "$JOSTLE" under "$tool" -n 2 -- "$program"
		mv .out said
		check_output 'no room in .*set TMPDIR' "which is said" cat said
		check_output '^  - what .* had to say of 2 of the runs' "and reported" cat said
	done
	tap_run "$JOSTLE" under tsan -n 5 -- ./race-tsan
	check_status 3 "nor does a replay without room say that it does not show again" \
		with_full "$JOSTLE" replay F1
fi

# Descriptors that are closed are not those of the next file that is opened.
closed() {
	(
		exec "$@" >&- 2>closed-said
	)
}
check_status 2 "a closed standard output is an error" closed "$JOSTLE" run -q -n 64 -- ./deadlock
check "which says so" grep -q 'cannot write the report: standard output is closed' closed-said
deaf() {
	"$JOSTLE" run -n 64 -- ./deadlock <&- 2>&- >all
}
check_status 1 "without the other two the status is as with them" deaf
check "and so is the report" grep -q '^F1  deadlock' all

# limited LIMIT STATUS SENTENCE ARGUMENTS...: the command below a limit of the shell's.
limited() {
	local limit=$1 status=$2 sentence=$3
	shift 3
	check_status "$status" "$limit: ends with $status" bash -c "$limit"'; "$@"' bash "$JOSTLE" "$@"
	mv .out said
	check_output "$sentence" "and a sentence" cat said
}
limited 'ulimit -f 8' 2 'shared memory file.*ulimit -f' run -q -n 64 -- ./deadlock
limited 'ulimit -f 8' 2 'shared memory file.*ulimit -f' run -q --level perturbed -n 5 -- ./deadlock
limited 'ulimit -s 64' 2 'stack is too low.*ulimit -s' run -q -n 64 -- ./deadlock
limited 'ulimit -n 40' 2 'open files is too low.*ulimit -n' run -q -n 64 -- ./deadlock
limited 'ulimit -n 64' 1 '^F1 error: deadlock' run -q -n 64 -- ./deadlock
if "$JOSTLE" cc -g race.c -o race-seen; then
	limited 'ulimit -f 100000000' 3 'shadow memory; see ulimit -f' run -q -n 64 -- ./race-seen
fi

# A terminal that goes away, a pipe that has no end, a user who has no patience.
ended() { # ended SIGNAL COMMAND...: what it exits with when it gets the signal after two seconds
	python3 - "$@" <<'END'
import signal, subprocess, sys, time
number = getattr(signal, sys.argv[1])
signal.signal(signal.SIGHUP, signal.SIG_IGN if sys.argv[2] == "nohup" else signal.SIG_DFL)
child = subprocess.Popen(sys.argv[3:], stdin=subprocess.PIPE if sys.argv[2] == "pipe" else None)
if sys.argv[2] == "pipe":
    child.stdin.write(b"x")
    child.stdin.flush()
time.sleep(2)
child.send_signal(number)
try:
    sys.exit(child.wait(30))
except subprocess.TimeoutExpired:
    child.kill()
    sys.exit(99)
END
}
check_status 3 "standard input without an end can be interrupted" \
	ended SIGTERM pipe "$JOSTLE" run -n 64 -- ./deadlock
mv .out said
check_output 'interrupted while standard input was read' "which is said" cat said
check_status 1 "below nohup the end of the terminal is ignored" \
	ended SIGHUP nohup "$JOSTLE" run -t 3 --json nohup.json -- ./deadlock
check "and the time is used" grep -q '"ended": "time"' nohup.json
check_status 1 "otherwise what was found till then is reported" \
	ended SIGHUP - "$JOSTLE" run -t 60 --json hup.json -- ./deadlock
check "as interrupted" grep -q '"ended": "interrupted"' hup.json
check_status 1 "so it is when the user asks for an end at once" \
	ended SIGQUIT - "$JOSTLE" run -t 60 --json quit.json -- ./deadlock
check "as interrupted" grep -q '"ended": "interrupted"' quit.json

# What was found and cannot be replayed is not nothing; what was found before the campaign could not
# go on is told.
cat >goes.c <<'END'
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
static void *nothing(void *unused) { return unused; }
/* STATUS [FILE RUNS]: takes its own permission to run, at once or in that run. */
int main(int argc, char **argv)
{
	pthread_t thread;
	struct stat status = { .st_size = 0 };
	int file;
	pthread_create(&thread, NULL, nothing, NULL);
	pthread_join(thread, NULL);
	if (argc == 4) {
		file = open(argv[2], O_CREAT | O_APPEND | O_WRONLY, 0600);
		if (write(file, "x", 1) != 1 || fstat(file, &status))
			return 99;
	}
	if (argc < 4 || status.st_size == atoi(argv[3]))
		chmod(argv[0], 0600);
	return atoi(argv[1]);
}
END
gcc -g -pthread goes.c -o goes
rm -f gone && cp goes gone
check_status 3 "a finding that cannot be replayed is not nothing" \
	"$JOSTLE" run -n 64 --reset snapshot -j 1 -- ./gone 1
mv .out said
check_output 'could not be replayed, so it is not known' "which is said" cat said
rm -f gone && cp goes gone
tap_run "$JOSTLE" run -n 20 -j 1 --level perturbed -- ./gone 1 count 5
mv .out said
check_output '^F1 .*exit-status' "a campaign that could not go on tells what it had found" cat said
for command in help 'run --help' doctor version 'test -q --schedules 10 silent'; do
	# shellcheck disable=SC2086 # a list
	check_status 2 "$command: a report that cannot be written is an error" \
		bash -c '"$@" >/dev/full' bash "$JOSTLE" ${command/silent/clean/handed_over}
done
finish
