#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# One schedule over several processes: what they share works in every schedule, the resets agree to
# the bit, what goes wrong between them is found and replays, and nothing of them stays behind.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
programs=$SRC/harness/tests/programs

check "builds: processes" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/processes.c" -o processes
check "builds: lost update" gcc -std=gnu11 -D_GNU_SOURCE -g -pthread "$programs/process_update.c" -o update

run() {
	timeout 120 "$JOSTLE" run --quiet "$@"
}

check "what processes share, natively" timeout 60 ./processes
for part in locks robust apart streams signalled objects named threads orphan handlers; do
	check "$part: in 100 schedules" run --schedules 100 -- ./processes $part
done
check "builds: who outlives its parent" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/outlives.c" -o outlives
for way in number parent another; do
	check "a child that ends once its parent has: by $way" timeout 100 "$JOSTLE" run -q --schedules 30 -- ./outlives $way
done
check "builds: family" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/process_family.c" -o family
check "processes and threads that fork at the same time, natively" timeout 60 ./family
check "and in 100 schedules" run --schedules 100 -- ./family
check "builds: file locks" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/file_locks.c" -o file_locks
for part in ends closes crosses; do
	check "file locks, $part: natively" timeout 60 ./file_locks $part
	check "$part: in 200 schedules" run --schedules 200 -- ./file_locks $part
done
check "builds: groups" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 "$programs/process_groups.c" -o groups
check "signals to groups of processes, natively" timeout 60 ./groups
for reset in fork exec; do
	check "and in 100 schedules, $reset" run --schedules 100 --reset $reset --json $reset.json -- ./groups
	grep -o '"event_hash": *"[^"]*"' $reset.json >$reset.hash
done
check_same "with the same hash" fork.hash exec.hash
check_status 1 "one that comes before its handler kills" run --schedules 2000 --until-first -- ./groups broken
check_status 1 "which replays" timeout 60 "$JOSTLE" replay F1
check "builds: datagrams" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/datagrams.c" -o datagrams
check "datagrams between processes, natively" timeout 60 ./datagrams processes
check "and in 60 schedules" run --schedules 60 --json fork.json -- ./datagrams processes
run --schedules 60 --reset exec --json exec.json -- ./datagrams processes >/dev/null 2>&1
grep -o '"event_hash": *"[^"]*"' fork.json >fork.hash
grep -o '"event_hash": *"[^"]*"' exec.json >exec.hash
check "there is a hash of them" test -s fork.hash
check_same "the same in fresh processes" fork.hash exec.hash
check_output 'reset *fork' "processes are forked from a template" \
	timeout 60 "$JOSTLE" run -j 1 --schedules 20 -- ./processes locks
check "no child runs uncontrolled" test -z "$("$JOSTLE" run -j 1 --schedules 20 -- ./processes | grep uncontrolled)"

for reset in fork exec; do
	run --schedules 30 --reset $reset --json $reset.json -- ./processes >/dev/null 2>&1
	grep -o '"event_hash": *"[^"]*"' $reset.json >$reset.hash
done
check "there is a hash" test -s fork.hash
check_same "a forked and a fresh process give the same schedules" fork.hash exec.hash

# Memory that a constructor shares: not seen when it is mapped, and a fork's is the template's.
check "builds: early" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/early_shared.c" -o early
for how in threads fork unmap; do
	check "memory shared before main, $how: natively" timeout 60 ./early $how
	check "$how: is new in each schedule" run --schedules 100 --json auto.json -- ./early $how
	check "$how: and in each process" run --schedules 100 --reset exec --json exec.json -- ./early $how
	for reset in auto exec; do
		grep -o '"event_hash": *"0x[^"]*"' $reset.json >$reset.hash
	done
	check "$how: there is a hash" test -s auto.hash
	check_same "$how: which is the same" auto.hash exec.hash
done

