/* SPDX-License-Identifier: Apache-2.0 */
/* pthread.h: creation, identity, attributes, names, yielding; once. */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "differential.h"

enum { STACK = 1 << 20 };

static sem_t go, done;
static pthread_t myself;

static void *returns(void *value)
{
	return value;
}

static void *tells_done(void *value)
{
	sem_post(&done);
	return value;
}

static void *waits(void *value)
{
	sem_wait(&go);
	return value;
}

static void *waits_and_tells(void *value)
{
	sem_wait(&go);
	sem_post(&done);
	return value;
}

static void creation(void)
{
	void *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t attr;
	pthread_t thread;
	void *value = NULL;

	GIVES(pthread_create(&thread, NULL, returns, (void *)7));
	pthread_join(thread, &value);
	with(", value %ld", (long)value);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	GIVES(pthread_create(&thread, &attr, returns, (void *)8));
	pthread_join(thread, &value);
	with(", value %ld", (long)value);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	GIVES(pthread_create(&thread, &attr, tells_done, NULL));
	sem_wait(&done);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_JOINABLE);
	pthread_attr_setstack(&attr, stack, STACK);
	GIVES(pthread_create(&thread, &attr, returns, (void *)9));
	pthread_join(thread, &value);
	with(", value %ld", (long)value);
	pthread_attr_destroy(&attr);
	pthread_attr_init(&attr);
	with(", set %s", error_name(pthread_attr_setstacksize(&attr, (size_t)1 << 50)));
	GIVES(pthread_create(&thread, &attr, returns, NULL)); /* no room for such a stack */
	pthread_attr_destroy(&attr);
	pthread_attr_init(&attr);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	GIVES(pthread_create(&thread, &attr, returns, (void *)10));
	pthread_join(thread, &value);
	with(", value %ld", (long)value);
	pthread_attr_destroy(&attr);
	munmap(stack, STACK);
}

static void *compare(void *other)
{
	myself = pthread_self();
	IS_SO(pthread_self(), pthread_self() != *(pthread_t *)other);
	IS_SO(pthread_equal(pthread_self(), pthread_self()),
	      pthread_equal(pthread_self(), pthread_self()) != 0);
	IS_SO(pthread_equal(pthread_self(), other),
	      !pthread_equal(pthread_self(), *(pthread_t *)other));
	return NULL;
}

static void *gives_self(void *unused)
{
	(void)unused;
	return (void *)pthread_self();
}

static void identity(void)
{
	pthread_t self = pthread_self(), thread;
	void *value;

	IS_SO(pthread_self(), self == pthread_self());
	in_thread(compare, &self);
	IS_SO(pthread_self(), self != myself);
	pthread_create(&thread, NULL, gives_self, NULL);
	pthread_join(thread, &value);
	IS_SO(pthread_self() of a thread, value == (void *)thread);
	pthread_create(&thread, NULL, waits, NULL);
	IS_SO(pthread_equal(self, thread), !pthread_equal(self, thread));
	IS_SO(pthread_equal(thread, thread), pthread_equal(thread, thread) != 0);
	IS_SO(pthread_self(), !pthread_equal(thread, pthread_self()));
	sem_post(&go);
	pthread_join(thread, NULL);
	IS_SO(pthread_equal(self, pthread_self()), pthread_equal(self, pthread_self()) != 0);
}

static void *own_attributes(void *unused)
{
	pthread_attr_t attr;
	void *stack = NULL;
	size_t size = 0, guard = 0;
	int state = -1;
	char here;

	(void)unused;
	GIVES(pthread_getattr_np(pthread_self(), &attr));
	pthread_attr_getstack(&attr, &stack, &size);
	pthread_attr_getguardsize(&attr, &guard);
	pthread_attr_getdetachstate(&attr, &state);
	with(", state %d, guard %zu, on it %d", state, guard,
	     &here >= (char *)stack && &here < (char *)stack + size);
	pthread_attr_destroy(&attr);
	sem_post(&done);
	return (void *)size;
}

