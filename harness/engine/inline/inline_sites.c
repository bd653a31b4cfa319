/* SPDX-License-Identifier: Apache-2.0 */
/* Finding such instructions, and copying atomic ones; see inline_sites.h. */
#include "engine/inline/inline_sites.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "base/sys.h"
#include "engine/inline/inline_spins.h"
#include "engine/text.h"
#include "engine/text_unwind.h"

#define PAGE         4096UL
#define COPY_SIZE    (2 * COPY_STOPS)
#define SEGMENTS_MAX 128
#define SEARCH_STEP  (1UL << 20)
#define SEARCH_STEPS 1500 /* within the two gigabytes that a displacement reaches */

struct inline_site inline_sites[INLINE_SITES_MAX];
uint32_t inline_site_count;
bool inline_sites_are_all;
bool inline_sites_are_seen;

#if defined(__x86_64__)
/* Executable segments that have sites: whole, so that no mapping is split. */
static struct {
	uintptr_t start, size;
	uintptr_t copies, copies_end; /* near it */
} segments[SEGMENTS_MAX];
static unsigned segment_count;

static void protect(uintptr_t start, uintptr_t size, int protection)
{
	sys_call3(SYS_mprotect, (long)start, (long)size, protection);
}

void inline_sites_open(void)
{
	for (unsigned i = 0; i < segment_count; i++)
		protect(segments[i].start, segments[i].size, PROT_READ | PROT_WRITE);
}

void inline_sites_close(void)
{
	for (unsigned i = 0; i < segment_count; i++)
		protect(segments[i].start, segments[i].size, PROT_READ | PROT_EXEC);
}

/* Only its first byte is written. */
void inline_site_open(const struct inline_site *site)
{
	protect(site->at & ~(PAGE - 1), PAGE, PROT_READ | PROT_WRITE);
}

void inline_site_close(const struct inline_site *site)
{
	protect(site->at & ~(PAGE - 1), PAGE, PROT_READ | PROT_EXEC);
}

static bool add(uintptr_t at, enum inline_kind kind, uint8_t length)
{
	const uint32_t left = kind == SITE_CHANCE ? 0 : INLINE_SITES_LEFT;

	if (inline_site_count + left >= INLINE_SITES_MAX)
		return false;
	inline_sites[inline_site_count++] = (struct inline_site){
		.at = at,
		.kind = kind,
		.length = length,
		.first = *(const uint8_t *)at,
	};
	return true;
}

/* Of one function's sites: loops that note something, where nothing is atomic, compute. */
static void drop_notes(uint32_t first)
{
	uint32_t kept = first;

	for (uint32_t i = first; i < inline_site_count; i++)
		if (inline_sites[i].kind == SITE_ATOMIC)
			return;
	for (uint32_t i = first; i < inline_site_count; i++)
		if (!inline_sites[i].notes)
			inline_sites[kept++] = inline_sites[i];
	inline_site_count = kept;
}

/* One function: all of it is understood, or nothing of it is touched. */
static void look(uintptr_t start, uintptr_t size, void *unused)
{
	const uint32_t count = inline_site_count;
	enum inline_spin spin;
	struct insn insn;

	(void)unused;
	for (uintptr_t at = start; at < start + size; at += insn.length) {
		const uint8_t *const code = (const uint8_t *)at;
		const size_t left = start + size - at;
		bool jumps = false;
		uint8_t leaving;
		const unsigned quick = left > INSN_MAX ? insn_quick_length(code, &jumps) : 0;

		/* Nearly all are neither atomic nor a jump back. */
		if (quick > 0 && !(jumps && (code[quick - 1] & 0x80))) {
			insn.length = (uint8_t)quick;
			continue;
		}
		if (!insn_decode(code, left, &insn)) {
			inline_site_count = count;
			return;
		}
		/* Of the two prefixes of a pause one may stand before more: such is left alone. */
		if (insn.kind == INSN_MFENCE)
			inline_sites_are_all = false;
		if (insn.kind == INSN_ATOMIC)
			add(at, SITE_ATOMIC, insn.length);
		else if (insn.kind == INSN_PAUSE && insn.length == 2)
			add(at, SITE_PAUSE, insn.length);
		else if (insn.kind == INSN_CHANCE)
			add(at, SITE_CHANCE, insn.length);
		else if ((spin = inline_spin_ends(start, at, &insn, &leaving)) != SPIN_NONE &&
			 add(at, SITE_SPIN, insn.length)) {
			inline_sites[inline_site_count - 1].notes = spin == SPIN_NOTES;
			inline_sites[inline_site_count - 1].leaving = leaving;
		}
	}
	drop_notes(count);
}

static void mark_seen(uint32_t first)
{
	for (uint32_t i = first; i < inline_site_count; i++) {
		inline_sites[i].seen = true;
		inline_sites_are_seen |= inline_sites[i].kind == SITE_ATOMIC;
	}
}

