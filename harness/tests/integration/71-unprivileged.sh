#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# As an ordinary user, and below filters like those of container runtimes: the whole catalogue has
# the same verdicts, causes, titles and event hashes as without them, a failure file from one side
# replays on the other, real programs run the same, and doctor names what is lost.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=catalogue.sh
. "$(dirname "$0")/catalogue.sh"

cd "$work" || exit
programs=$SRC/harness/tests/programs
schedules=${UNPRIVILEGED_SCHEDULES:-500}
check "the filter builds" gcc -std=gnu11 -O1 "$programs/deny.c" -o deny
check "a C program builds" gcc -std=gnu11 -g -O1 -pthread "$programs/endings.c" -o endings
check "a C++ program builds" g++ -std=c++17 -g -O1 -pthread "$programs/cpp/workshop.cc" -o workshop

hash_of() {
	grep -o '"event_hash": *"[^"]*"' "$1" | head -n 1
}

plain() {
	"$@"
}
container() {
	./deny personality userfaultfd -- "$@"
}
old_kernel() {
	./deny personality userfaultfd pagemap ptrace segments -- "$@"
}
nobody() {
	setpriv --reuid nobody --regid nogroup --clear-groups env "HOME=$work/home" "$@"
}

catalogue_options=(--level controlled)

# campaigns HOW: the catalogue, what is about accesses with them, a crash, and a C++ program; JSON
# without what differs by nature.
campaigns() {
	local how=$1
	mkdir -p "$how"
	chmod 777 "$how"
	catalogue "$schedules" "$how/catalogue" "$how" timeout 300 >"$how/catalogue.said" 2>&1
	$how timeout 300 "$JOSTLE" test -q -n "$schedules" --level instrumented --json "$how/accesses" \
		'race/*' 'atomicity/*' 'order/*' 'lifetime/*' 'clean/*' >"$how/accesses.said" 2>&1
	$how timeout 60 "$JOSTLE" run -q -n 200 --out "$how/out" --json "$how/segv.json" -- \
		./endings segv >"$how/segv.said" 2>&1
	echo $? >"$how/segv"
	grep -E '"(event_hash|kind|cause|title|count|first_schedule|replay)"' "$how/segv.json" >>"$how/segv"
	$how timeout 60 "$JOSTLE" run -q -n 200 --json "$how/workshop.json" -- ./workshop \
		>"$how/workshop.said" 2>&1
	echo $? >"$how/workshop"
	hash_of "$how/workshop.json" >>"$how/workshop"
}

ways="container old_kernel"
campaigns plain
check "the catalogue has hashes to compare" grep -q '"event_hash": "0x[0-9a-f]*[1-9a-f]' plain/catalogue
check "so has what is about accesses" grep -q '"event_hash": "0x[0-9a-f]*[1-9a-f]' plain/accesses
check "and so has the crash" grep -q 'crash' plain/segv
chmod 711 "$work"
if [ "$(id -u)" != 0 ]; then
	skip "as nobody" "this is an ordinary user already"
elif ! setpriv --reuid nobody --regid nogroup --clear-groups test -x "$JOSTLE"; then
	skip "as nobody" "the build folder is closed to others"
else
	mkdir home && chown nobody home
	ways="$ways nobody"
fi
for way in $ways; do
	campaigns "$way"
	check_same "$way: the catalogue comes out the same, hashes and all" plain/catalogue "$way/catalogue"
	check_same "$way: so does what is about accesses" plain/accesses "$way/accesses"
	check_same "$way: so does a crash" plain/segv "$way/segv"
	check_same "$way: so does a C++ program" plain/workshop "$way/workshop"
	check_status 1 "$way: a failure file from outside replays" \
		"$way" timeout 60 "$JOSTLE" replay plain/out/F1.json
	check_status 1 "$way: and its own replays outside" timeout 60 "$JOSTLE" replay "$way/out/F1.json"
	check_output 'Replayed exactly|exact' "$way: exactly" timeout 60 "$JOSTLE" replay "$way/out/F1.json"
