/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what another thread wrote, and prints it. libc's frames in printf() and in exit() leave
 * words of the stack as they were, and what a call of ours before left there is not the same each
 * time.
 */
#include <pthread.h>
#include <stdio.h>

static int written;

static void *write_it(void *unused)
{
	written++;
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, write_it, NULL);
	pthread_join(thread, NULL);
	printf("%d\n", written);
	fputs("done\n", stderr);
	return 0;
}
