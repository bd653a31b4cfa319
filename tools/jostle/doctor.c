/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `jostle doctor`: tries what jostle needs, here and now, instead of guessing from version numbers:
 * a container's filter may forbid what the kernel has. Each line says what is lost without it.
 */
#include "jostle/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "campaign/process.h"
#include "campaign/target.h"
#include "jostle/commands.h"
#include "jostle/say.h"
#include "report/page.h"
#include "symbols/modules.h"

/* Newer than the headers of some distributions that we build on. */
#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC (1 << 15)
#endif
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif
#define PAGEMAP_SCAN_REQUEST _IOWR('f', 16, struct scan_argument)

struct scan_argument { /* struct pm_scan_arg of linux/fs.h since 6.7 */
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages, category_inverted,
		category_mask, category_anyof_mask, return_mask;
};

/* Runs a probe in a child, since some cannot be taken back. True when it returned true. */
static bool in_child(bool (*probe)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(probe() ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

static bool probe_personality(void)
{
	return personality(personality(0xffffffff) | ADDR_NO_RANDOMIZE) >= 0;
}

static bool probe_dispatch(void)
{
	/* An address range that covers everything: nothing is trapped, the question is only whether
	 * it may be switched on. */
	return prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0UL, ~0UL >> 1, NULL) == 0;
}

static bool probe_write_protection(void)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_WP_ASYNC };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	return fd >= 0 && ioctl(fd, UFFDIO_API, &api) == 0;
}

static bool probe_scan(void)
{
	struct scan_argument argument = { .size = sizeof(argument) };
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	argument.start = (uint64_t)(uintptr_t)page;
	argument.end = argument.start + 4096;
	argument.return_mask = argument.category_anyof_mask = 1U << 1; /* PAGE_IS_WRITTEN */
	return fd >= 0 && page != MAP_FAILED && ioctl(fd, PAGEMAP_SCAN_REQUEST, &argument) >= 0;
}

static bool probe_counter(void)
{
	return prctl(PR_SET_TSC, PR_TSC_SIGSEGV) == 0;
}

static bool probe_fsgsbase(void)
{
#if defined(__x86_64__)
	return (getauxval(AT_HWCAP2) & 2) != 0;
#else
	return true; /* TPIDR_EL0 may always be written */
#endif
}

static bool probe_memfd(void)
{
	int fd = memfd_create("jostle-doctor", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	return fd >= 0 && ftruncate(fd, 4096) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0;
}

static bool probe_pidfd(void)
{
	return syscall(SYS_pidfd_open, getpid(), 0) >= 0;
}

static bool probe_ptrace(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(1);
		raise(SIGSTOP);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, WUNTRACED) != pid)
		return false;
	if (!WIFSTOPPED(status))
		return false;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return true;
}

static bool has_gdb(void)
{
	return system("command -v gdb > /dev/null 2>&1") == 0;
}

void doctor_line(struct page *page, enum doctor_answer answer, const char *what, const char *lost)
{
	static const char *const words[] = { "yes", "no", "  " };

	page_style(page, answer == DOCTOR_YES  ? STYLE_GOOD
			 : answer == DOCTOR_NO ? STYLE_WARN
					       : STYLE_PLAIN);
	page_add(page, "%-4s", words[answer]);
	page_style(page, STYLE_PLAIN);
	if (answer == DOCTOR_YES) {
		page_add(page, "%s\n", what);
		return;
	}
	page_add(page, "%s: ", what);
	page_wrap(page, 8, lost);
}

static void tell_probes(struct page *page)
{
	static const struct {
		const char *what;
		bool (*probe)(void);
		const char *lost;
	} probes[] = {
		{ "memory files with seals", probe_memfd, "jostle cannot work without" },
		{ "process descriptors (pidfd)", probe_pidfd,
		  "jostle cannot work without (Linux 5.3)" },
		{ "system calls of libc seen (dispatch)", probe_dispatch,
		  "jostle cannot work without (Linux 5.11, and not forbidden by the container)" },
		{ "written pages told (userfaultfd)", probe_write_protection,
		  "the reset asks which pages of a private mapping were copied instead, as "
		  "fast (Linux 6.7, and not forbidden by the container)" },
		{ "written pages listed (PAGEMAP_SCAN)", probe_scan,
		  "the reset reads an entry for each page instead, a little slower (Linux "
		  "6.7)" },
		{ "the processor's counter (rdtsc)", probe_counter,
		  "a program that decides by it may go another way with the same seed" },
		{ "fast thread switch (FSGSBASE)", probe_fsgsbase,
		  "a switch costs one system call more (Linux 5.9)" },
		{ "fixed addresses (personality)", probe_personality,
		  "a program is started over at addresses of jostle's own instead, but not below "
		  "gdb; found in containers with a filter" },
		{ "debugging (ptrace)", probe_ptrace, "replay --gdb does not work" },
		{ "gdb", has_gdb, "replay --gdb does not work" },
	};

	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
		doctor_line(page, in_child(probes[i].probe) ? DOCTOR_YES : DOCTOR_NO,
			    probes[i].what, probes[i].lost);
}

