/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses to many bytes: what clang emits for memcpy and its like, and explicit ranges. */
#include <string.h>

#include "instrument/tsan.h"

TSAN void __tsan_read_range(void *address, size_t size);
void __tsan_read_range(void *address, size_t size)
{
	access_range((uintptr_t)address, size, 0, PC);
}

TSAN void __tsan_write_range(void *address, size_t size);
void __tsan_write_range(void *address, size_t size)
{
	access_range((uintptr_t)address, size, RACE_WRITE, PC);
}

TSAN void __tsan_read_range_pc(void *address, size_t size, void *pc);
void __tsan_read_range_pc(void *address, size_t size, void *pc)
{
	access_range((uintptr_t)address, size, 0, (uintptr_t)pc);
}

TSAN void __tsan_write_range_pc(void *address, size_t size, void *pc);
void __tsan_write_range_pc(void *address, size_t size, void *pc)
{
	access_range((uintptr_t)address, size, RACE_WRITE, (uintptr_t)pc);
}

TSAN void *__tsan_memcpy(void *to, const void *from, size_t size);
void *__tsan_memcpy(void *to, const void *from, size_t size)
{
	access_range((uintptr_t)from, size, 0, PC);
	access_range((uintptr_t)to, size, RACE_WRITE, PC);
	return memcpy(to, from, size);
}

TSAN void *__tsan_memmove(void *to, const void *from, size_t size);
void *__tsan_memmove(void *to, const void *from, size_t size)
{
	access_range((uintptr_t)from, size, 0, PC);
	access_range((uintptr_t)to, size, RACE_WRITE, PC);
	return memmove(to, from, size);
}

TSAN void *__tsan_memset(void *to, int byte, size_t size);
void *__tsan_memset(void *to, int byte, size_t size)
{
	access_range((uintptr_t)to, size, RACE_WRITE, PC);
	return memset(to, byte, size);
}
