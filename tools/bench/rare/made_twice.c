/* SPDX-License-Identifier: Apache-2.0 */
/* The instance is made by who finds none, and two may find none. */
#include "rare.h"

static int instance, made;

static void use(void)
{
	if (get(&instance))
		return;
	pthread_mutex_lock(&lock);
	instance = ++made;
	pthread_mutex_unlock(&lock);
}

static void *now(void *unused)
{
	use();
	return unused;
}

static void *later(void *unused)
{
	work(500);
	use();
	return unused;
}

int main(void)
{
	run_two(now, later);
	return made != 1;
}
