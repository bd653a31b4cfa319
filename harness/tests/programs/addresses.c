/* SPDX-License-Identifier: Apache-2.0 */
/* Prints where each kind of its memory lies, and what the kernel says of its arguments. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "must.h"

static _Thread_local int storage;
static int object = 42; /* not zero: it comes from the file */
static int zeros[5000];

static void *print_own(void *argument)
{
	int local;

	printf("%s: stack %p, thread-local %p\n", (const char *)argument, (void *)&local,
	       (void *)&storage);
	return NULL;
}

/* The arguments as /proc/self/cmdline has them. */
static int print_arguments(void)
{
	FILE *file = fopen("/proc/self/cmdline", "r");
	char text[256];
	size_t size;
	int count = 0;

	must(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	must(size > 0 && text[size - 1] == '\0');
	for (size_t i = 0; i < size; i++) {
		count += text[i] == '\0';
		if (text[i] == '\0' && i < size - 1)
			text[i] = ' ';
	}
	printf("%s", text);
	return count;
}

int main(int argc, char **argv, char **envp)
{
	unsigned char *const random = (unsigned char *)getauxval(AT_RANDOM);
	char *const breaks = sbrk(10000);
	pthread_t thread;
	int count;

	for (int i = 0; i < 5000; i++)
		must(zeros[i] == 0);
	must(object == 42 && breaks != (char *)-1 && random && environ == envp);
	memset(breaks, 1, 10000);
	must(sbrk(0) == breaks + 10000);
	must(sbrk(-5000) == breaks + 10000 && sbrk(0) == breaks + 5000);
	must(brk(breaks) == 0);
	print_own((void *)"main");
	must(pthread_create(&thread, NULL, print_own, (void *)"thread") == 0);
	must(pthread_join(thread, NULL) == 0);
	printf("program %p %p %p, libc %p, break %p, arguments %p %p, heap %p, mapping %p, random "
	       "%02x\n",
	       (void *)(uintptr_t)main, (void *)&object, (void *)zeros, (void *)(uintptr_t)strtoul,
	       (void *)breaks, (void *)argv, (void *)envp, malloc(10),
	       mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *random);
	count = print_arguments();
	printf(", %d of them\n", argc);
	must(count == argc);
	return 0;
}
