/* SPDX-License-Identifier: Apache-2.0 */
/* A list of names, removed in reverse order; see undo.h. */
#include "engine/undo.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>

#include "base/sys.h"
#include "engine/engine.h"
#include "engine/shared.h"

#define MADE_MAX  32
#define NAME_SIZE 256

static struct {
	enum undo_kind kind;
	char name[NAME_SIZE];
} made[MADE_MAX] SHARED_STATE;
static unsigned made_count SHARED_STATE;

bool undo_is_shared_memory(const char *path)
{
	return strncmp(path, "/dev/shm/", 9) == 0;
}

void undo_made(enum undo_kind kind, const char *path)
{
	char *name = made[made_count].name;
	size_t at = 0;

	if (made_count == MADE_MAX || strlen(path) >= NAME_SIZE / 2) {
		engine_note("more named objects than the reset can remove: some stay");
		return;
	}
	if (kind == UNDO_PATH && path[0] != '/') {
		/* The kernel counts the terminating zero. */
		const long length = sys_call2(SYS_getcwd, (long)name, NAME_SIZE / 2);

		if (length <= 0)
			return;
		at = (size_t)length;
		name[at - 1] = '/';
	}
	strcpy(name + at, path);
	made[made_count++].kind = kind;
}

void undo_reset(void)
{
	while (made_count > 0) {
		const char *name = made[--made_count].name;

		if (made[made_count].kind == UNDO_QUEUE)
			sys_call1(SYS_mq_unlink, (long)name);
		else
			sys_call3(SYS_unlinkat, AT_FDCWD, (long)name, 0);
	}
}
