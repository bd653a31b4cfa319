/* SPDX-License-Identifier: Apache-2.0 */
/* As many threads at once as the argument says. */
#include <pthread.h>

#include "must.h"

#define MOST 200

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int begun;

static void *begin(void *arg)
{
	pthread_mutex_lock(&lock);
	begun++;
	pthread_mutex_unlock(&lock);
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t threads[MOST];
	const int count = argc > 1 ? atoi(argv[1]) : 1;

	must(count > 0 && count <= MOST);
	for (int i = 0; i < count; i++)
		must(pthread_create(&threads[i], NULL, begin, NULL) == 0);
	for (int i = 0; i < count; i++)
		must(pthread_join(threads[i], NULL) == 0);
	must(begun == count);
	return 0;
}
