/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A constructor maps a page at a time, until every hole between the libraries is filled and what is
 * mapped is one mapping with the memory of whichever library lies below. Each run finds all of them
 * as the constructor left them.
 */
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>

#include "must.h"

#define PAGE  4096
#define PAGES 4000

static volatile int *pages[PAGES];

__attribute__((constructor)) static void fill(void)
{
	for (int i = 0; i < PAGES; i++) {
		void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				  -1, 0);

		must(page != MAP_FAILED);
		pages[i] = page;
	}
	/* Only now: mappings with pages of their own do not become one. */
	for (int i = 0; i < PAGES; i++)
		*pages[i] = i;
}

static void *count(void *arg)
{
	for (int i = 0; i < PAGES; i++) {
		must(*pages[i] == i);
		++*pages[i];
	}
	return arg;
}

int main(void)
{
	pthread_t thread;

	must(pthread_create(&thread, NULL, count, NULL) == 0);
	return pthread_join(thread, NULL);
}
