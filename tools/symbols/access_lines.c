/* SPDX-License-Identifier: Apache-2.0 */
/*
 * On x86-64 a call of a library's function is e8 and the distance to a stub, which jumps through a
 * slot that a relocation names; with -fno-plt it is ff 15 and the distance to that slot. All bytes
 * of the text are tried: that other bytes happen to name such a stub would only keep a mark
 * checked.
 */
#include "symbols/access_lines.h"

#include <gelf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/symbols_private.h"

struct slots {
	GElf_Addr *addresses; /* of pointers to functions that stand for an access */
	size_t count;
};

struct text {
	const uint8_t *bytes;
	GElf_Addr start;
	size_t size;
};

static bool is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool is_access(const char *name)
{
	static const char *const others[] = { "__tsan_init", "__tsan_func_entry",
					      "__tsan_func_exit" };
	static const char *const frees[] = { "free", "realloc", "reallocarray" };

	if (name && (strncmp(name, "jostle_call_", 12) == 0 ||
		     is_among(name, frees, sizeof(frees) / sizeof(frees[0]))))
		return true;
	return name && strncmp(name, "__tsan_", 7) == 0 &&
	       !is_among(name, others, sizeof(others) / sizeof(others[0]));
}

static void *grow(void *array, size_t count, size_t size)
{
	void *bigger = reallocarray(array, count + 1, size);

	if (!bigger)
		abort();
	return bigger;
}

static void read_relocations(struct slots *slots, Elf *elf, Elf_Scn *section,
			     const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	Elf_Scn *names = elf_getscn(elf, header->sh_link);
	Elf_Data *symbols = names ? elf_getdata(names, NULL) : NULL;
	size_t count = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;
	GElf_Shdr names_header;
	GElf_Sym symbol;
	GElf_Rela rela;

	if (!names || !gelf_getshdr(names, &names_header))
		return;
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getrela(data, (int)i, &rela) ||
		    !gelf_getsym(symbols, (int)GELF_R_SYM(rela.r_info), &symbol) ||
		    !is_access(elf_strptr(elf, names_header.sh_link, symbol.st_name)))
			continue;
		slots->addresses = grow(slots->addresses, slots->count, sizeof(GElf_Addr));
		slots->addresses[slots->count++] = rela.r_offset;
	}
}

static bool is_slot(const struct slots *slots, GElf_Addr address)
{
	for (size_t i = 0; i < slots->count; i++)
		if (slots->addresses[i] == address)
			return true;
	return false;
}

static int32_t distance(const uint8_t *bytes)
{
	int32_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

/* A stub: perhaps endbr64, perhaps a bnd prefix, then a jump through a slot; or, in what jostle cc
 * links, a jump to such a stub. */
static bool is_stub(const struct text *texts, size_t count, const struct slots *slots,
		    GElf_Addr address, bool jumped)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };

	for (size_t i = 0; i < count; i++) {
		const struct text *text = &texts[i];
		size_t at = address - text->start;

		if (address < text->start || at + 16 > text->size)
			continue;
		if (memcmp(text->bytes + at, endbr64, sizeof(endbr64)) == 0)
			at += sizeof(endbr64);
		if (text->bytes[at] == 0xf2)
			at++;
		if (text->bytes[at] == 0xe9 && !jumped)
			return is_stub(texts, count, slots,
				       text->start + at + 5 +
					       (GElf_Addr)(int64_t)distance(text->bytes + at + 1),
				       true);
		return text->bytes[at] == 0xff && text->bytes[at + 1] == 0x25 &&
		       is_slot(slots, text->start + at + 6 +
					      (GElf_Addr)(int64_t)distance(text->bytes + at + 2));
	}
	return false;
}

/* The source line of the call that returns to address. */
static void add_line(struct access_lines *lines, Dwfl_Module *module, GElf_Addr bias,
		     GElf_Addr address)
{
	Dwarf_Addr unit_bias;
	Dwarf_Die *unit = symbols_unit(module, address + bias - 1, &unit_bias);
	Dwarf_Line *line = unit ? symbols_line(unit, address + bias - 1 - unit_bias) : NULL;
	const char *file = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
	int number = 0;

	if (!file || dwarf_lineno(line, &number) != 0 || number <= 0 ||
	    access_lines_has(lines, file, (unsigned)number))
		return;
	lines->lines = grow(lines->lines, lines->count, sizeof(*lines->lines));
	lines->lines[lines->count].file = strdup(file);
	lines->lines[lines->count++].line = (unsigned)number;
}

static void scan(struct access_lines *lines, Dwfl_Module *module, GElf_Addr bias,
		 const struct text *texts, size_t count, const struct slots *slots)
{
	for (size_t i = 0; i < count; i++)
		for (size_t at = 0; at + 6 <= texts[i].size; at++) {
			const uint8_t *bytes = texts[i].bytes + at;
			const GElf_Addr here = texts[i].start + at;

			if (bytes[0] == 0xe8 &&
			    is_stub(texts, count, slots,
				    here + 5 + (GElf_Addr)(int64_t)distance(bytes + 1), false))
				add_line(lines, module, bias, here + 5);
			else if (bytes[0] == 0xff && bytes[1] == 0x15 &&
				 is_slot(slots, here + 6 + (GElf_Addr)(int64_t)distance(bytes + 2)))
				add_line(lines, module, bias, here + 6);
		}
}

#define TEXTS_MAX 16

static int read_module(struct access_lines *lines, Dwfl_Module *module)
{
	struct text texts[TEXTS_MAX];
	struct slots slots = { NULL, 0 };
	size_t count = 0;
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(module, &bias);

	if (!elf)
		return -1;
	while ((section = elf_nextscn(elf, section))) {
		Elf_Data *data;

		if (!gelf_getshdr(section, &header))
			continue;
		if (header.sh_type == SHT_RELA)
			read_relocations(&slots, elf, section, &header);
		if (header.sh_type != SHT_PROGBITS || !(header.sh_flags & SHF_EXECINSTR) ||
		    count == TEXTS_MAX)
			continue;
		data = elf_getdata(section, NULL);
		if (data && data->d_buf)
			texts[count++] = (struct text){ data->d_buf, header.sh_addr, data->d_size };
	}
	scan(lines, module, bias, texts, count, &slots);
	free(slots.addresses);
	return 0;
}

int access_lines_read(struct access_lines *lines, const char *program)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
	};
	Dwfl *dwfl = dwfl_begin(&callbacks);
	Dwfl_Module *module;
	int code = -1;

	*lines = (struct access_lines){ NULL, 0 };
	module = dwfl ? dwfl_report_offline(dwfl, "", program, -1) : NULL;
	if (module) {
		dwfl_report_end(dwfl, NULL, NULL);
		code = read_module(lines, module);
	}
	dwfl_end(dwfl);
	return code;
}

void access_lines_fini(struct access_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->lines[i].file);
	free(lines->lines);
	*lines = (struct access_lines){ NULL, 0 };
}

static bool is_file(const char *path, const char *file)
{
	size_t length = strlen(path), wanted = strlen(file);

	return length >= wanted && strcmp(path + length - wanted, file) == 0 &&
	       (length == wanted || path[length - wanted - 1] == '/');
}

bool access_lines_has(const struct access_lines *lines, const char *file, unsigned line)
{
	for (size_t i = 0; i < lines->count; i++)
		if (lines->lines[i].line == line && is_file(lines->lines[i].file, file))
			return true;
	return false;
}