done

for row in "personality=fixed addresses" "userfaultfd=written pages told" "ptrace=debugging" \
	"pagemap=written pages listed" "dispatch=system calls of libc" "memfd=memory files" "pidfd=process descriptors"; do
	check_output "^no  ${row#*=}" "doctor names what is lost without ${row%%=*}" \
		./deny "${row%%=*}" -- "$JOSTLE" doctor
	check_output 'a filter is in place' "... and that there is a filter" \
		./deny "${row%%=*}" -- "$JOSTLE" doctor
done
# Where the system refuses fixed addresses, the library starts the program over at its own.
gcc -g -D_GNU_SOURCE -pthread -o addresses "$programs/addresses.c"
gcc -g -D_GNU_SOURCE -no-pie -pthread -o addresses_fixed "$programs/addresses.c"
mkdir one two
for program in addresses addresses_fixed; do
	./$program >one.txt && ./$program >two.txt
	check_status 1 "$program: natively each run has other addresses" cmp -s one.txt two.txt
	for run in one two; do
		check_status 0 "$program: below the filter it runs" container "$JOSTLE" run -q -n 3 \
			--json $run.json --keep-output $run -- ./$program argument 'another one'
	done
	check_same "$program: two campaigns have the same addresses" one/0.out two/0.out
	check_same "$program: schedules, too" one/0.out one/2.out
	check "$program: it finds its arguments, and /proc/self/cmdline" \
		grep -qx "./$program argument another one, 3 of them" one/0.out
	check_status 1 "$program: nothing is said of addresses" grep -q randomisation one.json
	check_status 0 "$program: where only userfaultfd is refused it finds its arguments, too" \
		./deny userfaultfd -- "$JOSTLE" run -q -n 3 -- ./$program argument
done
check_status 0 "an unlimited stack, below which mappings grow upwards" \
	bash -c "ulimit -s unlimited && ./deny personality -- '$JOSTLE' run -n 20 -- ./workshop >upwards"
check_output 'addresses:.*randomisation' "... has addresses that differ, which is said" cat upwards
check_status 0 "so has little address space" \
	bash -c "ulimit -v 3000000 && ./deny personality -- '$JOSTLE' run -n 20 -- ./addresses >little"
check_output 'addresses:.*randomisation' "... and it is said" cat little
gcc -g -pthread -o ways_to_end "$programs/ways_to_end.c"
for reset in auto fork exec; do
	check_status 0 "reset $reset: a program that becomes another one stays in the schedule" \
		./deny personality -- "$JOSTLE" run --reset $reset -n 5 --json becomes.json -- ./ways_to_end exec
	check_status 1 "... which does not end there" grep -q 'the schedule ends there' becomes.json
	check_status 0 "reset $reset: where addresses cannot be fixed it is not called killed" \
		bash -c "ulimit -s unlimited && ./deny personality -- '$JOSTLE' run --reset $reset -n 5 \
			-- ./ways_to_end exec >becomes.txt"
	check_output 'replaced itself by exec: the schedule ends there' "... and where it ends is said" \
		cat becomes.txt
done
check_status 3 "a server and its client are refused there" \
	bash -c "ulimit -s unlimited && ./deny personality -- '$JOSTLE' run -q -n 5 --with true -- ./workshop 2>why"
check_output 'refuses personality' "... with the reason" cat why
check_status 2 "without memory files nothing is claimed" \
	./deny memfd -- "$JOSTLE" run -q -n 20 -- ./workshop
check_status 2 "nor without process descriptors" \
	./deny pidfd -- "$JOSTLE" run -q -n 20 -- ./workshop
check_status 3 "without system calls seen, a program is refused with 3" \
	./deny dispatch -- "$JOSTLE" run -q -n 20 -- ./workshop

finish
