/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a conservative garbage collector finds in the data of all modules: not the address of a
 * mutex that only its owner knows, who keeps it where no collector would see it.
 */
#include <link.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>

#include "must.h"

#define INTO 512 /* no allocator has a pointer to there */

static uintptr_t hidden; /* the complement of the address */

static int scan(struct dl_phdr_info *info, size_t size, void *data)
{
	size_t *found = data;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t at = info->dlpi_addr + ((p->p_vaddr + 7) & ~7UL);

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_W))
			continue;
		for (; at + 8 <= info->dlpi_addr + p->p_vaddr + p->p_memsz; at += 8)
			*found += *(volatile uintptr_t *)at == ~hidden;
	}
	return 0;
}

static void *use(void *arg)
{
	for (int i = 0; i < 5; i++) {
		must(pthread_mutex_lock((pthread_mutex_t *)~hidden) == 0);
		must(pthread_mutex_unlock((pthread_mutex_t *)~hidden) == 0);
	}
	return arg;
}

int main(void)
{
	size_t found = 0;
	pthread_t other;
	void *mapped = mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* Tables that go by addresses have an order. */
	must(mapped != MAP_FAILED && printf("%p\n", mapped) > 0);
	hidden = ~((uintptr_t)malloc(4096) + INTO);
	must(pthread_mutex_init((pthread_mutex_t *)~hidden, NULL) == 0);
	must(pthread_create(&other, NULL, use, NULL) == 0);
	use(NULL);
	must(pthread_join(other, NULL) == 0);
	dl_iterate_phdr(scan, &found);
	must(found == 0);
	must(pthread_mutex_destroy((pthread_mutex_t *)~hidden) == 0);
	free((void *)(~hidden - INTO));
	return 0;
}
