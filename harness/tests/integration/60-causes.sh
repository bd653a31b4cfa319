#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every cause is found by its name, in programs whose own names lie: each program of meta/ is built
# under the file name of another one, its functions and variables renamed after other causes. Its
# repaired twin stays quiet.
#
# META_SCHEDULES and META_SEED: how many schedules a program gets, and which renaming.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

schedules=${META_SCHEDULES:-1000}
seed=${META_SEED:-1}
cd "$work" || exit

# shuffle SEED: the lines of standard input in another order.
shuffle() {
	awk -v seed="$1" 'BEGIN { srand(seed) } { line[NR] = $0 }
		END { for (n = NR; n > 0; n--) { i = int(rand() * n) + 1; print line[i]; line[i] = line[n] } }'
}

# The names that a program declares outside of its functions, but main.
own_names() {
	awk '/^static / || /^} [a-z_]+;$/ {
		if (match($0, /[a-z_0-9]+\(/) && $0 !~ /=/) {
			print substr($0, RSTART, RLENGTH - 1)
			next
		}
		sub(/= *{.*/, ""); gsub(/=[^,;]*/, ""); gsub(/\[[^]]*\]/, ""); gsub(/[;{}]/, "")
		count = split($0, part, ",")
		for (i = 1; i <= count; i++)
			if (match(part[i], /[a-z_0-9]+ *$/)) {
				name = substr(part[i], RSTART, RLENGTH); sub(/ +$/, "", name)
				if (name != "static" && name != "struct") print name
			}
	}' "$1" | sort -u
}

# rename FROM TO SEED: the lines with #include stay as they are.
rename() {
	local script=/^#include/b number=0 name liar
	while read -r name && read -r liar <&3; do
		number=$((number + 1))
		script="$script;s/\\b$name\\b/${liar}_$number/g"
	done < <(own_names "$1") 3< <(shuffle "$3" <liars)
	sed -E "$script" "$1" >"$2"
}

# "kind cause" of each finding of a --json, errors alone or all.
found() {
	awk -F'"' -v all="$2" '/^      "kind"/ { kind = $4 }
		/^      "cause"/ { cause = $4 == "" ? "-" : $4 }
		/^      "severity"/ { if (all || $4 == "error") print kind, cause }' "$1" | sort -u
}

# missing LINES LINES: those of the first that the second lacks.
missing() {
	comm -23 <(printf '%s\n' "$1" | sort -u) <(printf '%s\n' "$2" | sort -u) | grep .
}

explore() {
	timeout 120 "$JOSTLE" run --quiet --schedules "$1" --seed "$seed" --hang-timeout 1s \
		--out "out-$2" --json "$2.json" -- "./$2" >"$2.log" 2>&1 </dev/null
}

# try ORIGINAL ALIAS: builds and runs both versions; prints what is wrong.
try() {
	local original=$1 alias=$2 expected also count version status all compiler
	expected=$(sed -n 's/^.*EXPECT: //p' "$original")
	also=$(sed -n 's/^.*ALSO: //p' "$original")
	count=$(sed -n 's/^.*SCHEDULES: //p' "$original")
	compiler=gcc
	grep -q 'BUILD: jostle cc' "$original" && compiler="$JOSTLE cc"
	for version in 0 1; do
		$compiler -std=gnu11 -g -O1 -pthread -DFIXED=$version -I"$SRC/harness/include" "$alias.c" \
			-o "$alias.$version" >"$alias.log" 2>&1 || {
			echo "does not build:"
			cat "$alias.log"
			return
		}
	done
	explore "${count:-$schedules}" "$alias.0"
	status=$?
	all=$(found "$alias.0.json" 1 2>/dev/null)
	[ $status -le 1 ] || echo "broken: exit status $status: $(head -n 3 "$alias.0.log")"
	missing "$expected" "$all" | sed 's/^/broken: not found: /'
	missing "$(found "$alias.0.json" '' 2>/dev/null)" "$expected
$also" | sed 's/^/broken: found instead: /'
	explore "$schedules" "$alias.1"
	status=$?
	[ $status = 0 ] || echo "fixed: exit status $status: $(head -n 3 "$alias.1.log")"
	found "$alias.1.json" 1 2>/dev/null | sed 's/^/fixed: found: /'
	rm -rf "$alias".* "out-$alias".*
}

sed -n 's/^.*EXPECT: [a-z-]* //p' "$SRC"/harness/tests/meta/*.c | tr -d -- '-' | sort -u |
	grep . >liars
(cd "$SRC/harness/tests/meta" && ls -- *.c) >files
shuffle "$seed" <files >aliases
number=0
while read -r file && read -r alias <&3; do
	number=$((number + 1))
	rename "$SRC/harness/tests/meta/$file" "$alias" "$seed$number"
	try "$SRC/harness/tests/meta/$file" "${alias%.c}" >.out
	if [ -s .out ]; then
		not_ok "${file%.c}, which calls itself ${alias%.c}"
	else
		ok "${file%.c}, which calls itself ${alias%.c}"
	fi
done <files 3<aliases

# Each cause that the library can name has its program, but these: two which nothing names yet, and
# four that Memcheck names (81-under.sh).
cat >elsewhere <<'EOF'
invalid-access
memory-lost
mismatched-free
relock
uncaught-exception
uninitialised-value
EOF
sed -n '/define CAUSE_LIST/,/^$/s/^.*X([A-Z_]*, "\([^"]\{1,\}\)").*$/\1/p' \
	"$SRC/harness/event/finding.h" >causes
sed -n 's/^.*EXPECT: [a-z-]* //p' "$SRC"/harness/tests/meta/*.c | cat - elsewhere | sort >covered
sort causes | comm -23 - covered >.out
if [ -s causes ] && [ ! -s .out ]; then
	ok "each cause has a program"
else
	not_ok "each cause has a program"
fi
finish
