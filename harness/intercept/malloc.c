/* SPDX-License-Identifier: Apache-2.0 */
/*
 * malloc() and its family on the deterministic heap, with glibc's results: errno is set on failure
 * and otherwise left alone, posix_memalign() returns its error and never sets errno, a size above
 * PTRDIFF_MAX fails, realloc(p, 0) frees, memalign() rounds an odd alignment up.
 *
 * C++'s operator new, strdup(), getline() and all the rest of libc come here by these names.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "engine/access/access.h"
#include "engine/lifetime.h"

#define EXPORT __attribute__((visibility("default")))

enum { PAGE_BYTES = 4096, MXFAST_MAX = 80 * sizeof(size_t) / 4 };

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

/* Does the hook want the program to see this allocation fail? The engine's own never do. */
static inline bool refused(size_t size)
{
	return __builtin_expect(heap_fail_hook != NULL, 0) && heap_selected() == HEAP_PROGRAM &&
	       heap_fail_hook(size);
}

static inline bool watched(void)
{
	return __builtin_expect(access_state.on, 0) && heap_selected() == HEAP_PROGRAM;
}

static inline __attribute__((always_inline)) void *allocate(size_t size, size_t align, bool cleared,
							    const void *site)
{
	struct heap *heap;
	void *block;

	if (refused(size))
		return NULL;
	heap_lock();
	heap = heap_current();
	block = cleared ? heap_zalloc(heap, size, align) : heap_alloc(heap, size, align);
	heap_unlock();
	if (watched() && block)
		access_allocated((uintptr_t)block, size, site);
	return block;
}

EXPORT void *malloc(size_t size)
{
	void *block = allocate(size, 1, false, __builtin_return_address(0));

	return __builtin_expect(block != NULL, 1) ? block : no_memory();
}

EXPORT void *calloc(size_t count, size_t size)
{
	size_t bytes;
	void *block = NULL;

	if (!__builtin_mul_overflow(count, size, &bytes))
		block = allocate(bytes, 1, true, __builtin_return_address(0));
	return __builtin_expect(block != NULL, 1) ? block : no_memory();
}

EXPORT void free(void *ptr)
{
	enum heap_status status;

	if (!ptr)
		return;
	if (watched())
		access_freed((uintptr_t)ptr, heap_usable_size(ptr), __builtin_return_address(0));
	heap_lock();
	status = heap_free(ptr);
	heap_unlock();
	if (__builtin_expect(status == HEAP_OK, 1))
		engine_freed(ptr, __builtin_return_address(0));
	else
		engine_wrong_free(ptr, (int)status, __builtin_return_address(0));
}

/* The block of old bytes is size bytes at moved now; NULL: it was freed, or there was no room. */
static void resized(void *ptr, size_t old, void *moved, size_t size, const void *site)
{
	if (moved == ptr && size > old)
		access_mapped((uintptr_t)ptr + old, size - old);
	else if (moved && moved != ptr)
		access_allocated((uintptr_t)moved, size, site);
	if (moved != ptr && (moved || !size))
		access_freed((uintptr_t)ptr, old, site);
}

static inline __attribute__((always_inline)) void *resize(void *ptr, size_t size, void *site)
{
	enum heap_status status;
	void *moved = NULL;
	size_t old;

	if (!ptr) {
		moved = allocate(size, 1, false, site);
	} else {
		if (size && refused(size))
			return no_memory();
		old = watched() ? heap_usable_size(ptr) : 0;
		heap_lock();
		status = size ? heap_realloc(ptr, size, &moved) : heap_free(ptr);
		heap_unlock();
		if (old && status == HEAP_OK)
			resized(ptr, old, moved, size, site);
		if (status != HEAP_OK)
			engine_wrong_free(ptr, (int)status, site);
		else if (moved != ptr && (moved || !size))
			engine_freed(ptr, site);
		if (!size && status == HEAP_OK)
			return NULL;
	}
	return moved ? moved : no_memory();
}

EXPORT void *realloc(void *ptr, size_t size)
{
	return resize(ptr, size, __builtin_return_address(0));
}

EXPORT void *reallocarray(void *ptr, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return no_memory();
	return resize(ptr, bytes, __builtin_return_address(0));
}

EXPORT void *memalign(size_t alignment, size_t size)
{
	size_t align = 16;
	void *block;

	if (alignment > SIZE_MAX / 2 + 1) {
		errno = EINVAL;
		return NULL;
	}
	while (align < alignment)
		align *= 2;
	block = allocate(size, align, false, __builtin_return_address(0));
	return block ? block : no_memory();
}

/* As glibc had it up to 2.37; later ones refuse an alignment that is no power of two. */
EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

EXPORT int posix_memalign(void **ptr, size_t alignment, size_t size)
{
	void *block;

	if (!alignment || alignment % sizeof(void *) || alignment & (alignment - 1))
		return EINVAL;
	block = allocate(size, alignment, false, __builtin_return_address(0));
	if (!block)
		return ENOMEM;
	*ptr = block;
	return 0;
}

EXPORT void *valloc(size_t size)
{
	return memalign(PAGE_BYTES, size);
}

EXPORT void *pvalloc(size_t size)
{
	size_t bytes;

	if (__builtin_add_overflow(size, PAGE_BYTES - 1, &bytes))
		return no_memory();
	return memalign(PAGE_BYTES, bytes & ~(size_t)(PAGE_BYTES - 1));
}

EXPORT size_t malloc_usable_size(void *ptr)
{
	size_t size = 0;

	if (ptr) {
		heap_lock();
		size = heap_usable_size(ptr);
		heap_unlock();
	}
	return size;
}

/* No memory is ever given back. */
EXPORT int malloc_trim(size_t pad)
{
	(void)pad;
	return 0;
}

/* glibc accepts parameters that it does not know, and looks at this one alone. */
EXPORT int mallopt(int parameter, int value)
{
	return parameter != M_MXFAST || (value >= 0 && value <= MXFAST_MAX);
}

static struct heap_totals program_totals(void)
{
	struct heap_totals totals = { .live_bytes = 0 };

	heap_lock();
	heap_totals(HEAP_PROGRAM, &totals);
	heap_unlock();
	return totals;
}

EXPORT struct mallinfo2 mallinfo2(void)
{
	const struct heap_totals totals = program_totals();

	return (struct mallinfo2){
		.arena = totals.used_bytes,
		.ordblks = totals.free_spans,
		.uordblks = totals.live_bytes,
		.fordblks = totals.used_bytes - totals.live_bytes,
	};
}

EXPORT struct mallinfo mallinfo(void)
{
	const struct mallinfo2 wide = mallinfo2();

	return (struct mallinfo){
		.arena = (int)wide.arena,
		.ordblks = (int)wide.ordblks,
		.uordblks = (int)wide.uordblks,
		.fordblks = (int)wide.fordblks,
	};
}

EXPORT void malloc_stats(void)
{
	const struct heap_totals totals = program_totals();

	fmt_write(2, "Arena 0:\nsystem bytes     = %10zu\nin use bytes     = %10zu\n",
		  totals.used_bytes, totals.live_bytes);
	fmt_write(2, "in use blocks    = %10zu\nfree spans       = %10zu\n", totals.live_blocks,
		  totals.free_spans);
}
