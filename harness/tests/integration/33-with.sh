#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# --with: a server and its client are two processes of one schedule. The client's connections wait
# for the server, its end is the server's, what is between them is controlled, and nothing stays.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
check "builds: server" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -pthread \
	"$SRC/harness/tests/programs/server.c" -o w_server

run() {
	timeout 200 "$JOSTLE" run --quiet "$@"
}

for how in threads fork; do
	check "$how: a client, in 100 schedules" run --schedules 100 --json $how.json \
		--with "./w_server client 2" -- ./w_server $how
done
check_status 1 "nothing is uncontrolled but what is said of memory accesses" \
	grep -E '^ {4}"(the|loops|a|what)' threads.json fork.json
check "a socket in the file system" run --schedules 100 --with "./w_server client 2 unix" -- ./w_server unix
check "two clients at once, and two workers with the same port" \
	run --schedules 200 -j 2 --with "./w_server two 2" -- ./w_server threads
check "SIGKILL for a server that stays" run --schedules 30 --with "./w_server client 1" -- ./w_server stubborn
check "a client that is a line for the shell" run --schedules 20 --with "./w_server client 1 && ./w_server client 1 || true" \
	-- ./w_server threads
check "and one that connects to nobody" run --schedules 20 --with true -- ./w_server threads

cat >limited.c <<'X'
#include <pthread.h>
#include <sys/resource.h>
static pthread_barrier_t all;
static void *meet(void *unused) { pthread_barrier_wait(&all); return unused; }
int main(void)
{
	struct rlimit files = { 100, 100 };
	pthread_t threads[20];

	setrlimit(RLIMIT_NOFILE, &files);
	pthread_barrier_init(&all, 0, 20);
	for (int i = 0; i < 20; i++)
		pthread_create(&threads[i], 0, meet, 0);
	for (int i = 0; i < 20; i++)
		pthread_join(threads[i], 0);
	return 0;
}
X
check "builds: limited" gcc -g -O1 -pthread limited.c -o limited
for reset in fork exec; do
	check "a server that limits itself and has twenty threads, $reset" \
		run --schedules 5 --reset $reset --with "sleep 1" -- ./limited
done
check "builds: datagrams" gcc -std=gnu11 -D_GNU_SOURCE -g -O1 "$SRC/harness/tests/programs/datagram_server.c" -o w_datagrams
check "a server of datagrams, which wait for it" run --schedules 60 -j 2 --with "./w_datagrams ask 1" -- ./w_datagrams
check "also those of a socket that is connected" run --schedules 60 --with "./w_datagrams ask 2" -- ./w_datagrams
check "but not those for nobody" run --schedules 20 --with "./w_datagrams nobody" -- ./w_datagrams

check_status 1 "a race in the server that one client cannot see" run --schedules 300 --out racy \
	--with "./w_server two 1" -- ./w_server racy
check_status 1 "replays" timeout 60 "$JOSTLE" replay --json replay.json racy/F1.json
check_output '"replay": "exact"' "to the bit" cat replay.json
check "with one connection at a time it is hidden" run --schedules 200 --with "./w_server client 2" -- ./w_server racy

check_status 1 "a client that fails is found" run --schedules 20 --out fails --with false -- ./w_server threads
check_output 'the client ended with exit status 1' "and named" cat fails/F1.json
check "unless that status is expected" run --schedules 20 --expect-exit 1 --with false -- ./w_server threads
check_status 1 "a server that fails is found" run --schedules 20 --out server --with "./w_server client 1" -- ./w_server fails
check_output 'the server ended with exit status 4' "and named" cat server/F1.json
check_status 1 "a client of a server that never listens waits for ever" \
	run --schedules 20 --with "./w_server client 1" -- sleep 1
check_status 2 "a server that is not there" run --with true -- ./no_such_server
check_status 2 "on real threads it is refused" run --level perturbed --with true -- ./w_server threads

check "a client or a server that --kill kills is no failure" run --schedules 100 --kill child \
	--expect-exit 0 --with "./w_server client 1 || true" -- ./w_server threads

for signal in INT TERM KILL; do
	"$JOSTLE" run --quiet --time 60s --kill child --with "./w_server two 2 || true" -- ./w_server fork >/dev/null 2>&1 &
	command=$!
	until [ -n "$(running w_server)" ]; do sleep 0.05; done
	kill -$signal $command
	wait $command 2>/dev/null
	for _ in $(seq 50); do
		[ -n "$(running w_server)" ] || break
		sleep 0.1
	done
	check "SIG$signal: no process outlives a campaign" test -z "$(running w_server)"
done
finish
