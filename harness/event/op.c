/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the operations: one table, made from OP_LIST. */
#include "event/op.h"

#include <stddef.h>

static const struct {
	const char *name;
	const char *text;
	enum op_family family;
} kinds[OP_KIND_COUNT] = {
#define X(name, family, text) [OP_##name] = { #name, text, FAMILY_##family },
	OP_LIST(X)
#undef X
};

static const char *const nouns[FAMILY_COUNT] = {
	[FAMILY_NONE] = "object",   [FAMILY_THREAD] = "thread",   [FAMILY_ONCE] = "once",
	[FAMILY_MUTEX] = "mutex",   [FAMILY_COND] = "condition",  [FAMILY_RWLOCK] = "rwlock",
	[FAMILY_SPIN] = "spinlock", [FAMILY_BARRIER] = "barrier", [FAMILY_SEM] = "semaphore",
	[FAMILY_TIME] = "time",     [FAMILY_FUTEX] = "futex",     [FAMILY_FD] = "descriptor",
	[FAMILY_SIGNAL] = "signal", [FAMILY_PROCESS] = "process", [FAMILY_MEMORY] = "memory",
};

const char *op_kind_name(unsigned kind)
{
	return kind < OP_KIND_COUNT ? kinds[kind].name : "UNKNOWN";
}

const char *op_kind_text(unsigned kind)
{
	return kind < OP_KIND_COUNT ? kinds[kind].text : "does something unknown";
}

enum op_family op_kind_family(unsigned kind)
{
	return kind < OP_KIND_COUNT ? kinds[kind].family : FAMILY_NONE;
}

const char *op_family_noun(enum op_family family)
{
	return family < FAMILY_COUNT ? nouns[family] : "object";
}
