/* SPDX-License-Identifier: Apache-2.0 */
/* Figures that the kernel measures, and that no two runs have the same: see measured.h. */
#ifndef JOSTLE_ENGINE_CALL_MEASURED_H
#define JOSTLE_ENGINE_CALL_MEASURED_H

#include <sys/resource.h>

/* The program opened this path, as it wrote it, with these flags, and fd is what it got: if it is a
 * file of figures it has constants from now on; if nobody knows what is in it, a note says so. */
void measured_opened(const char *path, long flags, int fd);

/* What wait4() says of a child; NULL is nothing. */
void measured_usage(struct rusage *usage);

#endif
