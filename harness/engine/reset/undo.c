/* SPDX-License-Identifier: Apache-2.0 */
/* A list on the board, removed in reverse order; see undo.h. */
#include "engine/reset/undo.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/ipc.h>

#include "base/sys.h"
#include "engine/engine.h"
#include "engine/state.h"

#define NAME_SIZE sizeof(((struct board_object *)NULL)->name)

/* The number of a fresh note; it counts once it is filled and add() was called. */
static uint32_t next_note(enum undo_kind kind)
{
	struct board *b = engine.board;

	if (b->object_count >= BOARD_OBJECTS_MAX) {
		engine_note("more named objects than the reset can remove: some stay");
		return UNDO_NO_NOTE;
	}
	b->objects[b->object_count].kind = kind;
	b->objects[b->object_count].id = -1;
	b->objects[b->object_count].key = 0;
	b->objects[b->object_count].name[0] = '\0';
	return b->object_count;
}

static uint32_t add(uint32_t note)
{
	BOARD_STORE(engine.board->object_count, note + 1);
	return note;
}

bool undo_is_shared_memory(const char *path)
{
	return strncmp(path, "/dev/shm/", 9) == 0;
}

uint32_t undo_expect(enum undo_kind kind, const char *path)
{
	const uint32_t note = next_note(kind);
	size_t at = 0;
	char *name;

	if (note == UNDO_NO_NOTE)
		return note;
	if (strlen(path) >= NAME_SIZE / 2) {
		engine_note("a named object has too long a name to be removed by the reset");
		return UNDO_NO_NOTE;
	}
	name = engine.board->objects[note].name;
	if (kind == UNDO_PATH && path[0] != '/') {
		/* The kernel counts the terminating zero. */
		const long length = sys_call2(SYS_getcwd, (long)name, NAME_SIZE / 2);

		if (length <= 0)
			return UNDO_NO_NOTE;
		at = (size_t)length;
		name[at - 1] = '/';
	}
	strcpy(name + at, path);
	return add(note);
}

uint32_t undo_expect_key(enum undo_kind kind, int key)
{
	const uint32_t note = next_note(kind);

	if (note == UNDO_NO_NOTE)
		return note;
	engine.board->objects[note].key = key;
	return add(note);
}

void undo_made_id(uint32_t note, int id)
{
	if (note != UNDO_NO_NOTE)
		engine.board->objects[note].id = id;
}

void undo_forget(uint32_t note)
{
	struct board *b = engine.board;

	if (note == UNDO_NO_NOTE)
		return;
	b->objects[note].name[0] = '\0';
	b->objects[note].key = 0;
	if (note + 1 == b->object_count)
		BOARD_STORE(b->object_count, note);
}

static long id_of(const struct board_object *object)
{
	if (object->id >= 0 || object->key == 0)
		return object->id;
	return object->kind == UNDO_MESSAGES     ? sys_call2(SYS_msgget, object->key, 0)
	       : object->kind == UNDO_SEMAPHORES ? sys_call3(SYS_semget, object->key, 0, 0)
						 : sys_call3(SYS_shmget, object->key, 0, 0);
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
		sys_call3(SYS_msgctl, id_of(object), IPC_RMID, 0);
		break;
	case UNDO_SEMAPHORES:
		sys_call4(SYS_semctl, id_of(object), 0, IPC_RMID, 0);
		break;
	default:
		sys_call3(SYS_shmctl, id_of(object), IPC_RMID, 0);
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
