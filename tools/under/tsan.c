/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ThreadSanitizer: the program is built with it, so nothing else is started; its runtime is told by
 * TSAN_OPTIONS where to write. What the user set there holds, except for what decides how the
 * program ends: that shall be its own doing.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jostle/say.h"
#include "under/tool.h"
#include "under/tsan_text.h"

#define LOCKS_MAX 16 /* of one access */

static int check(const struct target *target)
{
	if (target->elf.tsan_library[0] || target->elf.tsan_inside)
		return 0;
	return say_error(EXIT_UNCONTROLLED,
			 "%s: is no ThreadSanitizer build; compile and link it with gcc or clang "
			 "-g -O1 -fsanitize=thread",
			 target->argv[0]);
}

/* The file that TSAN_OPTIONS names for suppressions, in the pool; NULL: none. */
static const char *given_suppressions(struct pool *pool, const char *options)
{
	const char *found = options ? strstr(options, "suppressions=") : NULL;
	char quote;

	/* Of print_suppressions= as well. */
	while (found && found > options && !strchr(" :,\t\n", found[-1]))
		found = strstr(found + 1, "suppressions=");
	if (!found)
		return NULL;
	found += strlen("suppressions=");
	quote = found[0] == '\'' || found[0] == '"' ? *found++ : '\0';
	return pool_bytes(pool, found,
			  strcspn(found, quote == '"' ? "\""
					 : quote      ? "'"
						      : " :,\t\n"));
}

static int append_file(FILE *out, const char *path)
{
	FILE *in = fopen(path, "re");
	char bytes[4096];
	size_t size;

	if (!in)
		return say_error(EXIT_USAGE, "suppressions %s: %s", path, strerror(errno));
	while ((size = fread(bytes, 1, sizeof(bytes), in)) > 0)
		fwrite(bytes, 1, size, out);
	fputc('\n', out);
	fclose(in);
	return 0;
}

/* The runtime takes one file, so it gets one with the rules of all. */
static int merge_suppressions(const struct under_start *start, const char *given, const char *path)
{
	FILE *out = fopen(path, "we");
	int code = 0;

	if (!out)
		return say_error(EXIT_USAGE, "cannot make %s: %s", path, strerror(errno));
	if (given)
		code = append_file(out, given);
	for (size_t i = 0; code == 0 && i < start->suppression_count; i++)
		code = append_file(out, start->suppressions[i]);
	if (fclose(out) && code == 0)
		code = say_error(EXIT_USAGE, "cannot write %s: %s", path, strerror(errno));
	return code;
}

static int start(struct under_start *start)
{
	const char *given = getenv("TSAN_OPTIONS"), *options, *path;
	int code = 0;

	if (strchr(start->folder, '\''))
		return say_error(EXIT_USAGE, "TMPDIR: ThreadSanitizer cannot write below a folder "
					     "with a quote in its name");
	options = pool_format(start->pool,
			      "second_deadlock_stack=1 %s log_path='%s/" UNDER_FILE "' "
			      "exitcode=0 halt_on_error=0 handle_segv=0 handle_sigbus=0 "
			      "handle_sigfpe=0 handle_sigill=0 handle_abort=0",
			      given ? given : "", start->folder);
	if (start->suppression_count) {
		path = pool_format(start->pool, "%s/suppressions", start->folder);
		code = merge_suppressions(start, given_suppressions(start->pool, given), path);
		options = pool_format(start->pool, "%s suppressions='%s'", options, path);
	}
	perturb_environment_set(start->environment, "TSAN_OPTIONS", options);
	return code;
}

static const struct {
	const char *title; /* its beginning */
	enum finding_kind kind;
	enum finding_cause cause; /* CAUSE_NONE: the title is told as it is */
} titles[] = {
	{ "heap-use-after-free", FINDING_LIFETIME, CAUSE_USE_AFTER_FREE },
	{ "thread leak", FINDING_LEAK, CAUSE_THREAD_LEAKED },
	{ "destroy of a locked mutex", FINDING_MISUSE, CAUSE_DESTROY_HELD },
	{ "double lock of a mutex", FINDING_MISUSE, CAUSE_RELOCK },
	{ "lock-order-inversion", FINDING_LOCK_ORDER, CAUSE_LOCK_CYCLE },
};

static struct claim claim_of_title(const char *title)
{
	if (strncmp(title, "data race", 9) == 0 || strncmp(title, "race on", 7) == 0)
		return claim_new(FINDING_RACE, CAUSE_NONE, NULL);
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (strncmp(title, titles[i].title, strlen(titles[i].title)) == 0)
			return claim_new(titles[i].kind, titles[i].cause, NULL);
	return claim_new(FINDING_MISUSE, CAUSE_NONE, title);
}

/* "by thread T2", "in thread T2", "by main thread". */
static unsigned thread_of(const char *text)
{
	const char *found = strstr(text, "hread T");

	if (found && isdigit((unsigned char)found[7])) {
		const unsigned long number = strtoul(found + 7, NULL, 10);

		return number < THREADS_MAX ? (unsigned)number : THREAD_NONE;
	}
	return strstr(text, "main thread") ? 0 : THREAD_NONE;
}

/* The address behind "M0 (" anywhere in the report: its cycle, or where the mutex was created. */
static uint64_t mutex_address(const struct tsan_report *report, unsigned long number)
{
	char name[32];

	snprintf(name, sizeof(name), "M%lu (0x", number);
	for (size_t i = 0; i < report->section_count; i++) {
		const char *found = strstr(report->sections[i].text, name);

		if (found)
			return strtoull(found + strlen(name) - 2, NULL, 16);
	}
	return 0;
}

