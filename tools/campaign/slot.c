/* SPDX-License-Identifier: Apache-2.0 */
/* Memory files are sparse: clearing punches one hole, reading the set of distinct schedules asks
 * where data is. */
#include "campaign/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/insist.h"
#include "jostle/say.h"

static int memory_file(const char *name, unsigned flags)
{
	return memfd_create(name, MFD_CLOEXEC | flags);
}

void slot_close(struct slot *slot)
{
	if (slot->board)
		munmap(slot->board, BOARD_SIZE);
	if (slot->board_fd >= 0)
		close(slot->board_fd);
	if (slot->out_fd >= 0)
		close(slot->out_fd);
	if (slot->err_fd >= 0)
		close(slot->err_fd);
	*slot = (struct slot){ .board_fd = -1, .out_fd = -1, .err_fd = -1 };
}

int slot_open(struct slot *slot)
{
	void *memory = MAP_FAILED;
	int error;

	slot->board = NULL;
	slot->board_fd = memory_file("jostle-board", MFD_ALLOW_SEALING);
	slot->out_fd = memory_file("jostle-stdout", 0);
	slot->err_fd = memory_file("jostle-stderr", 0);
	/* The size is sealed: the program under test can spoil the contents, but not make our
	 * mapping fault. */
	if (slot->board_fd >= 0 && slot->out_fd >= 0 && slot->err_fd >= 0 &&
	    ftruncate(slot->board_fd, BOARD_SIZE) == 0 &&
	    fcntl(slot->board_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		memory = mmap(NULL, BOARD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
			      slot->board_fd, 0);
	if (memory == MAP_FAILED) {
		error = errno;
		slot_close(slot);
		return say_error(EXIT_USAGE, "cannot make the shared memory file: %s%s",
				 strerror(error),
				 error == EFBIG    ? "; see ulimit -f"
				 : error == ENOMEM ? "; see ulimit -v"
				 : error == EMFILE ? "; see ulimit -n"
						   : "");
	}
	slot->board = memory;
	slot_clear(slot);
	return 0;
}

void slot_clear(struct slot *slot)
{
	struct board *board = slot->board;

	if (fallocate(slot->board_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, BOARD_SIZE) <
	    0)
		memset(board, 0, BOARD_SIZE);
	/* Nobody writes there now, so a failure can only mean that the old output stays in the way:
	 * not worth ending for. */
	if (ftruncate(slot->out_fd, 0) < 0 || ftruncate(slot->err_fd, 0) < 0)
		say("cannot empty the captured output: %s", strerror(errno));
	/* Position and status flags are those of the open file, so an earlier target may have moved
	 * them. */
	lseek(slot->out_fd, 0, SEEK_SET);
	lseek(slot->err_fd, 0, SEEK_SET);
	fcntl(slot->out_fd, F_SETFL, 0);
	fcntl(slot->err_fd, F_SETFL, 0);
	board->magic = BOARD_MAGIC;
	board->version = BOARD_VERSION;
	board->config.workers = 1;
	board->config.schedules = BOARD_NO_SCHEDULE;
	board->config.exec_schedule = BOARD_NO_SCHEDULE;
	board->config.died_at = BOARD_NO_SCHEDULE;
	board->status.schedule = BOARD_NO_SCHEDULE;
}

void slot_restart(struct slot *slot)
{
	struct board_status *status = &slot->board->status;

	status->state = STATE_NONE;
	status->schedule = BOARD_NO_SCHEDULE;
	status->refusal[0] = '\0';
	slot->board->stop = 0;
}

struct board_piece slot_append(struct slot *slot, const void *bytes, size_t size)
{
	struct board_piece piece = { slot->board->status.blob_used, size };

	insist(size <= BOARD_BLOB_SIZE - piece.offset);
	if (size)
		memcpy(slot->board->blob + piece.offset, bytes, size);
	slot->board->status.blob_used = (piece.offset + size + 15) & ~15ULL;
	return piece;
}

const void *board_bytes(const struct board *board, struct board_piece piece)
{
	if (piece.size == 0 || piece.offset > BOARD_BLOB_SIZE ||
	    piece.size > BOARD_BLOB_SIZE - piece.offset)
		return NULL;
	return board->blob + piece.offset;
}

void slot_for_each_seen(const struct slot *slot, void (*call)(void *context, uint64_t hash),
			void *context)
{
	const uint64_t *seen = slot->board->seen;
	const off_t start = offsetof(struct board, seen),
		    end = start + (off_t)sizeof(slot->board->seen);
	off_t at = start;

	while (at < end) {
		off_t data = lseek(slot->board_fd, at, SEEK_DATA), hole;

		if (data < 0 || data >= end)
			return;
		hole = lseek(slot->board_fd, data, SEEK_HOLE);
		if (hole < 0 || hole > end)
			hole = end;
		if (data < start)
			data = start;
		for (off_t i = (data - start) / 8; i < (hole - start) / 8; i++)
			if (seen[i])
				call(context, seen[i]);
		at = hole;
	}
}

size_t slot_tail(int fd, char *text, size_t size)
{
	off_t end = lseek(fd, 0, SEEK_END);
	ssize_t length;

	if (end <= 0)
		return 0;
	length = pread(fd, text, size, end > (off_t)size ? end - (off_t)size : 0);
	return length < 0 ? 0 : (size_t)length;
}
