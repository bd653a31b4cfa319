/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each thread takes the other's number and one more, twenty times. Only strict turns, forty times a
 * statement each, bring a number to forty. With an argument that is allowed.
 */
#include <pthread.h>
#include <stddef.h>

#include "../must.h"

#define TURNS 20

static int left, right;

static void *raise_left(void *unused)
{
	for (int i = 0; i < TURNS; i++)
		left = right + 1;
	return unused;
}

static void *raise_right(void *unused)
{
	for (int i = 0; i < TURNS; i++)
		right = left + 1;
	return unused;
}

int main(int argc, char **argv)
{
	const int most = argc > 1 ? 2 * TURNS + 1 : 2 * TURNS;
	pthread_t one, other;

	(void)argv;
	must(pthread_create(&one, NULL, raise_left, NULL) == 0);
	must(pthread_create(&other, NULL, raise_right, NULL) == 0);
	must(pthread_join(one, NULL) == 0);
	must(pthread_join(other, NULL) == 0);
	must(left < most && right < most);
	return 0;
}
