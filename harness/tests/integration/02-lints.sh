#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Each lint and the check counter itself, made to fail on purpose: a rule that cannot be broken
# checks nothing.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

lint=$SRC/tools/lint

# broken RULE-REGEX NAME LINT: in the tree $work/tree the lint fails, by the check that is meant.
broken() {
	check_status 1 "$2" "$lint/$3" "$work/tree"
	check_output "^not ok [0-9]+ - .*$1" "... by the rule that it breaks" "$lint/$3" "$work/tree"
}

fresh_tree() {
	rm -rf "$work/tree"
	mkdir -p "$work/tree/harness/"{base,event,model,detect,sched,engine,intercept,include} \
		"$work/tree/"{tools/jostle,cases/race}
}

# source FILE LINE...: a file of the tree that breaks no other rule.
source_file() {
	local file=$work/tree/$1
	shift
	printf '%s\n' '/* SPDX-License-Identifier: Apache-2.0 */' "$@" >"$file"
}

fresh_tree
source_file harness/engine/good.c '#include "model/mutex.h"' '#include "base/fmt.h"'
source_file harness/intercept/good.c '#include "jostle.h"' '#include "event/op.h"'
source_file cases/race/good.c '#include "jostle.h"'
check "a tree that keeps the directions passes" "$lint/includes" "$work/tree"
check "a tree that keeps the house rules passes" "$lint/house" "$work/tree"

source_file harness/base/bad.c '#include "event/op.h"'
broken 'harness/base includes only' "the base knows no events" includes
fresh_tree
source_file harness/detect/bad.c '#include "sched/sched.h"'
broken 'harness/detect includes only' "detectors and strategies never meet" includes
fresh_tree
source_file harness/model/bad.c '  #  include "engine/step.h"'
broken 'harness/model includes only' "a model does not know the engine" includes
fresh_tree
source_file tools/jostle/bad.c '#include "engine/step.h"'
broken 'tools include' "a tool does not know the engine" includes
fresh_tree
source_file cases/race/bad.c '#include "base/rng.h"'
broken 'cases include' "a case knows the public header alone" includes
fresh_tree
source_file harness/model/bad.c '#include <stdio.h>'
broken 'stdio' "the inside has no stdio" includes

fresh_tree
echo 'int x;' >"$work/tree/harness/base/bad.c"
broken 'licence' "a source without a licence is named" house
fresh_tree
for _ in $(seq 500); do echo; done >"$work/long"
{ echo '/* SPDX-License-Identifier: Apache-2.0 */' && cat "$work/long"; } \
	>"$work/tree/harness/base/bad.c"
broken 'longer than' "a source of 500 lines is named" house
fresh_tree
source_file harness/base/bad.c "/* TO""DO: later */"
broken 'finish it later' "a note to finish it later is named" house
fresh_tree
source_file harness/base/bad.c "/* $(printf '%0120d' 0) */"
broken 'wider than' "a line of 120 columns is named" house
fresh_tree
source_file harness/base/bad.c 'int x; '
broken 'white space' "white space at the end of a line is named" house
fresh_tree
source_file harness/base/bad.c '/*' ' *broken by a formatter' ' */'
broken 'without its space' "a comment that a formatter broke is named" house

fresh_tree
source_file harness/base/bad.h 'size_t missing(void);'
broken 'compiles alone' "a header that lacks an include is named" headers
fresh_tree
source_file harness/include/bad.h 'struct s { int class; };'
broken 'compiles alone as C..' "a public header that is no C++ is named" headers

# A store that another one overtakes is an access at -O0 only.
fresh_tree
source_file cases/race/marked.c 'int shared;' 'void twice(void);' 'void twice(void)' '{' \
	'	shared = 1; /* RACE: overtaken */' '	shared = 2; /* RACE: stays */' '}'
check "marks that have their access at -O0 pass" "$lint/marks" "$work/tree"
check_output '^# gcc -O2: of 2 RACE marks the access has vanished of cases/race/marked\.c:6$' \
	"a mark that an optimisation took the access from is listed" "$lint/marks" "$work/tree"
