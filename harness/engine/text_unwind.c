/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/text_unwind.h"

#include <stddef.h>
#include <string.h>

#define OBJECTS_MAX 128
#define CACHE_SIZE  1024 /* a power of two */
#define STATES_MAX  8    /* remembered within one function */

/* DWARF's numbers of the registers, and the return address's. */
enum { REGISTER_BP = 6, REGISTER_SP = 7, REGISTER_RA = 16 };

/* The only encodings that linkers and compilers use here: DW_EH_PE_... */
enum { ENCODED_PCREL4 = 0x1b, ENCODED_UDATA4 = 0x03, ENCODED_DATAREL4 = 0x3b };

static struct object {
	uintptr_t start, end;
	const uint8_t *header;
} objects[OBJECTS_MAX];
static unsigned object_count;

/* Where a frame lies and where it keeps its caller's frame pointer. */
struct rule {
	uintptr_t ip; /* 0: an empty entry */
	int32_t cfa_offset;
	int32_t bp_offset; /* from the frame's address; 0: not saved */
	uint8_t cfa_register;
	uint8_t known;
};
static struct rule cache[CACHE_SIZE];

struct reader {
	const uint8_t *at, *end;
};

static uint8_t read_byte(struct reader *r)
{
	return r->at < r->end ? *r->at++ : 0;
}

static uint64_t read_fixed(struct reader *r, unsigned size)
{
	uint64_t value = 0;

	if ((size_t)(r->end - r->at) < size) {
		r->at = r->end;
		return 0;
	}
	memcpy(&value, r->at, size);
	r->at += size;
	return value;
}

static uint64_t read_unsigned(struct reader *r)
{
	uint64_t value = 0;
	uint8_t byte;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		byte = read_byte(r);
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			break;
	}
	return value;
}

