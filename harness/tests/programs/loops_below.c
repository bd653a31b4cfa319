/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `loops_below forked` has a child that loops for ever, `loops_below execed` one that became
 * another program before; `loops_below steps` computes for some 10 to 100 ms between two calls, and
 * ends after 40 of them; `loops_below endless` does not.
 */
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int never;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void loop_for_ever(void)
{
	while (!never)
		;
}

static void step_slowly(int steps)
{
	for (int i = 0; i != steps; i++) {
		for (int n = 0; n < 60000000; n++)
			never = 0;
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
	}
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	if (strcmp(argv[1], "steps") == 0) {
		step_slowly(40);
		return 0;
	}
	if (strcmp(argv[1], "endless") == 0)
		step_slowly(-1);
	if (strcmp(argv[1], "below") == 0)
		loop_for_ever();
	if (fork() == 0) {
		if (strcmp(argv[1], "execed") == 0)
			execl(argv[0], argv[0], "below", (char *)NULL);
		loop_for_ever();
	}
	wait(NULL);
	return 0;
}
