/* SPDX-License-Identifier: Apache-2.0 */
/* See left.h. */
#include "campaign/left.h"

#include <mqueue.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool may_go(const char *path)
{
	struct stat st;

	return (strncmp(path, "/dev/shm/", 9) == 0 && !strstr(path, "/../")) ||
	       (lstat(path, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)));
}

/* Noted before it was made: who was killed in the call could not say the id. */
static int id_of(const struct board_object *object)
{
	if (object->id >= 0 || object->key == IPC_PRIVATE)
		return object->id;
	return object->kind == OBJECT_MESSAGES     ? msgget(object->key, 0)
	       : object->kind == OBJECT_SEMAPHORES ? semget(object->key, 0, 0)
						   : shmget(object->key, 0, 0);
}

static void remove_one(struct board_object *object)
{
	object->name[sizeof(object->name) - 1] = '\0';
	switch (object->kind) {
	case OBJECT_PATH:
		if (may_go(object->name))
			unlink(object->name);
		break;
	case OBJECT_QUEUE:
		syscall(SYS_mq_unlink, object->name);
		break;
	case OBJECT_MESSAGES:
		msgctl(id_of(object), IPC_RMID, NULL);
		break;
	case OBJECT_SEMAPHORES:
		semctl(id_of(object), 0, IPC_RMID);
		break;
	case OBJECT_SEGMENT:
		shmctl(id_of(object), IPC_RMID, NULL);
		break;
	default:
		break;
	}
}

void left_remove(struct board *board)
{
	uint32_t count = BOARD_LOAD(board->object_count);

	if (count > BOARD_OBJECTS_MAX)
		count = BOARD_OBJECTS_MAX;
	while (count > 0)
		remove_one(&board->objects[--count]);
	BOARD_STORE(board->object_count, 0);
}
