#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The models and their interception, in programs: what holds natively holds under control, in every
# schedule, and nothing is found in programs that are right.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
programs=$SRC/harness/tests/programs

# holds NAME SCHEDULES PROGRAM ARGUMENTS...: natively, then controlled, then with the other reset.
holds() {
	local name=$1 schedules=$2
	shift 2
	check "$name: natively" timeout 60 "$@"
	check "$name: in $schedules schedules" \
		timeout 300 "$JOSTLE" run --quiet --schedules "$schedules" -- "$@"
	check "$name: in 50 schedules that are forked" \
		timeout 300 "$JOSTLE" run --quiet --schedules 50 --reset fork -- "$@"
}

check "programs build: results" \
	gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/sync_results.c" -o sync_results
check "programs build: more results" \
	gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/sync_results_more.c" -o sync_results_more
check "programs build: cancellation and handlers" \
	gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/sync_cancel.c" -o sync_cancel

check "programs build: what is left behind" \
	gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/sync_leave.c" -o sync_leave

holds "every function returns what glibc's returns" 500 ./sync_results
holds "so do names of semaphores, once, keys and C11" 500 ./sync_results_more
holds "cancelled waits clean up and lose nothing" 2000 ./sync_cancel
holds "handlers run while a lock is waited for" 2000 ./sync_cancel signals

check "a schedule finds nothing of what others left behind" \
	timeout 300 "$JOSTLE" run --quiet --schedules 3000 -- ./sync_leave
check "nor when each is forked" \
	timeout 300 "$JOSTLE" run --quiet --schedules 50 --reset fork -- ./sync_leave

# Who computes and asked for it ends where it is when it is cancelled; who did not goes on for ever.
check "programs build: cancelled while they compute" \
	gcc -std=gnu11 -g -O1 -pthread "$programs/computing_cancelled.c" -o computing_cancelled
check "and instrumented" "$JOSTLE" cc -std=gnu11 -g -O1 -pthread \
	"$programs/computing_cancelled.c" -o computing_seen
for part in registers memory reads atomic yields disabled; do
	# glibc 2.36 leaves another result where it acts on enabling.
	[ $part = disabled ] || check "$part: cancelled natively" timeout 20 ./computing_cancelled $part
	for program in computing_cancelled computing_seen; do
		check "$program $part: cancelled in 40 schedules" timeout 120 \
			"$JOSTLE" run --quiet --schedules 40 -- ./$program $part
	done
	[ $part = yields ] || check_output 'hang|livelock' "$part: nothing ends it but what it asked for" \
		timeout 60 "$JOSTLE" run --schedules 2 --hang-timeout 1 -- ./computing_seen $part deferred
done

# What follows a call is not one step with it.
check "programs build: behind calls" \
	gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/behind.c" -o behind
for part in create unlock post write fork pause poll read fifo; do
	check "what comes before $part in time: in 300 schedules" \
		timeout 120 "$JOSTLE" run --quiet --schedules 300 -- ./behind $part right
	check_status 1 "what comes behind $part is too late, and found" \
		timeout 120 "$JOSTLE" run --quiet --schedules 300 --out behind-$part -- ./behind $part
	check_output "shows again, bit for bit" "and replays" timeout 60 "$JOSTLE" replay behind-$part/F1.json
done
# So it is in an instrumented program's libraries that are not.
cat >starts.c <<'END'
#include <assert.h>
#include <pthread.h>
static const char *volatile message;
static void *reads(void *unused) { assert(EARLY || message); return unused; }
void starts(pthread_t *thread)
{
	pthread_create(thread, 0, reads, 0);
	message = "ready";
}
END
cat >waits.c <<'END'
#include <pthread.h>
void starts(pthread_t *);
int main(void)
{
	pthread_t thread;
	starts(&thread);
	return pthread_join(thread, 0);
}
END
for early in 0 1; do
	check "a library that is not instrumented builds" \
		gcc -g -O1 -shared -fPIC -DEARLY=$early starts.c -o libstarts.so
	check "and an instrumented program with it" "$JOSTLE" cc --compiler=gcc -O1 -pthread waits.c -o waits \
		-L. -lstarts "-Wl,-rpath,$work"
	check_status $((1 - early)) "a thread may run before the library goes on: early $early" \
		timeout 120 "$JOSTLE" run --quiet --schedules 300 --out waits-out -- ./waits
done

check "programs build: giving way" "$JOSTLE" cc -g -O1 -pthread "$programs/gives_way.c" -o gives_way
check "who gives way to each other gets on, in 600 schedules" \
	timeout 300 "$JOSTLE" run --quiet --schedules 600 -- ./gives_way

check "builds: a far deadline" gcc -std=gnu11 -g -O1 -pthread -I"$programs" "$programs/far_deadline.c" -o far_deadline
check "which does not come while others get on" \
	timeout 120 "$JOSTLE" run --quiet --schedules 1000 -- ./far_deadline
check "but when nobody else is left" timeout 120 "$JOSTLE" run --quiet --schedules 200 -- ./far_deadline alone
check_status 1 "an hour may pass" \
	timeout 120 "$JOSTLE" run --quiet --schedules 1000 --until-first --out hour-out -- ./far_deadline hour

if echo 'int main() {}' >empty.cpp && g++ -std=c++20 empty.cpp -o empty 2>/dev/null; then
	check "programs build: C++" \
		g++ -std=c++20 -g -O1 -pthread "$programs/sync_cpp.cpp" -o sync_cpp
	holds "C++'s names for all this" 1000 ./sync_cpp
else
	skip "C++'s names for all this" "no compiler for C++20 here"
fi

check "OpenMP: it builds" \
	gcc -std=gnu11 -g -O1 -fopenmp -I"$programs" "$programs/omp_tasks.c" -o omp_tasks
holds "OpenMP" 300 ./omp_tasks
check "OpenMP: nobody spins for long before he waits" python3 -c 'import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
sys.exit(code or resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > 5)' \
	"$JOSTLE" run --quiet -j 1 --schedules 500 --reset snapshot -- ./omp_tasks

finish
