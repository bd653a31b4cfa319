#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# To copy into a project: explores programs for a short time with each change and for a long one at
# night. Leaves in jostle-results/ a folder for each program, with failure files (jostle replay
# FILE), JUnit, TAP and JSON. Exit status 0 when nothing was found, else the highest of the programs:
# 1 something was found, 2 wrong usage, 3 a program could not be controlled.
#
# usage: jostle.sh change|night PROGRAM...
#
# A program is a path; arguments, if any, follow it in the same word: "build/server --selftest".
# From the environment: JOSTLE the command, JOSTLE_CHANGE_TIME and JOSTLE_NIGHT_TIME the seconds for
# each program, JOSTLE_RESULTS the folder. The seed is the date at night, so that each night looks
# elsewhere, and 1 for a change, so that the same change has the same result.
set -u

jostle=${JOSTLE:-jostle}
change_time=${JOSTLE_CHANGE_TIME:-20}
night_time=${JOSTLE_NIGHT_TIME:-1800}
results=${JOSTLE_RESULTS:-jostle-results}
# What is for this script must not be an option of the command.
unset JOSTLE JOSTLE_CHANGE_TIME JOSTLE_NIGHT_TIME JOSTLE_RESULTS

usage() {
	echo "usage: jostle.sh change|night PROGRAM..." >&2
	exit 2
}

[ $# -ge 2 ] || usage
case $1 in
change) time=$change_time seed=1 ;;
night) time=$night_time seed=$(date +%Y%m%d) ;;
*) usage ;;
esac
shift

worst=0 number=0
for program; do
	read -r -a words <<<"$program"
	number=$((number + 1))
	name=$(basename "${words[0]}")
	folder=$results/$number-$name
	mkdir -p "$folder" || exit 2
	echo "jostle: $program, for $time s with seed $seed"
	"$jostle" run --time "${time}s" --seed "$seed" --out "$folder" --json "$folder/run.json" \
		--junit "$folder/junit.xml" --tap "$folder/run.tap" -- "${words[@]}" </dev/null
	status=$?
	[ $status -le $worst ] || worst=$status
done
exit $worst
