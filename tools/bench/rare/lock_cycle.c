/* SPDX-License-Identifier: Apache-2.0 */
/* Two locks in two orders, a third of a millisecond apart. */
#include "rare.h"

static pthread_mutex_t from = PTHREAD_MUTEX_INITIALIZER, to = PTHREAD_MUTEX_INITIALIZER;

static void *forth(void *unused)
{
	pthread_mutex_lock(&from);
	pthread_mutex_lock(&to);
	pthread_mutex_unlock(&to);
	pthread_mutex_unlock(&from);
	return unused;
}

static void *back(void *unused)
{
	work(500);
	pthread_mutex_lock(&to);
	pthread_mutex_lock(&from);
	pthread_mutex_unlock(&from);
	pthread_mutex_unlock(&to);
	return unused;
}

int main(void)
{
	run_two(forth, back);
	return 0;
}
