/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DRD: races by happens-before, locks held for long, misuse of POSIX threads. Of a race it knows
 * one access; of the other it knows the segment, what a thread did between two synchronisations,
 * and it names both its ends where they are known.
 */
#include <string.h>

#include "under/valgrind.h"

static int start(struct under_start *start)
{
	return valgrind_start(start, "drd", NULL);
}

static bool is_element(const struct valgrind_part *part, const char *element)
{
	return strcmp(part->element, element) == 0;
}

/* The other side: somewhere from the start of a segment to its end. */
static void add_segment(struct claim *claim, struct pool *pool, const struct valgrind_error *error)
{
	for (size_t i = 1; i < error->part_count; i++) {
		const struct valgrind_part *part = &error->parts[i];

		/* The start and the end of a thread say nothing. */
		if (!claim_has_user(part->frames, part->frame_count))
			continue;
		if (is_element(part, "other_segment_start"))
			claim_site(claim, pool, SITE_AFTER, OP_NONE, 0, THREAD_NONE, part->frames,
				   part->frame_count);
		else if (is_element(part, "other_segment_end"))
			claim_site(claim, pool, SITE_BEFORE, OP_NONE, 0, THREAD_NONE, part->frames,
				   part->frame_count);
	}
}

static struct claim race_of(struct pool *pool, const struct valgrind_error *error)
{
	const struct valgrind_part *what = &error->parts[0];
	struct claim claim = claim_new(FINDING_RACE, CAUSE_NONE, NULL);
	const uint64_t address = valgrind_address(what->text, " at ");
	struct finding_site *site =
		claim_site(&claim, pool, SITE_ACCESS,
			   strstr(what->text, "Conflicting store") ? OP_WRITE : OP_READ, address,
			   valgrind_thread_number(valgrind_number(what->text, "by thread ")),
			   what->frames, what->frame_count);

	if (site)
		site->size = valgrind_number(what->text, " size ");
	add_segment(&claim, pool, error);
	for (size_t i = 1; i < error->part_count; i++) {
		const struct valgrind_part *part = &error->parts[i];

		if (is_element(part, "auxwhat") && part->text[0] && !claim.location)
			claim.location = part->text;
		if (is_element(part, "allocation_context") && part->frame_count)
			claim_site(&claim, pool, SITE_ALLOCATED, OP_WRITE, address, THREAD_NONE,
				   part->frames, part->frame_count);
	}
	return claim;
}

static struct claim misuse_of(struct pool *pool, const struct valgrind_error *error)
{
	struct claim claim = valgrind_misuse(pool, error->parts[0].text);

	claim_site(&claim, pool, SITE_AT, OP_NONE, 0, valgrind_thread_number(error->tid),
		   error->parts[0].frames, error->parts[0].frame_count);
	return claim;
}

static struct claim claim_of(struct pool *pool, const struct valgrind_output *output,
			     const struct valgrind_error *error)
{
	(void)output;
	return strcmp(error->kind, "ConflictingAccess") == 0 ? race_of(pool, error)
							     : misuse_of(pool, error);
}

static size_t read_file(struct claims *claims, const struct under_file *file)
{
	return valgrind_claims(claims, file, claim_of);
}

const struct under_tool drd_tool = {
	.name = "drd",
	.display = "DRD",
	.sees = "DRD sees one thread run at a time, knows one access of a race alone, and order "
		"only where POSIX threads make it",
	.patience = 4,
	.needs_threads = true,
	.always_writes = true,
	.check = valgrind_check,
	.start = start,
	.read = read_file,
};