static int64_t read_signed(struct reader *r)
{
	uint64_t value = 0;
	unsigned shift = 0;
	uint8_t byte;

	do {
		byte = read_byte(r);
		value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while ((byte & 0x80) && shift < 64);
	if (shift < 64 && (byte & 0x40))
		value |= ~(uint64_t)0 << shift;
	return (int64_t)value;
}

void text_unwind_add(uintptr_t start, uintptr_t end, const void *header)
{
	if (object_count < OBJECTS_MAX)
		objects[object_count++] = (struct object){ start, end, header };
}

/* Entries of a header's table; 0: it is of a kind that is not read here. */
static uint32_t table_count(const uint8_t *header)
{
	uint32_t count;

	if (header[0] != 1 || header[1] != ENCODED_PCREL4 || header[2] != ENCODED_UDATA4 ||
	    header[3] != ENCODED_DATAREL4)
		return 0;
	memcpy(&count, header + 8, sizeof(count));
	return count;
}

/* The last entry of the header's sorted table that begins at or before ip, or NULL. */
static const uint8_t *find_entry(const struct object *object, uintptr_t ip)
{
	const uint8_t *header = object->header;
	const int32_t *const table = (const void *)(header + 12); /* two words an entry */
	const int64_t wanted = (int64_t)(ip - (uintptr_t)header);
	uint32_t low = 0, high = table_count(header);

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (table[2 * middle] <= wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? header + table[2 * low - 1] : NULL;
}

struct entry {
	struct reader initial, own; /* instructions that all functions share; of this one */
	uint64_t code_factor;
	int64_t data_factor;
	uintptr_t start, size; /* of the function */
};

/* The record that begins at @at, without its length. Empty for the 64-bit form. */
static struct reader record(const uint8_t *at)
{
	uint32_t length;

	memcpy(&length, at, sizeof(length));
	if (length == UINT32_MAX)
		length = 0;
	return (struct reader){ at + 4, at + 4 + length };
}

static bool is_eight_bytes(uint8_t encoding)
{
	const uint8_t format = encoding & 0xf;

	return format == 0x0 || format == 0x4 || format == 0xc; /* absptr, udata8, sdata8 */
}

/* False: it is of a kind that is not read here. */
static bool read_common(const uint8_t *at, struct entry *entry)
{
	struct reader r = record(at), data;
	const char *letters;
	uint64_t size;

	if (read_fixed(&r, 4) != 0 || read_byte(&r) != 1)
		return false;
	letters = (const char *)r.at;
	if (letters[0] != 'z')
		return false;
	r.at += strlen(letters) + 1;
	entry->code_factor = read_unsigned(&r);
	entry->data_factor = read_signed(&r);
	if (read_byte(&r) != REGISTER_RA)
		return false;
	size = read_unsigned(&r);
	data = r;
	r.at += size;
	entry->initial = r;
	for (letters++; *letters; letters++) {
		const uint8_t encoding = *letters == 'S' ? 0 : read_byte(&data);

		/* A signal's frame: all registers lie elsewhere. */
		if (*letters == 'S' || (*letters == 'R' && encoding != ENCODED_PCREL4))
			return false;
		if (*letters == 'P')
			data.at += is_eight_bytes(encoding) ? 8 : 4;
	}
	return entry->initial.at <= entry->initial.end;
}

static bool read_entry(const uint8_t *at, struct entry *entry)
{
	struct reader r = record(at);
	const uint8_t *const place = r.at;
	const uint32_t back = (uint32_t)read_fixed(&r, 4);
	const uint8_t *begin;

	if (back == 0 || !read_common(place - back, entry))
		return false;
	begin = r.at;
	entry->start = (uintptr_t)begin + (uintptr_t)(int64_t)(int32_t)read_fixed(&r, 4);
	entry->size = read_fixed(&r, 4);
	r.at += read_unsigned(&r);
	entry->own = r;
	return r.at <= r.end;
}

bool text_unwind_next(uintptr_t from, uintptr_t *start, uintptr_t *end)
{
	const struct object *next = NULL;

	for (unsigned i = 0; i < object_count; i++)
		if (objects[i].start >= from && (!next || objects[i].start < next->start))
			next = &objects[i];
	if (!next)
		return false;
	*start = next->start;
	*end = next->end;
	return true;
}

void text_unwind_functions(uintptr_t start,
			   void (*visit)(uintptr_t start, uintptr_t size, void *context),
			   void *context)
{
	for (unsigned i = 0; i < object_count; i++) {
		const struct object *object = &objects[i];
		const uint32_t count = table_count(object->header);
		const int32_t *const table = (const void *)(object->header + 12);

		for (uint32_t at = 0; object->start == start && at < count; at++) {
			struct entry entry;

			if (read_entry(object->header + table[2 * at + 1], &entry) &&
			    entry.start >= object->start && entry.start < object->end &&
			    entry.size <= object->end - entry.start)
				visit(entry.start, entry.size, context);
		}
	}
}

bool text_unwind_is_function(uintptr_t address)
{
	for (unsigned i = 0; i < object_count; i++) {
		const uint8_t *at;
		struct entry entry;

		if (address < objects[i].start || address >= objects[i].end)
			continue;
		at = find_entry(&objects[i], address);
		return at && read_entry(at, &entry) && entry.start == address;
	}
	return false;
}

struct machine {
	const struct entry *entry;
	uintptr_t at, wanted;
	struct rule rule, first; /* now, and as the common instructions left it */
	struct rule states[STATES_MAX];
	unsigned state_count;
	bool failed;
};

static void set_saved(struct machine *m, uint64_t number, int64_t offset)
{
	if (number == REGISTER_BP)
		m->rule.bp_offset = (int32_t)offset;
	else if (number == REGISTER_RA && offset != -8)
		m->failed = true;
}

static void set_address(struct machine *m, uint64_t number, int64_t offset)
{
	m->rule.cfa_register = (uint8_t)number;
	m->rule.cfa_offset = (int32_t)offset;
	if (number != REGISTER_SP && number != REGISTER_BP)
		m->rule.cfa_register = 0; /* until another one is set: not to be followed */
}

static void remember(struct machine *m, bool restore)
{
	if (!restore && m->state_count < STATES_MAX)
		m->states[m->state_count++] = m->rule;
	else if (restore && m->state_count > 0)
		m->rule = m->states[--m->state_count];
	else
		m->failed = true;
}

/* What a register's value is not kept in memory for. */
static void set_unsaved(struct machine *m, uint64_t number, bool same)
{
	if (number == REGISTER_BP && same)
		m->rule.bp_offset = m->first.bp_offset;
	else if (number == REGISTER_BP || number == REGISTER_RA)
		m->failed = true;
}

/* DWARF 5, 6.4.2; the names of the operations begin with DW_CFA_. */
static void run_extended(struct machine *m, struct reader *r, uint8_t operation)
{
	const int64_t factor = m->entry->data_factor;
	uint64_t number;

	switch (operation) {
	case 0x00: /* nop */
		break;
	case 0x02: /* advance_loc1 */
		m->at += read_byte(r) * m->entry->code_factor;
		break;
	case 0x03: /* advance_loc2 */
		m->at += read_fixed(r, 2) * m->entry->code_factor;
		break;
	case 0x04: /* advance_loc4 */
		m->at += read_fixed(r, 4) * m->entry->code_factor;
		break;
	case 0x05: /* offset_extended */
		number = read_unsigned(r);
		set_saved(m, number, (int64_t)read_unsigned(r) * factor);
		break;
	case 0x06: /* restore_extended */
	case 0x08: /* same_value */
		set_unsaved(m, read_unsigned(r), true);
		break;
	case 0x07: /* undefined */
		set_unsaved(m, read_unsigned(r), false);
		break;
	case 0x0a: /* remember_state */
	case 0x0b: /* restore_state */
		remember(m, operation == 0x0b);
		break;
	case 0x0c: /* def_cfa */
		number = read_unsigned(r);
		set_address(m, number, (int64_t)read_unsigned(r));
		break;
	case 0x0d: /* def_cfa_register */
		set_address(m, read_unsigned(r), m->rule.cfa_offset);
		break;
	case 0x0e: /* def_cfa_offset */
		m->rule.cfa_offset = (int32_t)read_unsigned(r);
		break;
	case 0x0f: /* def_cfa_expression */
		set_address(m, UINT8_MAX, 0);
		r->at += read_unsigned(r);
		break;
	case 0x10: /* expression */
		set_unsaved(m, read_unsigned(r), false);
		r->at += read_unsigned(r);
		break;
	case 0x2e: /* GNU_args_size */
		read_unsigned(r);
		break;
	default:
		m->failed = true;
		break;
	}
}

static void run(struct machine *m, struct reader r)
{
	while (r.at < r.end && !m->failed) {
		const uint8_t operation = read_byte(&r), low = operation & 0x3f;

		switch (operation & 0xc0) {
		case 0x40: /* advance_loc */
			m->at += low * m->entry->code_factor;
			break;
		case 0x80: /* offset */
			set_saved(m, low, (int64_t)read_unsigned(&r) * m->entry->data_factor);
			break;
		case 0xc0: /* restore */
			set_unsaved(m, low, true);
			break;
		default:
			run_extended(m, &r, operation);
			break;
		}
		if (m->at > m->wanted)
			return;
	}
}

static struct rule find_rule(uintptr_t ip)
{
	const struct rule none = { .ip = ip };
	struct machine m = { .wanted = ip, .rule = none };
	struct entry entry;
	const uint8_t *at = NULL;

	for (unsigned i = 0; i < object_count && !at; i++)
		if (ip >= objects[i].start && ip < objects[i].end)
			at = find_entry(&objects[i], ip);
	if (!at || !read_entry(at, &entry) || ip - entry.start >= entry.size)
		return none;
	m.entry = &entry;
	m.at = entry.start;
	run(&m, entry.initial);
	m.first = m.rule;
	run(&m, entry.own);
	if (m.failed || !m.rule.cfa_register)
		return none;
	m.rule.known = 1;
	return m.rule;
}

static const struct rule *rule_of(uintptr_t ip)
{
	struct rule *rule = &cache[(ip ^ ip >> 10) & (CACHE_SIZE - 1)];

	if (rule->ip != ip)
		*rule = find_rule(ip);
	return rule;
}

bool text_unwind_step(struct text_frame *frame, uintptr_t limit)
{
	const struct rule *rule = rule_of(frame->ip - !frame->exact);
	uintptr_t address;

	if (!rule->known)
		return false;
	address = (rule->cfa_register == REGISTER_SP ? frame->sp : frame->bp) +
		  (uintptr_t)(intptr_t)rule->cfa_offset;
	if (address <= frame->sp || address > limit || address % sizeof(uintptr_t) != 0)
		return false;
	if (rule->bp_offset) {
		const uintptr_t saved = address + (uintptr_t)(intptr_t)rule->bp_offset;

		if (saved < frame->sp || saved >= address)
			return false;
		frame->bp = *(const uintptr_t *)saved;
	}
	frame->ip = *(const uintptr_t *)(address - sizeof(uintptr_t));
	frame->sp = address;
	frame->exact = false;
	return true;
}
