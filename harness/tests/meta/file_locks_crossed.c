/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock lock-cycle
 * Two threads lock two files in opposite orders, after both were locked and unlocked once. */
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/file.h>
#include <unistd.h>

static void lock_both(const char *first, const char *second)
{
	const int one = open(first, O_RDONLY), two = open(second, O_RDONLY);

	flock(one, LOCK_EX);
	flock(two, LOCK_EX);
	flock(two, LOCK_UN);
	flock(one, LOCK_UN);
	close(one);
	close(two);
}

static void *forth(void *unused)
{
	lock_both(".", "..");
	return unused;
}

static void *back(void *unused)
{
	if (FIXED)
		lock_both(".", "..");
	else
		lock_both("..", ".");
	return unused;
}

int main(void)
{
	pthread_t thread;

	forth(NULL);
	pthread_create(&thread, NULL, back, NULL);
	forth(NULL);
	pthread_join(thread, NULL);
	return 0;
}
