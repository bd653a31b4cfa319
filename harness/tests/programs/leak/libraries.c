/* SPDX-License-Identifier: Apache-2.0 */
/* Loads a library and keeps it. */
#include "leak.h"
#include <dlfcn.h>
#include <link.h>

static int count(struct dl_phdr_info *info, size_t size, void *context)
{
	(void)info, (void)size;
	++*(unsigned *)context;
	return 0;
}

static unsigned leave(int thread, int argc, char **argv)
{
	unsigned loaded = 0, after = 0;
	void *library;
	double (*cosine)(double);

	(void)thread, (void)argc, (void)argv;
	pthread_mutex_lock(&lock);
	dl_iterate_phdr(count, &loaded);
	library = dlopen("libm.so.6", RTLD_NOW);
	EXPECT(library);
	*(void **)&cosine = dlsym(library, "cos");
	EXPECT(cosine && cosine(0) == 1);
	dl_iterate_phdr(count, &after);
	pthread_mutex_unlock(&lock);
	return loaded * 100 + after;
}
