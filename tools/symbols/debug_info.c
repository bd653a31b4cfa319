/* SPDX-License-Identifier: Apache-2.0 */
#include "symbols/debug_info.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "campaign/file_state.h"
#include "symbols/symbols_private.h"

#define KEPT_MAX 4 /* the two catalogues, and what their cases start */

struct opened_file {
	uint64_t base;
	struct file_state state; /* zero: no file */
};

/* An opened debug_info is in the table while nobody has taken it; what was given back last comes
 * first. */
struct opened {
	struct debug_info info;
	bool settled; /* all files */
	uint32_t count;
	struct opened_file files[];
};

static struct opened *kept[KEPT_MAX];

static char *debuginfo_path; /* libdw's default: beside the file, .debug, /usr/lib/debug */

/* Open files are not for the programs that are started meanwhile. */
static int find_debug_file(Dwfl_Module *module, void **context, const char *name, Dwarf_Addr base,
			   const char *file, const char *link, GElf_Word crc, char **result)
{
	const int fd =
		dwfl_standard_find_debuginfo(module, context, name, base, file, link, crc, result);

	if (fd >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = find_debug_file,
	.debuginfo_path = &debuginfo_path,
};

static void look_at(const struct board_module *modules, struct opened *opened)
{
	struct stat status;

	opened->settled = true;
	for (uint32_t i = 0; i < opened->count; i++) {
		struct opened_file *file = &opened->files[i];

		file->base = modules[i].base;
		if (modules[i].path[0] != '/' || stat(modules[i].path, &status) < 0)
			continue;
		file->state = file_state_of(&status);
		opened->settled &= file_state_settled(&file->state);
	}
}

static bool are_same(const struct opened_file *a, const struct opened_file *b, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (a[i].base != b[i].base || !file_state_same(&a[i].state, &b[i].state))
			return false;
	return true;
}

static void report_modules(Dwfl *dwfl, const struct board_module *modules, uint32_t count)
{
	dwfl_report_begin(dwfl);
	for (uint32_t i = 0; i < count; i++) {
		const struct board_module *module = &modules[i];
		const int fd =
			module->path[0] == '/' ? open(module->path, O_RDONLY | O_CLOEXEC) : -1;

		/* Takes the descriptor over. */
		if (fd >= 0 &&
		    !dwfl_report_elf(dwfl, module->path, module->path, fd, module->base, true))
			close(fd);
	}
	dwfl_report_end(dwfl, NULL, NULL);
}

static void destroy(struct opened *opened)
{
	if (!opened)
		return;
	dwfl_end(opened->info.dwfl);
	free(opened);
}

static struct opened *take_kept(const struct opened *wanted)
{
	for (size_t i = 0; i < KEPT_MAX && kept[i]; i++) {
		struct opened *opened = kept[i];

		if (opened->count != wanted->count ||
		    !are_same(opened->files, wanted->files, wanted->count))
			continue;
		memmove(&kept[i], &kept[i + 1], (KEPT_MAX - 1 - i) * sizeof(kept[0]));
		kept[KEPT_MAX - 1] = NULL;
		return opened;
	}
	return NULL;
}

struct debug_info *debug_info_take(const struct board_module *modules, uint32_t count)
{
	struct opened *opened, *known;

	opened = calloc(1, sizeof(*opened) + count * sizeof(opened->files[0]));
	if (!opened)
		abort();
	opened->count = count;
	look_at(modules, opened);
	known = take_kept(opened);
	if (known) {
		free(opened);
		return &known->info;
	}
	opened->info.dwfl = dwfl_begin(&callbacks);
	if (!opened->info.dwfl) {
		free(opened);
		return NULL;
	}
	report_modules(opened->info.dwfl, modules, count);
	unwind_attach(&opened->info);
	return &opened->info;
}

void debug_info_give_back(struct debug_info *info)
{
	struct opened *opened = (struct opened *)info;

	if (!info)
		return;
	if (!opened->settled) {
		destroy(opened);
		return;
	}
	info->unwound = (struct unwound){ .board = NULL };
	destroy(kept[KEPT_MAX - 1]);
	memmove(&kept[1], &kept[0], (KEPT_MAX - 1) * sizeof(kept[0]));
	kept[0] = opened;
}
