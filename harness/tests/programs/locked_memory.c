/* SPDX-License-Identifier: Apache-2.0 */
/* As programs do that must answer in time: nothing of their memory is ever to be fetched. */
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include "must.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int counter;

static void *work(void *unused)
{
	pthread_mutex_lock(&lock);
	counter++;
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t t[2];
	int result;

	must(mlockall(0) == -1 && errno == EINVAL);
	must(mlockall(MCL_ONFAULT) == -1 && errno == EINVAL);
	must(mlockall(1 << 20) == -1 && errno == EINVAL);
	/* Without the right to it the limit on locked memory decides. */
	result = mlockall(MCL_CURRENT | MCL_FUTURE);
	must(result == 0 || errno == ENOMEM || errno == EPERM);
	for (int i = 0; i < 2; i++)
		must(pthread_create(&t[i], NULL, work, NULL) == 0);
	for (int i = 0; i < 2; i++)
		must(pthread_join(t[i], NULL) == 0);
	must(counter == 2);
	must(munlockall() == 0);
	return 0;
}