/* The n-th "M<number>" of a sentence. */
static uint64_t mutex_of(const struct tsan_report *report, const char *text, unsigned n)
{
	for (const char *at = text; (at = strstr(at, " M")); at += 2)
		if (isdigit((unsigned char)at[2]) && n-- == 0)
			return mutex_address(report, strtoul(at + 2, NULL, 10));
	return 0;
}

static enum op_kind access_of(const struct tsan_section *section)
{
	const char *text = section->text;
	const char *function = section->frame_count ? section->frames[0].function : NULL;

	if (function &&
	    (strcmp(function, "free") == 0 || strncmp(function, "operator delete", 15) == 0))
		return OP_FREE;
	if (strstr(text, "tomic write"))
		return OP_ATOMIC_STORE;
	if (strstr(text, "tomic read"))
		return OP_ATOMIC_LOAD;
	return strstr(text, "rite of size") ? OP_WRITE : OP_READ;
}

/* "(mutexes: write M0, read M1)" of the newest site; without it no lock was held. */
static void give_locks(struct claim *claim, struct pool *pool, const struct tsan_report *report,
		       const char *text)
{
	const char *held = strstr(text, "(mutexes:");
	struct story_given *given = &claim->given[claim->finding.site_count - 1];
	struct story_given_lock *locks = pool_new(pool, struct story_given_lock, LOCKS_MAX);

	given->locks = locks;
	given->locks_known = true;
	while (held && (held = strstr(held, " M")) && given->lock_count < LOCKS_MAX) {
		locks[given->lock_count++] = (struct story_given_lock){
			.object = mutex_address(report, strtoul(held + 2, NULL, 10)),
			.shared = strncmp(held - 4, "read", 4) == 0
		};
		held += 2;
	}
}

static void add_access(struct claim *claim, struct pool *pool, const struct tsan_report *report,
		       const struct tsan_section *section)
{
	const char *address = strstr(section->text, " at 0x");
	const char *size = strstr(section->text, "of size ");
	const unsigned thread = thread_of(section->text);
	const enum site_role role = claim->finding.kind == FINDING_RACE ? SITE_ACCESS
				    : claim->finding.site_count == 0    ? SITE_AT
									: SITE_FIRST;
	struct finding_site *site = claim_site(claim, pool, role, access_of(section),
					       address ? strtoull(address + 4, NULL, 16) : 0,
					       thread, section->frames, section->frame_count);

	if (site && size)
		site->size = (uint32_t)strtoul(size + 8, NULL, 10);
	if (site)
		give_locks(claim, pool, report, section->text);
}

static void add_heap_block(struct claim *claim, struct pool *pool,
			   const struct tsan_section *section)
{
	const char *address = strstr(section->text, " at 0x");
	struct finding_site *site =
		claim_site(claim, pool, SITE_ALLOCATED, OP_WRITE,
			   address ? strtoull(address + 4, NULL, 16) : 0, thread_of(section->text),
			   section->frames, section->frame_count);

	if (site)
		site->size = (uint32_t)strtoul(strstr(section->text, "of size ") + 8, NULL, 10);
}

static void add_lock(struct claim *claim, struct pool *pool, const struct tsan_report *report,
		     const struct tsan_section *section, unsigned *thread)
{
	struct finding_site *site;

	if (strstr(section->text, " previously acquired ")) {
		claim_site(claim, pool, SITE_HOLDS, OP_MUTEX_LOCK,
			   mutex_of(report, section->text, 0), *thread, section->frames,
			   section->frame_count);
		return;
	}
	*thread = thread_of(section->text);
	site = claim_site(claim, pool, SITE_EDGE, OP_MUTEX_LOCK, mutex_of(report, section->text, 0),
			  *thread, section->frames, section->frame_count);
	if (site)
		site->object2 = mutex_of(report, section->text, 1);
}

/* One sentence of a report and its stack. thread: of the last lock order's acquisition. */
static void add_section(struct claim *claim, struct pool *pool, const struct tsan_report *report,
			const struct tsan_section *section, unsigned *thread)
{
	const char *text = section->text;

	if (strstr(text, " of size ") && (strstr(text, "ead of") || strstr(text, "rite of")))
		add_access(claim, pool, report, section);
	else if (strncmp(text, "Location is heap block of size ", 31) == 0)
		add_heap_block(claim, pool, section);
	else if (strncmp(text, "Mutex ", 6) == 0 && strstr(text, " acquired "))
		add_lock(claim, pool, report, section, thread);
	else if (strncmp(text, "Thread T", 8) == 0 && strstr(text, " created by "))
		claim_site(claim, pool, SITE_CREATED, OP_NONE, 0, thread_of(text), section->frames,
			   section->frame_count);
	else if (!text[0] && section->frame_count)
		claim_site(claim, pool, SITE_AT, OP_NONE, 0, THREAD_NONE, section->frames,
			   section->frame_count);
	if (strncmp(text, "Location is ", 12) == 0 && !claim->location)
		claim->location = text;
}

static void add_report(void *context, const struct tsan_report *report)
{
	struct claims *claims = context;
	struct claim claim = claim_of_title(report->title);
	unsigned thread = THREAD_NONE;

	for (size_t i = 0; i < report->section_count; i++)
		add_section(&claim, claims->pool, report, &report->sections[i], &thread);
	claims_add(claims, &claim);
}

static size_t read_file(struct claims *claims, const struct under_file *file)
{
	tsan_read(claims->pool, file->bytes, file->size, add_report, claims);
	return 0;
}

const struct under_tool tsan_tool = {
	.name = "tsan",
	.display = "ThreadSanitizer",
	.sees = "ThreadSanitizer sees what was compiled with it, and of each race the last few "
		"accesses of a location",
	.patience = 2,
	.needs_threads = true,
	.runtime_inside = true,
	.sleepers = 1,
	.check = check,
	.start = start,
	.read = read_file,
};
