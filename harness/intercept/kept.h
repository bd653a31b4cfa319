/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces of engine/kept.h, each declared here and owned by the file that is named. */
#ifndef JOSTLE_INTERCEPT_KEPT_H
#define JOSTLE_INTERCEPT_KEPT_H

#include <stddef.h>

/* A piece starts at a page, so that restoring it touches nothing else of the library's data. */
#define KEPT __attribute__((aligned(4096)))

void *key_kept(size_t *size); /* key.c */

#endif
