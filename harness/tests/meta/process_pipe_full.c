/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock pipe
 * Two processes write to each other more than a pipe holds before either reads. */
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

static char block[100000];

static void get(int fd)
{
	size_t done = 0;

	while (done < sizeof(block)) {
		const ssize_t count = read(fd, block, sizeof(block) - done);

		if (count <= 0)
			_exit(1);
		done += (size_t)count;
	}
}

static void put(int fd)
{
	if (write(fd, block, sizeof(block)) != sizeof(block))
		_exit(1);
}

int main(void)
{
	int there[2], back[2];

	if (pipe(there) < 0 || pipe(back) < 0)
		return 1;
	if (fork() == 0) {
		close(there[1]);
		close(back[0]);
		if (FIXED)
			get(there[0]);
		put(back[1]);
		if (!FIXED)
			get(there[0]);
		_exit(0);
	}
	close(there[0]);
	close(back[1]);
	put(there[1]);
	get(back[0]);
	wait(NULL);
	return 0;
}
