#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# System calls of every kind under control: programs that check themselves natively check the same in
# every schedule, the resets agree to the bit, and each way to end is told for what it is.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
programs=$SRC/harness/tests/programs

builds() {
	check "builds: $1" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/$1.c" -o "$1" -lrt -lm
}

for program in trap_switch pipe_threads signals descriptors waiting futexes clocks children ways_to_end \
	short_reads leftovers counter_of_ticks look_then_make watched_too_late notifications notified \
	datagrams chosen_ports asynchronous locked_memory asking; do
	builds $program
done

check "builds: chance" g++ -std=c++17 -g -O1 -pthread "$programs/cpp/chance.cc" -o chance

run() {
	timeout 300 "$JOSTLE" run --quiet "$@"
}

# holds NAME SCHEDULES PROGRAM ARGUMENTS...: natively and under control.
holds() {
	local name=$1 schedules=$2
	shift 2
	check "$name: natively" timeout 60 "$@"
	check "$name: in $schedules schedules" run --schedules "$schedules" -- "$@"
	check "$name: in 20 schedules that are forked" run --schedules 20 --reset fork -- "$@"
}

# same NAME PROGRAM ARGUMENTS...: each reset gives the same hash over all schedules.
same() {
	local name=$1 reset
	shift
	for reset in snapshot fork exec; do
		run --schedules 60 --reset $reset --json $reset.json -- "$@" >/dev/null 2>&1 </dev/null
		grep -o '"event_hash": *"[^"]*"' $reset.json >$reset.hash
	done
	check "$name: there is a hash" test -s snapshot.hash
	check_same "$name: a snapshot and a fork give the same" snapshot.hash fork.hash
	check_same "$name: a snapshot and a fresh process give the same" snapshot.hash exec.hash
}

holds "a trap switches threads and keeps every register" 200 ./trap_switch
holds "a long switch back and forth" 1 ./trap_switch 3000
holds "a full pipe blocks its writer and no one else" 300 ./pipe_threads
holds "signals" 300 ./signals
check "descriptors: natively" timeout 60 ./descriptors
check "descriptors are as at the start in every schedule" run --schedules 100 -- ./descriptors 3
check "and in every fork" run --schedules 20 --reset fork -- ./descriptors 3
holds "whatever can be waited for" 300 ./waiting
holds "futexes by hand, and locks inside libc" 500 ./futexes
mkdir lib
check "a library is built" \
	gcc -std=gnu11 -g -O1 -shared -fPIC "$programs/deep/plugin.c" -o lib/libplugin.so
# shellcheck disable=SC2016 # the loader's
check "and who opens it" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/deep/opener.c" \
	-o opener '-Wl,-rpath,$ORIGIN/lib'
holds "a library that would find libc first" 100 ./opener
check_output RTLD_DEEPBIND "is told" "$JOSTLE" run --schedules 5 -- ./opener
# The engine's own memory is not locked with it: that would fill some gigabytes.
holds "all memory locked" 100 ./locked_memory
holds "time" 500 ./clocks
check "a static program that reads the counter is built" \
	gcc -std=gnu11 -D_GNU_SOURCE -O1 -pthread -static "$programs/counter_of_ticks.c" -o look_static
holds "the processor's counter" 200 ./counter_of_ticks
check "with a child that is another program" run --schedules 20 --reset exec -- ./counter_of_ticks
check "which is not taken for a loop that a timer broke" \
	test "$(timeout 100 "$JOSTLE" run --schedules 20 -- ./counter_of_ticks | grep -c 'by a timer')" = 0
check_output "processor's own counter" "the processor's own counter is named" \
	"$JOSTLE" run --schedules 5 -- ./counter_of_ticks real
for way in getitimer timer_gettime timerfd_gettime getppid sigpending FIONREAD FIONREAD_process mq_getattr; do
	holds "who only asks: $way" 10 ./asking $way
done
same "who only asks" ./asking FIONREAD
holds "functions of timers and queues" 200 ./notifications
for part in files pipes notified cancelled wrong forked; do
	holds "aio: $part" 60 ./asynchronous $part
