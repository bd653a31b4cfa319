/* SPDX-License-Identifier: Apache-2.0 */
/* What is the same claim in another run: kind, cause, the places of the sites that matter in any
 * order, and what the memory is; never an address, a thread's number or who came first. */
#include "under/claim.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "report/source.h"

static bool starts_with_any(const char *name, const char *const *prefixes)
{
	for (; *prefixes; prefixes++)
		if (strncmp(name, *prefixes, strlen(*prefixes)) == 0)
			return true;
	return false;
}

/* Modules of the detectors and ours: what they do in the program's name is not the program's. */
static bool is_detector(const struct frame *frame)
{
	static const char *const prefixes[] = { "vgpreload_", "libjostle", "libtsan.so",
						"libclang_rt.", NULL };

	return frame->module && starts_with_any(source_base(frame->module), prefixes);
}

static bool is_system(const struct frame *frame)
{
	static const char *const prefixes[] = { "libc.so",      "libc-",     "ld-linux",
						"libstdc++.so", "libgcc_s.", "libpthread",
						"linux-vdso",   NULL };

	if (frame->file && (strncmp(frame->file, "/usr/include/", 13) == 0 ||
			    strncmp(frame->file, "/usr/lib/", 9) == 0))
		return true;
	return frame->module && starts_with_any(source_base(frame->module), prefixes);
}

static bool is_start_code(const struct frame *frame)
{
	static const char *const names[] = { "start_thread",
					     "clone",
					     "clone3",
					     "_start",
					     "(below main)",
					     "__libc_start_main",
					     "__libc_start_call_main",
					     "__libc_start_main_impl",
					     "__tsan_thread_start_func" };

	for (size_t i = 0; frame->function && i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(frame->function, names[i], strlen(names[i])) == 0 &&
		    !isalnum((unsigned char)frame->function[strlen(names[i])]))
			return true;
	return false;
}

/* A runtime that is linked into the program has functions, but no lines. */
static struct frame user_place(const struct frame *frames, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_system(&frames[i]) && frames[i].file)
			return frames[i];
	for (size_t i = 0; i < count; i++)
		if (!is_system(&frames[i]) && frames[i].function)
			return frames[i];
	return count ? frames[0] : (struct frame){ 0 };
}

bool claim_has_user(const struct frame *frames, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_system(&frames[i]) && !is_detector(&frames[i]) &&
		    !is_start_code(&frames[i]) && (frames[i].file || frames[i].function))
			return true;
	return false;
}

static void give(struct story_given *given, struct pool *pool, const struct frame *frames,
		 size_t count)
{
	struct frame *kept = pool_new(pool, struct frame, count + 1);
	size_t kept_count = 0;

	for (size_t i = 0; i < count && kept_count < CLAIM_FRAMES_MAX; i++) {
		if (kept_count && is_start_code(&frames[i]))
			break;
		if (!is_detector(&frames[i]))
			kept[kept_count++] = frames[i];
	}
	*given = (struct story_given){ .frames = kept,
				       .frame_count = kept_count,
				       .place = user_place(kept, kept_count) };
}

char *claim_stable_text(struct pool *pool, const char *text)
{
	char *stable = pool_bytes(pool, text, strlen(text)), *to = stable;
	bool quoted = false;

	for (const char *at = text; *at;) {
		quoted ^= *at == '"' || *at == '\'';
		if (!quoted && at[0] == '0' && at[1] == 'x') {
			at += 2 + strspn(at + 2, "0123456789abcdefABCDEF");
		} else if (!quoted && isdigit((unsigned char)*at) &&
			   (at == text || strchr(" #(T", at[-1]))) {
			at += strspn(at, "0123456789,");
		} else {
			*to++ = *at++;
		}
	}
	*to = '\0';
	return stable;
}

struct claim claim_new(enum finding_kind kind, enum finding_cause cause, const char *text)
{
	struct claim claim = { .finding = { .kind = (uint8_t)kind,
					    .cause = (uint8_t)cause,
					    .severity = (uint8_t)finding_kind_severity(kind),
					    .thread = THREAD_NONE,
					    .address = UINT64_MAX } };

	if (text)
		snprintf(claim.finding.text, sizeof(claim.finding.text), "%s", text);
	return claim;
}

/* A thread is known by the function that it started with. */
static void name_thread(struct finding_site *site, const struct story_given *given)
{
	const struct frame *outermost = given->frames + given->frame_count;

	if (site->thread == 0 || site->thread == THREAD_NONE)
		return;
	while (outermost-- > given->frames)
		if (!is_system(outermost) && outermost->function) {
			snprintf(site->thread_name, sizeof(site->thread_name), "%s",
				 outermost->function);
			return;
		}
}

