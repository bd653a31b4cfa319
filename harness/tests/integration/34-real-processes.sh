#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Packaged programs of several processes under --seed 1 to PROCESS_SEEDS: each seed is run in two
# targets, and nine in ten must come out the same to the last event. Pipelines of a shell always;
# servers with --with where they are installed (ci/soak asks for 100 seeds).
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

seeds=${PROCESS_SEEDS:-5}
needed=$((seeds * 9 / 10))
cd "$work" || exit

# once SEED JSON ARGS...: prints the event hash; nothing may be found.
once() {
	local seed=$1 json=$2
	shift 2
	timeout 300 "$JOSTLE" run --quiet --schedules 1 --seed "$seed" --verify-every 0 --json "$json" "$@" \
		>run.log 2>&1 </dev/null || { cat run.log >>wrong; return 1; }
	grep -m 1 '"event_hash"' "$json"
}

# repeatable NAME ARGS...
repeatable() {
	local name=$1 seed same=0 first second
	shift
	: >wrong
	for ((seed = 1; seed <= seeds; seed++)); do
		first=$(once "$seed" one.json "$@")
		second=$(once "$seed" two.json "$@")
		if [ -n "$first" ] && [ "$first" = "$second" ]; then
			same=$((same + 1))
		else
			# What jostle itself says of it, when it runs each schedule twice.
			timeout 300 "$JOSTLE" run --quiet --schedules 1 --seed "$seed" --verify-every 1 \
				--json named.json "$@" >run.log 2>&1 </dev/null
			echo "seed $seed differs; $(sed -n '/"uncontrolled"/,/]/p' named.json | tr -d '\n')" >>wrong
		fi
	done
	cp wrong .out
	if [ $same -ge $needed ]; then
		ok "$name: $same of $seeds seeds are repeated to the last event"
	else
		not_ok "$name: $same of $seeds seeds are repeated, of which $needed should"
	fi
}

repeatable "seq, sort and gzip" -- sh -c 'seq 2000 | sort -n | gzip -c'
# shellcheck disable=SC2016 # the inner shell's
repeatable "printf, tr and sha256sum, in a loop" -- sh -c 'for i in 1 2; do printf %s $i | tr 1 2 | sha256sum; done'

if command -v nginx >/dev/null && command -v curl >/dev/null; then
	mkdir -p site/tmp
	cat >site/nginx.conf <<-'EOF'
		worker_processes 2;
		daemon off;
		pid nginx.pid;
		error_log stderr crit;
		events { worker_connections 64; }
		http {
			access_log off;
			client_body_temp_path tmp;
			proxy_temp_path tmp;
			fastcgi_temp_path tmp;
			uwsgi_temp_path tmp;
			scgi_temp_path tmp;
			server {
				listen 127.0.0.1:7400;
				location / { return 200 "hello\n"; }
			}
		}
	EOF
	repeatable "nginx with two workers, and curl" --workdir site --with "curl -sSf http://127.0.0.1:7400/" \
		-- nginx -p . -c nginx.conf
else
	skip "nginx with two workers, and curl" "not installed"
fi
if command -v redis-server >/dev/null && command -v redis-cli >/dev/null; then
	mkdir data
	repeatable "redis and its background save" --workdir data \
		--with "redis-cli -p 7200 set a 1 && redis-cli -p 7200 bgsave && redis-cli -p 7200 get a" \
		-- redis-server --port 7200 --save "" --appendonly no --jemalloc-bg-thread no --loglevel warning \
		--logfile /dev/null
else
	skip "redis and its background save" "not installed"
fi
finish
