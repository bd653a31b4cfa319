# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Sourced by each lint. A lint looks at one tree ($1, else $SRC, else its own) and prints a check a
# line for ci/tap; harness/tests/integration/02-lints.sh makes each of them fail on purpose.
set -u
export LC_ALL=C

root=${1:-${SRC:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}}
cd "$root" || exit 2
lint_count=0
lint_failed=0

# verdict SENTENCE COMPLAINTS: ok when there is no complaint, else each on a line of its own.
verdict() {
	lint_count=$((lint_count + 1))
	if [ -z "$2" ]; then
		echo "ok $lint_count - $1"
	else
		lint_failed=$((lint_failed + 1))
		echo "not ok $lint_count - $1"
		printf '%s\n' "$2" | sed 's/^/#   /'
	fi
}

# files PATTERN...: the tree's own files whose path matches one of the globs, sorted.
files() {
	local args=() pattern
	for pattern in "$@"; do
		args+=(-o -name "$pattern")
	done
	find . \( -path ./.git -o -path './build*' -o -name jostle-out \) -prune \
		-o -type f \( "${args[@]:1}" \) -print | sed 's|^\./||' | sort
}

# Every bash script: by its name or by its first line.
scripts() {
	files '*' | while read -r file; do
		case $file in
		*.sh) echo "$file" ;;
		*.*) ;;
		*) if head -n 1 "$file" | grep -q '^#!.*\bbash'; then echo "$file"; fi ;;
		esac
	done
}

finish() {
	echo "1..$lint_count"
	[ "$lint_failed" = 0 ]
	exit
}
