/* SPDX-License-Identifier: Apache-2.0 */
/* pthread.h: values of threads, their destructors. */
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "differential.h"

static pthread_key_t key, late;
static int rounds, destroyed;

static void destroy(void *value)
{
	destroyed += (int)(intptr_t)value;
	IS_SO(pthread_getspecific(key), pthread_getspecific(key) == NULL);
	if (++rounds < 10)
		GIVES(pthread_setspecific(key, value));
}

static void *set_values(void *unused)
{
	IS_SO(pthread_getspecific(key), pthread_getspecific(key) == NULL);
	GIVES(pthread_setspecific(key, (void *)3));
	GIVES(pthread_setspecific(late, (void *)5));
	IS_SO(pthread_getspecific(key), pthread_getspecific(key) == (void *)3);
	IS_SO(pthread_getspecific(late), pthread_getspecific(late) == (void *)5);
	return unused;
}

static void plain(void *value)
{
	destroyed += (int)(intptr_t)value;
}

static void *set_and_leave(void *unused)
{
	pthread_setspecific(key, (void *)7);
	pthread_exit(unused);
}

static void *set_null(void *unused)
{
	pthread_setspecific(key, (void *)7);
	pthread_setspecific(key, NULL);
	return unused;
}

static void *deletes(void *unused)
{
	GIVES(pthread_setspecific(key, (void *)7));
	GIVES(pthread_key_delete(key)); /* nobody calls the destructor then */
	return unused;
}

void keys(void)
{
	pthread_key_t many[PTHREAD_KEYS_MAX + 1];
	int made = 0, error;

	GIVES(pthread_key_create(&key, destroy));
	GIVES(pthread_key_create(&late, NULL));
	IS_SO(pthread_getspecific(key), pthread_getspecific(key) == NULL);
	GIVES(pthread_setspecific(key, (void *)1));
	in_thread(set_values, NULL);
	says("pthread_key_create", "%d rounds, %d", rounds, destroyed);
	IS_SO(pthread_getspecific(key), pthread_getspecific(key) == (void *)1);
	GIVES(pthread_key_delete(key));
	GIVES(pthread_key_delete(key));
	GIVES(pthread_setspecific(key, (void *)1));
	GIVES(pthread_key_delete(late));
	GIVES(pthread_key_delete(PTHREAD_KEYS_MAX));
	GIVES(pthread_key_delete((pthread_key_t)-1));
	GIVES(pthread_setspecific(PTHREAD_KEYS_MAX, (void *)1));
	GIVES(pthread_setspecific((pthread_key_t)-1, (void *)1));

	destroyed = 0;
	GIVES(pthread_key_create(&key, plain));
	IS_SO(pthread_getspecific(key), pthread_getspecific(key) == NULL);
	in_thread(set_and_leave, NULL);
	says("pthread_setspecific", "destroyed %d", destroyed);
	in_thread(set_null, NULL);
	says("pthread_setspecific", "destroyed %d", destroyed);
	in_thread(deletes, NULL);
	says("pthread_key_delete", "destroyed %d", destroyed);
	GIVES(pthread_key_delete(key));

	while ((error = pthread_key_create(&many[made], NULL)) == 0)
		made++;
	gives("pthread_key_create(one too many)", error);
	GIVES(pthread_setspecific(many[made - 1], &made));
	IS_SO(pthread_getspecific(many[made - 1]), pthread_getspecific(many[made - 1]) == &made);
	GIVES(pthread_key_delete(many[made / 2]));
	GIVES(pthread_key_create(&many[made / 2], NULL));
	while (made > 0)
		if (pthread_key_delete(many[--made]))
			abort();
}
