/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain accesses. Aligned ones lie within one granule of the shadow and take the inline way;
 * others, and those of sixteen bytes, may touch two. A volatile access is a plain one: C11 gives it
 * no order.
 */
#include "instrument/tsan.h"

#define ALIGNED(name, size, flags)                                 \
	TSAN void name(void *address);                             \
	void name(void *address)                                   \
	{                                                          \
		access_check((uintptr_t)address, size, flags, PC); \
	}

#define UNALIGNED(name, size, flags)                               \
	TSAN void name(void *address);                             \
	void name(void *address)                                   \
	{                                                          \
		access_range((uintptr_t)address, size, flags, PC); \
	}

/* The caller's place is given, for run-time code that accesses on behalf of others. */
#define ALIGNED_PC(name, size, flags)                                         \
	TSAN void name(void *address, void *pc);                              \
	void name(void *address, void *pc)                                    \
	{                                                                     \
		access_check((uintptr_t)address, size, flags, (uintptr_t)pc); \
	}

/* A compound assignment, emitted by clang as one call: both halves race. */
#define BOTH(name, size, access)                                  \
	TSAN void name(void *address);                            \
	void name(void *address)                                  \
	{                                                         \
		access((uintptr_t)address, size, 0, PC);          \
		access((uintptr_t)address, size, RACE_WRITE, PC); \
	}

#define OF_SIZE(size)                                          \
	ALIGNED(__tsan_read##size, size, 0)                    \
	ALIGNED(__tsan_write##size, size, RACE_WRITE)          \
	ALIGNED(__tsan_volatile_read##size, size, 0)           \
	ALIGNED(__tsan_volatile_write##size, size, RACE_WRITE) \
	ALIGNED_PC(__tsan_read##size##_pc, size, 0)            \
	ALIGNED_PC(__tsan_write##size##_pc, size, RACE_WRITE)  \
	BOTH(__tsan_read_write##size, size, access_check)

#define UNALIGNED_OF_SIZE(size)                                            \
	UNALIGNED(__tsan_unaligned_read##size, size, 0)                    \
	UNALIGNED(__tsan_unaligned_write##size, size, RACE_WRITE)          \
	UNALIGNED(__tsan_unaligned_volatile_read##size, size, 0)           \
	UNALIGNED(__tsan_unaligned_volatile_write##size, size, RACE_WRITE) \
	BOTH(__tsan_unaligned_read_write##size, size, access_range)

OF_SIZE(1)
OF_SIZE(2)
OF_SIZE(4)
OF_SIZE(8)
UNALIGNED_OF_SIZE(2)
UNALIGNED_OF_SIZE(4)
UNALIGNED_OF_SIZE(8)
UNALIGNED_OF_SIZE(16)

UNALIGNED(__tsan_read16, 16, 0)
UNALIGNED(__tsan_write16, 16, RACE_WRITE)
UNALIGNED(__tsan_volatile_read16, 16, 0)
UNALIGNED(__tsan_volatile_write16, 16, RACE_WRITE)
BOTH(__tsan_read_write16, 16, access_range)

TSAN void __tsan_read16_pc(void *address, void *pc);
void __tsan_read16_pc(void *address, void *pc)
{
	access_range((uintptr_t)address, 16, 0, (uintptr_t)pc);
}

TSAN void __tsan_write16_pc(void *address, void *pc);
void __tsan_write16_pc(void *address, void *pc)
{
	access_range((uintptr_t)address, 16, RACE_WRITE, (uintptr_t)pc);
}

/* The pointer to an object's virtual functions, set by each constructor and destructor on the way.
 * One that is set to what it is already changes nothing that a reader could see. */
TSAN void __tsan_vptr_update(void **address, void *value);
void __tsan_vptr_update(void **address, void *value)
{
	if (*address != value)
		access_check((uintptr_t)address, sizeof(*address), RACE_WRITE, PC);
}

TSAN void __tsan_vptr_read(void **address);
void __tsan_vptr_read(void **address)
{
	access_check((uintptr_t)address, sizeof(*address), 0, PC);
}
