#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The command refuses what it cannot understand (2) and what it cannot control (3), and says why;
# it never answers such a call with 0, which would mean that nothing was found.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit

check_status 2 "no subcommand is a usage error" "$JOSTLE"
check_output 'jostle run' "and shows how to run a program" "$JOSTLE"
check_status 0 "help is no error" "$JOSTLE" --help
check_status 0 "help for a subcommand is no error" "$JOSTLE" run --help
check_output '[0-9]+\.[0-9]+\.[0-9]+' "the version can be asked for" "$JOSTLE" --version
check_status 2 "an unknown subcommand is a usage error" "$JOSTLE" frobnicate
check_output 'frobnicate' "and is named" "$JOSTLE" frobnicate

check_status 2 "run without a program is a usage error" "$JOSTLE" run
check_status 2 "run with nothing after the dashes is a usage error" "$JOSTLE" run --
check_status 2 "an unknown option is a usage error" "$JOSTLE" run --frobnicate -- true
check_output 'frobnicate' "and is named" "$JOSTLE" run --frobnicate -- true
check_status 2 "a budget must be a number" "$JOSTLE" run --schedules many -- true
check_status 2 "a budget must be positive" "$JOSTLE" run --schedules -5 -- true
check_status 2 "a strategy must be known" "$JOSTLE" run --strategy frobnicate -- true
check_status 2 "a reset must be known" "$JOSTLE" run --reset frobnicate -- true
check_status 2 "an option needs its value" "$JOSTLE" run --seed

check_status 2 "a program that does not exist is exit 2" "$JOSTLE" run -- ./nowhere
check_output 'nowhere' "and is named" "$JOSTLE" run -- ./nowhere
check_status 2 "a working folder that does not exist is exit 2" \
	"$JOSTLE" run --workdir ./nowhere -- true
check_status 2 "replay of nothing is a usage error" "$JOSTLE" replay
check_status 2 "replay of a file that does not exist is exit 2" "$JOSTLE" replay ./nowhere.json
echo '{ "this": "is no failure file" }' >other.json
check_status 2 "replay of a file that is no failure file is exit 2" "$JOSTLE" replay other.json
echo 'neither is this' >text.json
check_status 2 "replay of a file that is no JSON is exit 2" "$JOSTLE" replay text.json

printf '#!/bin/sh\nexit 0\n' >script
chmod +x script
check_status 3 "a script cannot be controlled" "$JOSTLE" run -- ./script
printf 'int main(void)\n{\n\treturn 0;\n}\n' >empty.c
if gcc -static empty.c -o static 2>/dev/null; then
	check_status 3 "a static program cannot be controlled" "$JOSTLE" run -- ./static
	check_output 'static' "and is told why" "$JOSTLE" run -- ./static
else
	skip "a static program cannot be controlled" "no static libc here"
	skip "and is told why" "no static libc here"
fi
if gcc -m32 empty.c -o thirty-two 2>/dev/null; then
	check_status 3 "a 32-bit program cannot be controlled" "$JOSTLE" run -- ./thirty-two
else
	skip "a 32-bit program cannot be controlled" "no 32-bit libc here"
fi
gcc empty.c -o set-uid && chmod u+s set-uid
check_status 3 "a set-uid program cannot be controlled" "$JOSTLE" run -- ./set-uid

finish
