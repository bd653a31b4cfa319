/* SPDX-License-Identifier: Apache-2.0 */
/* What findings mean, in sentences: one entry for each kind and cause, so that a new cause without
 * words is seen in one place. */
#ifndef JOSTLE_REPORT_WORDS_H
#define JOSTLE_REPORT_WORDS_H

struct words {
	const char *headline; /* what happened; never NULL */
	const char *advice;   /* what usually helps, or NULL */
};

struct finding;
struct pool;

struct words words_of(const struct finding *finding);

/* "SIGSEGV" for 11, "signal 77" when the number has no name. In the pool. */
const char *signal_name(struct pool *pool, int signal);

#endif
