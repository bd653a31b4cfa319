/* SPDX-License-Identifier: Apache-2.0 */
/* How a semaphore lies in the program's sem_t: all zero but the value is a live one. */
#ifndef JOSTLE_MODEL_SEM_H
#define JOSTLE_MODEL_SEM_H

#include <assert.h>
#include <limits.h>
#include <semaphore.h>
#include <stdint.h>

#include "model/models.h"

#ifndef SEM_VALUE_MAX
#define SEM_VALUE_MAX INT_MAX
#endif

enum semaphore_magic {
	SEM_STATIC = 0,
	SEM_LIVE = 0x53656d61,
	SEM_DESTROYED = 0x616d6553,
};

struct semaphore {
	uint32_t value;
	uint32_t contended; /* somebody may stand in the waiters */
	uint32_t pshared;
	uint32_t magic;
	struct grave last; /* the destroy */
};

static_assert(sizeof(struct semaphore) == sizeof(sem_t), "a semaphore is the program's object");

#endif
