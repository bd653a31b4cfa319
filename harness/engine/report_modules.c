/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program consists of, for whoever reads an address of it: listed at takeover, after an
 * exec and, of what it loads by itself, when a place is asked for that is in nothing known.
 */
#include <dlfcn.h>
#include <link.h>
#include <string.h>

#include "base/fmt.h"
#include "base/sys.h"
#include "engine/fiber.h"
#include "engine/state.h"
#include "record/place.h"

#define STORAGE_MOST (1UL << 30)

static const struct r_debug *loaded; /* the loader's list, which debuggers read; NULL: not found */

/* What was loaded with the program has its storage at the same place in each thread. */
static void add_storage(struct board_module *m, const struct dl_phdr_info *info, uint64_t size)
{
	const uint64_t base = fiber_fs(), data = (uint64_t)(uintptr_t)info->dlpi_tls_data;

	if (!data || data >= base || base - data > STORAGE_MOST)
		return;
	m->storage_size = size;
	m->storage_below = base - data;
}

/* A library that was found by a relative path is where the program now works. */
static void name_module(char *path, const char *name)
{
	char folder[BOARD_PATH_MAX];

	if (name[0] == '/' || !strchr(name, '/') ||
	    sys_call2(SYS_getcwd, (long)folder, sizeof(folder)) < 0)
		fmt(path, BOARD_PATH_MAX, "%s", name);
	else
		fmt(path, BOARD_PATH_MAX, "%s/%s", folder,
		    name + (name[0] == '.' && name[1] == '/' ? 2 : 0));
}

/* context: the image's number */
static int add_module(struct dl_phdr_info *info, size_t size, void *context)
{
	struct board *b = engine.board;
	struct board_module *m;
	const uint64_t tag = (uint64_t) * (const uint8_t *)context << 48;

	(void)size;
	if (b->status.module_count == BOARD_MODULES_MAX)
		return 1;
	m = &b->modules[b->status.module_count];
	memset(m, 0, sizeof(*m));
	m->base = info->dlpi_addr;
	m->start = UINT64_MAX;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		const uint64_t start = info->dlpi_addr + p->p_vaddr;

		if (p->p_type == PT_LOAD) {
			if (start < m->start)
				m->start = start;
			if (start + p->p_memsz > m->end)
				m->end = start + p->p_memsz;
		} else if (p->p_type == PT_TLS) {
			add_storage(m, info, p->p_memsz);
		} else if (p->p_type == PT_NOTE) {
			const uint8_t *at = (const uint8_t *)(uintptr_t)start;
			const uint8_t *end = at + p->p_memsz;

			while (at + sizeof(ElfW(Nhdr)) <= end) {
				const ElfW(Nhdr) *note = (const void *)at;
				const uint8_t *name = at + sizeof(*note);
				const uint8_t *data = name + ((note->n_namesz + 3) & ~3U);

				if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
				    memcmp(name, "GNU", 4) == 0) {
					m->build_id_size = note->n_descsz < sizeof(m->build_id)
								   ? note->n_descsz
								   : (uint32_t)sizeof(m->build_id);
					memcpy(m->build_id, data, m->build_id_size);
				}
				at = data + ((note->n_descsz + 3) & ~3U);
			}
		}
	}
	if (m->start == UINT64_MAX)
		return 0;
	m->start |= tag;
	m->end |= tag;
	m->base |= tag;
	if (info->dlpi_name && info->dlpi_name[0]) {
		name_module(m->path, info->dlpi_name);
	} else {
		extern char *program_invocation_name;
		const long length = engine_program_path(m->path, sizeof(m->path));

		if (length <= 0)
			fmt(m->path, sizeof(m->path), "%s", program_invocation_name);
	}
	b->status.module_count++;
	return 0;
}

/* Lists what is loaded; called at takeover, while libc may be used. */
void report_modules(void)
{
	uint8_t image = 0;

	loaded = dlvsym(RTLD_DEFAULT, "_r_debug", "GLIBC_2.2.5");
	engine.board->status.module_count = 0;
	dl_iterate_phdr(add_module, &image);
}

static struct board_module *module_at(uint64_t start, uint64_t end)
{
	struct board *b = engine.board;

	for (uint32_t i = 0; i < b->status.module_count; i++)
		if (b->modules[i].start < end && b->modules[i].end > start)
			return &b->modules[i];
	return NULL;
}

/* Its header, where it begins: all that a linker makes today. */
static const ElfW(Ehdr) * header_of(const struct link_map *object)
{
	const ElfW(Ehdr) *header = (const void *)object->l_addr;
	uint8_t in_core;

	if (object->l_addr == 0 || object->l_addr % 4096 != 0 ||
	    sys_call3(SYS_mincore, (long)object->l_addr, 4096, (long)&in_core) != 0 ||
	    memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return NULL;
	return header;
}

/*
 * What the program loaded since, in this schedule or another. Walks the loader's own list: asking
 * libc would take a lock that another thread may have.
 */
static void list_loaded(void)
{
	struct board_status *status = &engine.board->status;
	const struct link_map *object;
	uint8_t image = 0;

	for (object = loaded ? loaded->r_map : NULL; object; object = object->l_next) {
		const ElfW(Ehdr) *header = header_of(object);
		const uint32_t count = status->module_count;
		struct board_module *other;
		char path[BOARD_PATH_MAX];
		struct dl_phdr_info info;

		other = module_at(object->l_addr, object->l_addr + 1);
		if (!header || !object->l_name[0])
			continue;
		name_module(path, object->l_name);
		if (other && strcmp(other->path, path) == 0)
			continue;
		info = (struct dl_phdr_info){
			.dlpi_addr = object->l_addr,
			.dlpi_name = object->l_name,
			.dlpi_phdr = (const void *)(object->l_addr + header->e_phoff),
			.dlpi_phnum = header->e_phnum,
		};
		/* Where another one was, in another schedule, that is forgotten. */
		if (add_module(&info, sizeof(info), &image) == 0 && other &&
		    status->module_count > count)
			*other = engine.board->modules[--status->module_count];
	}
}

uint64_t report_place(uint64_t pc)
{
	if (!engine.board)
		return pc & 0xfff;
	if (pc >= 4096 && pc >> 48 == 0 && fiber_of(engine_current)->image == 0 &&
	    !module_at(pc, pc + 1))
		list_loaded();
	return place_of(engine.board, pc);
}

/* Schedules become the same programs again and again: each is listed once. */
uint8_t report_image(void)
{
	static char path[BOARD_PATH_MAX];
	const struct board *b = engine.board;
	uint8_t image = 0;

	engine_program_path(path, sizeof(path));
	for (uint32_t i = 0; i < b->status.module_count; i++) {
		const uint8_t of = (uint8_t)(b->modules[i].start >> 48);

		if (of && strcmp(b->modules[i].path, path) == 0)
			return of;
		if (of > image)
			image = of;
	}
	if (image == UINT8_MAX)
		return image;
	image++;
	dl_iterate_phdr(add_module, &image);
	return image;
}
