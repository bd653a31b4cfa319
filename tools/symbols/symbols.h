/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names for addresses of a target: function, file and line with inlined frames, the variable that
 * lies somewhere, and the whole stack of a thread from its registers and the copied part of its
 * stack. All of it outside the target, from the module list that the engine left on the board and
 * the debug information on disk.
 */
#ifndef JOSTLE_TOOL_SYMBOLS_H
#define JOSTLE_TOOL_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/board.h"
#include "report/pool.h"

/* One line of a stack. Texts belong to the pool; each may be NULL when it is not known. */
struct frame {
	const char *function;
	const char *file;   /* as the compiler recorded it, made absolute */
	unsigned line;      /* 0: not known */
	const char *module; /* path of the ELF file */
	uint64_t offset;    /* within the module */
	uint64_t pc;
	bool inlined; /* into the frame that follows */
};

struct symbols;

/* Opens the modules of a board. pool outlives the result. Never NULL; what cannot be opened has no
 * names. */
struct symbols *symbols_new(struct pool *pool, const struct board *board);
void symbols_destroy(struct symbols *symbols);

/*
 * The frames at one address, the innermost first; more than one where code was inlined. A return
 * address means the call before it. Returns how many, at least 1 when most > 0.
 */
size_t symbols_frames(struct symbols *symbols, uint64_t pc, bool is_return_address,
		      struct frame *frames, size_t most);

/* The name of the function there as linkers know it, without debug information; NULL: none. Lives
 * as long as symbols. */
const char *symbols_linkage_name(struct symbols *symbols, uint64_t pc, bool is_return_address);

/* How the bytes of a variable are to be read; VALUE_UNKNOWN without debug information, and for what
 * has members. */
enum value_kind { VALUE_UNKNOWN, VALUE_SIGNED, VALUE_UNSIGNED, VALUE_FLOAT, VALUE_POINTER };
struct value_type {
	enum value_kind kind;
	uint32_t size; /* bytes */
};

/* The global or static variable at address, as "account.lock" or "locks[3]", or NULL. Its type goes
 * to *type, which may be NULL. */
const char *symbols_variable(struct symbols *symbols, uint64_t address, struct value_type *type);

/*
 * The variable of a function at address, which is called as the dumped stack says, as "total of
 * main()"; NULL when that is no such stack, or nothing there has a name.
 */
const char *symbols_stack_variable(struct symbols *symbols, const struct board *board,
				   const struct board_stack *stack, uint64_t address,
				   struct value_type *type);

/* The thread-local variable at address in the storage of the thread whose FS base that is, as
 * "buffer[3] (thread-local)", or NULL. */
const char *symbols_storage_variable(struct symbols *symbols, uint64_t fs, uint64_t address,
				     struct value_type *type);

/*
 * The program counters of a dumped stack, the innermost first; all but the first are return
 * addresses. Returns how many. An unwinder that loses its way just stops.
 */
size_t symbols_unwind(struct symbols *symbols, const struct board *board,
		      const struct board_stack *stack, uint64_t *pcs, size_t most);

/* Whether the address lies in the engine's own library, whose frames nobody wants to see. */
bool symbols_in_engine(const struct symbols *symbols, uint64_t pc);
/* Whether it lies in a library of the system (libc, the loader, the C++ runtime), whose lines are
 * not the user's. */
bool symbols_in_system(const struct symbols *symbols, uint64_t pc);

#endif
