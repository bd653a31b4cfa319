/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/facts.h"

#include <stddef.h>
#include <string.h>

const struct fact compare_facts[] = {
	{ "address space", "its own: a copy at the fork, page by page when written to",
	  "one for all threads; each has a stack of its own in it" },
	{ "globals", "each writes to its own copy; the parent never sees it",
	  "shared: everyone sees each write, and two may collide" },
	{ "sharing data", "must be arranged: pipes, queues, shared memory, files",
	  "costs nothing, and so needs locks" },
	{ "descriptors", "inherited ones share the offset; those opened later are its own",
	  "one table: what one closes is closed for all" },
	{ "ids", "getpid() differs, getppid() is the creator",
	  "getpid() is the same, gettid() and pthread_self() differ" },
	{ "signals", "sent to one process; it has handlers and a mask of its own",
	  "sent to all: any thread may get it; handlers are shared, masks are not" },
	{ "a crash", "takes that process along; what it left in shared memory stays",
	  "takes the whole process along, all its threads" },
	{ "the end", "exit() ends it; the parent must wait, or a zombie stays",
	  "returning ends it; exit(), or main's return, ends all" },
	{ "locks held", "lost with it, unless robust: then the next owner is told",
	  "stay locked when the thread ends" },
	{ "cost", "page tables and written pages are copied; a switch changes the address space",
	  "a stack and a task; a switch stays in the address space" },
	{ .about = NULL },
};

const char compare_python[] =
	"In Python, threads would not speed up CPU-bound work: CPython's lock (the GIL) lets one "
	"of "
	"them run bytecode at a time, except in free-threaded builds; and creation costs more.";

const char *facts_task(const char *id)
{
	static const struct {
		const char *id, *what;
	} tasks[] = {
		{ "cpu", "hashing: nothing but the processor is needed" },
		{ "files", "writing 16 KiB to a file and on to the disk, then reading them back "
			   "from there" },
		{ "waits", "waiting for a reply, as from another machine (a timer stands for it)" },
		{ "mixed", "half of that hashing, then such a file" },
	};

	for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++)
		if (strcmp(tasks[i].id, id) == 0)
			return tasks[i].what;
	return NULL;
}
