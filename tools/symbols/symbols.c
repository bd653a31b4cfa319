/* SPDX-License-Identifier: Apache-2.0 */
/* libdw over the modules of a board. */
#include "symbols/symbols.h"

#include <dlfcn.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/symbols_private.h"

static void copy_modules(struct symbols *symbols, const struct board *board)
{
	uint32_t count = board->status.module_count;
	struct board_module *modules;

	if (count > BOARD_MODULES_MAX)
		count = BOARD_MODULES_MAX;
	modules = pool_new(symbols->pool, struct board_module, count);
	for (uint32_t i = 0; i < count; i++) {
		modules[i] = board->modules[i];
		modules[i].path[BOARD_PATH_MAX - 1] = '\0';
	}
	symbols->modules = modules;
	symbols->module_count = count;
}

struct symbols *symbols_new(struct pool *pool, const struct board *board)
{
	struct symbols *symbols = pool_new(pool, struct symbols, 1);

	symbols->pool = pool;
	unsetenv("DEBUGINFOD_URLS"); /* a report does not go to the network */
	copy_modules(symbols, board);
	symbols->info = debug_info_take(symbols->modules, symbols->module_count);
	symbols->dwfl = symbols->info ? symbols->info->dwfl : NULL;
	return symbols;
}

void symbols_destroy(struct symbols *symbols)
{
	debug_info_give_back(symbols->info);
	if (symbols->demangle_library)
		dlclose(symbols->demangle_library);
}

static const struct board_module *module_at(const struct symbols *symbols, uint64_t pc)
{
	for (uint32_t i = 0; i < symbols->module_count; i++)
		if (pc >= symbols->modules[i].start && pc < symbols->modules[i].end)
			return &symbols->modules[i];
	return NULL;
}

static const char *module_base_name(const struct symbols *symbols, uint64_t pc)
{
	const struct board_module *module = module_at(symbols, pc);
	const char *slash = module ? strrchr(module->path, '/') : NULL;

	return slash ? slash + 1 : "";
}

bool symbols_in_engine(const struct symbols *symbols, uint64_t pc)
{
	const struct board_module *module = module_at(symbols, pc);

	/* A library below a path with blanks is preloaded through a descriptor (launch.c). */
	if (module && strncmp(module->path, "/proc/self/fd/", 14) == 0)
		return true;
	return strncmp(module_base_name(symbols, pc), "libjostle", 9) == 0;
}

bool symbols_in_system(const struct symbols *symbols, uint64_t pc)
{
	static const char *const prefixes[] = { "libc.so",      "libc-",       "ld-linux",
						"libstdc++.so", "libgcc_s.so", "libpthread",
						"libjostle",    "linux-vdso",  "[vdso]" };
	const char *name = module_base_name(symbols, pc);

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/*
 * How much of a demangled name stands before its parameters: they are long and the line is known.
 * "(anonymous namespace)", "operator()" and what stands between angle brackets belongs to the name.
 */
static size_t without_parameters(const char *text)
{
	static const char anonymous[] = "(anonymous namespace)", call[] = "operator()";
	int depth = 0;

	for (const char *at = text; *at; at++) {
		if (strncmp(at, anonymous, sizeof(anonymous) - 1) == 0)
			at += sizeof(anonymous) - 2;
		else if (strncmp(at, call, sizeof(call) - 1) == 0)
			at += sizeof(call) - 2;
		else if (strncmp(at, "operator<", 9) == 0 || strncmp(at, "operator>", 9) == 0)
			at += 8;
		else if (*at == '<')
			depth++;
		else if (*at == '>')
			depth--;
		else if (*at == '(' && depth == 0)
			return (size_t)(at - text);
	}
	return strlen(text);
}

const char *symbols_readable(struct symbols *symbols, const char *name)
{
	const char *result = name;
	int status = 0;
	char *text;

	if (!name || strncmp(name, "_Z", 2) != 0)
		return pool_text(symbols->pool, name);
	if (!symbols->demangle_library) {
		symbols->demangle_library = dlopen("libstdc++.so.6", RTLD_NOW | RTLD_LOCAL);
		if (symbols->demangle_library) {
			void *symbol = dlsym(symbols->demangle_library, "__cxa_demangle");

			memcpy(&symbols->demangle, &symbol, sizeof(symbol));
		}
	}
	text = symbols->demangle ? symbols->demangle(name, NULL, NULL, &status) : NULL;
	result = text ? pool_bytes(symbols->pool, text, without_parameters(text))
		      : pool_text(symbols->pool, name);
	free(text);
	return result;
}

static const char *function_of(struct symbols *symbols, Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	const char *linkage = NULL;

	if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute))
		linkage = dwarf_formstring(&attribute);
	return symbols_readable(symbols, linkage ? linkage : dwarf_diename(die));
}

/* What the compiler calls "./a.c" or "a.c" lies in the directory where it was started. */
static const char *absolute_file(struct symbols *symbols, const char *directory, const char *file)
{
	if (!file)
		return NULL;
	if (strncmp(file, "./", 2) == 0)
		file += 2;
	if (file[0] == '/' || !directory)
		return pool_text(symbols->pool, file);
	return pool_format(symbols->pool, "%s/%s", directory, file);
}

static const char *compilation_directory(Dwarf_Die *unit)
{
	Dwarf_Attribute attribute;

	return dwarf_attr(unit, DW_AT_comp_dir, &attribute) ? dwarf_formstring(&attribute) : NULL;
}

