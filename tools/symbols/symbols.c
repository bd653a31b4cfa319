/* SPDX-License-Identifier: Apache-2.0 */
/* libdw over the modules of a board. */
#include "symbols/symbols.h"

#include <dlfcn.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "symbols/readable.h"
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
	if (text)
		readable_name(text);
	result = pool_text(symbols->pool, text ? text : name);
	free(text);
	return result;
}

static const char *linkage_name(Dwarf_Die *die)
{
	Dwarf_Attribute attribute;

	return dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute)
		       ? dwarf_formstring(&attribute)
		       : NULL;
}

/* Where it is declared, not where it was inlined or defined. */
static Dwarf_Die declaration_of(Dwarf_Die die)
{
	static const unsigned links[] = { DW_AT_abstract_origin, DW_AT_specification };
	Dwarf_Attribute attribute;
	Dwarf_Die other;

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		while (dwarf_attr(&die, links[i], &attribute) &&
		       dwarf_formref_die(&attribute, &other))
			die = other;
	return die;
}

static bool is_lambda_class(Dwarf_Die *die)
{
	const int tag = dwarf_tag(die);
	const char *name = dwarf_diename(die);

	return (tag == DW_TAG_structure_type || tag == DW_TAG_class_type) &&
	       (!name || strncmp(name, "<lambda", 7) == 0);
}

/* "main::{lambda}" for the operator() of a class without a name that lies in main(). */
static const char *name_lambda(struct symbols *symbols, Dwarf_Die *declaration)
{
	const char *name = NULL, *outer = NULL;
	Dwarf_Die *scopes = NULL;
	const int count = dwarf_getscopes_die(declaration, &scopes);

	for (int i = 2; i < count && is_lambda_class(&scopes[1]) && !outer; i++) {
		if (dwarf_tag(&scopes[i]) != DW_TAG_subprogram)
			continue;
		outer = linkage_name(&scopes[i]);
		outer = symbols_readable(symbols, outer ? outer : dwarf_diename(&scopes[i]));
	}
	if (outer)
		name = pool_format(symbols->pool, "%s::{lambda}", outer);
	free(scopes);
	return name;
}

/* Looked for once: libdw goes through the whole unit for what a thing lies in. */
static const char *lambda_of(struct symbols *symbols, Dwarf_Die *die)
{
	Dwarf_Die declaration = declaration_of(*die);
	const struct symbols_lambda wanted = { dwarf_cu_getdwarf(declaration.cu),
					       dwarf_dieoffset(&declaration), NULL };
	struct symbols_lambda *lambda;

	for (unsigned i = 0; i < symbols->lambda_count && i < SYMBOLS_LAMBDAS_MAX; i++)
		if (symbols->lambdas[i].file == wanted.file &&
		    symbols->lambdas[i].offset == wanted.offset)
			return symbols->lambdas[i].name;
	lambda = &symbols->lambdas[symbols->lambda_count++ % SYMBOLS_LAMBDAS_MAX];
	*lambda = wanted;
	lambda->name = name_lambda(symbols, &declaration);
	return lambda->name;
}

static const char *function_of(struct symbols *symbols, Dwarf_Die *die)
{
	const char *name = linkage_name(die), *lambda = NULL;

	if (!name) {
		name = dwarf_diename(die);
		if (name && strcmp(name, "operator()") == 0)
			lambda = lambda_of(symbols, die);
	}
	return lambda ? lambda : symbols_readable(symbols, name);
}

/* clang finds its headers from where it lies itself: "/usr/bin/../include/c++/12/mutex". Below /usr
 * no folder of such a path is a link to somewhere else. */
static const char *without_dots(struct pool *pool, const char *file)
{
	char *path = pool_bytes(pool, file, strlen(file)), *up;

	while ((up = strstr(path, "/../")) && up > path) {
		char *from = up;

		do
			from--;
		while (from > path && *from != '/');
		memmove(from, up + 3, strlen(up + 3) + 1);
	}
	return path;
}

/* What the compiler calls "./a.c" or "a.c" lies in the directory where it was started. */
static const char *absolute_file(struct symbols *symbols, const char *directory, const char *file)
{
	if (!file)
		return NULL;
	if (strncmp(file, "./", 2) == 0)
		file += 2;
	if (strncmp(file, "/usr/", 5) == 0)
		return without_dots(symbols->pool, file);
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

static size_t find_frames(struct symbols *symbols, uint64_t pc, uint64_t at, struct frame *frames,
			  size_t most)
{
	const struct board_module *known = module_at(symbols, at);
	Dwfl_Module *module = symbols->dwfl ? dwfl_addrmodule(symbols->dwfl, at) : NULL;
	size_t count = 1;

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

size_t symbols_frames(struct symbols *symbols, uint64_t pc, bool is_return_address,
		      struct frame *frames, size_t most)
{
	const uint64_t at = instruction_at(pc, is_return_address);
	const uint64_t key = pc << 1 | is_return_address;
	struct symbols_known *known = &symbols->known[hash_mix(key) & (SYMBOLS_KNOWN_MAX - 1)];
	struct frame *copy;
	size_t count;

	if (most == 0)
		return 0;
	if (known->frames && known->key == key && known->count <= most) {
		memcpy(frames, known->frames, known->count * sizeof(*frames));
		return known->count;
	}
	count = find_frames(symbols, pc, at, frames, most);
	if (count == most)
		return count; /* there may be more */
	copy = pool_new(symbols->pool, struct frame, count);
	memcpy(copy, frames, count * sizeof(*copy));
	*known = (struct symbols_known){ key, copy, count };
	return count;
}
