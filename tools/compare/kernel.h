/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kernel is the code whose cost is measured: one run of it is one sample. It runs in a process of
 * its own (probe.h), with nothing but the call in its hands, which lies in shared memory: what to
 * do goes in there, and what was measured comes out. A kernel sets up what it needs, takes the
 * time around the operations alone, and checks that they did what they should.
 *
 * A kernel makes nothing that has a name: files are unlinked before they are used, shared memory is
 * an anonymous mapping, queues were opened and unlinked by the parent. Its workers die with it. So
 * an interrupted measurement leaves nothing behind, whatever it was doing.
 */
#ifndef JOSTLE_COMPARE_KERNEL_H
#define JOSTLE_COMPARE_KERNEL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Who does the work. */
enum way {
	WAY_ONE, /* one process, one thread: no concurrency */
	WAY_PROCESS,
	WAY_THREAD,
	WAY_PROCESS_POOL,
	WAY_THREAD_POOL,
};

enum task { TASK_CPU, TASK_FILES, TASK_WAITS, TASK_MIXED, TASK_COUNT };

#define KERNEL_VALUES  4
#define KERNEL_WORKERS 64    /* at most */
#define MESSAGE_SIZE   64    /* bytes */
#define QUEUE_ROOM     8     /* messages */
#define FILE_SIZE      16384 /* bytes that a task writes and reads back */

struct kernel_call {
	/* In. */
	enum way way;
	unsigned workers;
	uint64_t operations; /* of tasks: how many */
	int cpu;             /* where switching happens */
	int queues[2];       /* mqd_t, there and back; -1: this machine has none */
	int folder;          /* where tasks make their files */
	uint64_t hashes;     /* what a CPU-bound task computes */
	uint64_t wait_ns;    /* how long a waiting task waits */
	/* Out. Times in ns for all operations (of a series, see below), memory in bytes. */
	double values[KERNEL_VALUES];
	uint64_t checksum; /* of tasks: the same for every way */
	char error[160];   /* empty: all went well */
};

typedef void kernel_run(struct kernel_call *call);

kernel_run kernel_create;       /* fork or pthread_create, and joining: values[0] */
kernel_run kernel_program;      /* posix_spawn of /bin/true, and joining: values[0] */
kernel_run kernel_switch_pipe;  /* both on one processor; one operation is there and back */
kernel_run kernel_switch_futex; /* the same */
kernel_run kernel_memory;       /* values[]: enum memory_value, of each of `workers` */
kernel_run kernel_message_pipe; /* one operation is a message there and one back */
kernel_run kernel_message_queue;
kernel_run kernel_message_shared;
/* values[0] is the time for all tasks, values[1] the processor time that they used. */
kernel_run kernel_cpu, kernel_files, kernel_waits, kernel_mixed;

enum memory_value { MEMORY_PRIVATE, MEMORY_PROPORTIONAL, MEMORY_TABLES, MEMORY_ADDRESSES };

/* One task; returns its part of the checksum. What fails is said in call->error. */
uint64_t task_do(struct kernel_call *call, enum task task, unsigned number);

/* Says in call->error what failed, with errno, unless something is said there already. */
void kernel_fail(struct kernel_call *call, const char *what);

/* Something that stands on the other side: a process or a thread that runs body(context). */
struct peer {
	pid_t pid;
	pthread_t thread;
	bool is_process, started;
	void (*body)(void *);
	void *context;
};

/* peer stays where it is until peer_join(). False: not started, said in call->error. */
bool peer_start(struct peer *peer, struct kernel_call *call, void (*body)(void *), void *context);
/* Waits for its end; a process that did not end well is said in call->error. */
void peer_join(struct peer *peer, struct kernel_call *call);
/* fork(); the child dies with its parent. */
pid_t kernel_fork(void);
/* Waits for one child, or any (-1). False, said in call->error: it did not end with 0. */
bool kernel_wait(struct kernel_call *call, pid_t pid);
/* Memory that processes forked later share; zeroed. Aborts when there is none. */
void *kernel_shared(size_t size);
/* Monotonic time. */
uint64_t kernel_now_ns(void);

/*
 * Short operations are done in several series of call->operations, and the series of median length
 * is the sample: one that another program interrupted does not count.
 */
#define SERIES 9

struct series {
	uint64_t ends_ns[SERIES + 1];
	unsigned count;
};

/* The first call begins the first series, each other ends one; after SERIES more nothing happens.
 */
void series_mark(struct series *series);
/* The median length, ns. All series have ended. */
double series_median(const struct series *series);

#endif
