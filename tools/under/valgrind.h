/* SPDX-License-Identifier: Apache-2.0 */
/* What Helgrind, DRD and Memcheck share: how a program is started below Valgrind. */
#ifndef JOSTLE_UNDER_VALGRIND_H
#define JOSTLE_UNDER_VALGRIND_H

#include "under/tool.h"
#include "under/valgrind_xml.h"

/* Of struct under_tool.check. */
int valgrind_check(const struct target *target);

/* valgrind --tool=TOOL, XML of each process into the folder, children followed, and the arguments
 * of more (NULL-terminated, or NULL). Returns as under_tool.start. */
int valgrind_start(struct under_start *start, const char *tool, const char *const *more);

/* What one error claims. */
typedef struct claim (*valgrind_claim_of)(struct pool *pool, const struct valgrind_output *output,
					  const struct valgrind_error *error);
/* Adds what each error of the file claims. Returns as under_tool.read. */
size_t valgrind_claims(struct claims *claims, const struct under_file *file,
		       valgrind_claim_of claim_of);

/* The address behind a word of a sentence ("at ", "lock at "), 0 when it is not there. */
uint64_t valgrind_address(const char *text, const char *behind);
/* The decimal number behind it, 0 when it is not there. */
unsigned valgrind_number(const char *text, const char *behind);
/* Valgrind numbers threads from 1; 0 is unknown. */
unsigned valgrind_thread_number(unsigned number);

/* What a sentence of a misuse means; the cause is CAUSE_NONE and text the sentence when nobody
 * knows it. */
struct claim valgrind_misuse(struct pool *pool, const char *sentence);

#endif
