/* SPDX-License-Identifier: Apache-2.0 */
/* Captured output: see output.h. */
#include <stdbool.h>

#include "engine/output.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/fmt.h"
#include "base/sys.h"
#include "engine/state.h"
#include "engine/system.h"

bool output_touched;
static int out = -1;
static int err = -1;

void output_init(void)
{
	out = engine.board->config.capture_out;
	err = engine.board->config.capture_err;
	system_own_fd(out);
	system_own_fd(err);
	system_own_fd(engine.board->config.keep_output ? engine.board->config.keep_output : -1);
}

static uint64_t size_of(int fd)
{
	const long size = fd < 0 ? 0 : sys_call3(SYS_lseek, fd, 0, SEEK_END);

	return size > 0 ? (uint64_t)size : 0;
}

struct board_piece output_save(void)
{
	static char buffer[OUTPUT_KEPT_MAX];
	const int files[2] = { out, err };
	uint64_t used = 0;

	if (!output_touched)
		return (struct board_piece){ 0, 0 };
	for (int i = 0; i < 2; i++) {
		const uint64_t size = size_of(files[i]);
		uint64_t room = OUTPUT_KEPT_MAX - used;
		long got;

		/* Each stream may use half, more when the other leaves room. */
		if (i == 0 && room > OUTPUT_KEPT_MAX / 2 && size_of(err) > 0)
			room = OUTPUT_KEPT_MAX / 2;
		if (size == 0)
			continue;
		got = sys_call4(SYS_pread64, files[i], (long)(buffer + used),
				(long)(size < room ? size : room), 0);
		if (got > 0)
			used += (uint64_t)got;
	}
	return used ? board_write(buffer, used) : (struct board_piece){ 0, 0 };
}

static void keep_file(int fd, uint64_t size, uint64_t schedule, char which)
{
	/* A frame: "schedule which size\n", then the bytes; read by the command after the campaign.
	 */
	char head[64];
	const size_t length = fmt(head, sizeof(head), "%lu %c %lu\n", (unsigned long)schedule,
				  which, (unsigned long)size);
	const int to = engine.board->config.keep_output;
	int64_t from = 0;

	sys_call3(SYS_write, to, (long)head, (long)length);
	while (size > 0) {
		const long moved =
			sys_call6(SYS_copy_file_range, fd, (long)&from, to, 0, (long)size, 0);

		if (moved <= 0)
			break;
		size -= (uint64_t)moved;
	}
}

void output_reset(uint64_t schedule, bool keep)
{
	const int files[2] = { out, err };

	if (!output_touched)
		return;
	output_touched = false;
	for (int i = 0; i < 2; i++) {
		const uint64_t size = size_of(files[i]);

		if (keep && engine.board->config.keep_output)
			keep_file(files[i], size, schedule, i == 0 ? 'o' : 'e');
		if (size == 0)
			continue;
		sys_call2(SYS_ftruncate, files[i], 0);
		sys_call3(SYS_lseek, files[i], 0, SEEK_SET);
	}
}
