#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The scripts of ci/ when things go wrong: packages that are missing, a test that never ran, a step
# that failed. Each is asked for its bad news.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

# A machine without pigz, and a user who is not root, both by stand-ins that come first in PATH.
mkdir "$work/bin"
cat >"$work/bin/dpkg-query" <<'END'
#!/bin/sh
for package; do :; done
[ "$package" = pigz ] || echo installed
END
printf '#!/bin/sh\necho 1000\n' >"$work/bin/id"
chmod +x "$work/bin/dpkg-query" "$work/bin/id"
check_status 2 "install-deps exits with 2 when it may not install" \
	env "PATH=$work/bin:$PATH" "$SRC/ci/install-deps"
check_output 'missing packages.*: pigz$' "... and names what is missing, and that alone" \
	env "PATH=$work/bin:$PATH" "$SRC/ci/install-deps"
printf '#!/bin/sh\necho 0\n' >"$work/bin/id"
printf '#!/bin/sh\necho "apt-get $*"\nexit 100\n' >"$work/bin/apt-get"
chmod +x "$work/bin/apt-get"
check_status 2 "install-deps exits with 2 when installing fails" \
	env "PATH=$work/bin:$PATH" "$SRC/ci/install-deps"
check_output '^apt-get update' "... after it renewed the package lists" \
	env "PATH=$work/bin:$PATH" "$SRC/ci/install-deps"
printf '#!/bin/sh\nexit 0\n' >"$work/bin/apt-get"
check "install-deps installs what is missing when it may" \
	env "PATH=$work/bin:$PATH" "$SRC/ci/install-deps"

# A copy of ci/ in a tree of its own, so that the real build folder is left alone.
mkdir -p "$work/tree"
cp -r "$SRC/ci" "$work/tree/"
cat >"$work/tree/steps" <<'END'
. "$(dirname "$0")/ci/lib.sh"
step "$@"
END
check_output 'quiet +0 s$' "a step that goes well is one line" \
	bash "$work/tree/steps" quiet echo secret
check_status 3 "a step that fails returns its status" \
	bash "$work/tree/steps" loud bash -c 'echo why; exit 3'
check_output '^    why$' "... and shows why" \
	bash "$work/tree/steps" loud bash -c 'echo why; exit 3'
check_output '^    not ok 2 - b$' "... which for tests is the failed check" \
	bash "$work/tree/steps" tests bash -c 'printf "ok 1 - a\nnot ok 2 - b\n# c\n1..2\n"; exit 1'

# A build folder in which ctest knows two tests, of which one has left a log.
mkdir -p "$work/counted/tap"
printf 'add_test(first true)\nadd_test(second true)\n' >"$work/counted/CTestTestfile.cmake"
printf 'ok 1 - a\nok 2 - b # SKIP c\nnot ok 3 - d\n1..3\n' >"$work/counted/tap/first.tap"
cat >"$work/tree/count" <<'END'
. "$(dirname "$0")/ci/lib.sh"
count_checks "$1"
echo "$passed passed, $failed failed, $skipped skipped"
END
check_output '^1 passed, 2 failed, 1 skipped$' "a test that left no log counts as failed" \
	bash "$work/tree/count" "$work/counted"
check_output '^second did not run to its end$' "... and is named" \
	bash "$work/tree/count" "$work/counted"
printf 'ok 1 - a\n' >"$work/counted/tap/second.tap"
check_output '^1 passed, 2 failed' "a log without its plan counts as failed too" \
	bash "$work/tree/count" "$work/counted"
printf 'ok 1 - a\n1..1\n' >"$work/counted/tap/second.tap"
check_output '^2 passed, 1 failed' "a log with its plan counts" \
	bash "$work/tree/count" "$work/counted"

finish