Dwarf_Die *symbols_unit(Dwfl_Module *module, uint64_t pc, Dwarf_Addr *bias)
{
	Dwarf_Die *unit = dwfl_module_addrdie(module, pc, bias);

	if (unit)
		return unit;
	while ((unit = dwfl_module_nextcu(module, unit, bias)))
		if (dwarf_haspc(unit, pc - *bias) > 0)
			return unit;
	return NULL;
}

static int number_of(Dwarf_Line *line)
{
	int number = 0;

	return line && dwarf_lineno(line, &number) == 0 ? number : 0;
}

Dwarf_Line *symbols_line(Dwarf_Die *unit, uint64_t pc)
{
	Dwarf_Line *line = dwarf_getsrc_die(unit, pc);
	Dwarf_Lines *lines;
	size_t count, at = 0;

	if (!line || number_of(line) || dwarf_getsrclines(unit, &lines, &count) != 0)
		return line;
	while (at < count && dwarf_onesrcline(lines, at) != line)
		at++;
	while (at > 0 && at < count && !number_of(dwarf_onesrcline(lines, at)))
		at--;
	return at < count ? dwarf_onesrcline(lines, at) : line;
}

static void set_line(struct symbols *symbols, Dwarf_Die *unit, uint64_t pc, struct frame *frame)
{
	Dwarf_Line *line = symbols_line(unit, pc);
	const char *file = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
	int number = 0;

	frame->file = absolute_file(symbols, compilation_directory(unit), file);
	if (file && dwarf_lineno(line, &number) == 0)
		frame->line = (unsigned)number;
}

/* Where an inlined body was called. */
static void set_call_line(struct symbols *symbols, Dwarf_Die *unit, Dwarf_Die *inlined,
			  struct frame *frame)
{
	Dwarf_Attribute attribute;
	Dwarf_Word file = 0, line = 0;
	Dwarf_Files *files;
	size_t count;

	if (dwarf_attr(inlined, DW_AT_call_file, &attribute))
		dwarf_formudata(&attribute, &file);
	if (dwarf_attr(inlined, DW_AT_call_line, &attribute))
		dwarf_formudata(&attribute, &line);
	if (dwarf_getsrcfiles(unit, &files, &count) == 0 && file < count)
		frame->file = absolute_file(symbols, compilation_directory(unit),
					    dwarf_filesrc(files, file, NULL, NULL));
	frame->line = (unsigned)line;
}

/* From the innermost scope outwards: each inlined body ends one frame and begins the next one, at
 * its call. */
static size_t walk_scopes(struct symbols *symbols, Dwarf_Die *unit, Dwarf_Die *scopes, int count,
			  struct frame *frames, size_t most)
{
	size_t at = 0;

	for (int i = 0; i < count && at < most; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		frames[at].function = function_of(symbols, &scopes[i]);
		if (tag == DW_TAG_subprogram || at + 1 == most)
			return at + 1;
		frames[at].inlined = true;
		frames[at + 1] = frames[at];
		frames[at + 1].inlined = false;
		frames[at + 1].function = NULL;
		set_call_line(symbols, unit, &scopes[i], &frames[++at]);
	}
	return at + 1;
}

static size_t debug_frames(struct symbols *symbols, Dwfl_Module *module, uint64_t pc,
			   struct frame *frames, size_t most)
{
	Dwarf_Addr bias = 0;
	Dwarf_Die *unit = symbols_unit(module, pc, &bias), *scopes = NULL, *chain = NULL;
	size_t result = 1;
	int count;

	if (!unit)
		return 1;
	set_line(symbols, unit, pc - bias, &frames[0]);
	count = dwarf_getscopes(unit, pc - bias, &scopes);
	if (count > 0) {
		/* Scopes of an inlined body end with its abstract origin; those of the concrete DIE
		 * are what surrounds the pc. */
		count = dwarf_getscopes_die(&scopes[0], &chain);
		if (count > 0)
			result = walk_scopes(symbols, unit, chain, count, frames, most);
		free(chain);
	}
	free(scopes);
	return result;
}

/* Where the instruction is that a pc stands for. */
static uint64_t instruction_at(uint64_t pc, bool is_return_address)
{
	return pc - (is_return_address && pc != 0);
}

const char *symbols_linkage_name(struct symbols *symbols, uint64_t pc, bool is_return_address)
{
	const uint64_t at = instruction_at(pc, is_return_address);
	Dwfl_Module *module = symbols->dwfl ? dwfl_addrmodule(symbols->dwfl, at) : NULL;

	return module ? dwfl_module_addrname(module, at) : NULL;
}

size_t symbols_frames(struct symbols *symbols, uint64_t pc, bool is_return_address,
		      struct frame *frames, size_t most)
{
	const uint64_t at = instruction_at(pc, is_return_address);
	const struct board_module *known = module_at(symbols, at);
	Dwfl_Module *module = symbols->dwfl ? dwfl_addrmodule(symbols->dwfl, at) : NULL;
	size_t count = 1;

	if (most == 0)
		return 0;
	memset(&frames[0], 0, sizeof(frames[0]));
	frames[0].pc = pc;
	if (known) {
		frames[0].module = pool_text(symbols->pool, known->path);
		frames[0].offset = pc - known->base;
	}
	if (module) {
		count = debug_frames(symbols, module, at, frames, most);
		if (!frames[count - 1].function)
			frames[count - 1].function =
				symbols_readable(symbols, dwfl_module_addrname(module, at));
	}
	return count;
}
