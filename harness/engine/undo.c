/* SPDX-License-Identifier: Apache-2.0 */
/* A list on the board, removed in reverse order; see undo.h. */
#include "engine/undo.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/ipc.h>

#include "base/sys.h"
#include "engine/engine.h"
#include "engine/state.h"

#define NAME_SIZE sizeof(((struct board_object *)NULL)->name)

static struct board_object *next_object(enum undo_kind kind)
{
	struct board *b = engine.board;

	if (b->object_count >= BOARD_OBJECTS_MAX) {
		engine_note("more named objects than the reset can remove: some stay");
		return NULL;
	}
	b->objects[b->object_count].kind = kind;
	return &b->objects[b->object_count];
}

bool undo_is_shared_memory(const char *path)
{
	return strncmp(path, "/dev/shm/", 9) == 0;
}

void undo_made(enum undo_kind kind, const char *path)
{
	struct board_object *object = next_object(kind);
	size_t at = 0;

	if (!object)
		return;
	if (strlen(path) >= NAME_SIZE / 2) {
		engine_note("a named object has too long a name to be removed by the reset");
		return;
	}
	if (kind == UNDO_PATH && path[0] != '/') {
		/* The kernel counts the terminating zero. */
		const long length = sys_call2(SYS_getcwd, (long)object->name, NAME_SIZE / 2);

		if (length <= 0)
			return;
		at = (size_t)length;
		object->name[at - 1] = '/';
	}
	strcpy(object->name + at, path);
	BOARD_STORE(engine.board->object_count, engine.board->object_count + 1);
}

void undo_made_id(enum undo_kind kind, int id)
{
	struct board_object *object = next_object(kind);

	if (!object)
		return;
	object->id = id;
	BOARD_STORE(engine.board->object_count, engine.board->object_count + 1);
}

static void undo(const struct board_object *object)
{
	switch (object->kind) {
	case UNDO_PATH:
		sys_call3(SYS_unlinkat, AT_FDCWD, (long)object->name, 0);
		break;
	case UNDO_QUEUE:
		sys_call1(SYS_mq_unlink, (long)object->name);
		break;
	case UNDO_MESSAGES:
		sys_call3(SYS_msgctl, object->id, IPC_RMID, 0);
		break;
	case UNDO_SEMAPHORES:
		sys_call4(SYS_semctl, object->id, 0, IPC_RMID, 0);
		break;
	default:
		sys_call3(SYS_shmctl, object->id, IPC_RMID, 0);
		break;
	}
}

void undo_reset(void)
{
	struct board *b = engine.board;

	while (b && b->object_count > 0) {
		undo(&b->objects[b->object_count - 1]);
		BOARD_STORE(b->object_count, b->object_count - 1);
	}
}
