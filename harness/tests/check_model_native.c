/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The models against glibc: random operations by two threads on one object, performed by the model
 * and, if the model says that they neither block nor are misuse, by libc on an object of its own.
 * The results must be equal. One real thread stands for each thread of the model and does what it
 * is told, one operation at a time; it may also end while it holds a robust mutex.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>

#include "base/rng.h"
#include "model/cond.h"
#include "model/mutex.h"
#include "model/sem.h"
#include "model_script.h"

enum { THREADS = 2, ROUNDS = 300, STEPS = 60 };

/* ---- threads that do as they are told ---- */

typedef long (*command)(void);

static struct worker {
	pthread_t thread;
	sem_t go, done;
	command command;
	long result;
} workers[THREADS];

static void *work(void *argument)
{
	struct worker *self = argument;

	for (;;) {
		while (sem_wait(&self->go) != 0)
			;
		if (!self->command)
			return NULL;
		self->result = self->command();
		sem_post(&self->done);
	}
}

static void worker_start(int i)
{
	sem_init(&workers[i].go, 0, 0);
	sem_init(&workers[i].done, 0, 0);
	ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
}

static long tell(int i, command what)
{
	workers[i].command = what;
	sem_post(&workers[i].go);
	while (sem_wait(&workers[i].done) != 0)
		;
	return workers[i].result;
}

static void worker_end(int i)
{
	workers[i].command = NULL;
	sem_post(&workers[i].go);
	ck_assert_int_eq(pthread_join(workers[i].thread, NULL), 0);
}

/* ---- the two sides ---- */

static pthread_mutex_t real_mutex, model_mutex;
static pthread_cond_t real_cond, model_cond;
static pthread_rwlock_t real_rwlock, model_rwlock;
static sem_t real_sem, model_sem;
static int player[THREADS]; /* which thread of the model a worker is */
static struct rng rng;

static const struct timespec past = { 0, 0 }, invalid = { 0, -1 };
#define MODEL_PAST 1

static long minus_errno(int result)
{
	return result == 0 ? 0 : errno;
}

/* Performs in the model. False: it would block or is misuse, so it is not for the real side. */
static bool model_allows(int worker, enum op_kind kind, void *object, uint64_t deadline_ns,
			 long *result)
{
	const int thread = player[worker];
	struct op *op = script_publish(thread, kind, object);
	const unsigned told = script_misuses;
	enum model_step step;

	if (kind == OP_COND_WAIT)
		op->object2 = &model_mutex;
	if (deadline_ns)
		op->deadline_ns = deadline_ns;
	do
		step = script_perform(thread);
	while (step == MODEL_AGAIN && script_threads[thread].status == THREAD_READY);
	if (step == MODEL_DONE) {
		*result = script_threads[thread].result;
		return script_misuses == told;
	}
	op->flags |= OP_TIMED_OUT; /* as if it had given up: it leaves nothing behind */
	world_wake(&script_world, &script_threads[thread]);
	ck_assert_int_eq(script_perform(thread), MODEL_DONE);
	return false;
}

static void begin(void)
{
	script_begin();
	script_world.now_ns = 1000;
	for (int i = 0; i < THREADS; i++)
		player[i] = i;
}

/* What a worker is told to do with the real object. */
#define OPERATION(name, call)  \
	static long name(void) \
	{                      \
		return call;   \
	}

/* ---- mutexes, and conditions that time out at once ---- */

OPERATION(lock, pthread_mutex_lock(&real_mutex))
OPERATION(trylock, pthread_mutex_trylock(&real_mutex))
OPERATION(unlock, pthread_mutex_unlock(&real_mutex))
OPERATION(lock_past, pthread_mutex_timedlock(&real_mutex, &past))
OPERATION(lock_invalid, pthread_mutex_timedlock(&real_mutex, &invalid))
OPERATION(consistent, pthread_mutex_consistent(&real_mutex))
OPERATION(wait_past, pthread_cond_timedwait(&real_cond, &real_mutex, &past))
OPERATION(signal_none, pthread_cond_signal(&real_cond))
OPERATION(broadcast_none, pthread_cond_broadcast(&real_cond))

