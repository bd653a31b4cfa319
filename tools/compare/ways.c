/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same tasks done in five ways: one process that does one after the other; a process or a
 * thread for each task, so many at once; a pool of processes or threads that take tasks until there
 * is none left. The time holds the creation and the end of all workers, since a program pays for
 * them, too.
 */
#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "compare/kernel.h"

struct job {
	struct kernel_call *call;
	enum task task;
	unsigned count;
	uint64_t *results; /* shared by all workers, one for each task */
};

static void do_one(struct job *job, unsigned number)
{
	job->results[number] = task_do(job->call, job->task, number);
}

static void one_by_one(struct job *job)
{
	for (unsigned i = 0; i < job->count; i++)
		do_one(job, i);
}

static void process_each(struct job *job)
{
	unsigned running = 0;

	for (unsigned i = 0; i < job->count; i++) {
		pid_t pid;

		if (running == job->call->workers && kernel_wait(job->call, -1))
			running--;
		pid = kernel_fork();
		if (pid == 0) {
			do_one(job, i);
			_exit(job->call->error[0] ? 1 : 0);
		}
		if (pid < 0)
			kernel_fail(job->call, "fork");
		if (job->call->error[0])
			return;
		running++;
	}
	while (running-- && kernel_wait(job->call, -1))
		;
}

/* A thread for each task. There is no waiting for any thread: each says by a semaphore that one is
 * done, and by its flag which one. */
struct slot {
	struct job *job;
	unsigned number;
	pthread_t thread;
	atomic_bool used, done;
	sem_t *any;
};

static void *slot_main(void *argument)
{
	struct slot *slot = argument;

	do_one(slot->job, slot->number);
	atomic_store(&slot->done, true);
	sem_post(slot->any);
	return NULL;
}

/* A slot that is free, or whose thread is done and was joined; after sem_wait() there is one. */
static struct slot *free_slot(struct slot *slots, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (atomic_load(&slots[i].used) && !atomic_load(&slots[i].done))
			continue;
		if (atomic_load(&slots[i].used))
			pthread_join(slots[i].thread, NULL);
		atomic_store(&slots[i].done, false);
		return &slots[i];
	}
	abort();
}

static void thread_each(struct job *job)
{
	struct slot slots[KERNEL_WORKERS] = { { .used = false } };
	sem_t any;

	sem_init(&any, 0, job->call->workers);
	for (unsigned i = 0; i < job->count; i++) {
		struct slot *slot;
		int error;

		while (sem_wait(&any) < 0)
			;
		slot = free_slot(slots, job->call->workers);
		slot->job = job;
		slot->number = i;
		slot->any = &any;
		error = pthread_create(&slot->thread, NULL, slot_main, slot);
		if (error) {
			errno = error;
			kernel_fail(job->call, "pthread_create");
			_exit(1); /* those that were started use our stack */
		}
		atomic_store(&slot->used, true);
	}
	for (unsigned i = 0; i < job->call->workers; i++)
		if (atomic_load(&slots[i].used))
			pthread_join(slots[i].thread, NULL);
	sem_destroy(&any);
}

/* Numbers of tasks lie in a pipe; each read takes one, and the pipe's end is that of the work. */
static void process_pool(struct job *job)
{
	const unsigned workers = job->call->workers;
	int tasks[2];

	if (pipe(tasks) < 0) {
		kernel_fail(job->call, "pipe");
		return;
	}
	for (unsigned i = 0; i < workers; i++) {
		const pid_t pid = kernel_fork();
		unsigned number;

		if (pid < 0) {
			kernel_fail(job->call, "fork");
			return;
		}
		if (pid > 0)
			continue;
		close(tasks[1]);
		while (read(tasks[0], &number, sizeof(number)) == sizeof(number))
			do_one(job, number);
		_exit(job->call->error[0] ? 1 : 0);
	}
	for (unsigned i = 0; i < job->count; i++)
		if (write(tasks[1], &i, sizeof(i)) != sizeof(i))
			kernel_fail(job->call, "giving out a task");
	close(tasks[1]);
	for (unsigned i = 0; i < workers; i++)
		kernel_wait(job->call, -1);
	close(tasks[0]);
}

/* The queue of a thread pool; its tasks are put in one by one, as a program does that finds them
 * one by one. */
struct task_queue {
	struct job *job;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	unsigned put, taken; /* guarded by lock */
	bool closed;         /* guarded by lock */
};

static void *pool_main(void *argument)
{
	struct task_queue *queue = argument;

	for (;;) {
		unsigned number;

		pthread_mutex_lock(&queue->lock);
		while (queue->taken == queue->put && !queue->closed)
			pthread_cond_wait(&queue->filled, &queue->lock);
		if (queue->taken == queue->put) {
			pthread_mutex_unlock(&queue->lock);
			return NULL;
		}
		number = queue->taken++;
		pthread_mutex_unlock(&queue->lock);
		do_one(queue->job, number);
	}
}

static void thread_pool(struct job *job)
{
	struct task_queue queue = { .job = job,
				    .lock = PTHREAD_MUTEX_INITIALIZER,
				    .filled = PTHREAD_COND_INITIALIZER };
	pthread_t threads[KERNEL_WORKERS];

	for (unsigned i = 0; i < job->call->workers; i++) {
		const int error = pthread_create(&threads[i], NULL, pool_main, &queue);

		if (error) {
			errno = error;
			kernel_fail(job->call, "pthread_create");
			_exit(1); /* those that were started use our stack */
		}
	}
	for (unsigned i = 0; i < job->count; i++) {
		pthread_mutex_lock(&queue.lock);
		queue.put++;
		pthread_cond_signal(&queue.filled);
		pthread_mutex_unlock(&queue.lock);
	}
	pthread_mutex_lock(&queue.lock);
	queue.closed = true;
	pthread_cond_broadcast(&queue.filled);
	pthread_mutex_unlock(&queue.lock);
	for (unsigned i = 0; i < job->call->workers; i++)
		pthread_join(threads[i], NULL);
}

static double processor_ns(void)
{
	double sum = 0;
	struct rusage usage;

	for (int i = 0; i < 2; i++) {
		getrusage(i ? RUSAGE_CHILDREN : RUSAGE_SELF, &usage);
		sum += (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
		       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
	}
	return sum;
}

static void run_tasks(struct kernel_call *call, enum task task)
{
	static void (*const ways[])(struct job *) = {
		[WAY_ONE] = one_by_one,          [WAY_PROCESS] = process_each,
		[WAY_THREAD] = thread_each,      [WAY_PROCESS_POOL] = process_pool,
		[WAY_THREAD_POOL] = thread_pool,
	};
	struct job job = { .call = call, .task = task, .count = (unsigned)call->operations };
	double used = processor_ns();
	uint64_t start;

	job.results = kernel_shared(job.count * sizeof(*job.results));
	start = kernel_now_ns();
	ways[call->way](&job);
	call->values[0] = (double)(kernel_now_ns() - start);
	call->values[1] = processor_ns() - used;
	for (unsigned i = 0; i < job.count; i++)
		call->checksum += job.results[i];
}

void kernel_cpu(struct kernel_call *call)
{
	run_tasks(call, TASK_CPU);
}

void kernel_files(struct kernel_call *call)
{
	run_tasks(call, TASK_FILES);
}

void kernel_waits(struct kernel_call *call)
{
	run_tasks(call, TASK_WAITS);
}

void kernel_mixed(struct kernel_call *call)
{
	run_tasks(call, TASK_MIXED);
}
