/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pipe that never closes must not hang the command: continuous integration often leaves one as
 * standard input, and most programs never read it. Hence the patience, and a line in the report
 * that says so.
 */
#include "campaign/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jostle/beside.h"
#include "jostle/interrupt.h"
#include "jostle/say.h"

/* An unlinked file with the contents of *fd, which it replaces. */
static bool spill(int *fd)
{
	const char *folder = getenv("TMPDIR");
	int file =
		open(folder && folder[0] ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char buffer[65536];
	ssize_t size;
	off_t at = 0;

	if (file < 0)
		return false;
	while ((size = pread(*fd, buffer, sizeof(buffer), at)) > 0) {
		if (write_all(file, buffer, (size_t)size)) {
			close(file);
			return false;
		}
		at += size;
	}
	close(*fd);
	*fd = file;
	return true;
}

/* Waits until there is something to read: 1; 0: not within timeout_ms; -1: interrupted. */
static int wait_for(int from, int timeout_ms)
{
	struct pollfd polled[] = { { .fd = from, .events = POLLIN },
				   { .fd = interrupt_fd(), .events = POLLIN } };
	int ready = poll(polled, 2, timeout_ms);

	if (ready > 0 && polled[1].revents && interrupt_count())
		return -1;
	return ready > 0 || timeout_ms < 0;
}

static int interrupted(void)
{
	return say_error(EXIT_UNCONTROLLED, "interrupted while standard input was read, which has "
					    "no end yet; --stdin /dev/null leaves it out");
}

/* Reads from to its end into the memory file input->fd. */
static int buffer_all(struct input *input, int from)
{
	char buffer[65536];
	uint64_t total = 0;
	bool spilled = false;
	ssize_t size;

	for (;;) {
		if (wait_for(from, -1) < 0)
			return interrupted();
		size = read(from, buffer, sizeof(buffer));
		if (size == 0)
			return 0;
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return say_error(EXIT_USAGE, "cannot read standard input: %s",
					 strerror(errno));
		total += (uint64_t)size;
		if (total > INPUT_MEMORY_MAX && !spilled) {
			if (!spill(&input->fd))
				return say_error(
					EXIT_USAGE,
					"cannot keep standard input in a temporary file: %s",
					strerror(errno));
			spilled = true;
		}
		if (write_all(input->fd, buffer, (size_t)size))
			return say_error(EXIT_USAGE, "cannot keep standard input: %s",
					 strerror(errno));
	}
}

static int buffer_pipe(struct input *input, int from)
{
	const int ready = wait_for(from, INPUT_PATIENCE_MS);

	if (ready < 0)
		return interrupted();
	if (ready == 0) {
		input->gave_nothing = true;
		return 0;
	}
	input->fd = memfd_create("jostle-stdin", MFD_CLOEXEC);
	if (input->fd < 0)
		return say_error(EXIT_USAGE, "cannot keep standard input: %s", strerror(errno));
	return buffer_all(input, from);
}

int input_open(struct input *input, const char *file)
{
	struct stat status;
	int from = STDIN_FILENO, code = 0;

	*input = (struct input){ .fd = -1 };
	if (file) {
		/* Nobody waits in open() for the writer of a FIFO: interrupts are blocked by now.
		 */
		from = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (from < 0)
			return say_error(EXIT_USAGE, "--stdin %s: %s", file, strerror(errno));
		fcntl(from, F_SETFL, 0);
	}
	if (fstat(from, &status) < 0)
		return 0; /* standard input is closed */
	if (S_ISREG(status.st_mode)) {
		/* Where the shell left it: "{ read line; jostle run ...; } < file" goes on behind
		 * the line. */
		if (lseek(from, 0, SEEK_CUR) == 0)
			input->fd = fcntl(from, F_DUPFD_CLOEXEC, 3);
		else if ((input->fd = memfd_create("jostle-stdin", MFD_CLOEXEC)) >= 0)
			code = buffer_all(input, from);
		if (input->fd < 0)
			code = say_error(EXIT_USAGE, "cannot keep standard input: %s",
					 strerror(errno));
	} else if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode)) {
		code = buffer_pipe(input, from);
	} else if (S_ISDIR(status.st_mode)) {
		code = say_error(EXIT_USAGE, "%s: is a directory", file ? file : "standard input");
	}
	if (file)
		close(from);
	if (code)
		input_close(input);
	return code;
}

void input_close(struct input *input)
{
	if (input->fd >= 0)
		close(input->fd);
	input->fd = -1;
}

int input_save(const struct input *input, const char *file)
{
	char buffer[65536];
	struct beside beside;
	off_t at = 0;
	ssize_t size;

	beside_open(&beside, file);
	while ((size = pread(input->fd, buffer, sizeof(buffer), at)) > 0) {
		beside_write(&beside, buffer, (size_t)size);
		at += size;
	}
	if (size < 0 && !beside.error)
		beside.error = errno;
	if (beside_close(&beside) == 0)
		return 0;
	return say_error(EXIT_USAGE, "cannot write %s: %s", file, strerror(beside.error));
}

int input_for_target(const struct input *input)
{
	char path[64];

	if (input->fd < 0)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", input->fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}
