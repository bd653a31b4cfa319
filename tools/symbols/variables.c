/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name of what lies at an address. The symbol table knows the variable and how far into it the
 * address points; the type of the variable in the debug information turns the rest into members and
 * indexes: account+40 becomes account.lock.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "symbols/symbols_private.h"

#define PATH_SIZE 256

static bool type_of(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attribute;

	return dwarf_attr_integrate(die, DW_AT_type, &attribute) &&
	       dwarf_formref_die(&attribute, type) && dwarf_peel_type(type, type) == 0;
}

static bool number_of(Dwarf_Die *die, unsigned name, Dwarf_Word *number)
{
	Dwarf_Attribute attribute;

	return dwarf_attr_integrate(die, name, &attribute) &&
	       dwarf_formudata(&attribute, number) == 0;
}

/* Primitives are structures and unions, too, but their insides are nobody's business. */
static bool is_primitive(Dwarf_Die *outer)
{
	static const char *const names[] = { "pthread_mutex_t",
					     "pthread_cond_t",
					     "pthread_rwlock_t",
					     "pthread_barrier_t",
					     "sem_t",
					     "mtx_t",
					     "cnd_t",
					     "pthread_spinlock_t",
					     "pthread_once_t" };
	Dwarf_Attribute attribute;
	Dwarf_Die type;
	const char *name;

	if (!dwarf_attr_integrate(outer, DW_AT_type, &attribute) ||
	    !dwarf_formref_die(&attribute, &type))
		return false;
	name = dwarf_diename(&type);
	for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* The member of a structure at *offset, which becomes the offset within it. False: none. */
static bool step_into_member(Dwarf_Die *type, uint64_t *offset, Dwarf_Die *member)
{
	Dwarf_Die at;

	if (dwarf_child(type, &at) != 0)
		return false;
	do {
		Dwarf_Word start = 0;
		Dwarf_Word size;
		Dwarf_Die member_type;

		if (dwarf_tag(&at) != DW_TAG_member && dwarf_tag(&at) != DW_TAG_inheritance)
			continue;
		number_of(&at, DW_AT_data_member_location, &start);
		if (!type_of(&at, &member_type) || dwarf_aggregate_size(&member_type, &size) < 0)
			continue;
		if (*offset < start || *offset - start >= size)
			continue;
		*offset -= start;
		*member = at;
		return true;
	} while (dwarf_siblingof(&at, &at) == 0);
	return false;
}

/* type: peeled. A structure, or what the access only touches a part of, has no value. */
static struct value_type value_type_of(Dwarf_Die *type, uint64_t offset)
{
	struct value_type result = { VALUE_UNKNOWN, 0 };
	Dwarf_Word size, encoding;
	Dwarf_Die peeled;

	if (offset || dwarf_peel_type(type, &peeled) != 0 ||
	    dwarf_aggregate_size(&peeled, &size) < 0)
		return result;
	result.size = (uint32_t)size;
	switch (dwarf_tag(&peeled)) {
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
		result.kind = VALUE_POINTER;
		break;
	case DW_TAG_enumeration_type:
		result.kind = VALUE_SIGNED;
		break;
	case DW_TAG_base_type:
		if (!number_of(&peeled, DW_AT_encoding, &encoding))
			break;
		result.kind = encoding == DW_ATE_float ? VALUE_FLOAT
			      : encoding == DW_ATE_signed || encoding == DW_ATE_signed_char
				      ? VALUE_SIGNED
			      : encoding == DW_ATE_unsigned || encoding == DW_ATE_unsigned_char ||
					      encoding == DW_ATE_boolean
				      ? VALUE_UNSIGNED
				      : VALUE_UNKNOWN;
		break;
	default:
		break;
	}
	return result;
}

static void append(char *path, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void append(char *path, size_t size, const char *format, ...)
{
	const size_t length = strlen(path);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(path + length, size - length, format, arguments);
	va_end(arguments);
}

/* Of an array the element at *offset, which becomes the offset within it. False: it has no size. */
static bool step_into_element(Dwarf_Die *array, uint64_t *offset, char *path, size_t size)
{
	Dwarf_Die element;
	Dwarf_Word element_size;

	if (!type_of(array, &element) || dwarf_aggregate_size(&element, &element_size) < 0 ||
	    element_size == 0)
		return false;
	append(path, size, "[%llu]", (unsigned long long)(*offset / element_size));
	*offset %= element_size;
	/* An array of pthread_mutex_t: the element's typedef was peeled off; ask the array, which
	 * names it. */
	if (is_primitive(array))
		return false;
	*array = element;
	return true;
}

void variable_path(Dwarf_Die *outer, uint64_t offset, char *path, size_t size,
		   struct value_type *value)
{
	struct value_type ignored;
	Dwarf_Die die = *outer, type;

	if (!value)
		value = &ignored;
	*value = (struct value_type){ VALUE_UNKNOWN, 0 };
	while (!is_primitive(&die) && type_of(&die, &type)) {
		while (dwarf_tag(&type) == DW_TAG_array_type)
			if (!step_into_element(&type, &offset, path, size))
				return;
		if (dwarf_tag(&type) != DW_TAG_structure_type &&
		    dwarf_tag(&type) != DW_TAG_class_type) {
			*value = value_type_of(&type, offset);
			return;
		}
		if (!step_into_member(&type, &offset, &die))
			return;
		/* How the C++ library builds its classes is nobody's business either. */
		if (dwarf_diename(&die) && strncmp(dwarf_diename(&die), "_M_", 3) == 0)
			return;
		if (dwarf_diename(&die))
			append(path, size, ".%s", dwarf_diename(&die));
	}
}

/* Whether a DIE is the variable whose place is that address; its name may be a C++ one, mangled. */
static bool is_variable_at(Dwarf_Die *die, Dwarf_Addr address)
{
	Dwarf_Attribute attribute;
	Dwarf_Op *operations;
	Dwarf_Addr place;
	size_t count;

	if (dwarf_tag(die) != DW_TAG_variable)
		return false;
	if (!dwarf_attr_integrate(die, DW_AT_location, &attribute) ||
	    dwarf_getlocation(&attribute, &operations, &count) != 0)
		return false;
	if (count != 1)
		return false;
	/* clang's DWARF 5 keeps addresses in a table of their own. */
	if (operations[0].atom == DW_OP_addrx)
		return dwarf_getlocation_attr(&attribute, &operations[0], &attribute) == 0 &&
		       dwarf_formaddr(&attribute, &place) == 0 && place == address;
	return operations[0].atom == DW_OP_addr && operations[0].number == address;
}

static bool find_variable(Dwarf_Die *parent, Dwarf_Addr address, Dwarf_Die *result)
{
	Dwarf_Die at;

	if (dwarf_child(parent, &at) != 0)
		return false;
	do {
		int tag = dwarf_tag(&at);

		if (is_variable_at(&at, address)) {
			*result = at;
			return true;
		}
		/* Static variables of functions, and those of C++ namespaces. */
		if ((tag == DW_TAG_subprogram || tag == DW_TAG_namespace ||
		     tag == DW_TAG_lexical_block) &&
		    find_variable(&at, address, result))
			return true;
	} while (dwarf_siblingof(&at, &at) == 0);
	return false;
}

/* The compiler appends ".0" to a function's static variable. */
static void plain_name(const char *symbol, char *name, size_t size)
{
	snprintf(name, size, "%.*s", (int)strcspn(symbol, "."), symbol);
}

const char *symbols_variable(struct symbols *symbols, uint64_t address, struct value_type *type)
{
	Dwfl_Module *module =
		symbols->dwfl && address ? dwfl_addrmodule(symbols->dwfl, address) : NULL;
	char path[PATH_SIZE], name[PATH_SIZE];
	GElf_Off offset = 0;
	GElf_Sym symbol;
	Dwarf_Die *unit = NULL, variable;
	Dwarf_Addr bias = 0;
	const char *text;

	if (type)
		*type = (struct value_type){ VALUE_UNKNOWN, 0 };
	text = module ? dwfl_module_addrinfo(module, address, &offset, &symbol, NULL, NULL, NULL)
		      : NULL;
	if (!text || GELF_ST_TYPE(symbol.st_info) != STT_OBJECT ||
	    (symbol.st_size && offset >= symbol.st_size))
		return NULL;
	plain_name(text, name, sizeof(name));
	snprintf(path, sizeof(path), "%s", symbols_readable(symbols, name));
	while ((unit = dwfl_module_nextcu(module, unit, &bias)))
		if (find_variable(unit, address - offset - bias, &variable)) {
			variable_path(&variable, offset, path, sizeof(path), type);
			return pool_text(symbols->pool, path);
		}
	if (offset)
		return pool_format(symbols->pool, "%s+%llu", path, (unsigned long long)offset);
	return pool_text(symbols->pool, path);
}
