/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State of the program that the library keeps for it: values of keys, the names of semaphores. It
 * lies in the library's own data, which the snapshot leaves out, and must be restored with the
 * program all the same.
 */
#ifndef JOSTLE_ENGINE_KEPT_H
#define JOSTLE_ENGINE_KEPT_H

#include <stddef.h>

/* Provided by intercept/kept.c, for whoever takes the snapshot: calls add() for each piece. They
 * start at a page. */
void kept_regions(void (*add)(void *start, size_t size, void *context), void *context);

#endif
