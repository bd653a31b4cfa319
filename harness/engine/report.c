/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings of the schedule that runs: places made independent of the address layout, keys,
 * duplicates dropped.
 */
#include <string.h>

#include "base/fmt.h"
#include "base/hash.h"
#include "engine/access/dump_access.h"
#include "engine/lifetime.h"
#include "engine/processes/processes.h"
#include "engine/state.h"

uint64_t report_address(uint64_t address, const struct thread *t)
{
	const uint64_t image = ((const struct fiber *)t)->image;

	return address >= 4096 && image ? address | image << 48 : address;
}

struct finding_site report_site(const struct thread *t, enum site_role role)
{
	struct finding_site s;

	memset(&s, 0, sizeof(s));
	s.role = (uint8_t)role;
	s.thread = t->id;
	s.op_kind = (uint8_t)t->op.kind;
	s.pc = (uint64_t)(uintptr_t)t->op.site;
	s.object = (uint64_t)(uintptr_t)t->op.object;
	s.object2 = (uint64_t)(uintptr_t)t->op.object2;
	s.step = engine_world.step;
	memcpy(s.thread_name, t->name, sizeof(s.thread_name));
	return s;
}

uint64_t report_key(const struct finding *f)
{
	uint64_t key = hash_fold(HASH_START, (uint64_t)f->kind << 8 | f->cause);
	uint64_t sites = 0;

	key = hash_fold(key, (uint64_t)(uint32_t)f->signal << 32 | (uint32_t)f->status);
	key = hash_bytes(key, f->text, strlen(f->text));
	/* A set: the same places in another order are the same finding. */
	for (uint16_t i = 0; i < f->site_count; i++)
		sites += hash_mix(hash_fold(report_place(f->sites[i].pc), f->sites[i].role));
	return hash_fold(key, sites);
}

static void place_site(struct finding_site *s)
{
	const struct thread *t = engine_world.threads[s->thread];

	if (s->role == SITE_CREATED && t->creator < engine_world.thread_count)
		t = engine_world.threads[t->creator];
	s->pc = report_address(s->pc, t);
	s->object = report_address(s->object, t);
	s->object2 = report_address(s->object2, t);
}

/* With several processes a thread's name says whose it is. */
static void name_thread(struct finding_site *s)
{
	const struct thread *t = engine_world.threads[s->thread];

	const bool is_main = t->id == processes.list[t->process].main;

	if (processes_several())
		fmt(s->thread_name, sizeof(s->thread_name), "P%u%s%s", (unsigned)t->process,
		    is_main || t->name[0] ? " " : "", is_main && !t->name[0] ? "main" : t->name);
	else if (!s->thread_name[0])
		memcpy(s->thread_name, t->name, sizeof(s->thread_name));
}

void report_add(const struct finding *finding)
{
	struct schedule_result *r = engine.result;
	struct finding *f;
	const uint64_t key = finding->key ? finding->key : report_key(finding);

	if (!engine.board || (engine.phase != PHASE_SCHEDULE && engine.phase != PHASE_SETTLING))
		return;
	for (uint32_t i = 0; i < r->finding_count; i++)
		if (r->findings[i].key == key)
			return;
	if (r->finding_count == SCHEDULE_FINDINGS_MAX) {
		engine.board->status.findings_lost++;
		if (!engine.replaying || key != engine.board->config.replay_key)
			return;
		r->finding_count--; /* it takes the place of the last one */
	}
	f = &r->findings[r->finding_count++];
	*f = *finding;
	f->key = key;
	f->older_loads = r->older_loads;
	for (uint16_t i = 0; i < f->site_count; i++)
		if (f->sites[i].thread < engine_world.thread_count) {
			name_thread(&f->sites[i]);
			place_site(&f->sites[i]);
		}
}

bool report_again(uint64_t key)
{
	struct schedule_result *r = engine.result;

	if (r->again_count == SCHEDULE_AGAIN_MAX || batch_find_on_board(key) < 0)
		return false;
	for (uint32_t i = 0; i < r->again_count; i++)
		if (r->again[i] == key)
			return true;
	r->again[r->again_count++] = key;
	return true;
}

void report_judged(process_id process)
{
	struct schedule_result *r = engine.result;

	for (uint32_t i = 0; i < r->finding_count; i++) {
		struct finding *f = &r->findings[i];
		const bool aborted = f->kind == FINDING_ASSERT ||
				     (f->kind == FINDING_CRASH && f->cause == CAUSE_ABORT);

		if (aborted && f->thread < engine_world.thread_count &&
		    engine_world.threads[f->thread]->process == process)
			f->severity = SEVERITY_WARNING;
	}
}

void engine_report(const struct finding *finding)
{
	report_add(finding);
}

/* Of the current thread in a call that is no operation of a model, so what it did last says
 * nothing. */
static struct finding_site in_call(const void *object, const void *site, enum op_kind kind)
{
	struct finding_site s = report_site(engine_current, SITE_AT);

	s.op_kind = (uint8_t)kind;
	s.pc = (uint64_t)(uintptr_t)site;
	s.object = (uint64_t)(uintptr_t)object;
	s.object2 = 0;
	return s;
}

void engine_misuse(enum finding_cause cause, const void *object, const void *site)
{
	struct finding f = { .kind = FINDING_MISUSE,
			     .cause = (uint8_t)cause,
			     .severity = SEVERITY_ERROR };

	f.thread = engine_current->id;
	f.step = engine_world.step;
	f.sites[0] = in_call(object, site, OP_NONE);
	f.site_count = 1;
	report_add(&f);
}

void engine_wrong_free(void *ptr, int status, void *site)
{
	struct finding f = { .kind = FINDING_LIFETIME, .severity = SEVERITY_ERROR };

	f.cause = status == HEAP_FREED ? CAUSE_DOUBLE_FREE : CAUSE_INVALID_FREE;
	f.thread = engine_current->id;
	f.step = engine_world.step;
	f.sites[0] = in_call(ptr, site, OP_FREE);
	f.site_count = 1;
	if (status == HEAP_FREED)
		lifetime_add_free(&f, ptr);
	if (engine.replaying)
		dump_access(engine_current, (uintptr_t)ptr, (uintptr_t)site);
	report_add(&f);
	dump_freeze(&f);
}

void engine_note(const char *text)
{
	struct board *b = engine.board;
	struct board_note *note;

	if (!b)
		return;
	for (uint32_t i = 0; i < b->status.note_count; i++)
		if (strcmp(b->notes[i].text, text) == 0) {
			b->notes[i].count++;
			return;
		}
	if (b->status.note_count == BOARD_NOTES_MAX)
		return;
	note = &b->notes[b->status.note_count];
	fmt(note->text, sizeof(note->text), "%s", text);
	note->count = 1;
	BOARD_STORE(b->status.note_count, b->status.note_count + 1);
}