source_file cases/race/bad.c 'int shared;' '/* RACE: no code here */'
broken '-O0 keeps' "a mark that never had one is named" marks

fresh_tree
printf '%s\n' '#!/bin/bash' "check 'it is so' python3 - <<'END'" 'assert False' END \
	>"$work/tree/tools/bad.sh"
broken 'standard input' "a check that is given an empty script is named" shell
if command -v shellcheck >/dev/null; then
	fresh_tree
	# shellcheck disable=SC2016
	printf '#!/usr/bin/env bash\nrm -rf $1/x\n' >"$work/tree/tools/bad"
	broken 'tools/bad' "a script that forgets its quotes is named" shell
else
	skip "a script that forgets its quotes is named" "shellcheck is not installed"
	skip "... by the rule that it breaks" "shellcheck is not installed"
fi

# A library with one export and one import too many, and lists with one too many.
fresh_tree
export BUILD=$work/build
objects=$BUILD/CMakeFiles/jostle.dir/harness/intercept
mkdir -p "$objects" "$BUILD/lib"
printf '#include <stdlib.h>\nvoid shown(void);\nvoid shown(void) { abort(); }\n' >"$work/x.c"
gcc -fPIC -c "$work/x.c" -o "$objects/x.c.o"
gcc -shared "$objects/x.c.o" -o "$BUILD/lib/libjostle.so"
broken 'every exported name' "an export without a family is named" exports
broken 'every function taken' "an import without a reason is named" exports
check "the list of exports can be written anew" "$lint/exports" --update "$work/tree"
check_output '^shown.intercept/x\.c$' "... with the file of each" cat "$work/tree/harness/exports.txt"
echo 'abort  the process is lost anyway' >"$work/tree/harness/imports.txt"
check "lists that match pass" "$lint/exports" "$work/tree"
echo 'hidden	intercept/x.c' >>"$work/tree/harness/exports.txt"
broken 'not exported' "a listed name that is not exported is named" exports
printf 'abort  why\nmalloc  why\n' >"$work/tree/harness/imports.txt"
broken 'not taken' "a listed function that is not taken is named" exports

# A stand-in of another name that defines nothing, and a list that is not sorted.
mkdir -p "$BUILD/lib/jostle" "$work/tree/harness/standin"
gcc -shared -Wl,-soname,libother.so "$objects/x.c.o" -o "$BUILD/lib/jostle/libtsan.so.2"
printf 'F(b)\nF(a)\n' >"$work/tree/harness/standin/names.list"
broken 'the name that programs look for' "a stand-in of another name is named" standin
broken 'sorted' "a list that is not sorted is named" standin
if [ -e "$(gcc -print-file-name=libtsan.so)" ]; then
	broken 'oldest version' "names that the stand-in lacks are named" standin
fi

tap=$SRC/ci/tap
check "the counter passes a test that keeps its plan" \
	"$tap" --build "$work" t -- printf 'ok 1 - a\nok 2 - b\n1..2\n'
check_status 1 "the counter fails a test that checks nothing" "$tap" --build "$work" t -- true
check_status 1 "the counter fails a test that dies before its plan" \
	"$tap" --build "$work" t -- printf 'ok 1 - a\n'
check_status 1 "the counter fails a test that forgot a check" \
	"$tap" --build "$work" t -- printf 'ok 1 - a\n1..2\n'
check_status 1 "the counter fails a test with a failed check" \
	"$tap" --build "$work" t -- printf 'ok 1 - a\nnot ok 2 - b\n1..2\n'
check_status 1 "the counter fails a test that exits badly though all is ok" \
	"$tap" --build "$work" t -- bash -c 'echo "ok 1 - a"; echo 1..1; exit 3'
check_status 1 "the counter fails a unit test that is not there" \
	"$tap" --unit --build "$work" t -- ./nowhere

finish
