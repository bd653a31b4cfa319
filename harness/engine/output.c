/* SPDX-License-Identifier: Apache-2.0 */
/* Captured output: see output.h. */
#include <stdbool.h>

#include "engine/output.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/fmt.h"
#include "base/sys.h"
#include "engine/calls/system.h"
#include "engine/state.h"

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

/* A schedule that is run again, because its batch was thrown away, replaces what it left. */
static void keep_file(int fd, uint64_t size, uint64_t schedule, const char *suffix)
{
	char name[32];
	int64_t from = 0;
	long to;

	fmt(name, sizeof(name), "%lu.%s", (unsigned long)schedule, suffix);
	to = sys_call4(SYS_openat, engine.board->config.keep_output, (long)name,
		       O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (to < 0) {
		engine_note("output: some of it could not be kept in the --keep-output folder");
		return;
	}
	while ((uint64_t)from < size) {
		const long moved =
			sys_call4(SYS_sendfile, to, fd, (long)&from, (long)(size - (uint64_t)from));

		if (moved <= 0) {
			engine_note(
				"output: some of it could not be kept in the --keep-output folder");
			break;
		}
	}
	sys_call1(SYS_close, to);
}

void output_reset(uint64_t schedule, bool keep)
{
	static const char *const suffixes[2] = { "out", "err" };
	const int files[2] = { out, err };

	keep = keep && engine.board->config.keep_output;
	if (!output_touched && !keep)
		return;
	output_touched = false;
	for (int i = 0; i < 2; i++) {
		const uint64_t size = size_of(files[i]);

		if (keep)
			keep_file(files[i], size, schedule, suffixes[i]);
		if (size == 0)
			continue;
		sys_call2(SYS_ftruncate, files[i], 0);
		sys_call3(SYS_lseek, files[i], 0, SEEK_SET);
	}
}
