/* SPDX-License-Identifier: Apache-2.0 */
/* Edits its arguments and its environment, in place and by name. */
#include "leak.h"

extern char **environ;

static unsigned leave(int thread, int argc, char **argv)
{
	unsigned sum = 0, variables = 0;

	(void)thread;
	pthread_mutex_lock(&lock);
	for (int i = 0; i < argc; i++) {
		sum = fold(sum, argv[i], strlen(argv[i]));
		memset(argv[i], 'x', strlen(argv[i]));
	}
	for (char **variable = environ; *variable; variable++)
		variables++;
	sum = fold(sum, &variables, sizeof(variables));
	if (getenv("PATH")) {
		sum = fold(sum, getenv("PATH"), 1);
		*getenv("PATH") ^= 1;
	}
	EXPECT(setenv("LEAKED", "yes", 1) == 0);
	putenv(strdup("ALSO=leaked"));
	argv[0] = strdup("someone else");
	pthread_mutex_unlock(&lock);
	return sum;
}
