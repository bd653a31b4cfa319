#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Bugs that need one order of many threads or of many steps, which chance does not bring about: the
# portfolio has it within some hundred schedules (harness/sched/README.md says before how many).
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
programs=$SRC/harness/tests/programs/orders

run() {
	timeout 300 "$JOSTLE" run --quiet --seed 1 --confirm 0 "$@"
}

check "turns builds" "$JOSTLE" cc -g -O0 -pthread "$programs/turns.c" -o turns
check "crowd builds" gcc -g -O1 -pthread "$programs/crowd.c" -o crowd
run --schedules 2000 -- ./turns >turns.txt
check_output 'exit-status' "forty strict turns" cat turns.txt
run --schedules 2000 -- ./turns allowed >allowed.txt
check_output 'race' "where they are allowed the races alone are told" cat allowed.txt
check_status 1 "and no broken assertion" grep -E 'assert|exit|abort' allowed.txt
for how in one all; do
	check_status 1 "$how of a crowd is half done" run --schedules 3000 --until-first -- ./crowd $how
	check_status 1 "and replays" "$JOSTLE" replay F1
	check "nobody is where that is prevented" run --schedules 300 -- ./crowd $how fixed
done

finish
