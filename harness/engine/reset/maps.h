/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mappings of this process, read from /proc/self/maps with raw calls, and how to take back
 * what a schedule did to them.
 *
 * A list is a picture of the address space. Two pictures are compared byte range by byte range,
 * not line by line: the kernel splits and merges lines as it likes (a watched range of an
 * anonymous mapping becomes a line of its own), and only what a byte is backed by, and how it may
 * be accessed, matters. Single-threaded; no libc, no allocation but a list's own two mappings.
 */
#ifndef JOSTLE_ENGINE_MAPS_H
#define JOSTLE_ENGINE_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct maps_entry {
	uintptr_t start, end;
	uint64_t offset; /* of `start` in the file, bytes */
	uint64_t inode;  /* 0: anonymous */
	uint32_t device_major, device_minor;
	int protection; /* PROT_* */
	bool shared;
	const char *path; /* "" when there is none; "[heap]" and the like for the kernel's own */
};

/* Parses one line without its newline, in place; entry->path points into it. False: malformed. */
bool maps_parse(char *line, struct maps_entry *entry);

/*
 * Called in ascending order. The entry and its path are valid during the call alone. Mapping or
 * unmapping in it would make the rest of the walk undefined.
 */
typedef void (*maps_visit)(const struct maps_entry *entry, void *context);

/* 0, or -errno; -EPROTO for a line that it does not understand, -E2BIG for one of over 16 KiB. */
int maps_read(maps_visit visit, void *context);

enum {
	MAPS_ENTRIES_MAX = 1 << 20, /* the largest vm.max_map_count that distributions set */
	MAPS_PATHS_BYTES = 64 << 20,
};
#define MAPS_LIST_BYTES (MAPS_ENTRIES_MAX * sizeof(struct maps_entry))

struct maps_list {
	struct maps_entry *entries; /* ascending, MAPS_LIST_BYTES; NULL before the first read */
	size_t count;
	char *paths; /* MAPS_PATHS_BYTES of strings */
	size_t paths_used;
	int error;
};

/*
 * (Re)fills a list; zero-initialise it before the first call. Its memory is mapped then, once and
 * for good, so that only lists that were filled for the first time in between show up in a
 * comparison (maps_undo() knows its two). 0 or -errno.
 */
int maps_list_read(struct maps_list *list);

/* Gives the memory back; the list may be read again. */
void maps_list_fini(struct maps_list *list);

enum maps_change {
	MAPS_EXTRA,     /* mapped now, not before */
	MAPS_LOST,      /* mapped before, not now */
	MAPS_REPLACED,  /* mapped before and now, but backed by something else */
	MAPS_PROTECTED, /* the same memory with another protection */
};

/* @before is NULL for MAPS_EXTRA, @now for MAPS_LOST. Not 0 ends the walk. */
typedef int (*maps_changed)(enum maps_change change, uintptr_t start, uintptr_t end,
			    const struct maps_entry *before, const struct maps_entry *now,
			    void *context);

/*
 * Calls @changed for each maximal range that differs in one way; returns its last result, or 0.
 * Anonymous private memory that was unmapped and mapped again looks the same: its contents are the
 * business of the snapshot, which sees that its pages are gone.
 */
int maps_diff(const struct maps_list *before, const struct maps_list *now, maps_changed changed,
	      void *context);

struct maps_range {
	uintptr_t start, end;
};

/* Memory in [@start, @end) was mapped anew: its contents are not those of before. */
typedef void (*maps_remapped)(uintptr_t start, uintptr_t end, void *context);

/*
 * Brings the address space back to @before: unmaps what is extra, restores protections, maps again
 * what was lost and tells @remapped (NULL: nobody). The @keep ranges (the engine's own, in any
 * order) and the lists' memory are left alone. Uses @now as scratch. Give the program break back by
 * brk(2) first. 0; -ESTALE when something cannot come back (shared anonymous memory, a file that is
 * gone), or another -errno: then what could be undone is.
 */
int maps_undo(const struct maps_list *before, struct maps_list *now, const struct maps_range *keep,
	      size_t keep_count, maps_remapped remapped, void *context);

#ifdef __cplusplus
}
#endif

#endif
