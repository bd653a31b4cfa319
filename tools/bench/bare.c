/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What any fiber engine must pay: the switches and the page restores of a schedule, and nothing
 * else. No scheduler, no record, no model. The yardstick of tools/bench/schedules: jostle's rate is
 * given as a share of this program's.
 *
 *	bare FIBERS SWITCHES PAGES SECONDS	prints schedules per second
 *	bare --sequences FILE PAGES SECONDS	the same, and the mean number of switches
 *	bare --switch SECONDS			prints nanoseconds per switch
 *
 * A switch saves and loads the callee-saved registers and sets the FS base, as a switch between
 * threads with storage of their own must. A schedule prepares FIBERS stacks, makes SWITCHES
 * switches round robin, and copies PAGES pages of 4 KiB back.
 *
 * Round robin is a sequence that a processor has learned after a few rounds. With --sequences each
 * schedule makes the switches of a line of FILE, one letter for who runs next (recorded.h), line
 * after line; and each fiber switches at a place of its own, as threads of a program do, so that
 * where a switch returns to cannot be guessed better than who was chosen.
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

/* ---- given sequences ---- */

#define SEQUENCE_FIBERS 8

static char *lines;
static const char *next_switch; /* in the line that is played; it ends with a newline */

static inline __attribute__((always_inline)) void bare_follow_inline(unsigned from)
{
	for (;;) {
		const char who = *next_switch++;
		const unsigned to = who == '\n' ? FIBERS_MAX : (unsigned)(who - 'a');

		bare_switch(&contexts[from], contexts[to], fs);
	}
}

/* One function, and so one place to return to, for each fiber. */
#define FOLLOW(n)                      \
	static void follow_##n(void)   \
	{                              \
		bare_follow_inline(n); \
	}
FOLLOW(0)
FOLLOW(1)
FOLLOW(2)
FOLLOW(3)
FOLLOW(4) FOLLOW(5) FOLLOW(6) FOLLOW(7) static void (*const followers[SEQUENCE_FIBERS])(void) = {
	follow_0, follow_1, follow_2, follow_3, follow_4, follow_5, follow_6, follow_7
};

static void (*entry_of(unsigned i))(void)
{
	return next_switch ? followers[i] : body;
}

static void prepare(unsigned i)
{
	uint64_t *top = (uint64_t *)(void *)(stacks + (i + 1) * STACK - 64);

	memset(top - 8, 0, 8 * sizeof(*top));
	top[-2] = (uint64_t)(uintptr_t)entry_of(i);
	contexts[i] = top - 8;
}

static void schedule(unsigned long switches, unsigned pages, char *live, const char *saved)
{
	for (unsigned i = 0; i < fibers; i++)
		prepare(i);
	left = switches;
	current = 0;
	bare_switch(&contexts[FIBERS_MAX], contexts[next_switch ? *next_switch++ - 'a' : 0], fs);
	if (next_switch && *next_switch == '\0')
		next_switch = lines;
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

/* Reads the lines, without who runs on, and counts switches and fibers. NULL: none. */
static char *read_sequences(const char *path, double *mean)
{
	FILE *file = fopen(path, "r");
	unsigned long switches = 0, count = 0;
	char *text, *to, last = '\n';
	size_t size;
	int c;

	if (!file || fseek(file, 0, SEEK_END) != 0)
		return NULL;
	size = (size_t)ftell(file);
	rewind(file);
	to = text = malloc(size + 1);
	while (to && (c = getc(file)) != EOF) {
		if ((c != '\n' && (c < 'a' || c >= 'a' + SEQUENCE_FIBERS)) ||
		    (c == '\n' && last == '\n'))
			return NULL;
		count += c == '\n';
		switches += c != '\n' && c != last && last != '\n';
		if (c != '\n' && (unsigned)(c - 'a') >= fibers)
			fibers = (unsigned)(c - 'a') + 1;
		if (c != last)
			*to++ = (char)c;
		last = (char)c;
	}
	fclose(file);
	if (!to || count == 0 || last != '\n')
		return NULL;
	*to = '\0';
	*mean = (double)switches / (double)count;
	return text;
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
	if (argc == 5 && strcmp(argv[1], "--sequences") == 0) {
		double mean = 0;

		next_switch = lines = read_sequences(argv[2], &mean);
		if (!lines || atoi(argv[3]) < 0 || atoi(argv[3]) > PAGES_MAX) {
			fputs("bare: no lines of letters from a to h, or more than 4096 pages\n",
			      stderr);
			return 2;
		}
		printf("%.0f %.1f\n", rate(1, (unsigned)atoi(argv[3]), atof(argv[4])), mean);
		return 0;
	}
	if (argc != 5) {
		fputs("usage: bare FIBERS SWITCHES PAGES SECONDS | bare --sequences FILE PAGES "
		      "SECONDS | "
		      "bare --switch SECONDS\n",
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
