/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that brings its own allocator or its own pthread_mutex_lock calls those and not ours;
 * one with a sanitizer's runtime inside crashes below a preload. Both show in the dynamic symbol
 * table, where the runtime's names must stand so that libraries find them.
 */
#include "symbols/elf_check.h"

#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "campaign/target.h"
#include "jostle/say.h"

#if defined(__x86_64__)
#define OUR_MACHINE      EM_X86_64
#define OUR_MACHINE_NAME "x86-64"
#elif defined(__aarch64__)
#define OUR_MACHINE      EM_AARCH64
#define OUR_MACHINE_NAME "aarch64"
#endif

#define THREAD_SANITIZER "ThreadSanitizer"

#define NT_GO_BUILD_ID 4
#define GO_NAME        "Go\0"

static const struct {
	const char *symbol;
	const char *what;
} foreign_symbols[] = {
	{ "__asan_init", "AddressSanitizer" },
	{ "__tsan_init", THREAD_SANITIZER },
	{ "__msan_init", "MemorySanitizer" },
	{ "__hwasan_init", "HWAddressSanitizer" },
	{ "malloc", "malloc" },
	{ "pthread_mutex_lock", "pthread_mutex_lock" },
	{ "pthread_create", "pthread_create" },
};

static const struct {
	const char *prefix;
	const char *what;
} foreign_libraries[] = {
	{ "libasan.so", "AddressSanitizer" },
	{ "libhwasan.so", "HWAddressSanitizer" },
	{ "libclang_rt.", "a clang sanitizer" },
};

static int refuse_sanitizer(const char *name, const char *what)
{
	if (strcmp(what, THREAD_SANITIZER) == 0)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: holds ThreadSanitizer's runtime itself, which interposes the "
				 "same calls; build it with jostle cc instead of -fsanitize=thread",
				 name);
	return say_error(
		EXIT_UNCONTROLLED,
		"%s: is built with %s, whose runtime interposes the same calls; build it without "
		"-fsanitize for jostle",
		name, what);
}

/* The best reason is kept: a sanitizer's runtime brings its own malloc, too. */
static void judge_symbol(const char *symbol, int *foreign)
{
	const int count = sizeof(foreign_symbols) / sizeof(foreign_symbols[0]);

	for (int k = 0; k < count && (*foreign < 0 || k < *foreign); k++)
		if (strcmp(symbol, foreign_symbols[k].symbol) == 0)
			*foreign = k;
}

static int refuse_symbol(const char *name, int foreign)
{
	if (foreign_symbols[foreign].symbol[0] == '_')
		return refuse_sanitizer(name, foreign_symbols[foreign].what);
	return say_error(EXIT_UNCONTROLLED,
			 "%s: brings its own %s, which would bypass jostle; build it with libc's",
			 name, foreign_symbols[foreign].what);
}

/*
 * Of the table of all symbols only a sanitizer counts: gcc's static libtsan exports its interposers
 * and hides its own names.
 */
static void look_at_symbols(struct elf_facts *facts, int *foreign, Elf *elf, Elf_Scn *section,
			    const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;
	GElf_Sym symbol;

	for (size_t i = 0; i < count; i++) {
		const char *text;

		if (!gelf_getsym(data, (int)i, &symbol))
			continue;
		text = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (!text)
			continue;
		if (symbol.st_shndx == SHN_UNDEF)
			facts->instrumented |= strcmp(text, "__tsan_init") == 0;
		else if (header->sh_type == SHT_DYNSYM || text[0] == '_')
			judge_symbol(text, foreign);
	}
}

static int check_library(const char *name, struct elf_facts *facts, const char *library)
{
	if (strncmp(library, "libtsan.so.", 11) == 0)
		snprintf(facts->tsan_library, sizeof(facts->tsan_library), "%s", library);
	if (facts->tsan_allowed && strncmp(library, "libclang_rt.tsan", 16) == 0) {
		facts->tsan_inside = true;
		return 0;
	}
	for (size_t k = 0; k < sizeof(foreign_libraries) / sizeof(foreign_libraries[0]); k++)
		if (name && strncmp(library, foreign_libraries[k].prefix,
				    strlen(foreign_libraries[k].prefix)) == 0)
			return refuse_sanitizer(name, foreign_libraries[k].what);
	return 0;
}

static int check_needed(const char *name, struct elf_facts *facts, Elf *elf, Elf_Scn *section,
			const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;
	GElf_Dyn entry;
	int code = 0;

	for (size_t i = 0; code == 0 && i < count; i++) {
		const char *text;

		if (!gelf_getdyn(data, (int)i, &entry) || entry.d_tag != DT_NEEDED)
			continue;
		text = elf_strptr(elf, header->sh_link, entry.d_un.d_val);
		if (text)
			code = check_library(name, facts, text);
	}
	return code;
}

/* The startup files come first and name the distribution's compiler; the program's own is last. */
static void read_comment(struct elf_facts *facts, Elf *elf, Elf_Scn *section,
			 const GElf_Shdr *header)
{
	size_t names;
	Elf_Data *data;
	const char *name, *at, *end;

	if (elf_getshdrstrndx(elf, &names) < 0)
		return;
	name = elf_strptr(elf, names, header->sh_name);
	if (!name || strcmp(name, ".comment") != 0)
		return;
	data = elf_getdata(section, NULL);
	if (!data || !data->d_buf || !data->d_size || ((char *)data->d_buf)[data->d_size - 1])
		return;
	end = (char *)data->d_buf + data->d_size;
	for (at = data->d_buf; at < end; at += strlen(at) + 1)
		if (*at)
			snprintf(facts->compiler, sizeof(facts->compiler), "%s", at);
}

