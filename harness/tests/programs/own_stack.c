/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a garbage collector does: it learns where the first thread's stack ends, from the loader and
 * from /proc, and reads all of it, and all data of the program and its libraries.
 */
#include <link.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "must.h"

extern void *__libc_stack_end;

static uintptr_t by_proc(void)
{
	FILE *file = fopen("/proc/self/stat", "r");
	char text[1024] = "";
	char *at;

	must(file && fgets(text, sizeof(text), file));
	fclose(file);
	at = strrchr(text, ')');
	for (int field = 2; at && field < 28; field++)
		at = strchr(at + 1, ' ');
	must(at);
	return (uintptr_t)strtoull(at, NULL, 10);
}

static uintptr_t by_attributes(void)
{
	pthread_attr_t attributes;
	void *low;
	size_t size;

	must(pthread_getattr_np(pthread_self(), &attributes) == 0);
	must(pthread_attr_getstack(&attributes, &low, &size) == 0);
	pthread_attr_destroy(&attributes);
	return (uintptr_t)low + size;
}

static void read_all(uintptr_t from, uintptr_t end)
{
	uintptr_t sum = 0;

	for (uintptr_t at = from; at < end; at += sizeof(at))
		sum ^= *(volatile uintptr_t *)at;
	(void)sum;
}

static int scan_library(struct dl_phdr_info *info, size_t size, void *context)
{
	(void)size;
	(void)context;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		const uintptr_t from = info->dlpi_addr + part->p_vaddr;

		if (part->p_type == PT_LOAD && (part->p_flags & PF_W))
			read_all((from + 7) & ~7UL, (from + part->p_memsz) & ~7UL);
	}
	return 0;
}

static void *scan(void *arg)
{
	const uintptr_t from = (uintptr_t)arg, ends[] = { (uintptr_t)__libc_stack_end, by_proc() };

	for (int i = 0; i < 2; i++) {
		must(ends[i] > from && ends[i] - from < 8 << 20);
		read_all(from, ends[i]);
	}
	must(dl_iterate_phdr(scan_library, NULL) == 0);
	return NULL;
}

int main(void)
{
	uintptr_t here[4] = { 0 };
	pthread_t thread;

	must(by_attributes() > (uintptr_t)here);
	must(by_attributes() - (uintptr_t)here < 8 << 20);
	must(by_attributes() >= (uintptr_t)__libc_stack_end);
	scan(here);
	must(pthread_create(&thread, NULL, scan, here) == 0);
	return pthread_join(thread, NULL);
}
