/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slot: the command's end of one board, with the files that catch what the program writes. It is
 * used for one target process after another; slot_clear() makes it fresh without giving the memory
 * file back.
 */
#ifndef JOSTLE_TOOL_SLOT_H
#define JOSTLE_TOOL_SLOT_H

#include <stddef.h>
#include <stdint.h>

#include "record/board.h"

struct slot {
	int board_fd;
	int out_fd; /* the program's standard output and error */
	int err_fd;
	struct board *board; /* shared mapping of board_fd */
};

/* Returns 0 or EXIT_USAGE, the reason having been said. On failure nothing is held. */
int slot_open(struct slot *slot);
void slot_close(struct slot *slot);

/* All zero but for the header; config is set to "an ordinary campaign from the beginning". No
 * target may be using it. */
void slot_clear(struct slot *slot);

/* For the target that goes on where another one died: what is on the board stays. */
void slot_restart(struct slot *slot);

/* Appends to the blob, before a start. Returns the piece. size must fit (BOARD_BLOB_SIZE). */
struct board_piece slot_append(struct slot *slot, const void *bytes, size_t size);

/*
 * The bytes of a piece that a target wrote, or NULL when it does not lie within the blob: a target
 * may have written anything into the board.
 */
const void *board_bytes(const struct board *board, struct board_piece piece);

/* Calls back for each nonzero entry of board->seen, reading only pages that were written. */
void slot_for_each_seen(const struct slot *slot, void (*call)(void *context, uint64_t hash),
			void *context);

/* The last bytes of what the program wrote to out_fd or err_fd since slot_clear(); returns how
 * many. */
size_t slot_tail(int fd, char *text, size_t size);

#endif
