/* SPDX-License-Identifier: Apache-2.0 */
/* Title and headline of a story. */
#include <stdlib.h>
#include <string.h>

#include "report/story_parts.h"
#include "report/words.h"

#define TITLE_FUNCTIONS_MAX 3

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Where it happens; other roles (where a lock was taken, who created whom) would only make the
 * title long. */
static bool is_in_title(const struct story *story, const struct story_site *site)
{
	return story_is_core(story, site) && (site->role == SITE_AT || site->role == SITE_WAITS ||
					      site->role == SITE_EDGE || site->role == SITE_FIRST);
}

/* What the report calls memory, "memory#1 table[3].next", without what differs between runs. */
static const char *stable_name(struct pool *pool, const char *object)
{
	const char *name = object ? strchr(object, ' ') : NULL;
	char *text, *to;

	if (!name)
		return NULL;
	text = pool_bytes(pool, name + 1, strlen(name + 1));
	to = text;
	for (const char *from = text; *from; from++) {
		if (*from == '+')
			break; /* bytes into what has no member there */
		*to++ = *from;
		if (*from == '[')
			from += strspn(from + 1, "0123456789");
	}
	*to = '\0';
	return text;
}

static const char *access_word(unsigned op_kind)
{
	switch (op_kind) {
	case OP_READ:
		return "read";
	case OP_WRITE:
		return "write";
	case OP_FREE:
		return "free";
	case OP_ATOMIC_LOAD:
		return "atomic load";
	default:
		return "atomic store";
	}
}

/* "race: read in deposit() / write in withdraw() on account.balance", by the functions' names. */
static const char *race_title(struct pool *pool, const struct story *story)
{
	const char *sides[2], *variable = NULL, *block = NULL, *title = "race: ";
	size_t count = 0;

	for (size_t i = 0; i < story->site_count; i++) {
		const struct story_site *site = &story->sites[i];
		const char *function = site->place.function;

		if (site->role == SITE_ALLOCATED && function)
			block = pool_format(pool, "memory of %s()", function);
		if (site->role != SITE_ACCESS || count == 2)
			continue;
		/* The function first, for the order; turned round below. */
		sides[count++] = pool_format(pool, "%s\n%s", function ? function : "?",
					     access_word(site->op_kind));
		if (!variable)
			variable = stable_name(pool, site->object);
	}
	if (count == 0)
		return NULL;
	qsort(sides, count, sizeof(sides[0]), compare_names);
	for (size_t i = 0; i < count; i++)
		title = pool_format(pool, "%s%s%s in %.*s()", title, i ? " / " : "",
				    strchr(sides[i], '\n') + 1, (int)strcspn(sides[i], "\n"),
				    sides[i]);
	if (!variable)
		variable = block;
	return variable ? pool_format(pool, "%s on %s", title, variable) : title;
}

const char *story_title(struct pool *pool, const struct story *story)
{
	const char *names[FINDING_SITES_MAX], *title, *what;
	size_t count = 0, shown = 0;

	title = strcmp(story->kind, "race") == 0 ? race_title(pool, story) : NULL;
	if (title)
		return title;
	/* A hang is seen wherever the loop happens to be. */
	for (size_t i = 0; i < story->site_count && strcmp(story->kind, "hang") != 0; i++)
		if (is_in_title(story, &story->sites[i]) && story->sites[i].place.function)
			names[count++] = story->sites[i].place.function;
	if (count)
		qsort(names, count, sizeof(names[0]), compare_names);
	what = story->cause[0] ? pool_format(pool, "%s: %s", story->kind, story->cause)
			       : story->kind;
	title = what;
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && strcmp(names[i], names[i - 1]) == 0)
			continue;
		if (shown == TITLE_FUNCTIONS_MAX) {
			title = pool_format(pool, "%s, ...", title);
			break;
		}
		title = pool_format(pool, "%s%s%s()", title, shown ? ", " : " in ", names[i]);
		shown++;
	}
	if (story->text[0])
		title = pool_format(pool, "%s: %.*s", title, (int)strcspn(story->text, "\n"),
				    story->text);
	return title;
}

const char *story_headline(struct pool *pool, const struct story *story,
			   const struct finding *finding, const char *words)
{
	(void)story;
	if (finding->kind == FINDING_EXIT)
		return pool_format(pool, "The program ended with exit status %d.", finding->status);
	if (finding->kind == FINDING_CRASH && finding->signal)
		return pool_format(pool, "%s It got %s%s.", words,
				   signal_name(pool, finding->signal),
				   finding->cause == CAUSE_SIGNAL && finding->signal == 11 &&
						   finding->address < 4096
					   ? " at an address near NULL"
					   : "");
	return words;
}
