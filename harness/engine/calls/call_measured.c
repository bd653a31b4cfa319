/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures that the kernel measures, on their way to the program (measured.h): a file of them is
 * opened as one in memory with constants in their place, and the calls that return such figures
 * return constants, too. Processor time is virtual time, as in times().
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

#include "base/fmt.h"
#include "engine/calls/call.h"
#include "engine/calls/call_measured.h"
#include "engine/calls/measured.h"
#include "engine/pool.h"
#include "engine/processes/processes.h"
#include "engine/reset/regions.h"
#include "engine/state.h"
#include "engine/takeover/layout.h"

#define LINE_MAX_BYTES (16U << 10) /* what is longer is cut: a list of interrupts */
#define NS_PER_S       1000000000ULL

#define NOTE_CONSTANTS                                                                          \
	"figures that the kernel measures (processor time, memory in use, page faults, load): " \
	"the program reads constants, since no two runs have the same"

static char chunk[4096], line[LINE_MAX_BYTES], replaced[2 * LINE_MAX_BYTES];
static struct measured_maps mappings;

static bool of_schedule(unsigned long pid)
{
	return processes_find((int)pid) >= 0 || (long)pid == sys_call0(SYS_getpid);
}

static unsigned own_threads(void)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < engine_world.thread_count; i++) {
		const struct thread *t = engine_world.threads[i];

		count += t->process == world_process && t->status != THREAD_FINISHED;
	}
	return count;
}

static bool write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		const long written = sys_call3(SYS_write, fd, (long)bytes, (long)size);

		if (written == -EINTR)
			continue;
		if (written <= 0)
			return false;
		bytes += written;
		size -= (size_t)written;
	}
	return true;
}

static size_t replace_line(enum measured_file file, const struct measured_process *process,
			   size_t length)
{
	return file == MEASURED_MAPS
		       ? measured_maps_line(&mappings, line, length, process, replaced,
					    sizeof(replaced))
		       : measured_line(file, line, length, process, replaced, sizeof(replaced));
}

/* Everything that is to be read from one file, line by line, into the other. */
static bool copy(enum measured_file file, const struct measured_process *process, int from, int to)
{
	size_t used = 0;

	mappings.pending = false;
	for (;;) {
		const long got = sys_call3(SYS_read, from, (long)chunk, sizeof(chunk));

		if (got == -EINTR)
			continue;
		if (got < 0)
			return false;
		for (long i = 0; i < got; i++) {
			if (used < sizeof(line))
				line[used++] = chunk[i];
			if (chunk[i] != '\n')
				continue;
			line[used - 1] = '\n';
			if (!write_all(to, replaced, replace_line(file, process, used)))
				return false;
			used = 0;
		}
		if (got == 0)
			break;
	}
	if (used > 0 && !write_all(to, replaced, replace_line(file, process, used)))
		return false;
	return write_all(to, replaced, measured_maps_end(&mappings, replaced, sizeof(replaced)));
}

/* The program has the number already: what is behind it changes. */
static bool replace(enum measured_file file, const struct measured_process *process, int fd,
		    long flags)
{
	const long memory = sys_call2(SYS_memfd_create, (long)"figures", MFD_CLOEXEC);
	bool done;

	if (memory < 0)
		return false;
	done = copy(file, process, fd, (int)memory) &&
	       sys_call3(SYS_lseek, memory, 0, SEEK_SET) == 0 &&
	       sys_call3(SYS_dup3, memory, fd, flags & O_CLOEXEC) == fd;
	sys_close((int)memory);
	return done;
}

void measured_opened(const char *path, long flags, int fd)
{
	const enum measured_file file = measured_file(path);
	const struct measured_process process = {
		.threads = strstr(path, "self") ? own_threads() : 0,
		.of_schedule = of_schedule,
		.group = (unsigned long)engine.outer_group,
		.top = layout_was_fixed() ? LAYOUT_TOP : 0,
		.stack_end = pool_slot(0)->stack_high - 16,
		.end_of_own = regions_end_of_own,
	};
	struct board_note note;
	char name[160];

	if (file == MEASURED_NONE || (flags & O_ACCMODE) != O_RDONLY || (flags & O_PATH))
		return;
	if (file != MEASURED_UNKNOWN && replace(file, &process, fd, flags)) {
		if (file != MEASURED_MAPS)
			engine_note(NOTE_CONSTANTS);
		return;
	}
	measured_name(path, name, sizeof(name));
	fmt(note.text, sizeof(note.text),
	    "%s, which the program opened: what it says is not jostle's", name);
	engine_note(note.text);
}

void measured_usage(struct rusage *usage)
{
	if (!usage)
		return;
	memset(usage, 0, sizeof(*usage));
	usage->ru_maxrss = MEASURED_RESIDENT_KB;
	engine_note(NOTE_CONSTANTS);
}

long call_getrusage(struct call *c)
{
	struct rusage *usage = (struct rusage *)c->args[1];
	const long result = call_raw(c);
	uint64_t ns = engine_world.now_ns;

	if (result < 0)
		return result;
	measured_usage(usage);
	if (c->args[0] == RUSAGE_CHILDREN)
		return result;
	usage->ru_utime.tv_sec = (time_t)(ns / NS_PER_S);
	usage->ru_utime.tv_usec = (long)(ns % NS_PER_S / 1000);
	return result;
}

long call_sysinfo(struct call *c)
{
	struct sysinfo *info = (struct sysinfo *)c->args[0];
	const long result = call_raw(c);

	if (result < 0)
		return result;
	info->uptime = MEASURED_START_S + (long)(engine_world.now_ns / NS_PER_S);
	memset(info->loads, 0, sizeof(info->loads));
	info->freeram = MEASURED_FREE_KB * 1024UL / info->mem_unit;
	info->sharedram = info->bufferram = info->freehigh = 0;
	info->freeswap = info->totalswap;
	info->procs = 1;
	engine_note(NOTE_CONSTANTS);
	return result;
}
