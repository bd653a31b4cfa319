/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pthread_key_* and tss_*: own keys, own values, nothing of glibc's.
 *
 * Values are no scheduling points: nobody but the thread itself can see them. As in glibc the first
 * keys of a thread, which are all that most programs have, lie in a table of their own; a thread
 * that sets a later one gets a block from the program's heap. A key is the smallest free number.
 * Deleting one forgets its values in all threads, so that a later key of the same number starts out
 * NULL everywhere. Keys that are not, or no longer, there are misuse; the answers are glibc's.
 */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <threads.h>

#include "engine/engine.h"
#include "engine/heap/heap.h"
#include "engine/unwind.h"
#include "intercept/kept.h"
#include "intercept/timed.h"

#define KEYS_FIRST 32

struct key {
	bool used;
	void (*destructor)(void *);
};

struct key_state {
	uint32_t keys_end;    /* no key from here on was ever made */
	uint32_t threads_end; /* no thread from here on ever set one */
	struct key keys[PTHREAD_KEYS_MAX];
	void **later[THREADS_MAX]; /* values of the keys from KEYS_FIRST on; NULL: all NULL */
	void *first[THREADS_MAX][KEYS_FIRST];
};

static struct key_state KEPT state;

static_assert(sizeof(pthread_key_t) == sizeof(tss_t), "C11's keys are POSIX's");

void *key_kept(size_t *size)
{
	*size = sizeof(state);
	return &state;
}

static inline bool is_key(pthread_key_t key)
{
	return key < state.keys_end && state.keys[key].used;
}

static int create(pthread_key_t *key, void (*destructor)(void *))
{
	for (uint32_t i = 0; i < PTHREAD_KEYS_MAX; i++)
		if (!state.keys[i].used) {
			state.keys[i] = (struct key){ true, destructor };
			if (i >= state.keys_end)
				state.keys_end = i + 1;
			*key = i;
			return 0;
		}
	return EAGAIN;
}

/* Where the thread's value is; NULL: it has none and never had. */
static inline void **value_of(uint32_t thread, pthread_key_t key)
{
	if (__builtin_expect(key < KEYS_FIRST, 1))
		return &state.first[thread][key];
	return state.later[thread] ? &state.later[thread][key - KEYS_FIRST] : NULL;
}

static void misuse(pthread_key_t key, void *site)
{
	engine_misuse(CAUSE_KEY_INVALID, (const void *)(uintptr_t)key, site);
}

static int delete (pthread_key_t key, void *site)
{
	if (!is_key(key)) {
		misuse(key, site);
		return EINVAL;
	}
	state.keys[key] = (struct key){ false, NULL };
	for (uint32_t thread = 0; thread < state.threads_end; thread++) {
		void **value = value_of(thread, key);

		if (value && *value)
			*value = NULL;
	}
	return 0;
}

static void *get(pthread_key_t key, void *site)
{
	void **value;

	if (!is_key(key)) {
		misuse(key, site);
		return NULL;
	}
	value = value_of(engine_current->id, key);
	return value ? *value : NULL;
}

static int set(pthread_key_t key, uintptr_t data, void *site)
{
	const uint32_t thread = engine_current->id;
	void **value;

	if (!is_key(key)) {
		misuse(key, site);
		return EINVAL;
	}
	value = value_of(thread, key);
	if (!value) {
		if (!data)
			return 0;
		heap_lock();
		state.later[thread] =
			heap_zalloc(heap_get(HEAP_PROGRAM),
				    (PTHREAD_KEYS_MAX - KEYS_FIRST) * sizeof(void *), 1);
		heap_unlock();
		value = value_of(thread, key);
		if (!value)
			return ENOMEM;
	}
	if (thread >= state.threads_end)
		state.threads_end = thread + 1;
	*value = (void *)data;
	return 0;
}

/* One round over the current thread's keys. False: there was nothing to destroy. */
static bool destroy_values(uint32_t thread)
{
	bool any = false;

	/* A destructor may make, set and delete keys. */
	for (pthread_key_t key = 0; key < state.keys_end; key++) {
		void **value = state.keys[key].used ? value_of(thread, key) : NULL;
		void *data = value ? *value : NULL;
		void (*destructor)(void *) = state.keys[key].destructor;

		if (!data)
			continue;
		*value = NULL;
		if (!destructor)
			continue;
		any = true;
		destructor(data);
	}
	return any;
}

void key_run_destructors(void)
{
	const uint32_t thread = engine_current->id;

	if (thread >= state.threads_end)
		return;
	for (int round = 0; round < PTHREAD_DESTRUCTOR_ITERATIONS && destroy_values(thread);
	     round++)
		;
	if (state.later[thread]) {
		heap_lock();
		heap_free(state.later[thread]);
		heap_unlock();
		state.later[thread] = NULL;
	}
}

INTERPOSE int pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
	return create(key, destructor);
}

INTERPOSE int pthread_key_delete(pthread_key_t key)
{
	return delete (key, CALLER);
}

INTERPOSE void *pthread_getspecific(pthread_key_t key)
{
	return get(key, CALLER);
}

INTERPOSE int pthread_setspecific(pthread_key_t key, const void *data)
{
	return set(key, (uintptr_t)data, CALLER);
}

INTERPOSE int tss_create(tss_t *key, tss_dtor_t destructor)
{
	return create(key, destructor) == 0 ? thrd_success : thrd_error;
}

INTERPOSE void tss_delete(tss_t key)
{
	delete (key, CALLER);
}

INTERPOSE void *tss_get(tss_t key)
{
	return get(key, CALLER);
}

INTERPOSE int tss_set(tss_t key, void *data)
{
	const int error = set(key, (uintptr_t)data, CALLER);

	return error == 0 ? thrd_success : error == ENOMEM ? thrd_nomem : thrd_error;
}

ALIAS(__pthread_key_create, pthread_key_create);
ALIAS(__pthread_getspecific, pthread_getspecific);
ALIAS(__pthread_setspecific, pthread_setspecific);
