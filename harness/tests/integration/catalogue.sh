# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Sourced, behind tap.sh, by scripts that run the whole catalogue.

# catalogue SCHEDULES JSON: as `jostle test --schedules SCHEDULES --json JSON`, its text on standard output.
# Where each schedule forks (a small budget of its own says so) a schedule costs a hundred times as much:
# of those variants the fixed ones get a tenth of the schedules and the broken ones their own budget,
# which they seldom need.
catalogue() {
	local part ids options
	"$JOSTLE" list --json list.json >/dev/null || return
	for part in threads forks broken; do
		mapfile -t ids < <(python3 -c '
import json, sys
for case in json.load(open("list.json")):
    forks = case["schedules"] < 10000
    broken = case["expect"] != "pass"
    if sys.argv[1] == ("threads" if not forks else "broken" if broken else "forks"):
        print(case["id"])' $part)
		case $part in
		threads) options=(--schedules "$1") ;;
		forks) options=(--schedules $(($1 < 100 ? 10 : $1 / 10))) ;;
		broken) options=() ;;
		esac
		"$JOSTLE" test --quiet "${options[@]}" --json $part.json "${ids[@]}"
	done
	python3 -c '
import json, sys
parts = [json.load(open(name + ".json")) for name in ("threads", "forks", "broken")]
whole = parts[0]
whole["cases"] = sorted(sum((part["cases"] for part in parts), []), key=lambda case: case["id"])
for part in parts[1:]:
    whole["gone"] += [mark for mark in part["gone"] if mark not in whole["gone"]]
json.dump(whole, open(sys.argv[1], "w"), indent=2)' "$2"
}
