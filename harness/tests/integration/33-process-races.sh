#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Races between processes on memory that they share: found with both sides, confirmed and replayed;
# and silence wherever processes order their accesses, by whatever means, or share nothing.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

cd "$work" || exit
cat >share.c <<'END'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	pthread_barrier_t barrier;
	pthread_rwlock_t rwlock;
	sem_t sem;
	atomic_int flag;
	int ready;
	long value; /* what the race is about */
};

static struct shared *s;
static pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER; /* of each process */
static long private_value;
static int ends[2], event, semaphores;
static mqd_t queue;
static const char *mode;

static int is(const char *name) { return strcmp(mode, name) == 0; }

static void must(int good)
{
	if (!good)
		_exit(99);
}

__attribute__((noinline)) static void add(void) { s->value++; }

/* What both processes do alike; false: it is another mode. */
static int do_alike(void)
{
	if (is("private")) {
		private_value++;
	} else if (is("own-mutex")) {
		pthread_mutex_lock(&own);
		add();
		pthread_mutex_unlock(&own);
	} else if (is("mutex")) {
		pthread_mutex_lock(&s->mutex);
		add();
		pthread_mutex_unlock(&s->mutex);
	} else if (is("rwlock")) {
		pthread_rwlock_wrlock(&s->rwlock);
		add();
		pthread_rwlock_unlock(&s->rwlock);
	} else if (is("read-locks")) {
		pthread_rwlock_rdlock(&s->rwlock);
		add();
		pthread_rwlock_unlock(&s->rwlock);
	} else {
		return 0;
	}
	return 1;
}

static void change(int by)
{
	struct sembuf operation = { .sem_num = 0, .sem_op = (short)by };
	must(semop(semaphores, &operation, 1) == 0);
}

static void child(void)
{
	char byte = 1;
	uint64_t one = 1;

	if (do_alike())
		return;
	if (is("parts")) {
		((char *)&s->ready)[1] = 1;
	} else if (is("cond")) {
		pthread_mutex_lock(&s->mutex);
		add();
		s->ready = 1;
		pthread_cond_signal(&s->cond);
		pthread_mutex_unlock(&s->mutex);
	} else if (is("dies-holding")) {
		pthread_mutex_lock(&s->mutex);
		add();
	} else if (is("grandchild")) {
		pid_t pid = fork();
		must(pid >= 0);
		if (pid == 0) {
			add();
			_exit(0);
		}
		must(waitpid(pid, NULL, 0) == pid);
	} else if (is("elsewhere")) {
		/* The same memory, somewhere else. */
		int fd = shm_open("/jostle-test-share", O_RDWR, 0);
		struct shared *again = mmap((void *)0x200000000, 4096, PROT_READ | PROT_WRITE,
					    MAP_SHARED | MAP_FIXED, fd, 0);
		must(again == (void *)0x200000000);
		again->value++;
	} else {
		add();
		if (is("sem"))
			sem_post(&s->sem);
		if (is("flag"))
			atomic_store_explicit(&s->flag, 1, memory_order_release);
		if (is("relaxed-flag"))
			atomic_store_explicit(&s->flag, 1, memory_order_relaxed);
		if (is("barrier"))
			pthread_barrier_wait(&s->barrier);
		if (is("pipe") || is("socket"))
			must(write(ends[1], &byte, 1) == 1);
		if (is("eventfd"))
			must(write(event, &one, sizeof(one)) == sizeof(one));
		if (is("queue"))
			must(mq_send(queue, &byte, 1, 0) == 0);
		if (is("semop"))
			change(1);
		if (is("signal"))
			kill(getppid(), SIGUSR1);
	}
}

static void await(void)
{
	char byte;
	uint64_t many;
	sigset_t set;
	int signo;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (is("sem"))
		sem_wait(&s->sem);
	if (is("flag") || is("relaxed-flag"))
		while (!atomic_load_explicit(&s->flag, memory_order_acquire))
			sched_yield();
	if (is("barrier"))
		pthread_barrier_wait(&s->barrier);
	if (is("pipe") || is("socket"))
		must(read(ends[0], &byte, 1) == 1);
	if (is("eventfd"))
		must(read(event, &many, sizeof(many)) == sizeof(many));
	if (is("queue"))
		must(mq_receive(queue, &byte, 1, NULL) == 1);
	if (is("semop"))
		change(-1);
	if (is("signal"))
		must(sigwait(&set, &signo) == 0);
	if (is("wait") || is("grandchild"))
		must(wait(NULL) > 0);
	if (is("sleep"))
		usleep(100000);
}

static void parent(void)
{
	if (do_alike())
		return;
	if (is("parts")) {
		((char *)&s->ready)[2] = 1;
	} else if (is("cond")) {
		pthread_mutex_lock(&s->mutex);
		while (!s->ready)
			pthread_cond_wait(&s->cond, &s->mutex);
		pthread_mutex_unlock(&s->mutex);
		add();
	} else if (is("dies-holding")) {
		if (pthread_mutex_lock(&s->mutex) == EOWNERDEAD)
			pthread_mutex_consistent(&s->mutex);
		add();
		pthread_mutex_unlock(&s->mutex);
	} else {
		await();
		add();
	}
}

static struct shared *make(void)
{
	int fd;
	void *memory;

