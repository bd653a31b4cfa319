/* SPDX-License-Identifier: Apache-2.0 */
/* What the program opens: it counts under a lock, gives back what the program allocated and
 * allocates what the program gives back. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int counted;

char *plugin_turn(char *given)
{
	int now;

	free(given);
	pthread_mutex_lock(&lock);
	now = ++counted;
	pthread_mutex_unlock(&lock);
	given = strdup("0");
	given[0] = (char)('0' + now);
	return given;
}