struct choice {
	const char *name;
	enum op_kind kind;
	void *object;
	uint64_t deadline_ns;
	command real;
	int weight;
};

static const struct choice mutex_choices[] = {
	{ "lock", OP_MUTEX_LOCK, &model_mutex, 0, lock, 6 },
	{ "trylock", OP_MUTEX_TRYLOCK, &model_mutex, 0, trylock, 3 },
	{ "unlock", OP_MUTEX_UNLOCK, &model_mutex, 0, unlock, 8 },
	{ "timedlock in the past", OP_MUTEX_LOCK, &model_mutex, MODEL_PAST, lock_past, 2 },
	{ "timedlock till nonsense", OP_MUTEX_LOCK, &model_mutex, MODEL_DEADLINE_INVALID,
	  lock_invalid, 1 },
	{ "consistent", OP_MUTEX_CONSISTENT, &model_mutex, 0, consistent, 2 },
	{ "timedwait in the past", OP_COND_WAIT, &model_cond, MODEL_PAST, wait_past, 3 },
	{ "signal", OP_COND_SIGNAL, &model_cond, 0, signal_none, 1 },
	{ "broadcast", OP_COND_BROADCAST, &model_cond, 0, broadcast_none, 1 },
};

static const struct choice *choose(const struct choice *choices, size_t count)
{
	int total = 0, at;

	for (size_t i = 0; i < count; i++)
		total += choices[i].weight;
	at = (int)rng_below(&rng, (uint32_t)total);
	while (at >= choices->weight)
		at -= choices++->weight;
	return choices;
}

static const struct {
	const char *name;
	int type, robust, protocol, kind;
} mutexes[] = {
	{ "normal", PTHREAD_MUTEX_NORMAL, 0, PTHREAD_PRIO_NONE, MUTEX_NORMAL },
	{ "adaptive", PTHREAD_MUTEX_ADAPTIVE_NP, 0, PTHREAD_PRIO_NONE, MUTEX_ADAPTIVE },
	{ "recursive", PTHREAD_MUTEX_RECURSIVE, 0, PTHREAD_PRIO_NONE, MUTEX_RECURSIVE },
	{ "errorcheck", PTHREAD_MUTEX_ERRORCHECK, 0, PTHREAD_PRIO_NONE, MUTEX_ERRORCHECK },
	{ "robust", PTHREAD_MUTEX_NORMAL, 1, PTHREAD_PRIO_NONE, MUTEX_ROBUST },
	{ "robust recursive", PTHREAD_MUTEX_RECURSIVE, 1, PTHREAD_PRIO_NONE,
	  MUTEX_ROBUST | MUTEX_RECURSIVE },
	{ "robust errorcheck", PTHREAD_MUTEX_ERRORCHECK, 1, PTHREAD_PRIO_NONE,
	  MUTEX_ROBUST | MUTEX_ERRORCHECK },
	{ "inherit", PTHREAD_MUTEX_NORMAL, 0, PTHREAD_PRIO_INHERIT, MUTEX_INHERIT },
	{ "inherit recursive", PTHREAD_MUTEX_RECURSIVE, 0, PTHREAD_PRIO_INHERIT,
	  MUTEX_INHERIT | MUTEX_RECURSIVE },
	{ "inherit errorcheck", PTHREAD_MUTEX_ERRORCHECK, 0, PTHREAD_PRIO_INHERIT,
	  MUTEX_INHERIT | MUTEX_ERRORCHECK },
	{ "robust inherit", PTHREAD_MUTEX_NORMAL, 1, PTHREAD_PRIO_INHERIT,
	  MUTEX_ROBUST | MUTEX_INHERIT },
};

/*
 * Where glibc does not do what the standard says, or says nothing sensible: it lets anybody declare
 * a mutex consistent, with which it breaks its list of robust ones; a trylock that fails because
 * the mutex is not recoverable leaves it locked; and a dead owner's priority-inheriting mutex is
 * refused if the deadline is invalid, though it is there to be had.
 */