static void attributes(void)
{
	pthread_attr_t attr, got;
	pthread_t thread;
	void *value = NULL;
	size_t size = 0, guard = 0;
	int state = -1, inherit = -1, policy = -1;
	struct sched_param param = { .sched_priority = -1 };

	in_thread(own_attributes, NULL);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 3 << 16);
	pthread_attr_setguardsize(&attr, 8192);
	pthread_create(&thread, &attr, own_attributes, NULL);
	pthread_join(thread, &value);
	says("pthread_getattr_np", "stack of %d", (int)(intptr_t)value);
	sem_init(&done, 0, 0);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_create(&thread, &attr, own_attributes, NULL);
	sem_wait(&done);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_JOINABLE);
	pthread_create(&thread, &attr, waits_and_tells, NULL);
	GIVES(pthread_getattr_np(thread, &got));
	pthread_attr_getstacksize(&got, &size);
	pthread_attr_getguardsize(&got, &guard);
	pthread_attr_getdetachstate(&got, &state);
	pthread_attr_getinheritsched(&got, &inherit);
	pthread_attr_getschedpolicy(&got, &policy);
	pthread_attr_getschedparam(&got, &param);
	with(", %zu %zu %d %d %d %d", size, guard, state, inherit, policy, param.sched_priority);
	pthread_attr_destroy(&got);
	pthread_detach(thread);
	GIVES(pthread_getattr_np(thread, &got));
	pthread_attr_getdetachstate(&got, &state);
	with(", %d", state);
	pthread_attr_destroy(&got);
	sem_post(&go);
	sem_wait(&done);
	GIVES(pthread_getattr_np(pthread_self(), &got));
	pthread_attr_getstacksize(&got, &size);
	pthread_attr_getdetachstate(&got, &state);
	with(", some stack %d, %d", size > 65536, state);
	pthread_attr_destroy(&got);
	pthread_attr_destroy(&attr);
}

static void *inherits_name(void *unused)
{
	char name[16] = "";

	GIVES(pthread_getname_np(pthread_self(), name, sizeof(name)));
	with(", \"%s\"", name);
	GIVES(pthread_setname_np(pthread_self(), "fifteen letters"));
	GIVES(pthread_getname_np(pthread_self(), name, sizeof(name)));
	with(", \"%s\"", name);
	return unused;
}

static void names(void)
{
	pthread_t thread;
	char name[64] = "";

	GIVES(pthread_getname_np(pthread_self(), name, sizeof(name)));
	with(", \"%s\"", name);
	GIVES(pthread_setname_np(pthread_self(), "boss"));
	GIVES(pthread_getname_np(pthread_self(), name, 16));
	with(", \"%s\"", name);
	GIVES(pthread_getname_np(pthread_self(), name, 15));
	GIVES(pthread_setname_np(pthread_self(), "sixteen letters!"));
	GIVES(pthread_setname_np(pthread_self(), ""));
	GIVES(pthread_getname_np(pthread_self(), name, 16));
	with(", \"%s\"", name);
	pthread_setname_np(pthread_self(), "boss");
	in_thread(inherits_name, NULL);
	pthread_create(&thread, NULL, waits, NULL);
	GIVES(pthread_getname_np(thread, name, 16));
	with(", \"%s\"", name);
	GIVES(pthread_setname_np(thread, "worker"));
	GIVES(pthread_getname_np(thread, name, 16));
	with(", \"%s\"", name);
	sem_post(&go);
	pthread_join(thread, NULL);
}

static void *yields(void *unused)
{
	GIVES(sched_yield());
	return unused;
}

static void yielding(void)
{
	for (int i = 0; i < 3; i++)
		SETS(sched_yield());
	in_thread(yields, NULL);
	in_thread(yields, NULL);
}

static int initialised;

static void initialise(void)
{
	initialised++;
}

static void initialise_and_leave(void)
{
	initialised += 100;
	pthread_exit(NULL);
}

static pthread_once_t left = PTHREAD_ONCE_INIT;

static void *leave_once(void *unused)
{
	pthread_once(&left, initialise_and_leave);
	return unused;
}

static void *once_again(void *once)
{
	GIVES(pthread_once(once, initialise));
	return NULL;
}

static void onces(void)
{
	static pthread_once_t one = PTHREAD_ONCE_INIT;
	pthread_once_t two = PTHREAD_ONCE_INIT;

	GIVES(pthread_once(&one, initialise));
	with(", ran %d", initialised);
	GIVES(pthread_once(&one, initialise));
	with(", ran %d", initialised);
	in_thread(once_again, &one);
	in_thread(once_again, &two);
	GIVES(pthread_once(&two, initialise));
	with(", ran %d", initialised);
	in_thread(leave_once, NULL);
	GIVES(pthread_once(&left, initialise));
	with(", ran %d", initialised);
}

void threads(void)
{
	sem_init(&go, 0, 0);
	sem_init(&done, 0, 0);
	creation();
	identity();
	attributes();
	names();
	yielding();
	onces();
}
