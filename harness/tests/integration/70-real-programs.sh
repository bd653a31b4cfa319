#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Programs that nobody wrote for jostle, as Debian ships them, and a C++ program with all that the
# standard library has for threads. Each seed is run in two processes, once in a snapshot and once
# alone in its process: both end, nothing is found, the output is right and the event hash the same.
# ci/soak runs this with REAL_SEEDS=200 and REAL_BYTES=4000000, once for each: REAL_ONLY is in its
# name.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

seeds=${REAL_SEEDS:-4}
bytes=${REAL_BYTES:-400000}
programs=$SRC/harness/tests/programs
cd "$work" || exit

# Half of it compresses well and half hardly.
{
	head -c $((bytes / 2)) < <(while cat "$SRC"/harness/*/*.[ch] 2>/dev/null; do :; done)
	head -c $((bytes - bytes / 2)) < <(while cat "$JOSTLE" 2>/dev/null; do :; done)
} >input

hash_of() {
	grep -o '"event_hash": *"[^"]*"' "$1"
}

# schedule FOLDER SEED ARGUMENTS...: one schedule in a process of its own; FOLDER gets its output,
# its JSON and its exit status.
schedule() {
	local folder=$1 seed=$2
	shift 2
	mkdir -p "$folder"
	timeout 120 "$JOSTLE" run --quiet --schedules 1 --seed "$seed" --verify-every 0 --out "$folder/out" \
		--keep-output "$folder" --json "$folder/json" "$@" >"$folder/said" 2>&1 </dev/null
	echo $? >"$folder/status"
}

# all_seeds NAME DECODER COMMAND...: DECODER turns standard input into what must equal ./expected.
all_seeds() {
	local name=$1 decoder=$2 seed bad_status="" bad_output="" bad_hash="" different
	[[ $name == *"${REAL_ONLY-}"* ]] || return 0
	shift 2
	rm -rf first second
	: >hashes
	for ((seed = 1; seed <= seeds; seed++)); do
		schedule first "$seed" -- "$@"
		schedule second "$seed" --reset exec -- "$@"
		for folder in first second; do
			[ "$(cat $folder/status)" = 0 ] || bad_status+=" $seed"
			$decoder <$folder/0.out 2>/dev/null | cmp -s - expected || bad_output+=" $seed"
		done
		[ -n "$(hash_of first/json)" ] && [ "$(hash_of first/json)" = "$(hash_of second/json)" ] ||
			bad_hash+=" $seed"
		hash_of first/json >>hashes
		rm -f first/0.out second/0.out
	done
	: >"$work/.out"
	if [ -z "$bad_status" ]; then
		ok "$name: $seeds seeds end with nothing found"
	else
		cat first/said second/said >"$work/.out"
		not_ok "$name: $seeds seeds end with nothing found" "not so with these seeds:$bad_status"
	fi
	if [ -z "$bad_output" ]; then
		ok "$name: the output is right with each"
	else
		not_ok "$name: the output is right with each" "wrong with these seeds:$bad_output"
	fi
	if [ -z "$bad_hash" ]; then
		ok "$name: another process does the same with the same seed"
	else
		not_ok "$name: another process does the same with the same seed" "not so:$bad_hash"
	fi
	different=$(sort -u hashes | wc -l)
	if [ "$different" -gt $((seeds / 2)) ]; then
		ok "$name: other seeds are other schedules"
	else
		not_ok "$name: other seeds are other schedules" "$different different in $seeds"
	fi
}

# packer DECODER COMMAND...: reads ./input and writes it packed.
packer() {
	local decoder=$1
	shift
	if ! command -v "$1" >/dev/null; then
		skip "$*" "$1 is not installed"
		return
	fi
	ln -sf input expected
	all_seeds "$*" "$decoder" "$@" input
}

packer "gzip -dc" pigz -p4 -c
packer "xz -dc" xz -T4 -c
packer "xz -dc" xz -T4 --block-size=$((bytes / 6)) -1 -c
packer "zstd -dc" zstd -q -T4 -c
packer "zstd -dc" zstd -q -T4 -B$((bytes / 6)) -c
packer "bzip2 -dc" pbzip2 -p4 -b1 -c
packer cat /usr/bin/python3 "$programs/queue_timeouts.py"

[[ "C++ threads" == *"${REAL_ONLY-}"* ]] || finish
check "the C++ program builds" \
	g++ -std=c++17 -g -O1 -pthread "$programs/cpp/workshop.cc" -o workshop
check "and is right natively" timeout 60 ./workshop
timeout 60 ./workshop >native
rm -f expected && mv native expected
all_seeds "C++ threads" cat ./workshop
check "C++ threads: many schedules in one process" timeout 120 "$JOSTLE" run --quiet \
	--schedules $((250 * seeds)) --seed 1 --keep-output "$(mkdir -p many && echo many)" -- ./workshop
wrong=0
for output in many/*.out; do
	cmp -s "$output" expected || wrong=$((wrong + 1))
done
check "C++ threads: which print the same, each of them" test $wrong = 0
check "C++ threads: and $((250 * seeds)) outputs are there" \
	test "$(find many -name '*.out' | wc -l)" = $((250 * seeds))

finish
