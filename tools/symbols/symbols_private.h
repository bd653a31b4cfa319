/* SPDX-License-Identifier: Apache-2.0 */
/* What symbols.c, variables.c, stack_variables.c and unwind.c share. */
#ifndef JOSTLE_TOOL_SYMBOLS_PRIVATE_H
#define JOSTLE_TOOL_SYMBOLS_PRIVATE_H

#include <elfutils/libdwfl.h>

#include "symbols/debug_info.h"
#include "symbols/symbols.h"

#define SYMBOLS_LAMBDAS_MAX 64U
#define SYMBOLS_KNOWN_MAX   1024U /* a power of two */

struct symbols {
	struct pool *pool;
	struct debug_info *info; /* NULL when libdw could not be started */
	Dwfl *dwfl;              /* of it, or NULL */
	uint32_t module_count;
	const struct board_module *modules; /* copies, in the pool */
	char *(*demangle)(const char *name, char *buffer, size_t *size, int *status);
	void *demangle_library;
	/* Lambdas without a name for linkers whose function was looked for; a ring. */
	struct symbols_lambda {
		const Dwarf *file;
		Dwarf_Off offset;
		const char *name;
	} lambdas[SYMBOLS_LAMBDAS_MAX];
	unsigned lambda_count;
	/* The frames at a place; the stacks of a finding have most of theirs in common. */
	struct symbols_known {
		uint64_t key;               /* the pc, and whether it is a return address */
		const struct frame *frames; /* NULL: an empty entry */
		size_t count;
	} known[SYMBOLS_KNOWN_MAX];
};

/* The name as the source has it: demangled when it is C++ and libstdc++ is there. */
const char *symbols_readable(struct symbols *symbols, const char *name);

/* Appends to path, of that size, what lies so many bytes into the thing that a DIE (a variable or
 * member) declares: ".member" and "[index]". *type, which may be NULL: as symbols_variable(). */
void variable_path(Dwarf_Die *die, uint64_t offset, char *path, size_t size,
		   struct value_type *type);

/* Tells libdw how to unwind a board_stack; once, when there is a module. */
void unwind_attach(struct debug_info *info);
/* Calls each for the frames of a dumped stack, the innermost first, until it says DWARF_CB_ABORT.
 */
void unwind_each(struct symbols *symbols, const struct board *board,
		 const struct board_stack *stack, int (*each)(Dwfl_Frame *frame, void *context),
		 void *context);

/* The compilation unit that pc lies in. clang writes no .debug_aranges, without which libdw finds
 * none: then each unit is asked for its ranges. */
Dwarf_Die *symbols_unit(Dwfl_Module *module, uint64_t pc, Dwarf_Addr *bias);

/* The row of the line table for an address of the unit's file. Where the compiler merged code of
 * several lines it says line 0: then the line before. NULL: none. */
Dwarf_Line *symbols_line(Dwarf_Die *unit, uint64_t pc);

#endif