static int check_sections(const char *name, Elf *elf, struct elf_facts *facts)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	int code = 0, foreign = -1;

	while (code == 0 && (section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header))
			continue;
		if (header.sh_type == SHT_DYNSYM || header.sh_type == SHT_SYMTAB)
			look_at_symbols(facts, &foreign, elf, section, &header);
		else if (header.sh_type == SHT_DYNAMIC)
			code = check_needed(name, facts, elf, section, &header);
		else if (header.sh_type == SHT_PROGBITS)
			read_comment(facts, elf, section, &header);
	}
	if (code || !name || foreign < 0)
		return code;
	if (facts->tsan_allowed && strcmp(foreign_symbols[foreign].what, THREAD_SANITIZER) == 0)
		facts->tsan_inside = true;
	else
		code = refuse_symbol(name, foreign);
	return code;
}

static void read_note(Elf_Data *data, struct elf_facts *facts)
{
	size_t at = 0, name_at, desc_at;
	GElf_Nhdr note;

	while (data && (at = gelf_getnote(data, at, &note, &name_at, &desc_at)) > 0) {
		facts->go |= note.n_type == NT_GO_BUILD_ID && note.n_namesz == sizeof(GO_NAME) &&
			     memcmp((char *)data->d_buf + name_at, GO_NAME, sizeof(GO_NAME)) == 0;
		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 ||
		    memcmp((char *)data->d_buf + name_at, "GNU", 4) != 0 ||
		    note.n_descsz > BUILD_ID_MAX)
			continue;
		memcpy(facts->build_id, (char *)data->d_buf + desc_at, note.n_descsz);
		facts->build_id_size = note.n_descsz;
	}
}

static int check_interpreter(const char *name, const char *interpreter)
{
	const char *base = interpreter ? strrchr(interpreter, '/') : NULL;

	if (!interpreter)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: is statically linked, so nothing can be preloaded; link it "
				 "dynamically (without -static)",
				 name);
	base = base ? base + 1 : interpreter;
	if (strncmp(base, "ld-linux", 8) != 0)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: is loaded by %s; only glibc programs can be controlled", name,
				 interpreter);
	return 0;
}

/* Program headers: the interpreter and the build id. */
static int check_segments(const char *name, Elf *elf, struct elf_facts *facts)
{
	const char *interpreter = NULL;
	size_t count = 0, size = 0;
	GElf_Phdr segment;

	if (elf_getphdrnum(elf, &count) < 0)
		count = 0;
	elf_rawfile(elf, &size);
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, (int)i, &segment))
			continue;
		if (segment.p_type == PT_LOAD && segment.p_filesz &&
		    (segment.p_offset > size || segment.p_filesz > size - segment.p_offset))
			return say_error(EXIT_UNCONTROLLED, "%s: is damaged: the file is too short",
					 name);
		if (segment.p_type == PT_INTERP) {
			Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)segment.p_offset,
							      segment.p_filesz, ELF_T_BYTE);

			if (data && data->d_size > 1 &&
			    ((char *)data->d_buf)[data->d_size - 1] == '\0')
				interpreter = data->d_buf;
		} else if (segment.p_type == PT_NOTE) {
			read_note(elf_getdata_rawchunk(
					  elf, (int64_t)segment.p_offset, segment.p_filesz,
					  segment.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR),
				  facts);
		}
	}
	if (facts->go && interpreter)
		return say_error(
			EXIT_UNCONTROLLED,
			"%s: is written in Go, whose runtime schedules goroutines by itself, "
			"on stacks that are too small for jostle's traps; go test -race looks "
			"for races",
			name);
	return check_interpreter(name, interpreter);
}

static int check_header(const char *name, Elf *elf)
{
	GElf_Ehdr header;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		return say_error(EXIT_UNCONTROLLED, "%s: is no ELF program", name);
	if (gelf_getclass(elf) != ELFCLASS64)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: is a 32-bit program; build it for 64 bits (without -m32)",
				 name);
	if (header.e_machine != OUR_MACHINE)
		return say_error(
			EXIT_UNCONTROLLED,
			"%s: is built for another machine; this jostle runs " OUR_MACHINE_NAME
			" programs",
			name);
	if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: is an object file, not a program; link it first", name);
	return 0;
}

int elf_check(const char *name, int fd, struct elf_facts *facts)
{
	Elf *elf;
	int code;

	*facts = (struct elf_facts){ .tsan_allowed = facts->tsan_allowed };
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf)
		return say_error(EXIT_UNCONTROLLED, "%s: %s", name, elf_errmsg(-1));
	code = check_header(name, elf);
	if (code == 0)
		code = check_segments(name, elf, facts);
	if (code == 0)
		code = check_sections(name, elf, facts);
	elf_end(elf);
	return code;
}

bool elf_look(int fd, struct elf_facts *facts)
{
	bool good;
	Elf *elf;

	memset(facts, 0, sizeof(*facts));
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	good = elf && elf_kind(elf) == ELF_K_ELF;
	if (good)
		check_sections(NULL, elf, facts);
	elf_end(elf);
	return good;
}
