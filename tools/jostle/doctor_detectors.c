/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The detectors of `jostle under`. That valgrind is in PATH says little: without the symbols of the
 * dynamic loader its tools end at once. That a compiler knows -fsanitize=thread says as little: the
 * runtime may not be installed, or not find the addresses that it wants. So each runs a program.
 */
#include "jostle/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_LINE_MAX 120

/* The exit status of a shell's command, -1 when it did not exit; first is the first line of what it
 * wrote. Addresses are fixed, as below jostle. */
static int try(const char *command, char first[FIRST_LINE_MAX])
{
	char text[4096];
	int pipes[2], status = -1;
	size_t size = 0;
	ssize_t got;
	pid_t pid;

	first[0] = '\0';
	if (pipe(pipes) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		personality(personality(0xffffffff) | ADDR_NO_RANDOMIZE);
		if (dup2(pipes[1], STDOUT_FILENO) < 0 || dup2(pipes[1], STDERR_FILENO) < 0)
			_exit(127);
		close(pipes[0]);
		close(pipes[1]);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	while (pid > 0 && (got = read(pipes[0], text + size, sizeof(text) - 1 - size)) > 0)
		size += (size_t)got;
	text[size] = '\0';
	close(pipes[0]);
	snprintf(first, FIRST_LINE_MAX, "%.*s", (int)strcspn(text, "\n"), text);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status)
									       : -1;
}

static void tell_valgrind(struct page *page)
{
	char version[FIRST_LINE_MAX], said[FIRST_LINE_MAX], text[2 * FIRST_LINE_MAX];

	if (try("valgrind --version", version) != 0) {
		doctor_line(page, DOCTOR_NO, "Valgrind",
			    "jostle under helgrind, drd and memcheck do not work; install the "
			    "package valgrind");
		return;
	}
	snprintf(text, sizeof(text), "Valgrind %s",
		 strncmp(version, "valgrind-", 9) == 0 ? version + 9 : version);
	if (try("valgrind --tool=helgrind --quiet --error-exitcode=0 true", said) == 0) {
		doctor_line(page, DOCTOR_YES, text, "");
		return;
	}
	doctor_line(page, DOCTOR_NO, text,
		    "cannot run a program here, so jostle under helgrind, drd and memcheck do not "
		    "work; valgrind true says why: often libc's symbols are missing, in the "
		    "package libc6-dbg");
}

static void tell_tsan(struct page *page)
{
	static const struct {
		const char *compiler, *lost;
	} compilers[] = {
		{ "gcc", "gcc -fsanitize=thread makes no program that runs here, which jostle "
			 "under tsan needs; install gcc and its libtsan" },
		{ "clang", "clang -fsanitize=thread makes no program that runs here; gcc's will do "
			   "for jostle under tsan, else install clang and its compiler-rt" },
	};
	char command[512], said[FIRST_LINE_MAX], what[64];

	for (size_t i = 0; i < sizeof(compilers) / sizeof(compilers[0]); i++) {
		snprintf(what, sizeof(what), "ThreadSanitizer of %s", compilers[i].compiler);
		snprintf(command, sizeof(command),
			 "d=$(mktemp -d) && echo 'int main(void) { return 0; }' >\"$d/a.c\" && "
			 "%s -fsanitize=thread \"$d/a.c\" -o \"$d/a\" && \"$d/a\"; s=$?; "
			 "rm -rf \"$d\"; exit $s",
			 compilers[i].compiler);
		doctor_line(page, try(command, said) == 0 ? DOCTOR_YES : DOCTOR_NO, what,
			    compilers[i].lost);
	}
}

void doctor_detectors(struct page *page)
{
	tell_valgrind(page);
	tell_tsan(page);
}