struct finding_site *claim_site(struct claim *claim, struct pool *pool, enum site_role role,
				enum op_kind op, uint64_t object, unsigned thread,
				const struct frame *frames, size_t frame_count)
{
	const uint16_t at = claim->finding.site_count;
	struct finding_site *site = &claim->finding.sites[at];

	if (at == FINDING_SITES_MAX)
		return NULL;
	claim->finding.site_count++;
	*site = (struct finding_site){ .role = (uint8_t)role,
				       .op_kind = (uint8_t)op,
				       .object = object,
				       .thread = (uint16_t)thread,
				       .step = UINT32_MAX };
	give(&claim->given[at], pool, frames, frame_count);
	if (frame_count)
		site->pc = frames[0].pc;
	if (role == SITE_AT || role == SITE_ACCESS || role == SITE_EDGE)
		name_thread(site, &claim->given[at]);
	return site;
}

static uint64_t hash_words(uint64_t hash, const char *text)
{
	return text ? hash_bytes(hash, text, strlen(text)) : hash_fold(hash, 0);
}

static uint64_t hash_frame(uint64_t hash, const struct frame *frame)
{
	hash = hash_words(hash, frame->function);
	hash = hash_words(hash, frame->file ? source_base(frame->file) : NULL);
	return hash_fold(hash, frame->line);
}

static bool is_side(const struct finding_site *site)
{
	return site->role == SITE_ACCESS || site->role == SITE_EDGE;
}

static uint64_t key_of(const struct claim *claim, struct pool *pool)
{
	const struct finding *finding = &claim->finding;
	uint64_t key = hash_fold(HASH_START, (uint64_t)finding->kind << 8 | finding->cause);
	uint64_t sites = 0;

	key = hash_words(key, finding->text);
	if (claim->location)
		key = hash_words(key, claim_stable_text(pool, claim->location));
	for (uint16_t i = 0; i < finding->site_count; i++) {
		const struct story_given *given = &claim->given[i];
		uint64_t site = hash_fold(HASH_START, finding->sites[i].role);

		if (!is_side(&finding->sites[i]) && finding->sites[i].role != SITE_AT &&
		    finding->sites[i].role != SITE_FIRST)
			continue; /* DRD's segments differ from run to run */
		site = hash_frame(site, &given->place);
		/* Who lost memory is known by the way there: allocators have wrappers. */
		for (size_t k = 0; finding->kind == FINDING_LEAK && k < given->frame_count; k++)
			site = hash_frame(site, &given->frames[k]);
		sites += hash_mix(site);
	}
	return hash_fold(key, sites);
}

static int compare_texts(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare_places(const struct frame *a, const struct frame *b)
{
	int order = compare_texts(a->file, b->file);

	if (order == 0)
		order = (a->line > b->line) - (a->line < b->line);
	return order ? order : compare_texts(a->function, b->function);
}

/* The first two sides; SIZE_MAX: there is none. */
static void find_sides(const struct claim *claim, size_t *first, size_t *second)
{
	*first = *second = SIZE_MAX;
	for (size_t i = 0; i < claim->finding.site_count; i++) {
		if (!is_side(&claim->finding.sites[i]))
			continue;
		if (*first == SIZE_MAX)
			*first = i;
		else if (*second == SIZE_MAX)
			*second = i;
	}
}

static void order_sides(struct claim *claim)
{
	struct finding_site site;
	struct story_given given;
	size_t a, b;

	find_sides(claim, &a, &b);
	if (b == SIZE_MAX || compare_places(&claim->given[a].place, &claim->given[b].place) <= 0)
		return;
	site = claim->finding.sites[a];
	claim->finding.sites[a] = claim->finding.sites[b];
	claim->finding.sites[b] = site;
	given = claim->given[a];
	claim->given[a] = claim->given[b];
	claim->given[b] = given;
}

/* x = x + 1 reads and writes in one line: a write says more. */
static void merge(struct claim *into, const struct claim *claim)
{
	size_t sides[2], others[2];

	find_sides(into, &sides[0], &sides[1]);
	find_sides(claim, &others[0], &others[1]);
	for (size_t i = 0; i < 2; i++)
		if (sides[i] != SIZE_MAX && others[i] != SIZE_MAX &&
		    claim->finding.sites[others[i]].op_kind == OP_WRITE)
			into->finding.sites[sides[i]].op_kind = OP_WRITE;
}

void claims_add(struct claims *claims, struct claim *claim)
{
	order_sides(claim);
	claim->finding.key = key_of(claim, claims->pool);
	for (size_t i = 0; i < claims->count; i++)
		if (claims->list[i].finding.key == claim->finding.key) {
			merge(&claims->list[i], claim);
			return;
		}
	if (claims->count == CLAIMS_MAX) {
		claims->lost++;
		return;
	}
	if ((claims->count & (claims->count - 1)) == 0) {
		claims->list = reallocarray(claims->list, claims->count ? 2 * claims->count : 1,
					    sizeof(*claims->list));
		if (!claims->list)
			abort();
	}
	claims->list[claims->count++] = *claim;
}

void claims_fini(struct claims *claims)
{
	free(claims->list);
	*claims = (struct claims){ .pool = claims->pool };
}
