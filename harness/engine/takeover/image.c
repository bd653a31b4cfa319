/* SPDX-License-Identifier: Apache-2.0 */
/* See image.h. */
#include "engine/takeover/image.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/insist.h"
#include "base/sys.h"

#define PAGE 4096UL

static bool pread_all(int fd, void *buffer, size_t size, uint64_t offset)
{
	return sys_call4(SYS_pread64, fd, (long)buffer, (long)size, (long)offset) == (long)size;
}

bool image_open(struct image *image, const char *path)
{
	const Elf64_Ehdr *header = &image->header;

	image->fd = (int)sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (image->fd < 0)
		return false;
	return pread_all(image->fd, &image->header, sizeof(*header), 0) &&
	       memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
	       (header->e_type == ET_DYN || header->e_type == ET_EXEC) &&
	       header->e_phentsize == sizeof(Elf64_Phdr) && header->e_phnum <= IMAGE_SEGMENTS_MAX &&
	       pread_all(image->fd, image->segments, header->e_phnum * sizeof(Elf64_Phdr),
			 header->e_phoff);
}

void image_close(struct image *image)
{
	if (image->fd >= 0)
		sys_close(image->fd);
	image->fd = -1;
}

const Elf64_Phdr *image_find(const struct image *image, uint32_t type)
{
	for (unsigned i = 0; i < image->header.e_phnum; i++)
		if (image->segments[i].p_type == type)
			return &image->segments[i];
	return NULL;
}

bool image_read(const struct image *image, const Elf64_Phdr *segment, void *buffer, size_t size)
{
	return segment->p_filesz <= size &&
	       pread_all(image->fd, buffer, segment->p_filesz, segment->p_offset);
}

bool image_place(struct image *image, uintptr_t place)
{
	const Elf64_Phdr *first = image_find(image, PT_LOAD);
	uintptr_t alignment = PAGE;

	if (!first)
		return false;
	image->bias = 0;
	if (image->header.e_type == ET_EXEC)
		return true;
	for (unsigned i = 0; i < image->header.e_phnum; i++)
		if (image->segments[i].p_type == PT_LOAD && image->segments[i].p_align > alignment)
			alignment = image->segments[i].p_align;
	image->bias = (place & ~(alignment - 1)) - (first->p_vaddr & ~(alignment - 1));
	return (alignment & (alignment - 1)) == 0;
}

void image_must_map(uintptr_t address, size_t size, int protection, int fd, uint64_t offset)
{
	const int flags = MAP_PRIVATE | MAP_FIXED | (fd < 0 ? MAP_ANONYMOUS : 0);

	insist(sys_mmap((void *)address, size, protection, flags, fd, (long)offset) ==
	       (long)address);
}

static void segment_map(const struct image *image, const Elf64_Phdr *segment)
{
	const uintptr_t start_at = image->bias + segment->p_vaddr, from = start_at & ~(PAGE - 1);
	const uintptr_t file_end = start_at + segment->p_filesz;
	const uintptr_t end = (start_at + segment->p_memsz + PAGE - 1) & ~(PAGE - 1);
	const int protection = (segment->p_flags & PF_R ? PROT_READ : 0) |
			       (segment->p_flags & PF_W ? PROT_WRITE : 0) |
			       (segment->p_flags & PF_X ? PROT_EXEC : 0);
	uintptr_t zero = from;

	if (segment->p_filesz > 0) {
		image_must_map(from, file_end - from, protection, image->fd,
			       segment->p_offset & ~(PAGE - 1));
		zero = (file_end + PAGE - 1) & ~(PAGE - 1);
		if (segment->p_memsz > segment->p_filesz && (protection & PROT_WRITE))
			memset((void *)file_end, 0, zero - file_end);
	}
	if (zero < end)
		image_must_map(zero, end - zero, protection, -1, 0);
}

void image_map(struct image *image)
{
	for (unsigned i = 0; i < image->header.e_phnum; i++)
		if (image->segments[i].p_type == PT_LOAD && image->segments[i].p_memsz > 0)
			segment_map(image, &image->segments[i]);
	image_close(image);
}

uintptr_t image_headers(const struct image *image)
{
	for (unsigned i = 0; i < image->header.e_phnum; i++) {
		const Elf64_Phdr *s = &image->segments[i];

		if (s->p_type == PT_LOAD && image->header.e_phoff - s->p_offset < s->p_filesz)
			return image->bias + s->p_vaddr + image->header.e_phoff - s->p_offset;
	}
	return 0;
}
