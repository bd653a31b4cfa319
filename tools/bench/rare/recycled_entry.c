/* SPDX-License-Identifier: Apache-2.0 */
/* Looks up which entry is its own, and reads the entry when it may be somebody else's. */
#include "rare.h"

static int current = 3, contents[8] = { [3] = 30 };
static bool read_other;

static void *reader(void *unused)
{
	const int mine = get(&current);

	if (get(&contents[mine]) != mine * 10)
		read_other = true;
	return unused;
}

static void *recycler(void *unused)
{
	work(500);
	pthread_mutex_lock(&lock);
	contents[current] = 0;
	current = 5;
	contents[current] = 50;
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	run_two(reader, recycler);
	return read_other;
}
