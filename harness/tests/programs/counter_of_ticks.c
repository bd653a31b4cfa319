/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor's time-stamp counter, read by the instruction. Without an argument: it counts, time
 * passes when it is read, and children and other programs may read it, too. "decide": each thread
 * does as many operations as the counter says. "look": reads it and ends. "real": prctl(2) wants
 * the processor's own back.
 */
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include "must.h"

extern char **environ;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int released;
static unsigned processor;

static void *decide(void *unused)
{
	for (uint64_t n = __rdtsc() / 7 % 13; n > 0; n--) {
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

static void *release(void *unused)
{
	released = 1;
	return unused;
}

/* A patient loop: it gives up after a time that a sleeping processor would need, too. */
static void *wait_for_release(void *unused)
{
	const uint64_t begin = __rdtsc();

	while (!released)
		must(__rdtscp(&processor) - begin < 1000000000000);
	return unused;
}

static void run_both(void *(*one)(void *), void *(*other)(void *))
{
	pthread_t threads[2];

	must(pthread_create(&threads[0], NULL, one, NULL) == 0);
	must(pthread_create(&threads[1], NULL, other, NULL) == 0);
	must(pthread_join(threads[0], NULL) == 0);
	must(pthread_join(threads[1], NULL) == 0);
}

/* What an instruction changes besides its result would show in these. */
static void check_registers(void)
{
	uint64_t low, high, others = 0x123456789abcdef0, kept = others;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high), "+c"(others), "+r"(kept));
	must(low <= UINT32_MAX && high <= UINT32_MAX);
	must(others == 0x123456789abcdef0 && kept == others);
	__asm__ volatile("stc; rdtscp; setc %b0" : "=r"(kept), "=a"(low), "=d"(high), "=c"(others));
	must((kept & 0xff) == 1 && others <= UINT32_MAX);
}

/* The last instruction of a page before one that is not there. */
static void check_at_the_end_of_a_page(void)
{
	const long page = sysconf(_SC_PAGESIZE);
	unsigned char *code =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const unsigned char bytes[] = { 0x0f, 0x31, 0xc3 };
	void (*read)(void);

	must(code != MAP_FAILED && munmap(code + page, page) == 0);
	memcpy(code + page - sizeof(bytes), bytes, sizeof(bytes));
	must(mprotect(code, page, PROT_READ | PROT_EXEC) == 0);
	code += page - sizeof(bytes);
	memcpy(&read, &code, sizeof(read));
	__asm__ volatile("call *%0" : : "r"(read) : "rax", "rdx", "memory");
}

static void wait_for(pid_t pid)
{
	int status;

	must(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
}

static void check_children(char *self)
{
	char *arguments[] = { self, "look", NULL };
	pid_t pid = fork();

	if (pid == 0)
		_exit(__rdtsc() == 0);
	wait_for(pid);
	must(posix_spawn(&pid, self, NULL, NULL, arguments, environ) == 0);
	wait_for(pid);
	pid = vfork();
	if (pid == 0) {
		execv(self, arguments);
		_exit(1);
	}
	wait_for(pid);
	if (access("./look_static", X_OK) == 0) {
		must(posix_spawn(&pid, "./look_static", NULL, NULL, arguments, environ) == 0);
		wait_for(pid);
	}
}

static volatile sig_atomic_t faults;
static void *resume_at;

static void on_fault(int signo, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)info;
	must(signo == SIGSEGV && __rdtsc() > 0);
	faults++;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)resume_at;
}

/* Faults that are the program's own reach its handler; the second is one of no address at all, as
 * the counter's is. */
static void check_faults(void)
{
	const struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	must(sigaction(SIGSEGV, &action, NULL) == 0);
	__asm__ volatile(
		"lea 1f(%%rip), %%rax; mov %%rax, %0; xor %%eax, %%eax; mov (%%rax), %%rax; 1:"
		: "=m"(resume_at)
		:
		: "rax", "memory");
	__asm__ volatile("lea 1f(%%rip), %%rax; mov %%rax, %0; movabs $0x8000000000000000, %%rax; "
			 "mov (%%rax), %%rax; 1:"
			 : "=m"(resume_at)
			 :
			 : "rax", "memory");
	must(faults == 2);
}

int main(int argc, char **argv)
{
	uint64_t begin = __rdtsc();
	int setting;

	if (argc > 1 && strcmp(argv[1], "look") == 0)
		return begin == 0;
	if (argc > 1 && strcmp(argv[1], "real") == 0) {
		must(prctl(PR_SET_TSC, PR_TSC_ENABLE) == 0);
		run_both(release, release);
		return __rdtsc() == begin;
	}
	if (argc > 1) {
		run_both(decide, decide);
		return 0;
	}
	must(prctl(PR_GET_TSC, &setting) == 0 && setting == PR_TSC_ENABLE);
	must(prctl(PR_SET_TSC, 77) == -1);
	while (__rdtsc() - begin < 100000)
		;
	check_registers();
	check_at_the_end_of_a_page();
	run_both(wait_for_release, release);
	check_children(argv[0]);
	check_faults();
	return 0;
}