static bool differs(int worker, const struct choice *choice)
{
	const struct mutex *m = (const struct mutex *)(const void *)&model_mutex;

	if (choice->kind == OP_MUTEX_CONSISTENT)
		return (m->robustness == MUTEX_INCONSISTENT || m->robustness == MUTEX_OWNER_DIED) &&
		       m->owner != (uint32_t)player[worker] + 1;
	if (choice->kind == OP_MUTEX_TRYLOCK && m->robustness == MUTEX_NOT_RECOVERABLE)
		return true;
	return choice->deadline_ns == MODEL_DEADLINE_INVALID && m->robustness == MUTEX_OWNER_DIED;
}

static void fresh_mutexes(int kind_index)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, mutexes[kind_index].type);
	if (mutexes[kind_index].robust)
		pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setprotocol(&attr, mutexes[kind_index].protocol);
	ck_assert_int_eq(pthread_mutex_init(&real_mutex, &attr), 0);
	pthread_mutexattr_destroy(&attr);
	real_cond = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
	model_cond = real_cond;
	memset(&model_mutex, 0, sizeof(model_mutex));
	((struct mutex *)(void *)&model_mutex)->kind = mutexes[kind_index].kind;
}

/* A worker dies, perhaps with the mutex, and another takes its place. False: no thread is left for
 * that. */
static bool replace(int i)
{
	const int next = (player[0] > player[1] ? player[0] : player[1]) + 1;

	if (next == SCRIPT_THREADS)
		return false;
	worker_end(i);
	worker_start(i);
	model_thread_exited(&script_world, &script_threads[player[i]]);
	world_finish(&script_world, &script_threads[player[i]]);
	player[i] = next;
	return true;
}

/* Both sides, from fresh objects on, until one of them can go no further. Returns how many results
 * were compared. */
