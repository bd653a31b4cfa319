/* SPDX-License-Identifier: Apache-2.0 */
/* Command line and sentences of Valgrind. Options of the user's in VALGRIND_OPTS and ~/.valgrindrc
 * hold, except for those that say where the report goes. */
#include "under/valgrind.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jostle/say.h"

#define ARGUMENTS_MAX 64 /* of our own */

/* Into path as an absolute one; false: there is none in PATH. */
static bool find_valgrind(char *path, size_t size)
{
	const char *at = getenv("PATH");

	while (at && *at) {
		const size_t length = strcspn(at, ":");

		if (length && at[0] == '/' &&
		    (size_t)snprintf(path, size, "%.*s/valgrind", (int)length, at) < size &&
		    access(path, X_OK) == 0)
			return true;
		at += length + (at[length] == ':');
	}
	return false;
}

int valgrind_check(const struct target *target)
{
	char path[PATH_MAX];

	if (!find_valgrind(path, sizeof(path)))
		return say_error(EXIT_UNCONTROLLED,
				 "valgrind is not in PATH; install the package valgrind");
	if (target->elf.tsan_library[0])
		return say_error(EXIT_UNCONTROLLED,
				 "%s: is a ThreadSanitizer build, which Valgrind cannot run; build "
				 "it without -fsanitize=thread, or use jostle under tsan",
				 target->argv[0]);
	return 0;
}

/* In names of files that Valgrind writes a percent sign begins a directive. */
static const char *escape_percent(struct pool *pool, const char *path)
{
	char *escaped = pool_alloc(pool, 2 * strlen(path) + 1), *to = escaped;

	for (; *path; path++) {
		*to++ = *path;
		if (*path == '%')
			*to++ = '%';
	}
	return escaped;
}

int valgrind_start(struct under_start *start, const char *tool, const char *const *more)
{
	struct target *target = start->target;
	const size_t count = target->argc + start->suppression_count + ARGUMENTS_MAX;
	const char *folder = escape_percent(start->pool, start->folder);
	char **argv = pool_new(start->pool, char *, count);
	size_t at = 0;

	if (!find_valgrind(target->path, sizeof(target->path)))
		return say_error(EXIT_UNCONTROLLED,
				 "valgrind is not in PATH; install the package valgrind");
	argv[at++] = pool_text(start->pool, "valgrind");
	argv[at++] = pool_format(start->pool, "--tool=%s", tool);
	argv[at++] = pool_text(start->pool, "--quiet");
	/* What it says beside its XML shall not stand among what the program wrote. */
	argv[at++] = pool_format(start->pool, "--log-file=%s/log.%%p", folder);
	argv[at++] = pool_text(start->pool, "--trace-children=yes");
	argv[at++] = pool_text(start->pool, "--child-silent-after-fork=no");
	argv[at++] = pool_text(start->pool, "--error-exitcode=0");
	argv[at++] = pool_text(start->pool, "--error-limit=no");
	argv[at++] = pool_text(start->pool, "--vgdb=no");
	argv[at++] = pool_text(start->pool, "--xml=yes");
	argv[at++] = pool_format(start->pool, "--xml-file=%s/" UNDER_FILE ".%%p", folder);
	while (more && *more)
		argv[at++] = pool_text(start->pool, *more++);
	for (size_t i = 0; i < start->suppression_count; i++)
		argv[at++] = pool_format(start->pool, "--suppressions=%s", start->suppressions[i]);
	argv[at++] = pool_text(start->pool, "--");
	argv[at++] = pool_text(start->pool, start->executable);
	for (size_t i = 1; i < target->argc; i++)
		argv[at++] = target->argv[i];
	target->argv = argv;
	target->argc = at;
	return 0;
}

uint64_t valgrind_address(const char *text, const char *behind)
{
	const char *found = strstr(text, behind);

	if (!found)
		return 0;
	found += strlen(behind);
	return found[0] == '0' && (found[1] == 'x' || found[1] == 'X') ? strtoull(found, NULL, 16)
								       : 0;
}

unsigned valgrind_number(const char *text, const char *behind)
{
	const char *found = strstr(text, behind);

	return found && isdigit((unsigned char)found[strlen(behind)])
		       ? (unsigned)strtoul(found + strlen(behind), NULL, 10)
		       : 0;
}

unsigned valgrind_thread_number(unsigned number)
{
	return number > 0 && number <= THREADS_MAX ? number - 1 : THREAD_NONE;
}

size_t valgrind_claims(struct claims *claims, const struct under_file *file,
		       valgrind_claim_of claim_of)
{
	struct valgrind_output output;

	valgrind_read(&output, claims->pool, file->bytes, file->size);
	for (size_t i = 0; i < output.error_count; i++) {
		struct claim claim = claim_of(claims->pool, &output, &output.errors[i]);

		claims_add(claims, &claim);
	}
	return output.damaged;
}
