#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The pipelines that others copy: clean under yamllint, their inner scripts under shellcheck, and the
# plain script does what it says. (That script itself is one of lint.shell.)
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

pipelines=$SRC/ci/pipelines
cd "$work" || exit
for file in "$pipelines"/*.yml; do
	check "${file##*/} is clean under yamllint" yamllint -s "$file"
done
# The lines of shell in a pipeline, as one script. Globbing of program lists is meant: SC2086.
# shellcheck disable=SC2317 # called through check
shell_is_clean() {
	python3 - "$pipelines" <<'END'
import subprocess, sys, yaml
github = yaml.safe_load(open(sys.argv[1] + "/github.yml"))
gitlab = yaml.safe_load(open(sys.argv[1] + "/gitlab.yml"))
scripts = [step["run"] for job in github["jobs"].values() for step in job["steps"] if "run" in step]
for job in gitlab.values():
    if isinstance(job, dict):
        for part in ("before_script", "script"):
            if part in job:
                scripts.append("\n".join(job[part]))
assert len(scripts) >= 6, scripts
for script in scripts:
    subprocess.run(["shellcheck", "-s", "bash", "-e", "SC2086", "-"], input=script.encode(), check=True)
END
}
check "the shell in them is clean under shellcheck" shell_is_clean
keeps() {
	grep -qE "if: always|when: always" "$1" && grep -q jostle-results "$1" &&
		grep -q "jostle.sh" "$1" && grep -q change "$1" && grep -q night "$1"
}
for file in "$pipelines"/*.yml; do
	check "${file##*/} has both budgets and keeps results of failures" keeps "$file"
done

gcc -g -pthread "$SRC/ci/programs/transfer.c" -o transfer
printf '%s\n' '#include <pthread.h>' 'static void *body(void *arg) { return arg; }' \
	'int main(void) { pthread_t t; return pthread_create(&t, 0, body, 0) || pthread_join(t, 0); }' \
	>clean.c
gcc -g -pthread clean.c -o clean
script() {
	JOSTLE=$JOSTLE JOSTLE_CHANGE_TIME=1 JOSTLE_NIGHT_TIME=2 "$pipelines/jostle.sh" "$@"
}
check "nothing found is 0" script change ./clean
check "with reports" test -s jostle-results/1-clean/junit.xml
check_status 1 "something found is 1, whatever comes after it" script change ./transfer ./clean
for file in F1.json junit.xml run.tap run.json; do
	check "$file is kept" test -s "jostle-results/1-transfer/$file"
done
check_status 1 "the failure file replays" "$JOSTLE" replay jostle-results/1-transfer/F1.json
check_status 3 "what cannot be controlled is 3" script change ./clean /bin/true ./transfer
check_status 2 "no budget is wrong usage" script ./clean
check_output 'for 2 s with seed 20' "the night is longer, and elsewhere" script night "./clean an argument"

finish