static unsigned compare(const struct choice *choices, size_t count, bool deaths, const char *name)
{
	unsigned compared = 0;

	for (int step = 0; step < STEPS; step++) {
		const int i = (int)rng_below(&rng, THREADS);
		const struct choice *choice = choose(choices, count);
		const unsigned told = script_misuses;
		long expected, got;

		if (deaths && rng_below(&rng, 12) == 0 && !replace(i))
			break;
		if (differs(i, choice))
			continue;
		if (!model_allows(i, choice->kind, choice->object, choice->deadline_ns,
				  &expected)) {
			if (script_misuses != told)
				break;
			continue;
		}
		got = tell(i, choice->real);
		ck_assert_msg(got == expected, "%s: %s by T%d gives %ld, the model says %ld", name,
			      choice->name, player[i], got, expected);
		compared++;
	}
	return compared;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(mutexes_of_all_kinds_answer_as_in_glibc)
{
	unsigned compared = 0;

	rng_seed(&rng, (uint64_t)_i + 1);
	for (int i = 0; i < THREADS; i++)
		worker_start(i);
	for (int round = 0; round < ROUNDS; round++) {
		begin();
		fresh_mutexes(_i);
		compared += compare(mutex_choices, COUNT(mutex_choices), mutexes[_i].robust,
				    mutexes[_i].name);
		/* Nobody may die with a lock that the next round's memory is. */
		for (int i = 0; i < THREADS; i++)
			while (mutexes[_i].robust && tell(i, unlock) == 0)
				;
	}
	ck_assert_uint_gt(compared, ROUNDS);
}
END_TEST

/* ---- read-write locks ---- */

OPERATION(rdlock, pthread_rwlock_rdlock(&real_rwlock))
OPERATION(wrlock, pthread_rwlock_wrlock(&real_rwlock))
OPERATION(tryrdlock, pthread_rwlock_tryrdlock(&real_rwlock))
OPERATION(trywrlock, pthread_rwlock_trywrlock(&real_rwlock))
OPERATION(rdlock_past, pthread_rwlock_timedrdlock(&real_rwlock, &past))
OPERATION(wrlock_past, pthread_rwlock_timedwrlock(&real_rwlock, &past))
OPERATION(rwunlock, pthread_rwlock_unlock(&real_rwlock))

static const struct choice rwlock_choices[] = {
	{ "rdlock", OP_RWLOCK_RDLOCK, &model_rwlock, 0, rdlock, 4 },
	{ "wrlock", OP_RWLOCK_WRLOCK, &model_rwlock, 0, wrlock, 3 },
	{ "tryrdlock", OP_RWLOCK_TRYRDLOCK, &model_rwlock, 0, tryrdlock, 2 },
	{ "trywrlock", OP_RWLOCK_TRYWRLOCK, &model_rwlock, 0, trywrlock, 2 },
	{ "timedrdlock in the past", OP_RWLOCK_RDLOCK, &model_rwlock, MODEL_PAST, rdlock_past, 1 },
	{ "timedwrlock in the past", OP_RWLOCK_WRLOCK, &model_rwlock, MODEL_PAST, wrlock_past, 1 },
	{ "unlock", OP_RWLOCK_UNLOCK, &model_rwlock, 0, rwunlock, 7 },
};

START_TEST(read_write_locks_answer_as_in_glibc)
{
	static const pthread_rwlock_t kinds[] = {
		PTHREAD_RWLOCK_INITIALIZER,
		PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP,
	};
	unsigned compared = 0;

	rng_seed(&rng, (uint64_t)_i + 100);
	for (int i = 0; i < THREADS; i++)
		worker_start(i);
	for (int round = 0; round < ROUNDS; round++) {
		begin();
		memset(&model_mutex, 0, sizeof(model_mutex));
		real_rwlock = model_rwlock = kinds[_i];
		compared += compare(rwlock_choices, COUNT(rwlock_choices), false, "rwlock");
	}
	ck_assert_uint_gt(compared, ROUNDS);
}
END_TEST

/* ---- semaphores ---- */

static long wait_sem(void)
{
	return minus_errno(sem_wait(&real_sem));
}

static long trywait_sem(void)
{
	return minus_errno(sem_trywait(&real_sem));
}

static long timedwait_past(void)
{
	return minus_errno(sem_timedwait(&real_sem, &past));
}

static long post_sem(void)
{
	return minus_errno(sem_post(&real_sem));
}

static long value_of_sem(void)
{
	int value;

	return sem_getvalue(&real_sem, &value) == 0 ? value : -1;
}

static const struct choice sem_choices[] = {
	{ "wait", OP_SEM_WAIT, &model_sem, 0, wait_sem, 3 },
	{ "trywait", OP_SEM_TRYWAIT, &model_sem, 0, trywait_sem, 2 },
	{ "timedwait in the past", OP_SEM_WAIT, &model_sem, MODEL_PAST, timedwait_past, 2 },
	{ "post", OP_SEM_POST, &model_sem, 0, post_sem, 5 },
	{ "getvalue", OP_SEM_GETVALUE, &model_sem, 0, value_of_sem, 2 },
};

START_TEST(semaphores_answer_as_in_glibc)
{
	unsigned compared = 0;

	rng_seed(&rng, 200);
	for (int i = 0; i < THREADS; i++)
		worker_start(i);
	for (int round = 0; round < ROUNDS; round++) {
		/* Near nothing, and near the most that fits. */
		const unsigned value = rng_below(&rng, 2) ? rng_below(&rng, 3)
							  : SEM_VALUE_MAX - rng_below(&rng, 3);

		begin();
		ck_assert_int_eq(sem_init(&real_sem, 0, value), 0);
		script_publish(0, OP_SEM_INIT, &model_sem)->args[0] = value;
		ck_assert_int_eq(script_perform(0), MODEL_DONE);
		compared += compare(sem_choices, COUNT(sem_choices), false, "semaphore");
	}
	ck_assert_uint_gt(compared, ROUNDS);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("model_native");
	TCase *tcase = tcase_create("native");

	tcase_add_loop_test(tcase, mutexes_of_all_kinds_answer_as_in_glibc, 0, (int)COUNT(mutexes));
	tcase_add_loop_test(tcase, read_write_locks_answer_as_in_glibc, 0, 2);
	tcase_add_test(tcase, semaphores_answer_as_in_glibc);
	suite_add_tcase(suite, tcase);
	return suite;
}
