/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last frees are kept in a ring, so that a use afterwards can name its opposite. Free is a
 * frequent call and hardly ever asked for: an entry costs a few stores, and the search walks back.
 */
#include "engine/lifetime.h"

#include "engine/access/dump_access.h"
#include "engine/state.h"

#define FREES_MAX 256U /* a power of two */

static struct freed {
	const void *ptr;
	const void *site;
	uint32_t step;
	thread_id thread;
} frees[FREES_MAX];
static uint32_t free_count;

void lifetime_reset(void)
{
	free_count = 0;
}

void engine_freed(const void *ptr, const void *site)
{
	frees[free_count++ % FREES_MAX] = (struct freed){
		.ptr = ptr,
		.site = site,
		.step = engine_world.step,
		.thread = engine_current->id,
	};
	if (__builtin_expect(engine.replaying, 0))
		dump_access(engine_current, (uintptr_t)ptr, (uintptr_t)site);
}

void lifetime_add_free(struct finding *finding, const void *ptr)
{
	const uint32_t oldest = free_count > FREES_MAX ? free_count - FREES_MAX : 0;

	for (uint32_t i = free_count; i > oldest && finding->site_count < FINDING_SITES_MAX; i--) {
		const struct freed *freed = &frees[(i - 1) % FREES_MAX];

		if (freed->ptr != ptr)
			continue;
		finding->sites[finding->site_count++] = (struct finding_site){
			.role = SITE_FIRST,
			.op_kind = OP_FREE,
			.thread = freed->thread,
			.pc = (uint64_t)(uintptr_t)freed->site,
			.object = (uint64_t)(uintptr_t)ptr,
			.step = freed->step,
		};
		return;
	}
}

static void check_object(const struct thread *t, const void *object)
{
	struct finding f = { .kind = FINDING_LIFETIME,
			     .cause = CAUSE_USE_AFTER_FREE,
			     .severity = SEVERITY_ERROR };
	struct heap_block block;

	if (!lifetime_is_heap(object) || heap_check_pointer(object, &block) == HEAP_FOREIGN ||
	    block.live)
		return;
	f.thread = t->id;
	f.step = engine_world.step;
	f.sites[0] = report_site(t, SITE_AT);
	f.sites[0].object = (uint64_t)(uintptr_t)object;
	f.site_count = 1;
	lifetime_add_free(&f, block.start);
	report_add(&f);
}

void lifetime_check(const struct thread *t)
{
	const enum op_family family = op_kind_family(t->op.kind);

	if (family < FAMILY_ONCE || family > FAMILY_SEM)
		return;
	check_object(t, t->op.object);
	if (t->op.kind == OP_COND_WAIT)
		check_object(t, t->op.object2);
}
