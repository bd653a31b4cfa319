/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What any fiber engine must pay: the switches and the page restores of a schedule, and nothing
 *else. No scheduler, no record, no model. The yardstick of tools/bench/schedules: jostle's rate is
 *given as a share of this program's.
 *
 *	bare FIBERS SWITCHES PAGES SECONDS	prints schedules per second
 *	bare --switch SECONDS			prints nanoseconds per switch
 *
 * A switch saves and loads the callee-saved registers and sets the FS base, as a switch between
 *threads with storage of their own must. A schedule prepares FIBERS stacks, makes SWITCHES switches
 *round robin, and copies PAGES pages of 4 KiB back.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <time.h>

#define FIBERS_MAX 256
#define STACK      (64UL << 10)
#define PAGES_MAX  4096

void bare_switch(void **from, void *to, uint64_t fs);
__asm__(".text\n"
	"bare_switch:\n"
	"	pushq %rbp\n	pushq %rbx\n	pushq %r12\n	pushq %r13\n	pushq %r14\n	"
	"pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	wrfsbase %rdx\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n	popq %r14\n	popq %r13\n	popq %r12\n	popq %rbx\n	"
	"popq %rbp\n"
	"	ret\n");

static void *contexts[FIBERS_MAX + 1];
static char *stacks;
static uint64_t fs;
static unsigned fibers;
static unsigned current;
static unsigned long left; /* switches of this schedule */

static void body(void)
{
	for (;;) {
		const unsigned from = current;
		unsigned to = from + 1 < fibers ? from + 1 : 0;

		if (left-- <= 1)
			to = FIBERS_MAX; /* back to the main context */
		current = to;
		bare_switch(&contexts[from], contexts[to], fs);
	}
}

static void prepare(unsigned i)
{
	uint64_t *top = (uint64_t *)(void *)(stacks + (i + 1) * STACK - 64);

	memset(top - 8, 0, 8 * sizeof(*top));
	top[-2] = (uint64_t)(uintptr_t)body;
	contexts[i] = top - 8;
}

static void schedule(unsigned long switches, unsigned pages, char *live, const char *saved)
{
	for (unsigned i = 0; i < fibers; i++)
		prepare(i);
	left = switches;
	current = 0;
	bare_switch(&contexts[FIBERS_MAX], contexts[0], fs);
	for (unsigned i = 0; i < pages; i++)
		memcpy(live + i * 8192UL, saved + i * 8192UL, 4096);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double rate(unsigned long switches, unsigned pages, double seconds)
{
	char *live = mmap(NULL, PAGES_MAX * 8192UL, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *saved = mmap(NULL, PAGES_MAX * 8192UL, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const double start = now();
	unsigned long count = 0;
	double elapsed;

	if (live == MAP_FAILED || saved == MAP_FAILED)
		abort();
	memset(saved, 1, pages * 8192UL);
	do {
		for (int i = 0; i < 1000; i++)
			schedule(switches, pages, live, saved);
		count += 1000;
		elapsed = now() - start;
	} while (elapsed < seconds);
	munmap(live, PAGES_MAX * 8192UL);
	munmap(saved, PAGES_MAX * 8192UL);
	return (double)count / elapsed;
}

int main(int argc, char **argv)
{
	if ((getauxval(AT_HWCAP2) & 2) == 0) {
		fputs("bare: this kernel does not let programs write the FS base\n", stderr);
		return 3;
	}
	__asm__ volatile("rdfsbase %0" : "=r"(fs));
	stacks = mmap(NULL, FIBERS_MAX * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	if (stacks == MAP_FAILED)
		return 3;
	if (argc == 3 && strcmp(argv[1], "--switch") == 0) {
		const unsigned long switches = 10000;

		fibers = 2;
		printf("%.1f\n", 1e9 / rate(switches, 0, atof(argv[2])) / (double)switches);
		return 0;
	}
	if (argc != 5) {
		fputs("usage: bare FIBERS SWITCHES PAGES SECONDS | bare --switch SECONDS\n",
		      stderr);
		return 2;
	}
	fibers = (unsigned)atoi(argv[1]);
	if (fibers < 1 || fibers > FIBERS_MAX || atol(argv[2]) < 1 || atoi(argv[3]) < 0 ||
	    atoi(argv[3]) > PAGES_MAX) {
		fputs("bare: 1 to 256 fibers, at least one switch, at most 4096 pages\n", stderr);
		return 2;
	}
	printf("%.0f\n",
	       rate((unsigned long)atol(argv[2]), (unsigned)atoi(argv[3]), atof(argv[4])));
	return 0;
}
