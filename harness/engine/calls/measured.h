/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel measures of a process and of the machine: processor time, page faults, memory in
 * use, load. No schedule repeats such figures, and a program that reads them does: their very
 * width changes how many bytes a read returns. A program under control reads constants in their
 * place; everything else in the same files is what it is.
 *
 * The part that knows the files of proc(5), line by line. Nothing here calls the system.
 */
#ifndef JOSTLE_ENGINE_MEASURED_H
#define JOSTLE_ENGINE_MEASURED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/reset/maps.h"

/* The constants: 64 MiB of address space, 16 MiB resident, started 1000 s after the machine. */
#define MEASURED_SIZE_KB     65536
#define MEASURED_RESIDENT_KB 16384
#define MEASURED_FREE_KB     524288
#define MEASURED_START_S     1000

enum measured_file {
	MEASURED_NONE, /* no file of figures */
	MEASURED_STAT, /* of a process */
	MEASURED_STATM,
	MEASURED_STATUS,
	MEASURED_SMAPS,
	MEASURED_MAPS,   /* no figures, but what the engine maps; line by line with the functions
			    of its own */
	MEASURED_COUNTS, /* "name: number" or numbers alone: all are counted */
	MEASURED_MEMORY, /* /proc/meminfo */
	MEASURED_CPUS,   /* /proc/stat */
	MEASURED_LOAD,
	MEASURED_UPTIME,
	MEASURED_CPUINFO,
	MEASURED_UNKNOWN, /* in /proc or of a control group; what it says, and whether it is the
			     same in the next run, is not known here */
};

/* Which of them an absolute path names, as the program wrote it. */
enum measured_file measured_file(const char *path);

/* What the engine knows better than the kernel. */
struct measured_process {
	unsigned threads; /* how many the process has, 0: as the line says */
	/* Whether the number is that of a process of the schedule. The others, a parent, a group or
	 * a session that the program was started from, become 1. NULL: all are. */
	bool (*of_schedule)(unsigned long pid);
	/* That the program was started in: a group or session of this number is not its own, though
	 * its first process may lead it. 0: none. */
	unsigned long group;
	/* Not 0: the kernel has put nothing of the program at this address or above, but pages of
	 * its own, anywhere; see layout.h. What it says of these is replaced by the address. */
	uintptr_t top;
	/* Not 0: where the first thread's stack ends for the program. */
	uintptr_t stack_end;
	/* Where the memory at this address, which is mapped up to end, ceases to be the program's;
	 * start: it is not. NULL: all is. */
	uintptr_t (*end_of_own)(uintptr_t start, uintptr_t end);
};

/*
 * Writes the line with its figures replaced, with its end of line if it has one. Returns the bytes
 * stored, at most size; to and line do not overlap.
 */
size_t measured_line(enum measured_file file, const char *line, size_t length,
		     const struct measured_process *process, char *to, size_t size);

/*
 * The same of a list of mappings, whose lines belong together. Zero-initialise; what a call has
 * taken in may be written by the next one, and the last of it by _end. What
 * does not fit is cut.
 */
struct measured_maps {
	bool pending;
	struct maps_entry last;
	char text[16U << 10], path[16U << 10];
};
size_t measured_maps_line(struct measured_maps *maps, const char *line, size_t length,
			  const struct measured_process *process, char *to, size_t size);
size_t measured_maps_end(struct measured_maps *maps, char *to, size_t size);

/* The path with the number of a process in it as PID, for a sentence. Always terminated. */
void measured_name(const char *path, char *to, size_t size);

#endif