check_status 1 "an update that another process overwrites is found" run --schedules 200 --out lost -- ./update 0
check_status 1 "and replays" timeout 60 "$JOSTLE" replay lost/F1.json
check_output 'P1 main' "the story names the processes" timeout 60 "$JOSTLE" run --schedules 200 --out named -- ./update 2
check "with a lock it is not lost" run --schedules 500 -- ./update 1
# Other programs: what a process becomes by exec stays in the schedule.
pipeline='printf "b\na\nc\n" | sort | tr a-z A-Z | head -n 2'
mkdir kept
check "a pipeline of three programs, started by a shell" run --schedules 60 --keep-output kept -- sh -c "$pipeline"
check "all of it controlled" test -z "$("$JOSTLE" run --schedules 20 -- sh -c "$pipeline" | grep uncontrolled)"
for file in kept/*.out; do
	[ "$(cat "$file")" = 'A
B' ] || echo "$file: $(cat "$file")"
done >wrong
check "prints the same in every schedule" test ! -s wrong
check "threads of a program that a shell starts: builds" gcc -std=gnu11 -D_GNU_SOURCE -g -pthread \
	"$SRC/harness/tests/meta/lock_cycle_two.c" -DFIXED=0 -o two
check_output 'deadlock: lock-cycle' "are scheduled, and their deadlock found" \
	timeout 60 "$JOSTLE" run --schedules 200 --out inner -- sh -c './two; exit 0'
check_status 1 "it replays" timeout 60 "$JOSTLE" replay inner/F1.json
check_output 'in [a-z_]*()' "with names of that program" "$JOSTLE" replay inner/F1.json
check "builds: many threads" gcc -std=gnu11 -D_GNU_SOURCE -g -pthread "$programs/many_threads.c" -o many_threads
for count in 12 40; do
	check "$count threads of a program that a shell starts" run --schedules 20 -- sh -c "./many_threads $count; ./many_threads $count"
	check "and of one that it becomes" run --schedules 5 --reset exec -- sh -c "exec ./many_threads $count"
	check_status 1 "where what is found replays" run --schedules 5 --expect-exit 3 --out becomes -- sh -c "exec ./many_threads $count"
done
check_status 1 "a program that replaces itself" run --schedules 100 --out replaced -- env WORD=1 ./update 0
check_output 'uncontrolled' "a static program runs, and is named" "$JOSTLE" run --schedules 5 -- sh -c '/sbin/ldconfig -p >/dev/null; true'

# Death by --kill: what survives it does so in each schedule, what does not is found and replays.
check "builds: deaths" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread "$programs/process_deaths.c" -o deaths
for part in robust stream threads pair careless stalled; do
	check "$part: natively" timeout 60 ./deaths $part
done
for part in robust stream threads pair; do
	check "$part: killed" run --schedules 300 --kill child,again --json $part.json -- ./deaths $part
	check_output '^ *"kills": [1-9][0-9]+' "$part: often enough" cat $part.json
	check "$part: the first process, too" run --schedules 300 --kill first -- ./deaths $part
done
check "nothing is found where nobody dies" run --schedules 300 -- ./deaths careless
check_status 1 "EOWNERDEAD without a repair is found" run --schedules 300 --kill child --out careless -- ./deaths careless
check_status 1 "and replays" timeout 60 "$JOSTLE" replay --json death.json careless/F1.json
check_output '"replay": "exact"' "to the bit" cat death.json
check_output 'is killed by --kill' "the story shows the death" cat "$work/.out" careless/F1.json death.json
check_output 'deadlock: owner-died' "a lock that the dead one keeps" run --schedules 300 --kill child --out stalled -- ./deaths stalled
check_status 1 "replays" timeout 60 "$JOSTLE" replay stalled/F1.json
for reset in fork exec; do
	run --schedules 30 --kill child,again --reset $reset --json $reset.json -- ./deaths robust
	grep -o '"event_hash": *"[^"]*"' $reset.json >$reset.hash
done
check "there is a hash of deaths" test -s fork.hash
check_same "deaths are the same with each reset" fork.hash exec.hash
check_output 'found none to kill' "a program of one process has nobody to kill" \
	"$JOSTLE" run --schedules 20 --kill child -- ./two

# What outlives a process goes with the schedule, and with the target, however that one ends. Keys
# and names are of this run.
check "builds: objects" gcc -std=gnu11 -D_GNU_SOURCE -g -pthread "$programs/process_objects.c" -o p_objects
key=0x$(printf '4a%06x' $$)

# left: what is there of this run's objects and processes; a zombie is its parent's business.
left() {
	ipcs | grep -i "^$key "
	find /dev/shm -name "*objects-${key#0x}"
	running p_objects
}

# in_time: nothing is left, at the latest after some seconds.
in_time() {
	local tries
	for tries in $(seq 50); do
		[ -n "$(left)" ] || return 0
		sleep 0.1
	done
	echo "after $tries looks:"
	left
	return 1
}

for reset in auto exec; do
	run --schedules 20 --reset $reset -- ./p_objects "$key" >/dev/null 2>&1
	check "reset $reset: no object outlives a campaign" in_time
done
for signal in INT KILL; do
	"$JOSTLE" run --quiet --time 60s -- ./p_objects "$key" >/dev/null 2>&1 &
	command=$!
	until [ -n "$(left)" ]; do sleep 0.05; done
	kill -$signal $command
	wait $command 2>/dev/null
	check "SIG$signal: no object and no process outlives a campaign" in_time
done

# Killed at any moment, also between a call that makes something and its return.
stays=0
for moment in $(seq 100 10 290); do
	"$JOSTLE" run --quiet --time 60s -- ./p_objects "$key" >/dev/null 2>&1 &
	command=$!
	sleep "0.$moment"
	kill -KILL $command
	wait $command 2>/dev/null
	in_time >"$work/.out" || stays=$((stays + 1))
done
check "nor one that is killed at 20 other moments" test $stays = 0

check "no process is left" test -z "$(running processes)$(running update)"
# orphans: objects of processes that are no more. Other tests run campaigns meanwhile.
orphans() {
	local name pid
	for name in /dev/mqueue/jostle-* /dev/shm/jostle-*; do
		pid=${name##*/jostle-}
		pid=${pid%%-*}
		[ ! -e "$name" ] || [ -d "/proc/$pid" ] || [ ! -e "$name" ] || echo "$name"
	done
}
check "no queue and no shared memory is left" test -z "$(orphans)"
finish
