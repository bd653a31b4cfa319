/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memcheck: accesses outside of objects or after their end, use of uninitialised values, wrong
 * frees, and as notes what was never freed. It knows nothing of threads, but under perturbation a
 * race may end in one of these.
 */
#include <string.h>

#include "under/valgrind.h"

static int start(struct under_start *start)
{
	/* What is still reachable is no leak; what glibc keeps for a thread that runs on is only
	 * possibly lost. */
	static const char *const more[] = { "--leak-check=full", "--show-leak-kinds=definite",
					    "--errors-for-leak-kinds=none", NULL };

	return valgrind_start(start, "memcheck", more);
}

static const struct {
	const char *kind;
	enum finding_kind finding;
	enum finding_cause cause;
} kinds[] = {
	{ "InvalidRead", FINDING_LIFETIME, CAUSE_INVALID_ACCESS },
	{ "InvalidWrite", FINDING_LIFETIME, CAUSE_INVALID_ACCESS },
	{ "InvalidJump", FINDING_LIFETIME, CAUSE_INVALID_ACCESS },
	{ "InvalidFree", FINDING_LIFETIME, CAUSE_INVALID_FREE },
	{ "MismatchedFree", FINDING_LIFETIME, CAUSE_MISMATCHED_FREE },
	{ "InvalidMemPool", FINDING_LIFETIME, CAUSE_INVALID_FREE },
	{ "UninitValue", FINDING_LIFETIME, CAUSE_UNINITIALISED_VALUE },
	{ "UninitCondition", FINDING_LIFETIME, CAUSE_UNINITIALISED_VALUE },
	{ "SyscallParam", FINDING_LIFETIME, CAUSE_UNINITIALISED_VALUE },
	{ "Leak_DefinitelyLost", FINDING_LEAK, CAUSE_MEMORY_LOST },
	{ "Leak_IndirectlyLost", FINDING_LEAK, CAUSE_MEMORY_LOST },
	{ "Leak_PossiblyLost", FINDING_LEAK, CAUSE_MEMORY_LOST },
};

/* Not of "is not stack'd, malloc'd or (recently) free'd". */
static bool is_freed_block(const struct valgrind_part *part)
{
	return strstr(part->text, "inside a block") && strstr(part->text, "free'd");
}

/* What stands beside the first stack says whether the memory had been freed before. */
static bool was_freed(const struct valgrind_error *error)
{
	for (size_t i = 1; i < error->part_count; i++)
		if (is_freed_block(&error->parts[i]))
			return true;
	return false;
}

static struct claim kind_of(struct pool *pool, const struct valgrind_error *error)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		enum finding_cause cause = kinds[i].cause;

		if (strcmp(kinds[i].kind, error->kind) != 0)
			continue;
		if (was_freed(error))
			cause = cause == CAUSE_INVALID_ACCESS ? CAUSE_USE_AFTER_FREE
				: cause == CAUSE_INVALID_FREE ? CAUSE_DOUBLE_FREE
							      : cause;
		return claim_new(kinds[i].finding, cause, NULL);
	}
	return claim_new(FINDING_LIFETIME, CAUSE_NONE,
			 claim_stable_text(pool, error->parts[0].text));
}

static enum op_kind access_of(const struct valgrind_error *error)
{
	if (strcmp(error->kind, "InvalidRead") == 0)
		return OP_READ;
	if (strcmp(error->kind, "InvalidWrite") == 0)
		return OP_WRITE;
	return strstr(error->kind, "Free") ? OP_FREE : OP_NONE;
}

/* Where the block was freed and allocated that the memory belongs to or lies beside. */
static void add_block(struct claim *claim, struct pool *pool, const struct valgrind_error *error,
		      uint64_t address, unsigned size)
{
	for (size_t i = 1; i < error->part_count; i++) {
		const struct valgrind_part *part = &error->parts[i];
		const bool freed = is_freed_block(part);
		struct finding_site *site;

		if (!part->frame_count || (!freed && !strstr(part->text, "alloc'd")))
			continue;
		site = claim_site(claim, pool, freed ? SITE_FIRST : SITE_ALLOCATED,
				  freed ? OP_FREE : OP_WRITE, address, THREAD_NONE, part->frames,
				  part->frame_count);
		if (site && !freed)
			site->size = size;
	}
}

static struct claim claim_of(struct pool *pool, const struct valgrind_output *output,
			     const struct valgrind_error *error)
{
	struct claim claim = kind_of(pool, error);
	const bool lost = claim.finding.kind == FINDING_LEAK;
	uint64_t address = 0;
	unsigned size = 0;

	(void)output;
	for (size_t i = 1; i < error->part_count && !address; i++) {
		address = valgrind_address(error->parts[i].text, "Address ");
		size = valgrind_number(error->parts[i].text, "block of size ");
	}
	claim_site(&claim, pool, SITE_AT, lost ? OP_NONE : access_of(error), address,
		   lost ? THREAD_NONE : valgrind_thread_number(error->tid), error->parts[0].frames,
		   error->parts[0].frame_count);
	add_block(&claim, pool, error, address, size);
	return claim;
}

static size_t read_file(struct claims *claims, const struct under_file *file)
{
	return valgrind_claims(claims, file, claim_of);
}

const struct under_tool memcheck_tool = {
	.name = "memcheck",
	.display = "Memcheck",
	.sees = "Memcheck sees one thread run at a time and looks for errors of memory; data races "
		"are "
		"not looked for",
	.patience = 4,
	.always_writes = true,
	.check = valgrind_check,
	.start = start,
	.read = read_file,
};