done
check_output 'deadlock: pipe in over\(\), waits' "a byte that nobody writes" run --schedules 20 -- ./asynchronous stuck
check "and one that somebody does" run --schedules 100 -- ./asynchronous fed
check "built by jostle cc" "$JOSTLE" cc -std=gnu11 -D_GNU_SOURCE -O1 -pthread "$programs/asynchronous.c" -o a_instrumented
check_output 'race: read in looks\(\) / write in looks' "a buffer that is read before the read is over" \
	run --schedules 20 -- ./a_instrumented early
check "behind it" run --schedules 100 -- ./a_instrumented in_time
check "whatever else is asked for" run --schedules 30 -- ./a_instrumented
for part in threads sets full; do
	holds "datagrams: $part" 60 ./datagrams $part
done
check "nothing of them is from outside" \
	test "$("$JOSTLE" run --schedules 20 -- ./datagrams threads | grep -c outside)" = 0
check_output 'input from outside' "an answer of a stranger is" "$JOSTLE" run --schedules 3 -- ./datagrams stranger
holds "ports that the system chooses" 30 ./chosen_ports
mkdir ports
run -j 2 --schedules 30 --keep-output ports -- ./chosen_ports >/dev/null 2>&1
check "have the same numbers in each schedule" test "$(cat ports/*.out | sort | uniq -c | awk '{ print $1 }' | uniq)" = 30
check_output 'F1 error: deadlock: pipe in ask\(\), binds_and_serves' "a question before anybody has the address" \
	run -j 1 --schedules 50 -- ./datagrams lost
check "once somebody has it, it is answered" run --schedules 200 -- ./datagrams kept
check_output 'F1 error: deadlock: pipe in fills' "two full queues" run --schedules 20 -- ./datagrams stuck
check "children: natively" timeout 60 ./children alone
check "children: in 30 schedules" run --schedules 30 -- ./children
builds own_stack
holds "what a garbage collector reads" 50 ./own_stack
builds roots
holds "and what it finds in the data of libraries" 50 ./roots
for reset in snapshot fork exec; do
	mkdir -p roots.$reset
	run --schedules 3 -j 1 --reset $reset --keep-output roots.$reset -- ./roots >/dev/null 2>&1
done
check "what it maps lies at the same place in each schedule of each reset" \
	test "$(cat roots.*/*.out | sort | uniq -c | awk '{ print $1 }')" = 9
check "in a program that a shell starts" run --schedules 10 -- sh -c "./own_stack; ./own_stack"
builds polls
holds "who asks for a minute whether another is ready, which has much to do" 200 ./polls 60 20000
check_status 1 "who asks for three seconds" run --schedules 200 --out gave-up -- ./polls 3 20000
check_status 1 "and who asks once, of one that has little to do" run --schedules 200 --out gave-up -- ./polls 1 100
check "who is alone for long is not taken for a livelock" run --schedules 3 -- ./polls 0 700000
check_status 1 "unless it is endless" run --schedules 1 --step-bound 20000 --out endless -- ./polls 0 700000
holds "a loop that only a timer breaks" 5 ./clocks endless
holds "and one on a stack that the program made" 5 ./clocks coroutine

same "signals" ./signals
same "whatever can be waited for" ./waiting
same "time" ./clocks
same "what the processor's counter decides" ./counter_of_ticks decide
same "what chance decides" ./chance
same "descriptors" ./descriptors
same "functions of timers" ./notifications periodic
same "functions of queues" ./notifications messages
same "datagrams" ./datagrams threads
same "aio" ./asynchronous pipes

check_output 'deadlock: .*tick\(\)' "main waits for a timer's function with the lock that it needs" \
	run --schedules 20 -- ./notified deadlock
check "without the lock it does not" run --schedules 200 -- ./notified released
check_output 'deadlock: .*missed\(\)' "a message that came before anybody asked to be told" \
	run --schedules 200 -- ./notified lost
