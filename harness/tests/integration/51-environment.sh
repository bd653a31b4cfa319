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
		check "which is said" grep -q 'no room in .*set TMPDIR' .out
		check_output '^  - what .* had to say of 2 of the runs' "and reported" cat .out
	done
	tap_run "$JOSTLE" under tsan -n 5 -- ./race-tsan
	check_status 3 "nor does a replay without room say that it does not show again" \
		with_full "$JOSTLE" replay F1
fi
finish
