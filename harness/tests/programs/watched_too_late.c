/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Main waits until a thread has made a file. It looks for the file and, when it is not there, has
 * the folder watched: what is made between the two is never told. With an argument it watches
 * first.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/inotify.h>
#include <unistd.h>

static const char name[] = "made.later";

static void *make(void *unused)
{
	(void)unused;
	close(open(name, O_CREAT | O_WRONLY, 0600));
	return NULL;
}

int main(int argc, char **argv)
{
	const int watch = inotify_init1(0);
	char events[512];
	pthread_t maker;

	(void)argv;
	unlink(name);
	pthread_create(&maker, NULL, make, NULL);
	if (argc > 1)
		inotify_add_watch(watch, ".", IN_CREATE);
	if (access(name, F_OK) < 0) {
		if (argc == 1)
			inotify_add_watch(watch, ".", IN_CREATE);
		if (read(watch, events, sizeof(events)) < 0)
			return 1;
	}
	pthread_join(maker, NULL);
	return unlink(name) < 0;
}
