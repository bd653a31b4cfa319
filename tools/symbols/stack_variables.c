/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name of a variable on a stack. The dumped stack is unwound to the frame that holds the
 * address; what the debug information says of that function's variables is compared with it. At
 * the place where a frame waits for its callee a variable whose address somebody has lies in
 * memory, at a fixed distance from the frame's base; those are the ones that are looked for.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/symbols_private.h"

#define PATH_SIZE 256

/* DWARF's numbers of the registers, x86-64. */
#define REGISTER_RBP 6
#define REGISTER_RSP 7

struct activation {
	uint64_t pc; /* of an instruction of the call that it waits for */
	uint64_t rsp, rbp;
	uint64_t cfa; /* of its caller's stack: DWARF 5, 6.4 */
};

struct search {
	uint64_t address;
	struct activation at; /* the frame seen last */
	bool any;
	bool found;
};

#if _ELFUTILS_PREREQ(0, 188)
/* The stack pointer of a caller is the frame address of what it called. */
static int look(Dwfl_Frame *frame, void *context)
{
	struct search *search = context;
	struct activation here = { 0 };
	bool exact;

	if (!dwfl_frame_pc(frame, &here.pc, &exact) || here.pc == 0 ||
	    dwfl_frame_reg(frame, REGISTER_RSP, &here.rsp) != 0)
		return DWARF_CB_ABORT;
	if (!exact)
		here.pc--;
	if (dwfl_frame_reg(frame, REGISTER_RBP, &here.rbp) != 0)
		here.rbp = 0;
	if (search->any && search->address < here.rsp) {
		search->at.cfa = here.rsp;
		search->found = search->address >= search->at.rsp;
		return DWARF_CB_ABORT;
	}
	search->at = here;
	search->any = true;
	return DWARF_CB_OK;
}

static bool find_activation(struct symbols *symbols, const struct board *board,
			    const struct board_stack *stack, struct search *search)
{
	unwind_each(symbols, board, stack, look, search);
	return search->found;
}
#else
static bool find_activation(struct symbols *symbols, const struct board *board,
			    const struct board_stack *stack, struct search *search)
{
	(void)symbols, (void)board, (void)stack, (void)search;
	return false;
}
#endif

/* The value of an expression of one operation; false: of another kind, or in a register. */
static bool evaluate(Dwarf_Attribute *attribute, const struct activation *at, uint64_t pc,
		     uint64_t base, uint64_t *result)
{
	Dwarf_Op *operations;
	size_t count;

	if (dwarf_getlocation_addr(attribute, pc, &operations, &count, 1) != 1 || count != 1)
		return false;
	switch (operations[0].atom) {
	case DW_OP_fbreg:
		*result = base + operations[0].number;
		return base != 0;
	case DW_OP_call_frame_cfa:
		*result = at->cfa;
		return true;
	case DW_OP_breg6:
		*result = at->rbp + operations[0].number;
		return at->rbp != 0;
	case DW_OP_reg6: /* as a frame's base */
		*result = at->rbp;
		return at->rbp != 0 && base == 0;
	case DW_OP_reg7: /* the same without a frame pointer */
		*result = at->rsp;
		return base == 0;
	case DW_OP_breg7:
		*result = at->rsp + operations[0].number;
		return true;
	default:
		return false;
	}
}

static bool lies_at(Dwarf_Die *variable, const struct activation *at, uint64_t pc, uint64_t base,
		    uint64_t address, uint64_t *offset)
{
	const int tag = dwarf_tag(variable);
	Dwarf_Attribute attribute;
	Dwarf_Die type;
	Dwarf_Word size;
	uint64_t start;

	if ((tag != DW_TAG_variable && tag != DW_TAG_formal_parameter) ||
	    !dwarf_attr(variable, DW_AT_location, &attribute) ||
	    !evaluate(&attribute, at, pc, base, &start) || address < start)
		return false;
	if (!dwarf_attr_integrate(variable, DW_AT_type, &attribute) ||
	    !dwarf_formref_die(&attribute, &type) || dwarf_aggregate_size(&type, &size) < 0)
		return false;
	*offset = address - start;
	return *offset < size;
}

/* Among the variables that a scope itself declares. */
static bool find_in_scope(Dwarf_Die *scope, const struct activation *at, uint64_t pc, uint64_t base,
			  uint64_t address, Dwarf_Die *variable, uint64_t *offset)
{
	if (dwarf_child(scope, variable) != 0)
		return false;
	do
		if (lies_at(variable, at, pc, base, address, offset))
			return true;
	while (dwarf_siblingof(variable, variable) == 0);
	return false;
}

static const char *function_around(Dwarf_Die *scopes, int count)
{
	for (int i = 0; i < count; i++) {
		const int tag = dwarf_tag(&scopes[i]);

		if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
			return dwarf_diename(&scopes[i]);
	}
	return NULL;
}

/* The frame's base, by the function that all its scopes lie in. */
static uint64_t base_of(Dwarf_Die *scopes, int count, const struct activation *at, uint64_t pc)
{
	Dwarf_Attribute attribute;
	uint64_t base;

	for (int i = 0; i < count; i++)
		if (dwarf_tag(&scopes[i]) == DW_TAG_subprogram &&
		    dwarf_attr_integrate(&scopes[i], DW_AT_frame_base, &attribute) &&
		    evaluate(&attribute, at, pc, 0, &base))
			return base;
	return 0;
}

static const char *name_in(struct symbols *symbols, Dwarf_Die *scopes, int count,
			   const struct activation *at, uint64_t pc, uint64_t address,
			   struct value_type *type)
{
	const uint64_t base = base_of(scopes, count, at, pc);
	char path[PATH_SIZE];
	Dwarf_Die variable;
	uint64_t offset;

	for (int i = 0; i < count; i++) {
		const char *function = function_around(scopes + i, count - i);

		if (!function ||
		    !find_in_scope(&scopes[i], at, pc, base, address, &variable, &offset) ||
		    !dwarf_diename(&variable))
			continue;
		snprintf(path, sizeof(path), "%s", dwarf_diename(&variable));
		variable_path(&variable, offset, path, sizeof(path), type);
		return pool_format(symbols->pool, "%s of %s()", path, function);
	}
	return NULL;
}

const char *symbols_stack_variable(struct symbols *symbols, const struct board *board,
				   const struct board_stack *stack, uint64_t address,
				   struct value_type *type)
{
	struct search search = { .address = address };
	Dwarf_Die *unit, *scopes = NULL, *chain = NULL;
	const char *name = NULL;
	Dwfl_Module *module;
	Dwarf_Addr bias = 0;
	int count;

	if (!symbols->dwfl || !find_activation(symbols, board, stack, &search))
		return NULL;
	module = dwfl_addrmodule(symbols->dwfl, search.at.pc);
	unit = module ? symbols_unit(module, search.at.pc, &bias) : NULL;
	count = unit ? dwarf_getscopes(unit, search.at.pc - bias, &scopes) : 0;
	if (count > 0) {
		count = dwarf_getscopes_die(&scopes[0], &chain);
		if (count > 0)
			name = name_in(symbols, chain, count, &search.at, search.at.pc - bias,
				       address, type);
		free(chain);
	}
	free(scopes);
	return name;
}
