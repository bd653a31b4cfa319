/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gdb starts the target itself: the board and its configuration lie in descriptors that it hands
 * through. What gdb calls threads are the engine's parked ones; the program's own are fibers, so a
 * command of ours shows those: it borrows the registers, prints, and puts them back.
 */
#include "jostle/gdb.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jostle/say.h"
#include "report/pool.h"

#define ARGUMENTS_MAX 24 /* gdb's own, before the program's */

static const char script[] =
	"set startup-with-shell off\n"
	"set disable-randomization on\n"
	"set print thread-events off\n"
	"handle SIGSYS SIG62 nostop noprint pass\n" /* the engine's; preempt.c */
	/* Faults that the engine answers go on: a reading of the processor's counter (rdtsc,
	 * rdtscp) and what stands at atomic instructions (hlt). What the registers are is known
	 * once the program runs: too late for a condition. */
	"handle SIGSEGV nostop noprint pass\n"
	"catch signal SIGSEGV\n"
	"commands\n"
	"  silent\n"
	"  if {unsigned char}$pc == 0xf4 || {unsigned short}$pc == 0x310f || "
	"({unsigned int}$pc & 0xffffff) == 0xf9010f\n"
	"    continue\n"
	"  else\n"
	"    printf \"\\nProgram received signal SIGSEGV.\\n\"\n"
	"    frame\n"
	"  end\n"
	"end\n"
	"define jostle-threads\n"
	"  set $jostle_sp = $rsp\n"
	"  set $jostle_pc = $rip\n"
	"  set $jostle_bp = $rbp\n"
	"  set $jostle_bx = $rbx\n"
	"  set $jostle_12 = $r12\n"
	"  set $jostle_13 = $r13\n"
	"  set $jostle_14 = $r14\n"
	"  set $jostle_15 = $r15\n"
	"  set $jostle_i = 0\n"
	"  while $jostle_i < engine_world.thread_count\n"
	"    set $jostle_f = &engine_fibers[$jostle_i]\n"
	"    printf \"\\nT%d %s\", $jostle_i, $jostle_f->thread.name\n"
	"    if $jostle_f->thread.status == THREAD_FINISHED\n"
	"      printf \" (ended)\\n\"\n"
	"    else\n"
	"      printf \"\\n\"\n"
	"      set $jostle_r = (struct fiber_frame *) $jostle_f->sp\n"
	"      set $rsp = (unsigned long) $jostle_r\n"
	"      set $rbp = $jostle_r->rbp\n"
	"      set $rbx = $jostle_r->rbx\n"
	"      set $r12 = $jostle_r->r12\n"
	"      set $r13 = $jostle_r->r13\n"
	"      set $r14 = $jostle_r->r14\n"
	"      set $r15 = $jostle_r->r15\n"
	"      set $rip = (unsigned long) &fiber_saved\n"
	"      backtrace\n"
	"      set $rip = $jostle_pc\n"
	"      set $rsp = $jostle_sp\n"
	"      set $rbp = $jostle_bp\n"
	"      set $rbx = $jostle_bx\n"
	"      set $r12 = $jostle_12\n"
	"      set $r13 = $jostle_13\n"
	"      set $r14 = $jostle_14\n"
	"      set $r15 = $jostle_15\n"
	"    end\n"
	"    set $jostle_i = $jostle_i + 1\n"
	"  end\n"
	"end\n"
	"document jostle-threads\n"
	"The program's threads where they stand: one backtrace each.\n"
	"end\n"
	"echo \\njostle-threads shows the program's threads; gdb's own list shows parked ones.\\n\n"
	"run\n";

/* The environment that only the target shall have: gdb itself is not under control. */
static int write_environment(int fd, char *const *environment)
{
	static const char *const wanted[] = { "LD_PRELOAD=",      BOARD_ENV "=",
					      BOARD_ENV_BIND "=", BOARD_ENV_SPIN "=",
					      "LD_BIND_NOW=",     GOMP_SPIN "=" };

	for (; *environment; environment++)
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (strncmp(*environment, wanted[i], strlen(wanted[i])) == 0 &&
			    dprintf(fd, "set environment %s\n", *environment) < 0)
				return -1;
	return 0;
}

/* In our process group, so that the terminal stays gdb's; what the user types there is not for us.
 */
static int run_debugger(struct verifier *verifier, char **argv)
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		process_exec_debugger(verifier->launch, &verifier->worker.slot, argv);
		_exit(say_error(EXIT_USAGE, "cannot start gdb: %s", strerror(errno)));
	}
	if (pid < 0)
		return say_error(EXIT_USAGE, "cannot start gdb: %s", strerror(errno));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_USAGE;
}

int gdb_replay(struct verifier *verifier, const struct found *found)
{
	const struct target *target = verifier->launch->target;
	struct pool pool = { NULL };
	const char **argv = pool_new(&pool, const char *, ARGUMENTS_MAX + target->argc);
	size_t at = 0;
	/* Not closed on exec: gdb reads it under its number. */
	int fd = memfd_create("jostle-gdb", 0), code;

	if (fd < 0 || write_environment(fd, verifier->launch->environment) < 0 ||
	    write(fd, script, sizeof(script) - 1) != (ssize_t)sizeof(script) - 1)
		return say_error(EXIT_USAGE, "cannot prepare gdb: %s", strerror(errno));
	verifier_prepare(verifier, found);
	if (worker_configure_folder(&verifier->worker))
		return EXIT_USAGE;
	verifier->worker.slot.board->config.pause_at_end = 1;
	argv[at++] = "gdb";
	argv[at++] = "-q";
	argv[at++] = "-x";
	argv[at++] = pool_format(&pool, "/proc/self/fd/%d", fd);
	argv[at++] = "--args";
	argv[at++] = target->path;
	for (size_t i = 1; i < target->argc; i++)
		argv[at++] = target->argv[i];
	argv[at] = NULL;
	code = run_debugger(verifier, (char **)(void *)argv);
	pool_fini(&pool);
	close(fd);
	return code;
}
