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

const char *story_title(struct pool *pool, const struct story *story)
{
	const char *names[FINDING_SITES_MAX], *title, *what;
	size_t count = 0, shown = 0;

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
	const char *name;

	(void)story;
	if (finding->kind == FINDING_EXIT)
		return pool_format(pool, "The program ended with exit status %d.", finding->status);
	if (finding->kind == FINDING_CRASH && finding->signal) {
		name = signal_name(finding->signal);
		if (!name)
			return pool_format(pool, "%s It got signal %d.", words, finding->signal);
		return pool_format(pool, "%s It got %s%s.", words, name,
				   finding->cause == CAUSE_SIGNAL && finding->signal == 11 &&
						   finding->address < 4096
					   ? " at an address near NULL"
					   : "");
	}
	return words;
}
