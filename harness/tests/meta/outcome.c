/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: outcome forbidden
 * Who comes last decides, and one of the results must not be. */
#include <pthread.h>
#include <stddef.h>

#include "jostle.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int value;

static void *worker(void *unused)
{
	pthread_mutex_lock(&lock);
	value = FIXED ? value + 1 : 1;
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	const struct jostle_hooks *hooks = jostle_hooks();
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	pthread_mutex_lock(&lock);
	value = value * 2 + 2;
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
	if (hooks)
		hooks->outcome(value >= 3 ? "both" : "one",
			       value >= 3 ? JOSTLE_ALLOWED : JOSTLE_FORBIDDEN, "an update is lost");
	return 0;
}
