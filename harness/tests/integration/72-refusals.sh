#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What cannot be run under control is refused: one sentence that says why, and an exit code that is
# never 0. 2 when there is no such program, 3 when there is one that cannot be controlled.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
echo 'int main(void) { return 0; }' >nothing.c
check "a program that does nothing builds" gcc nothing.c -o nothing

# refused STATUS REGEX NAME PROGRAM: exit status, the sentence, and nothing else but it.
refused() {
	local status=$1 regex=$2 name=$3 got
	shift 3
	timeout 60 "$JOSTLE" run -n 20 -- "$@" >said 2>&1 </dev/null
	got=$?
	cp said "$work/.out"
	if [ $got = "$status" ] && [ "$(wc -l <said)" = 1 ] && grep -qE -- "^jostle: .*$regex" said; then
		ok "$name is refused with $status and one sentence"
	else
		not_ok "$name is refused with $status and one sentence" \
			"got $got instead of $status, or not one line matching $regex"
	fi
}

refused 2 'No such file' "a missing file" ./missing
refused 2 'not found in PATH' "a name that is nowhere in PATH" jostle-has-no-such-program
refused 2 'is a directory' "a directory" "$work"
refused 2 'not executable' "a file that is not executable" ./nothing.c

printf '#!/bin/sh\necho hello\n' >script
chmod +x script
refused 3 'is a script.*/bin/sh \./script' "a script" ./script

if gcc -static nothing.c -o static 2>/dev/null; then
	refused 3 'statically linked' "a static binary" ./static
else
	skip "a static binary" "libc.a is not installed"
fi

# What Go's linker leaves in its programs.
cat >go.c <<'END'
__asm__(".pushsection .note.go.buildid, \"a\", @note\n.balign 4\n.long 4, 4, 4\n"
	".asciz \"Go\\0\"\n.asciz \"abc\"\n.popsection");
int main(void) { return 0; }
END
check "a program that says it is written in Go builds" gcc go.c -o go
refused 3 'written in Go' "a program with Go's runtime" ./go
check_output 'uncontrolled' "one that the program becomes is named" \
	"$JOSTLE" run --schedules 3 -- sh -c './go; true'

cp nothing setuid && chmod u+s setuid
refused 3 'set-user-ID' "a set-uid program" ./setuid
cp nothing setgid && chmod g+s setgid
refused 3 'set-user-ID or set-group-ID' "a set-gid program" ./setgid

# Headers of ELF files, little-endian: class and version, type 2 (a program), machine, zeros.
zeros() {
	head -c "$1" /dev/zero
}
{
	printf '\177ELF\1\1\1' && zeros 9 && printf '\2\0\3\0\1\0\0\0' && zeros 16 && printf '\64\0\40\0' && zeros 8
} >elf32
{
	printf '\177ELF\2\1\1' && zeros 9 && printf '\2\0\363\0\1\0\0\0' && zeros 24 && printf '\0\0\0\0\100\0\70\0' && zeros 8
} >riscv
dd if=nothing of=cut bs=1000 count=1 2>/dev/null
chmod +x elf32 riscv cut
refused 3 '32-bit' "a 32-bit program" ./elf32
refused 3 'another machine' "a program for another machine" ./riscv
refused 3 'damaged|too short' "a damaged program" ./cut
gcc -c nothing.c -o object && chmod +x object
refused 3 'object file' "an object file" ./object

refused 3 'nothing that jostle controls' "a program in which there is nothing to control" ./nothing

if pkg-config --exists check 2>/dev/null; then
	# shellcheck disable=SC2046
	check "a suite of libcheck builds" gcc -std=gnu11 -g -pthread \
		"$SRC/harness/tests/programs/forking_suite.c" -o suite $(pkg-config --cflags --libs check)
	check "a suite that forks each of its tests is explored" timeout 60 "$JOSTLE" run -n 50 -- ./suite
	check "which in one process is explored" env CK_FORK=no timeout 60 "$JOSTLE" run -n 50 -- ./suite
else
	skip "a suite that forks each of its tests is explored" "libcheck is not installed"
fi

refused_replay() {
	check_status 2 "$1" timeout 60 "$JOSTLE" replay "$2"
}
refused_replay "replaying what is not there is a usage error" ./missing.json
refused_replay "replaying a directory is a usage error" "$work"
refused_replay "replaying a program is a usage error" ./nothing

finish
