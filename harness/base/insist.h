/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Assertions about ourselves, kept in release builds. A false condition is a bug of jostle, never
 * of the program under test (that would be a finding): it says where on standard error and kills
 * the process with SIGABRT, without handlers, flushing or libc.
 */
#ifndef JOSTLE_BASE_INSIST_H
#define JOSTLE_BASE_INSIST_H

/* One condition each, so that the message names the one that failed. */
#define insist(condition)                                              \
	do {                                                           \
		if (__builtin_expect(!(condition), 0))                 \
			insist_failed(#condition, __FILE__, __LINE__); \
	} while (0)

__attribute__((noreturn, cold)) void insist_failed(const char *condition, const char *file,
						   int line);

#endif
