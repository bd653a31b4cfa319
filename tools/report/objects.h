/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of primitives within one story: a number by first appearance and the variable if there is
 * one, "mutex#2 account.lock". Addresses never show: they differ between runs.
 */
#ifndef JOSTLE_REPORT_OBJECTS_H
#define JOSTLE_REPORT_OBJECTS_H

#include <stdint.h>

#include "event/op.h"
#include "jostle/symbols.h"
#include "report/pool.h"

#define OBJECTS_MAX 512

struct objects {
	struct pool *pool;
	struct symbols *symbols;
	unsigned count;
	unsigned numbers[FAMILY_COUNT];
	struct {
		uint64_t address;
		enum op_family family;
		const char *name;
	} known[OBJECTS_MAX];
};

/* The name of what is at address, used as family; NULL for address 0 or when there are too many. */
const char *objects_name(struct objects *objects, uint64_t address, enum op_family family);

#endif
