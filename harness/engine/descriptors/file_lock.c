/* SPDX-License-Identifier: Apache-2.0 */
/* See file_lock.h. */
#include "engine/descriptors/file_lock.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/str.h"
#include "base/sys.h"
#include "engine/engine.h"
#include "engine/fiber.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "engine/state.h"

#define TAKEN_MAX     256
#define OWNERS_MAX    64 /* whom the kernel's search for a circle passes, and more */
#define LOCK_LINE_MAX 128

/* The last lock of a file that a thread took; it may have been given back since. */
struct taken {
	uint32_t generation; /* of processes: the schedule */
	uint32_t step;
	uint64_t file;
	void *site;
	int32_t fd;
	thread_id thread;
	process_id process;
	bool record;
};

static struct taken taken[TAKEN_MAX] SHARED_STATE;

static bool is_current(const struct taken *t)
{
	return t->generation == processes.generation;
}

static uint64_t file_of(int fd)
{
	struct stat st;

	return sys_call2(SYS_fstat, fd, (long)&st) == 0 ? (uint64_t)st.st_ino : 0;
}

void file_lock_taken(int fd, thread_id id, bool record)
{
	const struct thread *thread = engine_world.threads[id];
	const uint64_t file = file_of(fd);
	struct taken *slot = NULL;

	for (struct taken *t = taken; t < taken + TAKEN_MAX; t++) {
		if (!is_current(t)) {
			slot = slot ? slot : t;
			break;
		}
		if (t->thread == id && t->file == file && t->record == record)
			slot = t;
	}
	if (slot)
		*slot = (struct taken){ .generation = processes.generation,
					.step = engine_world.step,
					.file = file,
					.site = thread->op.site,
					.fd = fd,
					.thread = id,
					.process = thread->process,
					.record = record };
}

/* The thread waits for a lock that this process holds: which of its threads took it last? */
static void note(const struct fd_request *r, uint64_t file, int pid, bool record)
{
	struct fiber *fiber = fiber_of(engine_world.threads[r->thread]);
	const int process = processes_find(pid);
	const struct taken *last = NULL;

	fiber->file_lock = 0;
	if (process < 0)
		return;
	for (const struct taken *t = taken; t < taken + TAKEN_MAX && is_current(t); t++)
		if (t->file == file && t->record == record && t->process == process &&
		    (!last || t->step > last->step))
			last = t;
	/* Closed here, it lives on in a child: by whom it is kept nobody knows. */
	if (last && process == world_process && file_of(last->fd) != file)
		last = NULL;
	if (last)
		fiber->file_lock = (uint16_t)(last - taken + 1);
}

/* A number, and what follows it. */
static const char *number(const char *at, uint64_t *out)
{
	for (*out = 0; *at >= '0' && *at <= '9'; at++)
		*out = *out * 10 + (uint64_t)(*at - '0');
	return at;
}

/* "7: FLOCK  ADVISORY  WRITE 1234 fe:01:5678 0 EOF": the process, 0: a lock of something else. */
static int holder_in(const char *line, uint64_t file)
{
	const char *at = line;
	uint64_t pid, inode;

	at = number(at, &pid);
	if (!str_starts_with(at, ": FLOCK "))
		return 0;
	for (unsigned words = 0; *at && words < 4; words++) {
		while (*at && *at != ' ')
			at++;
		while (*at == ' ')
			at++;
	}
	at = number(at, &pid);
	for (unsigned colons = 0; *at && colons < 2; at++)
		colons += *at == ':';
	number(at, &inode);
	return inode == file ? (int)pid : 0;
}

void file_lock_waits(const struct fd_request *r)
{
	const int fd = (int)sys_openat(AT_FDCWD, "/proc/locks", O_RDONLY | O_CLOEXEC, 0);
	const uint64_t file = file_of(r->fd);
	char buffer[1024], line[LOCK_LINE_MAX];
	size_t length = 0;
	long size;

	fiber_of(engine_world.threads[r->thread])->file_lock = 0;
	if (fd < 0)
		return;
	while ((size = sys_call3(SYS_read, fd, (long)buffer, sizeof(buffer))) > 0)
		for (long i = 0; i < size; i++) {
			int pid;

			if (buffer[i] != '\n') {
				if (length < sizeof(line) - 1)
					line[length++] = buffer[i];
				continue;
			}
			line[length] = '\0';
			length = 0;
			pid = holder_in(line, file);
			if (pid > 0)
				note(r, file, pid, false);
		}
	sys_close(fd);
}

/* For whom that process waits before a record lock, by its threads that do; -1: for nobody. */
static int awaited_by(process_id process)
{
	for (uint32_t i = 0; i < engine_world.thread_count; i++) {
		struct thread *t = engine_world.threads[i];
		const uint16_t lock = fiber_of(t)->file_lock;

		if (t->process == process && t->status == THREAD_BLOCKED &&
		    t->op.kind == OP_FD_LOCK && lock > 0 && taken[lock - 1].record)
			return taken[lock - 1].process;
	}
	return -1;
}

bool file_lock_waits_record(const struct fd_request *r, const struct flock *wanted)
{
	struct thread *thread = engine_world.threads[r->thread];
	struct flock other = *wanted;
	int process;

	fiber_of(thread)->file_lock = 0;
	if (sys_call3(SYS_fcntl, r->fd, F_GETLK, (long)&other) != 0 || other.l_type == F_UNLCK)
		return false;
	note(r, file_of(r->fd), other.l_pid, true);
	process = processes_find(other.l_pid);
	for (unsigned i = 0; i < OWNERS_MAX && process >= 0; i++) {
		if (process == thread->process)
			return true;
		process = awaited_by((process_id)process);
	}
	return false;
}

void file_lock_holds(void)
{
	for (uint32_t i = 0; i < engine_world.thread_count; i++) {
		struct thread *t = engine_world.threads[i], *owner;
		const struct taken *lock;

		if (t->status != THREAD_BLOCKED || t->op.kind != OP_FD_LOCK ||
		    fiber_of(t)->file_lock == 0)
			continue;
		lock = &taken[fiber_of(t)->file_lock - 1];
		owner = engine_world.threads[lock->thread];
		if (owner->hold_count >= HOLDS_MAX)
			continue;
		t->wait_object = (void *)(uintptr_t)(OBJECT_SHARED | lock->file << 1 |
						     (lock->record ? 1 : 0));
		owner->holds[owner->hold_count++] =
			(struct hold){ .object = t->wait_object,
				       .site = lock->site,
				       .step = lock->step,
				       .family = FAMILY_FD,
				       .depth = (uint16_t)lock->fd & 0x3fff };
	}
}