check "who looks for it gets it" run --schedules 300 -- ./notified told
check "built by jostle cc" "$JOSTLE" cc -std=gnu11 -D_GNU_SOURCE -O1 -pthread "$programs/notified.c" -o n_instrumented
check_output 'race: .*counts\(\).*race\(\)' "a timer's function knows nothing of what follows its timer" \
	run --schedules 50 -- ./n_instrumented race
check "but all of what came before" run --schedules 300 -- ./n_instrumented ordered
check_output 'race: .*reads\(\).*writes\(\)' "a queue's function nothing of what follows the message" \
	run --schedules 100 -- ./n_instrumented late
check "but of what came before it" run --schedules 300 -- ./n_instrumented handed

check "names that a schedule leaves behind are free in the next" \
	run -j 1 --schedules 50 -- ./leftovers
check "and after the last" ./leftovers
check "natively they stay until removed" ./leftovers clean

check "whole messages arrive whole" run --schedules 200 -- ./short_reads
check_status 1 "until reads and writes are short" run --schedules 200 --nasty short -- ./short_reads
check_status 1 "or calls are interrupted" run --schedules 200 --nasty eintr -- ./short_reads
check "careful programs stand both" run --schedules 500 --nasty short,eintr -- ./short_reads careful

for call in stat lstat statx access; do
	check_output 'assert.*fd >= 0' "between $call and open another may make the file" \
		timeout 100 "$JOSTLE" run --schedules 200 -j 1 -- ./look_then_make $call
	check "not below a lock" run --schedules 200 -j 1 -- ./look_then_make $call locked
	rm -f made.once
done
check_output 'deadlock.*pipe' "between access and inotify_add_watch another may make the file" \
	timeout 100 "$JOSTLE" run --schedules 300 -j 1 -- ./watched_too_late
check "but is seen by who watches first" \
	run --schedules 300 --fail-on warning -j 1 -- ./watched_too_late first

check_output 'deadlock.*pipe' "a pipe that nobody feeds is a deadlock" run --schedules 5 -- ./pipe_threads stuck
for row in "segv=crash: signal" "overflow=crash: stack-overflow" "abort=crash: abort" "assert=assert" "term=crash: killed" \
	"kill=crash: killed" "ill=crash: signal" "alarm=crash: killed" "group=exit status 4" "exit=exit status 3" "_exit=exit status 5"; do
	check_output "${row#*=}" "ends by ${row%%=*} and is told for it" \
		timeout 100 "$JOSTLE" run --schedules 10 -- ./ways_to_end "${row%%=*}"
done
check "a stop does not stop the schedule" run --schedules 20 -- ./ways_to_end stop
check_output 'a stop signal had no effect' "which is said" "$JOSTLE" run --schedules 20 -- ./ways_to_end stop
# Two threads that end side by side: natively the second one calls exit(), in every schedule.
mkdir last
check "the last of two threads runs the handlers of exit()" \
	run --schedules 100 --keep-output last -- ./ways_to_end last
check "in each schedule" test "$(cat last/*.out | grep -c handled)" = 100
check "built by jostle cc" "$JOSTLE" cc -std=gnu11 -D_GNU_SOURCE -O1 -pthread \
	"$SRC/harness/tests/programs/ways_to_end.c" -o ways_instrumented
check "they come after all that the other one did" run --schedules 300 -- ./ways_instrumented last
check_output 'race: .*print_handled' "unlike those of a main that returns" \
	timeout 100 "$JOSTLE" run --schedules 300 -- ./ways_instrumented returns
check "a program that prints is built" "$JOSTLE" cc -O1 -pthread "$SRC/harness/tests/programs/printed.c" -o printed
check "what it prints has the same place in each run" \
	run --schedules 100 --reset snapshot --verify-every 1 --json printed.json -- ./printed
check "so that the snapshot is good for it" grep -q '"reset": "snapshot"' printed.json
check "a program that execs is no failure" run --schedules 5 -- ./ways_to_end exec
check_output 'reset fork' "what cannot be taken back makes the reset a fork" \
	timeout 100 "$JOSTLE" run --schedules 5 -- ./ways_to_end limit

finish
