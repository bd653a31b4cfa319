/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse double-destroy
 * Teardown runs twice when starting failed half way. */
#include <pthread.h>
#include <stddef.h>

static pthread_cond_t thing;
static int started;

static void stop(void)
{
	if (FIXED && !started)
		return;
	pthread_cond_destroy(&thing);
	started = 0;
}

int main(void)
{
	pthread_cond_init(&thing, NULL);
	started = 1;
	stop();
	stop();
	return 0;
}
