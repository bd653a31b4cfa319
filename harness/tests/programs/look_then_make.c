/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two threads look whether a file is there and make it when it is not: between the two another may
 * have made it. The argument says by which call they look; with a second one they hold a lock.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char name[] = "made.once";
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *how;
static int locked;

static int is_missing(void)
{
	struct stat plain;
	struct statx wide;

	if (strcmp(how, "stat") == 0)
		return stat(name, &plain) < 0;
	if (strcmp(how, "lstat") == 0)
		return lstat(name, &plain) < 0;
	if (strcmp(how, "statx") == 0)
		return statx(AT_FDCWD, name, 0, STATX_BASIC_STATS, &wide) < 0;
	return access(name, F_OK) < 0;
}

static void *make(void *unused)
{
	if (locked)
		pthread_mutex_lock(&lock);
	if (is_missing()) {
		const int fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);

		assert(fd >= 0);
		close(fd);
	}
	if (locked)
		pthread_mutex_unlock(&lock);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	how = argc > 1 ? argv[1] : "";
	locked = argc > 2;
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, make, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return unlink(name);
}
