/* SPDX-License-Identifier: Apache-2.0 */
/* Three threads write their letters into one line, a lock about each letter. A line in which they
 * take turns often is forbidden, and each such line is a finding of its own. */
#include <pthread.h>

#include "jostle.h"

#define THREADS 3
#define EACH    40

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char line[THREADS * EACH + 1];
static int length;

static void *writer(void *letter)
{
	for (int i = 0; i < EACH; i++) {
		pthread_mutex_lock(&lock);
		line[length++] = *(char *)letter;
		pthread_mutex_unlock(&lock);
	}
	return letter;
}

int main(void)
{
	static char letters[THREADS] = { 'a', 'b', 'c' };
	const struct jostle_hooks *hooks = jostle_hooks();
	pthread_t threads[THREADS];
	int turns = 0;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, writer, &letters[i]);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 1; i < length; i++)
		turns += line[i] != line[i - 1];
	if (hooks && turns >= 6 * THREADS)
		hooks->outcome(line, JOSTLE_FORBIDDEN, "too many turns");
	return 0;
}