static uintptr_t map_near(uintptr_t start, uintptr_t size)
{
	for (unsigned i = 1; i <= SEARCH_STEPS; i++) {
		const uintptr_t at = (start & ~(SEARCH_STEP - 1)) - i * SEARCH_STEP;

		if (at > start)
			break;
		if (sys_call6(SYS_mmap, (long)at, (long)size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == (long)at)
			return at;
	}
	return 0;
}

static bool copy_instruction(const struct inline_site *site, uint8_t *to)
{
	struct insn insn;

	memcpy(to, (const void *)site->at, site->length);
	if (!insn_decode(to, INSN_MAX, &insn))
		return false;
	if (insn.relative) {
		int32_t displacement;
		int64_t moved;

		memcpy(&displacement, to + insn.disp_at, sizeof(displacement));
		moved = displacement + (int64_t)(site->at - (uintptr_t)to);
		if (moved != (int32_t)moved)
			return false;
		displacement = (int32_t)moved;
		memcpy(to + insn.disp_at, &displacement, sizeof(displacement));
	}
	return true;
}

/* Its bytes and a jump to what follows: jmp *0(%rip), and the address. And its bytes and a hlt. */
static bool copy(struct inline_site *site, uint8_t *to)
{
	static const uint8_t jump[6] = { 0xff, 0x25 };
	const uintptr_t next = site->at + site->length;

	if (!copy_instruction(site, to) || !copy_instruction(site, to + COPY_STOPS))
		return false;
	to[COPY_STOPS + site->length] = INLINE_HALT;
	memcpy(to + site->length, jump, sizeof(jump));
	memcpy(to + site->length + sizeof(jump), &next, sizeof(next));
	site->copy = to;
	return true;
}

/* Copies of the sites from the first on, all of one segment, which those without a copy leave. */
static void copy_segment(uint32_t first, uintptr_t start, uintptr_t end)
{
	const uint32_t atomics = inline_site_count - first;
	const uintptr_t size = (atomics * COPY_SIZE + PAGE - 1) & ~(PAGE - 1);
	const uintptr_t copies = map_near(start, size);
	uint32_t kept = first;

	for (uint32_t i = first; i < inline_site_count && copies; i++) {
		struct inline_site site = inline_sites[i];

		if (site.kind != SITE_ATOMIC ||
		    copy(&site, (uint8_t *)copies + (uintptr_t)(kept - first) * COPY_SIZE))
			inline_sites[kept++] = site;
	}
	inline_site_count = kept;
	if (!copies)
		return;
	protect(copies, size, PROT_READ | PROT_EXEC);
	segments[segment_count].start = start & ~(PAGE - 1);
	segments[segment_count].size = ((end + PAGE - 1) & ~(PAGE - 1)) - (start & ~(PAGE - 1));
	segments[segment_count].copies = copies;
	segments[segment_count++].copies_end = copies + size;
}

/* May a file's code be changed and run? Asked of a page of our own. */
static bool may_change(void)
{
	const long fd = sys_openat(AT_FDCWD, "/proc/self/exe", O_RDONLY | O_CLOEXEC, 0);
	long page, result = -1;

	if (fd < 0)
		return false;
	page = sys_call6(SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	sys_close((int)fd);
	if (page < 0)
		return false;
	*(volatile uint8_t *)page = 0;
	result = sys_call3(SYS_mprotect, page, PAGE, PROT_READ | PROT_EXEC);
	sys_call2(SYS_munmap, page, PAGE);
	return result == 0;
}

bool inline_sites_find(void)
{
	uintptr_t start, end = 0;

	if (!may_change())
		return false;
	inline_sites_are_all = true;
	while (segment_count < SEGMENTS_MAX && text_unwind_next(end, &start, &end)) {
		const uint32_t first = inline_site_count;

		if (!text_synchronises(start))
			continue;
		text_unwind_functions(start, look, NULL);
		if (inline_site_count > first && text_is_instrumented(start))
			mark_seen(first);
		if (inline_site_count > first)
			copy_segment(first, start, end);
	}
	return true;
}

static uint32_t first_from(uintptr_t address)
{
	uint32_t low = 0, high = inline_site_count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (inline_sites[middle].at < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct inline_site *inline_site_at(uintptr_t address)
{
	const uint32_t at = first_from(address);

	return at < inline_site_count && inline_sites[at].at == address ? &inline_sites[at] : NULL;
}

struct inline_site *inline_site_copied(uintptr_t ip)
{
	for (unsigned i = 0; i < segment_count; i++) {
		const uintptr_t start = segments[i].start;
		uint32_t at;

		if (ip < segments[i].copies || ip >= segments[i].copies_end)
			continue;
		at = first_from(start) + (uint32_t)((ip - segments[i].copies) / COPY_SIZE);
		return at < inline_site_count && inline_sites[at].copy ? &inline_sites[at] : NULL;
	}
	return NULL;
}
#endif