static void tell_limit(struct page *page, int resource, const char *what, rlim_t wanted,
		       const char *lost)
{
	struct rlimit limit;
	char text[160];

	if (getrlimit(resource, &limit) < 0)
		return;
	if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= wanted) {
		doctor_line(page, DOCTOR_YES, what, "");
		return;
	}
	snprintf(text, sizeof(text), "is %llu, less than %llu: %s",
		 (unsigned long long)limit.rlim_max, (unsigned long long)wanted, lost);
	doctor_line(page, DOCTOR_NO, what, text);
}

/* "Seccomp: 2" in /proc/self/status means that somebody filters our system calls. */
static const char *seccomp_state(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	const char *state = "is unknown";
	char text[256];

	while (file && fgets(text, sizeof(text), file))
		if (strncmp(text, "Seccomp:", 8) == 0)
			state = strchr(text, '2') ? "a filter is in place (a container?)" : "none";
	if (file)
		fclose(file);
	return state;
}

#define LISTED "JOSTLE_LISTED"

/* What the loader would map, as it says itself: "\tlibz.so.1 => /lib/libz.so.1 (0x...)". The
 * program is not run. */
static void list_objects(const char *program, struct modules *modules)
{
	char text[4096];
	FILE *pipe;

	/* In the environment no character of the name means anything to the shell. */
	setenv(LISTED, program, 1);
	pipe = popen("LD_TRACE_LOADED_OBJECTS=1 \"$" LISTED "\" 2>/dev/null", "re");
	unsetenv(LISTED);
	while (pipe && fgets(text, sizeof(text), pipe)) {
		char *path = strchr(text, '/');

		if (!path)
			continue;
		path[strcspn(path, " \n")] = '\0';
		modules_add(modules, path);
	}
	if (pipe)
		pclose(pipe);
}

/* Whether its memory accesses are visible, who compiled it, and what else it loads. */
static void tell_instrumentation(struct page *page, const struct target *target)
{
	const char *compiler =
		target->elf.compiler[0] ? target->elf.compiler : "an unknown compiler";
	struct modules modules = { .count = 0 };
	struct pool pool = { NULL };
	const char *names;

	if (!target->elf.instrumented) {
		doctor_line(page, DOCTOR_NO, "its memory accesses are visible",
			    pool_format(&pool,
					"built by %s without instrumentation; data races are not "
					"found: build it with jostle cc",
					compiler));
		pool_fini(&pool);
		return;
	}
	doctor_line(page, DOCTOR_YES,
		    pool_format(&pool, "its memory accesses are visible: instrumented by %s",
				compiler),
		    "");
	if (target->elf.tsan_library[0])
		doctor_line(page, DOCTOR_NO, "built with jostle cc",
			    pool_format(&pool,
					"linked with %s, for which jostle has a stand-in; what "
					"memcpy and its like access is not seen",
					target->elf.tsan_library));
	list_objects(target->path, &modules);
	names = modules_uninstrumented(&modules, &pool);
	if (names)
		doctor_line(page, DOCTOR_NO, "so are those of all that it loads",
			    pool_format(&pool, "not instrumented: %s", names));
	else
		doctor_line(page, DOCTOR_YES, "so are those of all that it loads", "");
	modules_fini(&modules);
	pool_fini(&pool);
}

int command_doctor(struct options *options)
{
	struct target target;
	struct launch launch;
	struct input input = { .fd = -1 };
	struct utsname system_name;
	struct page page;
	char text[200];
	int code = 0, library, written;

	if (options->operand_count > 1)
		return say_error(EXIT_USAGE, "doctor: takes one program, but got '%s' as well",
				 options->operands[1]);
	fflush(NULL);
	command_page(&page, options);
	uname(&system_name);
	snprintf(text, sizeof(text), "%.60s %.60s, %ld processors", system_name.release,
		 system_name.machine, sysconf(_SC_NPROCESSORS_ONLN));
	doctor_line(&page, DOCTOR_ABOUT, "Linux", text);
	doctor_line(&page, DOCTOR_ABOUT, "filter of system calls", seccomp_state());
	tell_probes(&page);
	doctor_detectors(&page);
	tell_limit(&page, RLIMIT_NOFILE, "open files", 1024,
		   "the engine's descriptors lie lower, nearer to the program's");
	tell_limit(&page, RLIMIT_NPROC, "processes", 256,
		   "programs with many threads may be refused");
	tell_limit(&page, RLIMIT_AS, "address space", 1ULL << 38,
		   "the engine reserves a large range for the program's heap");
	library = launch_prepare(&launch, NULL, &input);
	if (library == 0)
		launch_finish(&launch);
	doctor_line(&page, library ? DOCTOR_NO : DOCTOR_YES, "the preloaded library is in place",
		    "nothing can be run");
	if (options->operand_count == 1) {
		code = target_open(&target, options->operands, 1);
		doctor_line(&page, code ? DOCTOR_NO : DOCTOR_YES, options->operands[0],
			    "cannot be controlled, as said above");
		if (code == 0)
			tell_instrumentation(&page, &target);
	}
	written = page_write(&page, STDOUT_FILENO);
	page_fini(&page);
	return code ? code : library ? library : written;
}
