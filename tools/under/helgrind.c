/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Helgrind: races by happens-before, lock orders, misuse of POSIX threads. Of a race it names both
 * sides with their stacks as long as its history reaches back; which locks were held it does not
 * put into its XML.
 */
#include <string.h>

#include "under/valgrind.h"

static int start(struct under_start *start)
{
	return valgrind_start(start, "helgrind", NULL);
}

static enum op_kind access_of(const char *text)
{
	return strstr(text, "write of size")  ? OP_WRITE
	       : strstr(text, "read of size") ? OP_READ
					      : OP_NONE;
}

static struct finding_site *add_part(struct claim *claim, struct pool *pool, enum site_role role,
				     enum op_kind op, uint64_t object, unsigned number,
				     const struct valgrind_part *part)
{
	return claim_site(claim, pool, role, op, object, valgrind_thread_number(number),
			  part->frames, part->frame_count);
}

static void add_creators(struct claim *claim, struct pool *pool,
			 const struct valgrind_output *output)
{
	const uint16_t count = claim->finding.site_count;

	for (uint16_t i = 0; i < count; i++) {
		const unsigned number = claim->finding.sites[i].thread;
		const struct valgrind_thread *thread =
			number == THREAD_NONE ? NULL : valgrind_thread(output, number + 1);

		if (claim->finding.sites[i].role != SITE_ACCESS || !thread || !thread->frame_count)
			continue;
		claim_site(claim, pool, SITE_CREATED, OP_NONE, 0, number, thread->frames,
			   thread->frame_count);
	}
}

static void add_access(struct claim *claim, struct pool *pool, const struct valgrind_part *part,
		       uint64_t address, unsigned number)
{
	struct finding_site *site =
		add_part(claim, pool, SITE_ACCESS, access_of(part->text), address, number, part);

	if (site)
		site->size = valgrind_number(part->text, "of size ");
}

static struct claim race_of(struct pool *pool, const struct valgrind_output *output,
			    const struct valgrind_error *error)
{
	struct claim claim = claim_new(FINDING_RACE, CAUSE_NONE, NULL);
	const uint64_t address = valgrind_address(error->parts[0].text, " at ");

	add_access(&claim, pool, &error->parts[0], address, error->parts[0].thread);
	for (size_t i = 1; i < error->part_count; i++) {
		const struct valgrind_part *part = &error->parts[i];

		if (strstr(part->text, "conflicts with a previous"))
			add_access(&claim, pool, part, address,
				   part->thread ? part->thread
						: valgrind_number(part->text, "by thread #"));
		else if (strstr(part->text, " inside ") && !claim.location)
			claim.location = part->text;
		if (strstr(part->text, "inside a block of size") && part->frame_count) {
			const unsigned by =
				i + 1 < error->part_count
					? valgrind_number(part[1].text, "alloc'd by thread #")
					: 0;
			struct finding_site *site =
				add_part(&claim, pool, SITE_ALLOCATED, OP_WRITE,
					 address - valgrind_number(part->text, " is "), by, part);

			if (site)
				site->size = valgrind_number(part->text, "block of size ");
		}
	}
	add_creators(&claim, pool, output);
	return claim;
}

/* "lock order "A before B" violated": this thread takes A while it holds B; earlier A was taken,
 * then B. */
static struct claim lock_order_of(struct pool *pool, const struct valgrind_error *error)
{
	struct claim claim = claim_new(FINDING_LOCK_ORDER, CAUSE_LOCK_CYCLE, NULL);
	const uint64_t a = valgrind_address(error->parts[0].text, "lock order \"");
	const uint64_t b = valgrind_address(error->parts[0].text, " before ");
	struct finding_site *site = add_part(&claim, pool, SITE_EDGE, OP_MUTEX_LOCK, a,
					     error->parts[0].thread, &error->parts[0]);

	if (site)
		site->object2 = b;
	for (size_t i = 1; i < error->part_count; i++) {
		const struct valgrind_part *part = &error->parts[i];

		if (strstr(part->text, "order was established"))
			add_part(&claim, pool, SITE_HOLDS, OP_MUTEX_LOCK, a, 0, part);
		else if (strstr(part->text, "followed by a later acquisition") &&
			 (site = add_part(&claim, pool, SITE_EDGE, OP_MUTEX_LOCK, b, 0, part)))
			site->object2 = a;
	}
	return claim;
}

/* Unlocks, and calls that failed or are dubious. */
static struct claim misuse_of(struct pool *pool, const struct valgrind_error *error)
{
	const struct valgrind_part *what = &error->parts[0];
	struct claim claim = valgrind_misuse(pool, what->text);
	const bool unlocks = strncmp(error->kind, "Unlock", 6) == 0;
	const unsigned number =
		what->thread ? what->thread : valgrind_number(what->text, "Thread #");

	add_part(&claim, pool, SITE_AT, unlocks ? OP_MUTEX_UNLOCK : OP_NONE,
		 unlocks ? valgrind_address(what->text, "lock at ") : 0, number, what);
	return claim;
}

static struct claim claim_of(struct pool *pool, const struct valgrind_output *output,
			     const struct valgrind_error *error)
{
	if (strcmp(error->kind, "Race") == 0)
		return race_of(pool, output, error);
	return strcmp(error->kind, "LockOrder") == 0 ? lock_order_of(pool, error)
						     : misuse_of(pool, error);
}

static size_t read_file(struct claims *claims, const struct under_file *file)
{
	return valgrind_claims(claims, file, claim_of);
}

const struct under_tool helgrind_tool = {
	.name = "helgrind",
	.display = "Helgrind",
	.sees = "Helgrind sees one thread run at a time, and order only where POSIX threads make "
		"it: not in C11 atomics",
	.patience = 4,
	.needs_threads = true,
	.always_writes = true,
	.check = valgrind_check,
	.start = start,
	.read = read_file,
};
