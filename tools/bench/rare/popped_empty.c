/* SPDX-License-Identifier: Apache-2.0 */
/* Looks whether there is one, and takes one when there may be none. */
#include "rare.h"

static int depth = 1;

static void pop(void)
{
	if (get(&depth) == 0)
		return;
	pthread_mutex_lock(&lock);
	depth--;
	pthread_mutex_unlock(&lock);
}

static void *now(void *unused)
{
	pop();
	return unused;
}

static void *later(void *unused)
{
	work(500);
	pop();
	return unused;
}

int main(void)
{
	run_two(now, later);
	return depth != 0;
}
