/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An executable file or the loader, mapped as execve(2) maps it: the program headers of the ELF
 * gABI, chapter 5. For layout.c.
 */
#ifndef JOSTLE_ENGINE_IMAGE_H
#define JOSTLE_ENGINE_IMAGE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IMAGE_SEGMENTS_MAX = 32 };

struct image {
	int fd;         /* -1: closed */
	uintptr_t bias; /* added to the file's addresses */
	Elf64_Ehdr header;
	Elf64_Phdr segments[IMAGE_SEGMENTS_MAX];
};

/* Opens and reads it; false when it is none that image_map() could map. To be closed in any case.
 */
bool image_open(struct image *, const char *path);
void image_close(struct image *);

/* Its first segment of this type, or NULL. */
const Elf64_Phdr *image_find(const struct image *, uint32_t type);

/* Reads a segment's bytes; false when they do not fit, or cannot be had. */
bool image_read(const struct image *, const Elf64_Phdr *segment, void *buffer, size_t size);

/* Says where it goes: its first page at @place, or lower as its alignment asks; where it was linked
 * for, if it cannot be moved. False: it has nothing to map. */
bool image_place(struct image *, uintptr_t place);

/* Maps what its headers say over whatever is there, and closes the file. */
void image_map(struct image *);

/* Where its program headers are in memory: in the segment that holds them in the file; 0: in none.
 */
uintptr_t image_headers(const struct image *);

/* Private memory at exactly that address: anonymous where fd is -1. */
void image_must_map(uintptr_t address, size_t size, int protection, int fd, uint64_t offset);

#endif
