/* SPDX-License-Identifier: Apache-2.0 */
/* A linear list: a story has few objects. */
#include "report/objects.h"

#include <stdio.h>

/* The stacks of a race are those at its accesses; of all else, where the schedule stood at its end.
 */
static bool is_of_access(const struct board_stack *stack)
{
	return stack->step < UINT32_MAX && stack->step >= BOARD_STEP_OWNER(BOARD_ACCESSES_MAX - 1);
}

static bool holds(const struct board_stack *stack, uint64_t address)
{
	return address >= stack->base && address - stack->base < stack->bytes.size;
}

/* The variable on a stack, if one is known that holds the address. */
static const char *stack_variable(const struct objects *objects, uint64_t address,
				  struct value_type *type)
{
	const struct board *board = objects->board;
	const uint32_t count = board->status.stack_count;
	bool of_access = false;
	const char *name;

	for (uint32_t i = 0; i < count && i < BOARD_STACKS_MAX; i++)
		of_access |= is_of_access(&board->stacks[i]);
	for (uint32_t i = 0; i < count && i < BOARD_STACKS_MAX; i++) {
		const struct board_stack *stack = &board->stacks[i];

		if (!holds(stack, address) ||
		    !(of_access ? is_of_access(stack) : stack->step == UINT32_MAX))
			continue;
		name = symbols_stack_variable(objects->symbols, board, stack, address, type);
		if (name)
			return name;
	}
	return NULL;
}

/* The thread-local variable that holds the address, of a thread whose stack was copied. */
static const char *storage_variable(const struct objects *objects, uint64_t address,
				    struct value_type *type)
{
	const struct board *board = objects->board;
	const char *name = NULL;

	for (uint32_t i = 0; !name && i < board->status.stack_count && i < BOARD_STACKS_MAX; i++)
		name = symbols_storage_variable(objects->symbols, board->stacks[i].fs, address,
						type);
	return name;
}

/* Descriptors have numbers already; threads are told apart by theirs. */
static const char *name_new(struct objects *objects, uint64_t address, enum op_family family,
			    struct value_type *type)
{
	const char *noun = op_family_noun(family), *variable;

	if (family == FAMILY_FD)
		return pool_format(objects->pool, "%s %d", noun, (int)address);
	variable = symbols_variable(objects->symbols, address, type);
	if (!variable)
		variable = stack_variable(objects, address, type);
	if (!variable)
		variable = storage_variable(objects, address, type);
	return pool_format(objects->pool, "%s#%u%s%s", noun, ++objects->numbers[family],
			   variable ? " " : "", variable ? variable : "");
}

const char *objects_name(struct objects *objects, uint64_t address, enum op_family family)
{
	struct value_type type = { VALUE_UNKNOWN, 0 };

	if (address == 0 && family != FAMILY_FD)
		return NULL;
	if (family == FAMILY_FD && (int)address < 0)
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
	objects->known[objects->count].name = name_new(objects, address, family, &type);
	objects->known[objects->count].type = type;
	return objects->known[objects->count++].name;
}

const char *objects_name_of(struct objects *objects, uint64_t address, unsigned op_kind)
{
	const bool queue = op_kind == OP_QUEUE_SEND || op_kind == OP_QUEUE_RECEIVE;
	const char *name = objects_name(objects, address, op_kind_family(op_kind));

	return !name && queue ? "a System V queue" : name;
}

struct value_type objects_type(const struct objects *objects, uint64_t address)
{
	for (unsigned i = 0; i < objects->count; i++)
		if (objects->known[i].address == address &&
		    objects->known[i].family == FAMILY_MEMORY)
			return objects->known[i].type;
	return (struct value_type){ VALUE_UNKNOWN, 0 };
}
