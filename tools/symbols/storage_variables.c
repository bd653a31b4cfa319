/* SPDX-License-Identifier: Apache-2.0 */
/* The name of a thread-local variable: where it lies in a thread's storage is in the debug
 * information as an offset and DW_OP_form_tls_address, of which the offset is enough. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdio.h>

#include "symbols/symbols_private.h"

#define PATH_SIZE 256

struct variable_search {
	uint64_t offset; /* in the storage; then in the variable */
	Dwarf_Die found;
};

/* Whether the variable has a place in a thread's storage, and where. */
static bool storage_offset(Dwarf_Die *die, uint64_t *offset)
{
	Dwarf_Attribute attribute;
	Dwarf_Op *operations;
	size_t count;

	if (!dwarf_attr_integrate(die, DW_AT_location, &attribute) ||
	    dwarf_getlocation(&attribute, &operations, &count) != 0 || count != 2)
		return false;
	if (operations[1].atom != DW_OP_GNU_push_tls_address &&
	    operations[1].atom != DW_OP_form_tls_address)
		return false;
	switch (operations[0].atom) {
	case DW_OP_const4u:
	case DW_OP_const8u:
	case DW_OP_addr:
		*offset = operations[0].number;
		return true;
	case DW_OP_constx:
	case DW_OP_addrx:
		return dwarf_getlocation_attr(&attribute, &operations[0], &attribute) == 0 &&
		       dwarf_formudata(&attribute, offset) == 0;
	default:
		return false;
	}
}

static bool lies_in(Dwarf_Die *die, struct variable_search *search)
{
	Dwarf_Word start = 0, size;
	Dwarf_Attribute attribute;
	Dwarf_Die type;

	if (dwarf_tag(die) != DW_TAG_variable || !storage_offset(die, &start) ||
	    !dwarf_attr_integrate(die, DW_AT_type, &attribute) ||
	    !dwarf_formref_die(&attribute, &type) || dwarf_aggregate_size(&type, &size) < 0 ||
	    search->offset < start || search->offset - start >= size)
		return false;
	search->offset -= start;
	search->found = *die;
	return true;
}

/* Also the static ones of functions, and those of C++ namespaces. */
static bool find_in(Dwarf_Die *parent, struct variable_search *search)
{
	Dwarf_Die at;

	if (dwarf_child(parent, &at) != 0)
		return false;
	do {
		const int tag = dwarf_tag(&at);

		if (lies_in(&at, search))
			return true;
		if ((tag == DW_TAG_subprogram || tag == DW_TAG_namespace ||
		     tag == DW_TAG_lexical_block) &&
		    find_in(&at, search))
			return true;
	} while (dwarf_siblingof(&at, &at) == 0);
	return false;
}

static const char *name_in(struct symbols *symbols, Dwfl_Module *module, uint64_t offset,
			   struct value_type *type)
{
	struct variable_search search = { .offset = offset };
	Dwarf_Die *unit = NULL;
	Dwarf_Addr bias;
	char path[PATH_SIZE];

	while (module && (unit = dwfl_module_nextcu(module, unit, &bias))) {
		if (!find_in(unit, &search) || !dwarf_diename(&search.found))
			continue;
		snprintf(path, sizeof(path), "%s", dwarf_diename(&search.found));
		variable_path(&search.found, search.offset, path, sizeof(path), type);
		return pool_format(symbols->pool, "%s (thread-local)", path);
	}
	return NULL;
}

const char *symbols_storage_variable(struct symbols *symbols, uint64_t fs, uint64_t address,
				     struct value_type *type)
{
	if (!symbols->dwfl || !fs)
		return NULL;
	for (uint32_t i = 0; i < symbols->module_count; i++) {
		const struct board_module *module = &symbols->modules[i];
		const uint64_t start = fs - module->storage_below;

		if (address - start < module->storage_size)
			return name_in(symbols, dwfl_addrmodule(symbols->dwfl, module->start),
				       address - start, type);
	}
	return NULL;
}
