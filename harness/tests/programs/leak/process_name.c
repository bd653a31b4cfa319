/* SPDX-License-Identifier: Apache-2.0 */
/* Main gives its process a name, which stands in /proc. */
#include "leak.h"
#include <fcntl.h>
#include <sys/prctl.h>

static void read_name(char *name, size_t size)
{
	const int fd = open("/proc/self/comm", O_RDONLY);

	memset(name, 0, size);
	EXPECT(read(fd, name, size - 1) > 0);
	close(fd);
}

static unsigned leave(int thread, int argc, char **argv)
{
	char name[32];

	(void)argc, (void)argv;
	if (thread != 0) {
		prctl(PR_SET_NAME, "a thread");
		return 0;
	}
	read_name(name, sizeof(name));
	EXPECT(strcmp(name, "renamed\n") != 0 && strcmp(name, "a thread\n") != 0);
	prctl(PR_SET_NAME, "renamed");
	/* Others run meanwhile, with names of their own. */
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	read_name(name, sizeof(name));
	EXPECT(strcmp(name, "renamed\n") == 0);
	return fold(0, name, sizeof(name));
}
