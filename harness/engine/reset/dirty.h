/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which pages were written: the kernel's answer.
 *
 * A page is watched by userfaultfd in its asynchronous write-protection mode (Linux 6.7,
 * Documentation/admin-guide/mm/userfaultfd.rst): the first write to it, by the program or by the
 * kernel on its behalf (read(2) into a buffer, the rseq area, a pinned page), is resolved inside
 * the kernel at the price of one page fault and leaves a mark in the page table. No signal, no
 * EFAULT, no thread that serves faults. PAGEMAP_SCAN on /proc/self/pagemap lists the marked pages.
 * A mark stays until the page is watched anew: a later restore of the page does not hide it.
 *
 * Where userfaultfd is refused (containers) or older, private memory is made a private mapping of a
 * file with the same bytes (dirty_adopt()). A write then gives the process a copy of its own, and
 * /proc/self/pagemap tells copies from pages of the file on any kernel (Documentation/admin-guide/
 * mm/pagemap.rst, bit 61).
 *
 * What the kernel or a container refuses is a missing capability, never an error; the caller
 * compares contents instead. One process, one tracker; no locking.
 */
#ifndef JOSTLE_ENGINE_DIRTY_H
#define JOSTLE_ENGINE_DIRTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PAGE_SHIFT = 12, PAGE_BYTES = 1 << PAGE_SHIFT };

/* What the tracker can do here, from the best to the barely useful. */
enum dirty_ability {
	DIRTY_CAN_WATCH = 1, /* dirty_watch(), and the two questions about writing */
	DIRTY_CAN_SCAN = 2,  /* DIRTY_POPULATED at the cost of the populated parts alone */
	DIRTY_CAN_READ =
		4, /* DIRTY_POPULATED at the cost of 8 bytes read for each page asked for */
	DIRTY_CAN_ADOPT = 8, /* dirty_adopt(), and DIRTY_COPIED at the cost of DIRTY_POPULATED */
};

enum dirty_question {
	/*
	 * Anonymous memory: written, dropped (MADV_DONTNEED), unmapped and mapped again, or swapped
	 * out since dirty_watch(). Every page must be read once, before or after it.
	 */
	DIRTY_WRITTEN,
	/*
	 * The same for a private mapping of a file. Dropping a page brings the file's bytes back
	 * and keeps the kernel's mark, so that what is asked is: is it still our own copy? Every
	 * page must have been written (copied) before dirty_watch(). Ten times as expensive a page.
	 */
	DIRTY_WRITTEN_FILE,
	/* Adopted memory: written since, or replaced by other memory that was written. */
	DIRTY_COPIED,
	/* Has memory of its own: neither untouched nor merely read. Needs no dirty_watch(). */
	DIRTY_POPULATED,
};

/* Called for each range of whole pages found, in ascending order. Must not map or unmap. */
typedef void (*dirty_found)(uintptr_t start, uintptr_t end, void *context);

/*
 * Opens the descriptors, close-on-exec and high (from 1000 on where the limit allows it). Returns
 * the abilities that the kernel grants and that are in @allowed. A second call reopens.
 */
unsigned int dirty_open(unsigned int allowed);

/*
 * Closes the descriptors; nothing is watched any more. In a forked child this only drops the
 * inherited copies: userfaultfd does not follow fork, and the inherited pagemap is the parent's.
 */
void dirty_close(void);

/* Starts watching whole pages of one or more mappings. 0, or -errno: then nothing is promised. */
int dirty_watch(uintptr_t start, uintptr_t end);

/*
 * Replaces whole pages of private memory, mapped with @protection, by a private mapping of a file
 * of ours with the same bytes. A page that is dropped (MADV_DONTNEED) has these bytes again. 0, or
 * -errno: then nothing was changed.
 */
int dirty_adopt(uintptr_t start, uintptr_t end, int protection);

/* Its path in /proc/self/maps begins so. */
#define DIRTY_ADOPTED_NAME "jostle-snapshot"
#define DIRTY_ADOPTED_PATH "/memfd:" DIRTY_ADOPTED_NAME

/* A new descriptor of that file if the mapping is of it (device and inode as in /proc/self/maps),
 * to map its pages again; otherwise -1. */
long dirty_adopted(uint32_t device_major, uint32_t device_minor, uint64_t inode);

/* The next dirty_adopt() begins a new file; what was adopted stays mapped. */
void dirty_forget(void);

/*
 * Reports the pages of [@start, @end), which may span unmapped and unwatched parts: those are
 * reported too, or not, the caller ignores them. 0, or -errno when the kernel failed half way.
 */
int dirty_scan(enum dirty_question question, uintptr_t start, uintptr_t end, dirty_found found,
	       void *context);

#ifdef __cplusplus
}
#endif

#endif
