#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Failures of the catalogue, of each buggy variant, from every strategy and every reset, are replayed
# from their files, each in a process of its own: they fail again, with the same event hash.
#
# REPLAY_EACH: how many failures of each variant at least; REPLAY_ALL: how many in all at least.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

each=${REPLAY_EACH:-2}
all=${REPLAY_ALL:-100}
cases=$BUILD/cases/jostle-cases
cd "$work" || exit

# Buggy variants that can show at this level: "ID OPT-IN RUNS".
"$cases" --list --json | awk -F'"' '
	/^      "id"/ { id = $4 }
	/^      "expect"/ { expect = $4 }
	/^      "known_gap"/ { gap = !/null/ }
	/^      "needs"/ { needs = !/\[\]/ }
	/^      "opt_in"/ { nasty = $4; sub(/spurious/, "wakeup", nasty) }
	/^      "runs"/ {
		if (expect != "pass" && !gap && !needs) print id, nasty ? nasty : "none", $4
	}' >variants
"$JOSTLE" strategies | awk '/^[a-z]/ { print $1 } /^pct/ { print "pct:2"; print "pct:5" }' |
	while read -r strategy; do
		for reset in snapshot fork exec; do
			echo "$strategy $reset"
		done
	done >ways
mapfile -t ways <ways

# value FILE KEY: of a key at the top of a JSON file.
value() {
	sed -n "s/^  \"$2\": \"\\{0,1\\}\\([^\",]*\\)\"\\{0,1\\},\\{0,1\\}\$/\\1/p" "$1"
}

# try ID OPT-IN STRATEGY RESET SEED: one failure, replayed. 1: none was found; its file is kept when
# it does not replay.
try() {
	local out=out-$tried nasty=() schedules=2000 status
	[ "$4" != exec ] || schedules=500 # each starts a program
	[ "$2" = none ] || nasty=(--nasty "$2")
	rm -rf "$out"
	timeout 120 "$JOSTLE" run --quiet --until-first --schedules $schedules --seed "$5" --strategy "$3" \
		--reset "$4" "${nasty[@]}" --out "$out" -- "$cases" --run "$1" >run.log 2>&1 </dev/null
	status=$?
	if [ $status -gt 1 ]; then
		echo "$1, $3, $4, seed $5: the run ended with $status: $(head -n 2 run.log)" >>wrong
		return 1
	fi
	[ -f "$out/F1.json" ] || return 1
	timeout 120 "$JOSTLE" replay --json again.json --quiet "$out/F1.json" >replay.log 2>&1 </dev/null
	status=$?
	if [ $status != 1 ] || [ "$(value again.json replay)" != exact ] ||
		[ -z "$(value "$out/F1.json" event_hash)" ] ||
		[ "$(value "$out/F1.json" event_hash)" != "$(value again.json replayed_hash)" ]; then
		echo "$1, $3, $4, seed $5: replay ended with $status:" \
			"$(value "$out/F1.json" event_hash) became $(value again.json replayed_hash)" >>wrong
		[ -z "${REPLAY_KEEP:-}" ] || cp -r "$out" "$REPLAY_KEEP/"
	fi
	rm -rf "$out"
	return 0
}

tried=0 found=0 round=0
declare -A of_variant=() of_way=()
: >wrong
short=1
while [ $short = 1 ] && [ $round -lt $((each * 4 + 20)) ] && [ "$(wc -l <wrong)" -lt 100 ]; do
	short=0
	while read -r id nasty runs; do
		count=${of_variant[$id]:-0}
		[ "$count" -ge "$each" ] && [ $found -ge "$all" ] && continue
		way=${ways[tried % ${#ways[@]}]}
		# The snapshot alone leaves child processes uncontrolled, says so, and claims no
		# exact replay; unless it is forced, a program that forks gets the fork reset.
		case $runs/$id in
		processes/* | */process/* | */ipc/*) way=${way/%snapshot/fork} ;;
		esac
		tried=$((tried + 1))
		if try "$id" "$nasty" "${way% *}" "${way#* }" "$((round + 1))"; then
			found=$((found + 1))
			count=$((count + 1))
			of_variant[$id]=$count
			of_way[$way]=$((${of_way[$way]:-0} + 1))
		fi
		[ "$count" -ge "$each" ] || short=1
	done <variants
	round=$((round + 1))
	[ $found -ge "$all" ] || short=1
done

echo "# $found failures of $(wc -l <variants) variants in ${#ways[@]} ways, from $tried campaigns"
sort wrong | head -n 20 >.out
if [ ! -s wrong ] && [ $found -ge "$all" ]; then
	ok "all of them replay with the same event hash"
else
	not_ok "all of them replay with the same event hash" "$(wc -l <wrong) of $found do not"
fi
while read -r id _; do
	[ "${of_variant[$id]:-0}" -ge "$each" ] || echo "$id: ${of_variant[$id]:-0}"
done <variants >.out
if [ -s variants ] && [ ! -s .out ]; then
	ok "each buggy variant was among them"
else
	not_ok "each buggy variant was among them"
fi
for way in "${ways[@]}"; do
	[ "${of_way[$way]:-0}" -ge 1 ] || echo "$way"
done >.out
if [ ${#ways[@]} -ge 18 ] && [ ! -s .out ]; then
	ok "each strategy with each reset was among them"
else
	not_ok "each strategy with each reset was among them"
fi
finish