	if (is("elsewhere")) {
		shm_unlink("/jostle-test-share");
		fd = shm_open("/jostle-test-share", O_CREAT | O_EXCL | O_RDWR, 0600);
		must(fd >= 0 && ftruncate(fd, 4096) == 0);
		memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	} else if (is("shmat")) {
		fd = shmget(IPC_PRIVATE, 4096, 0600);
		memory = shmat(fd, NULL, 0);
		shmctl(fd, IPC_RMID, NULL);
	} else {
		memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	}
	must(memory != MAP_FAILED);
	return memory;
}

int main(int argc, char **argv)
{
	struct mq_attr attributes = { .mq_maxmsg = 2, .mq_msgsize = 1 };
	pthread_mutexattr_t mutex;
	pthread_condattr_t cond;
	pthread_barrierattr_t barrier;
	pthread_rwlockattr_t rwlock;
	sigset_t set;
	pid_t pid;

	mode = argc > 1 ? argv[1] : "plain";
	s = make();
	pthread_mutexattr_init(&mutex);
	pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&mutex, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&s->mutex, &mutex);
	pthread_condattr_init(&cond);
	pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&s->cond, &cond);
	pthread_barrierattr_init(&barrier);
	pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&s->barrier, &barrier, 2);
	pthread_rwlockattr_init(&rwlock);
	pthread_rwlockattr_setpshared(&rwlock, PTHREAD_PROCESS_SHARED);
	pthread_rwlock_init(&s->rwlock, &rwlock);
	sem_init(&s->sem, 1, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (is("socket"))
		must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	else
		must(pipe(ends) == 0);
	event = eventfd(0, 0);
	if (is("queue"))
		must((queue = mq_open("/jostle-test-queue", O_CREAT | O_RDWR, 0600, &attributes)) >= 0);
	semaphores = semget(IPC_PRIVATE, 1, 0600);
	s->value = 5;
	private_value = 5;
	pid = fork();
	must(pid >= 0);
	if (pid == 0) {
		child();
		_exit(0);
	}
	parent();
	while (wait(NULL) > 0)
		continue;
	semctl(semaphores, 0, IPC_RMID);
	if (is("queue"))
		mq_unlink("/jostle-test-queue");
	if (is("elsewhere"))
		shm_unlink("/jostle-test-share");
	return private_value + s->value < 10;
}
END
check "the program builds" "$JOSTLE" cc -O1 -pthread share.c -o share -lrt
run() {
	"$JOSTLE" run -q -n 100 -j 2 --confirm 0 --out out "$@"
}
for mode in plain own-mutex read-locks relaxed-flag sleep elsewhere shmat; do
	check_status 1 "$mode: is found" run -- ./share "$mode"
	check_output '^F1 error: race: ' "and is a race" run -n 20 -- ./share "$mode"
done
for mode in parts private mutex cond rwlock dies-holding grandchild sem flag barrier pipe socket \
	eventfd queue semop signal wait; do
	check_status 0 "$mode: silent" run -- ./share "$mode"
done

"$JOSTLE" run -n 200 -j 1 --out told --json told.json -- ./share >told.txt
check_output 'T1 P1 main (reads|writes) memory#1, 8 bytes' "the report names one process" cat told.txt
check_output 'T0 P0 main (reads|writes) memory#1, 8 bytes' "and the other" cat told.txt
check_output '#0 .*share\.c:[0-9]+ in add\(\)' "with its stack" cat told.txt
check_output '#1 .*share\.c:[0-9]+ in child\(\)' "that of the child" cat told.txt
check_output '#1 .*share\.c:[0-9]+ in parent\(\)' "and that of the parent" cat told.txt
check_output 'Confirmed: in [0-9]+ of' "the processes were steered into each other" cat told.txt
check_output 'replay exact' "it replays" cat told.txt
check_status 1 "in a fresh run" "$JOSTLE" replay --out told F1
check_output 'bit for bit' "bit for bit" "$JOSTLE" replay --out told F1
for reset in fork exec; do
	"$JOSTLE" run -q -n 70 -j 1 --confirm 0 --reset $reset --json $reset.json -- ./share >/dev/null
done
check "each reset finds the same" python3 -c '
import json
one, two = json.load(open("fork.json")), json.load(open("exec.json"))
assert {f["title"] for f in one["findings"]} == {f["title"] for f in two["findings"]} != set()'

# The same program below others that see one process at a time, side by side.
if command -v valgrind >/dev/null; then
	cc -g -O1 -pthread share.c -o native -lrt
	check_status 0 "Helgrind says nothing of it" valgrind -q --tool=helgrind \
		--trace-children=yes --error-exitcode=9 ./native
else
	skip "Helgrind says nothing of it" "valgrind is not installed"
fi
if cc -g -O1 -fsanitize=thread -pthread share.c -o tsan -lrt 2>/dev/null &&
	setarch -R ./tsan mutex 2>/dev/null; then
	check_status 0 "ThreadSanitizer says nothing of it" setarch -R ./tsan
else
	skip "ThreadSanitizer says nothing of it" "it does not run here"
fi

# What a program does that a process becomes is not seen, and said.
cat >becomes.c <<'END'
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
int main(void)
{
	char *argv[] = { "true", NULL };
	pid_t pid;
	if (posix_spawnp(&pid, "true", NULL, NULL, argv, environ))
		return 2;
	return waitpid(pid, NULL, 0) != pid;
}
END
check "a program that starts another builds" "$JOSTLE" cc -O1 -pthread becomes.c -o becomes
check_output 'races are not looked for once a process has become another program' \
	"the report says where it stops looking" "$JOSTLE" run -n 20 --out none -- ./becomes
finish
