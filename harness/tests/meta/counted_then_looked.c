/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: lifetime double-free
 * A reference is given up by one atomic instruction, and a load after it asks whether it was the
 * last: two may see that. Repaired: what the instruction returned says it. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int references = 3;
static char *buffer;

static void *give_up(void *unused)
{
	if (FIXED) {
		if (atomic_fetch_sub(&references, 1) == 1)
			free(buffer);
	} else {
		atomic_fetch_sub(&references, 1);
		if (atomic_load(&references) == 0)
			free(buffer);
	}
	return unused;
}

int main(void)
{
	pthread_t thread[3];

	buffer = malloc(10);
	for (int i = 0; i < 3; i++)
		pthread_create(&thread[i], NULL, give_up, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
