# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Sourced, behind tap.sh, by scripts that run the whole catalogue.

# catalogue SCHEDULES JSON [COMMAND...]: as `COMMAND jostle test --schedules SCHEDULES --json JSON`,
# its text and its exit status; catalogue_options are further options. Where each schedule forks (a
# small budget of its own says so) a schedule costs a hundred times as much: of those variants the
# fixed ones get a tenth of the schedules (CATALOGUE_FORKS: that many) and the broken ones their own
# budget, which they seldom need. catalogue_forks are further options for both.
catalogue_options=()
catalogue_forks=()
catalogue() {
	local schedules=$1 json=$2 part ids options status=0
	local forks=${CATALOGUE_FORKS:-$(($1 < 100 ? 10 : $1 / 10))}
	shift 2
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
		threads) options=(--schedules "$schedules") ;;
		forks) options=(--schedules "$forks" "${catalogue_forks[@]}") ;;
		broken) options=("${catalogue_forks[@]}") ;;
		esac
		"$@" "$JOSTLE" test --quiet "${catalogue_options[@]}" "${options[@]}" \
			--json "$json.$part" "${ids[@]}" || status=$?
	done
	python3 -c '
import json, sys
parts = [json.load(open(sys.argv[1] + "." + name)) for name in ("threads", "forks", "broken")]
whole = parts[0]
whole["cases"] = sorted(sum((part["cases"] for part in parts), []), key=lambda case: case["id"])
for part in parts[1:]:
    whole["gone"] += [mark for mark in part["gone"] if mark not in whole["gone"]]
json.dump(whole, open(sys.argv[1], "w"), indent=2)' "$json" || status=2
	return $status
}
