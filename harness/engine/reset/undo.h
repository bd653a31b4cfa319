/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects that a schedule made and that outlive a process: POSIX shared memory and queues, System V
 * objects, FIFOs, sockets in the file system. They stand on the board, so that the command can
 * remove what a target that was killed left. The reset removes those that were not there before, so
 * that the next schedule finds the names free. Ordinary files stay: they may be what the program is
 * for; that one schedule finds what another left is said once (see --workdir).
 */
#ifndef JOSTLE_ENGINE_UNDO_H
#define JOSTLE_ENGINE_UNDO_H

#include <stdbool.h>

#include "record/board.h"

enum undo_kind {
	UNDO_PATH = OBJECT_PATH,
	UNDO_QUEUE = OBJECT_QUEUE,
	UNDO_MESSAGES = OBJECT_MESSAGES,
	UNDO_SEMAPHORES = OBJECT_SEMAPHORES,
	UNDO_SEGMENT = OBJECT_SEGMENT,
};

/*
 * The program is about to make what is not there yet. It is noted before, since who is killed in
 * the call notes nothing after. path may be relative to the working directory. Returns the number
 * of the note, UNDO_NO_NOTE when there is no room.
 */
uint32_t undo_expect(enum undo_kind kind, const char *path);
/* System V: by its key, until the call has returned the id. */
uint32_t undo_expect_key(enum undo_kind kind, int key);
void undo_made_id(uint32_t note, int id);
/* It was not made. */
void undo_forget(uint32_t note);
#define UNDO_NO_NOTE UINT32_MAX
/* Is it a file of POSIX shared memory? */
bool undo_is_shared_memory(const char *path);
void undo_reset(void);

#endif
