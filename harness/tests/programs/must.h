/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For programs that run natively and under control and must behave alike: each check that fails
 * says where, and the program exits 1.
 */
#ifndef JOSTLE_TESTS_MUST_H
#define JOSTLE_TESTS_MUST_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define must(condition)                                                                           \
	do {                                                                                      \
		if (!(condition)) {                                                               \
			fprintf(stderr, "%s:%d: %s (errno %d)\n", __FILE__, __LINE__, #condition, \
				errno);                                                           \
			exit(1);                                                                  \
		}                                                                                 \
	} while (0)

#endif
