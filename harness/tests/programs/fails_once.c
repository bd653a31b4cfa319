/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aborts in the first run that finds the file of its argument missing, and makes it: an input that
 * nobody controls, so that what was seen once cannot be seen again.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>

static void *work(void *unused)
{
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc < 2 || pthread_create(&thread, NULL, work, NULL) != 0)
		return 2;
	pthread_join(thread, NULL);
	if (open(argv[1], O_CREAT | O_EXCL | O_WRONLY, 0600) >= 0)
		abort();
	return 0;
}
