/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of primitives within one story: a number by first appearance and the variable if there is
 * one, "mutex#2 account.lock". Addresses never show: they differ between runs.
 */
#ifndef JOSTLE_REPORT_OBJECTS_H
#define JOSTLE_REPORT_OBJECTS_H

#include <stdint.h>

#include "event/op.h"
#include "report/pool.h"
#include "symbols/symbols.h"

#define OBJECTS_MAX 512

struct objects {
	struct pool *pool;
	struct symbols *symbols;
	const struct board *board; /* whose stacks tell the variables of functions */
	unsigned count;
	unsigned numbers[FAMILY_COUNT];
	struct {
		uint64_t address;
		enum op_family family;
		const char *name;
		struct value_type type;
	} known[OBJECTS_MAX];
};

/* The name of what is at address, used as family; NULL for address 0, for the descriptor -1 of a
 * call that has none, or when there are too many. */
const char *objects_name(struct objects *objects, uint64_t address, enum op_family family);
/* The same as an operation uses it. A message queue without a descriptor is one of System V. */
const char *objects_name_of(struct objects *objects, uint64_t address, unsigned op_kind);
/* How the bytes of memory there are to be read, once it has a name. */
struct value_type objects_type(const struct objects *objects, uint64_t address);

#endif
