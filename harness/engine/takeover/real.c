/* SPDX-License-Identifier: Apache-2.0 */
/* Looks up what real.h lists. */
#include "engine/takeover/real.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include "base/insist.h"
#include "base/sys.h"
#include "engine/heap/heap.h"

struct real real;

static void *find(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* The loader keeps the address in memory that it has made read-only; so does a program that has a
 * copy of its own. */
static void put_stack_end(uintptr_t *at, uintptr_t end)
{
	const uintptr_t page = (uintptr_t)at & ~4095UL;
	const bool writes = sys_call3(SYS_mprotect, (long)page, 4096, PROT_READ | PROT_WRITE) == 0;

	if (at && writes)
		*at = end;
}

/* A little below the end: as if arguments lay above. */
void real_tell_stack_end(uintptr_t end)
{
	put_stack_end(dlsym(RTLD_DEFAULT, "__libc_stack_end"), end - 16);
	put_stack_end(find("__libc_stack_end"), end - 16);
}

void real_init(void)
{
	enum heap_which before;

	if (real.pthread_create)
		return;
	before = heap_select(HEAP_ENGINE);
	*(void **)&real.libc_start_main = find("__libc_start_main");
	*(void **)&real.pthread_create = find("pthread_create");
	*(void **)&real.pthread_getattr_np = find("pthread_getattr_np");
	*(void **)&real.call_tls_dtors = dlvsym(RTLD_NEXT, "__call_tls_dtors", "GLIBC_PRIVATE");
	*(void **)&real.get_minstack = dlvsym(RTLD_NEXT, "__pthread_get_minstack", "GLIBC_PRIVATE");
	*(void **)&real.longjmp = find("longjmp");
	*(void **)&real.dlopen = find("dlopen");
	*(void **)&real.dl_iterate_phdr = find("dl_iterate_phdr");
	*(void **)&real.fflush = find("fflush");
	*(void **)&real.timer_create = find("timer_create");
	*(void **)&real.timer_settime = find("timer_settime");
	*(void **)&real.timer_gettime = find("timer_gettime");
	*(void **)&real.timer_getoverrun = find("timer_getoverrun");
	*(void **)&real.timer_delete = find("timer_delete");
	*(void **)&real.mq_notify = find("mq_notify");
	*(void **)&real.aio_read = find("aio_read");
	*(void **)&real.aio_write = find("aio_write");
	*(void **)&real.aio_fsync = find("aio_fsync");
	*(void **)&real.aio_suspend = find("aio_suspend");
	*(void **)&real.aio_cancel = find("aio_cancel");
	*(void **)&real.aio_error = find("aio_error");
	*(void **)&real.aio_return = find("aio_return");
	*(void **)&real.lio_listio = find("lio_listio");
	heap_select(before);
	insist(real.pthread_create != NULL);
	insist(real.libc_start_main != NULL);
}

void real_load_unwinder(void)
{
	const enum heap_which before = heap_select(HEAP_ENGINE);
	void *library = dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_GLOBAL);

	if (library) {
		*(void **)&real.unwind_forced = dlsym(library, "_Unwind_ForcedUnwind");
		*(void **)&real.unwind_get_cfa = dlsym(library, "_Unwind_GetCFA");
	}
	heap_select(before);
}
