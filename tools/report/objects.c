/* SPDX-License-Identifier: Apache-2.0 */
/* A linear list: a story has few objects. */
#include "report/objects.h"

#include <stdio.h>

/* Descriptors have numbers already; threads are told apart by theirs. */
static const char *name_new(struct objects *objects, uint64_t address, enum op_family family)
{
	const char *noun = op_family_noun(family), *variable;

	if (family == FAMILY_FD)
		return pool_format(objects->pool, "%s %lld", noun, (long long)address);
	variable = symbols_variable(objects->symbols, address);
	return pool_format(objects->pool, "%s#%u%s%s", noun, ++objects->numbers[family],
			   variable ? " " : "", variable ? variable : "");
}

const char *objects_name(struct objects *objects, uint64_t address, enum op_family family)
{
	if (address == 0 && family != FAMILY_FD)
		return NULL;
	if (family == FAMILY_NONE || family == FAMILY_TIME || family == FAMILY_SIGNAL ||
	    family == FAMILY_PROCESS || family == FAMILY_THREAD)
		return NULL;
	for (unsigned i = 0; i < objects->count; i++)
		if (objects->known[i].address == address && objects->known[i].family == family)
			return objects->known[i].name;
	if (objects->count == OBJECTS_MAX)
		return NULL;
	objects->known[objects->count].address = address;
	objects->known[objects->count].family = family;
	objects->known[objects->count].name = name_new(objects, address, family);
	return objects->known[objects->count++].name;
}
