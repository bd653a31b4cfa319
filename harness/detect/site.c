/* SPDX-License-Identifier: Apache-2.0 */
/* Sites and keys of findings. */
#include "detect/site.h"

#include <stddef.h>

#include "base/hash.h"

static uint64_t address_of(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer & ~OBJECT_SHARED;
}

void finding_init(struct finding *finding, enum finding_kind kind, enum finding_cause cause)
{
	*finding = (struct finding){
		.kind = (uint8_t)kind,
		.cause = (uint8_t)cause,
		.severity = (uint8_t)finding_kind_severity(kind),
		.thread = THREAD_NONE,
	};
}

struct finding_site *site_add(struct finding *finding, enum site_role role,
			      const struct thread *thread)
{
	struct finding_site *site;

	if (finding->site_count >= FINDING_SITES_MAX)
		return NULL;
	site = &finding->sites[finding->site_count++];
	*site = (struct finding_site){ .role = (uint8_t)role, .thread = THREAD_NONE };
	if (thread) {
		site->thread = thread->id;
		for (size_t i = 0; i < sizeof(site->thread_name); i++)
			site->thread_name[i] = thread->name[i];
	}
	return site;
}

/*
 * A thread is no object of the program: where one is waited for, its handle stands for it. The
 * engine's own address of it would say nothing to anybody outside.
 */
static uint64_t object_of(const struct thread *thread, const void *object)
{
	const unsigned kind = thread->op.kind;

	/* Threads lie where processes share, so as soon as the program shares memory it is a key.
	 */
	if ((kind == OP_THREAD_JOIN || kind == OP_THREAD_TRYJOIN) && object)
		return ((const struct thread *)(uintptr_t)address_of(object))->handle;
	return address_of(object);
}

void site_add_wait(struct finding *finding, const struct thread *thread)
{
	struct finding_site *site = site_add(finding, SITE_WAITS, thread);
	const void *object = thread_waits_for(thread);

	if (!site)
		return;
	site->op_kind = (uint8_t)thread->op.kind;
	site->pc = address_of(thread->op.site);
	site->step = SITE_STEP_END;
	site->object =
		object_of(thread, thread->op.kind == OP_FD_LOCK ? thread->op.object : object);
	site->object2 = object_meant(object, thread->op.object) ? address_of(thread->op.object2)
								: address_of(thread->op.object);
}

enum op_kind hold_op_kind(const struct hold *hold)
{
	switch (hold->family) {
	case FAMILY_RWLOCK:
		return hold->mode == HOLD_SHARED ? OP_RWLOCK_RDLOCK : OP_RWLOCK_WRLOCK;
	case FAMILY_SPIN:
		return OP_SPIN_LOCK;
	case FAMILY_ONCE:
		return OP_ONCE_BEGIN;
	case FAMILY_FUTEX:
		return OP_FUTEX_LOCK_PI;
	case FAMILY_FD:
		return OP_FD_LOCK;
	default:
		return OP_MUTEX_LOCK;
	}
}

void site_add_hold(struct finding *finding, const struct thread *thread, const struct hold *hold)
{
	struct finding_site *site = site_add(finding, SITE_HOLDS, thread);

	if (!site)
		return;
	site->op_kind = (uint8_t)hold_op_kind(hold);
	site->pc = address_of(hold->site);
	site->object = hold->family == FAMILY_FD ? hold->depth : address_of(hold->object);
	site->step = hold->step;
}

void site_add_event(struct finding *finding, enum site_role role, const struct thread *thread,
		    const struct event *event)
{
	struct finding_site *site = site_add(finding, role, thread);

	if (!site)
		return;
	site->op_kind = (uint8_t)event->kind;
	site->pc = event->site;
	site->object = event->object;
	site->object2 = event->object2;
	site->step = event->step;
}

void site_add_created(struct finding *finding, const struct thread *thread)
{
	struct finding_site *site;

	if (!thread->create_site)
		return;
	site = site_add(finding, SITE_CREATED, thread);
	if (!site)
		return;
	site->op_kind = OP_THREAD_CREATE;
	site->pc = address_of(thread->create_site);
	site->object = thread->handle;
}

void finding_set_key(struct finding *finding, place_fn place)
{
	uint64_t items[FINDING_SITES_MAX];
	uint32_t count = 0;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < finding->site_count; i++) {
		const struct finding_site *site = &finding->sites[i];
		const uint64_t where = place ? place(site->pc) : site->pc & 0xfff;
		const uint64_t item =
			hash_fold(hash_fold(HASH_START, where), site->role << 8 | site->op_kind);
		bool known = false;

		for (uint32_t j = 0; j < count; j++)
			known |= items[j] == item;
		if (known)
			continue;
		items[count++] = item;
		sum += hash_mix(item);
	}
	finding->key = hash_fold(hash_fold(HASH_START, finding->kind << 8 | finding->cause), sum);
	/* 0 means "no key" to some. */
	if (finding->key == 0)
		finding->key = 1;
}
