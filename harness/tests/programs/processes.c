/* SPDX-License-Identifier: Apache-2.0 */
/* What processes share and how they wait for each other; each part checks itself. */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

struct shared {
	pthread_mutex_t mutex, robust;
	pthread_cond_t cond;
	pthread_rwlock_t rwlock;
	pthread_barrier_t barrier;
	pthread_spinlock_t spin;
	sem_t sem;
	int count, turn, ready;
};

static struct shared *map_shared(void)
{
	struct shared *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t mutex;
	pthread_condattr_t cond;
	pthread_rwlockattr_t rwlock;
	pthread_barrierattr_t barrier;

	must(s != MAP_FAILED);
	pthread_mutexattr_init(&mutex);
	pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
	must(pthread_mutex_init(&s->mutex, &mutex) == 0);
	pthread_mutexattr_setrobust(&mutex, PTHREAD_MUTEX_ROBUST);
	must(pthread_mutex_init(&s->robust, &mutex) == 0);
	pthread_condattr_init(&cond);
	pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED);
	must(pthread_cond_init(&s->cond, &cond) == 0);
	pthread_rwlockattr_init(&rwlock);
	pthread_rwlockattr_setpshared(&rwlock, PTHREAD_PROCESS_SHARED);
	must(pthread_rwlock_init(&s->rwlock, &rwlock) == 0);
	pthread_barrierattr_init(&barrier);
	pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
	must(pthread_barrier_init(&s->barrier, &barrier, 3) == 0);
	must(pthread_spin_init(&s->spin, PTHREAD_PROCESS_SHARED) == 0);
	must(sem_init(&s->sem, 1, 0) == 0);
	return s;
}

static void reap(int expected)
{
	int status;

	for (int i = 0; i < expected; i++) {
		must(wait(&status) > 0);
		must(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	must(wait(&status) == -1 && errno == ECHILD);
}

/* Every kind of lock, a condition to take turns by, a barrier, a semaphore. */
static void locks(void)
{
	struct shared *s = map_shared();

	for (int me = 0; me < 2; me++) {
		if (fork() != 0)
			continue;
		for (int i = 0; i < 2; i++) {
			pthread_mutex_lock(&s->mutex);
			while (s->turn != me)
				pthread_cond_wait(&s->cond, &s->mutex);
			s->turn = 1 - me;
			s->count++;
			pthread_cond_broadcast(&s->cond);
			pthread_mutex_unlock(&s->mutex);
		}
		pthread_rwlock_wrlock(&s->rwlock);
		s->count++;
		pthread_rwlock_unlock(&s->rwlock);
		pthread_spin_lock(&s->spin);
		s->ready++;
		pthread_spin_unlock(&s->spin);
		pthread_barrier_wait(&s->barrier);
		sem_post(&s->sem);
		_exit(0);
	}
	pthread_barrier_wait(&s->barrier);
	pthread_rwlock_rdlock(&s->rwlock);
	must(s->count == 6 && s->ready == 2);
	pthread_rwlock_unlock(&s->rwlock);
	must(sem_wait(&s->sem) == 0 && sem_wait(&s->sem) == 0);
	reap(2);
	munmap(s, sizeof(*s));
}

/* Whoever ends with a robust mutex leaves it to the next. */
static void robust(void)
{
	struct shared *s = map_shared();
	const pid_t pid = fork();

	if (pid == 0) {
		pthread_mutex_lock(&s->robust);
		s->count = 1;
		sem_post(&s->sem);
		pause();
	}
	sem_wait(&s->sem);
	must(kill(pid, SIGKILL) == 0);
	must(pthread_mutex_lock(&s->robust) == EOWNERDEAD && s->count == 1);
	must(pthread_mutex_consistent(&s->robust) == 0);
	must(pthread_mutex_unlock(&s->robust) == 0);
	must(waitpid(pid, &s->turn, 0) == pid && WIFSIGNALED(s->turn) &&
	     WTERMSIG(s->turn) == SIGKILL);
	munmap(s, sizeof(*s));
}

/* One memory at two addresses is one lock. */
static void apart(void)
{
	const int fd = memfd_create("apart", 0);
	pthread_mutexattr_t attributes;
	pthread_mutex_t *lock;

	must(fd >= 0 && ftruncate(fd, 8192) == 0);
	lock = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(lock != MAP_FAILED);
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	must(pthread_mutex_init(lock, &attributes) == 0);
	if (fork() == 0) {
		pthread_mutex_t *other;

		other = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		must(other != MAP_FAILED && other != lock);
		for (int i = 0; i < 2; i++) {
			pthread_mutex_lock(other);
			pthread_mutex_unlock(other);
		}
		_exit(0);
	}
	for (int i = 0; i < 2; i++) {
		pthread_mutex_lock(lock);
		pthread_mutex_unlock(lock);
	}
	reap(1);
	munmap(lock, 8192);
	close(fd);
}

/* Pipes both ways, to a grandchild; a socket pair; an event counter. */
static void streams(void)
{
	int there[2], back[2], pair[2];
	const int event = eventfd(0, 0);
	uint64_t value = 0;
	char word[8];

	must(pipe(there) == 0 && pipe(back) == 0 && event >= 0);
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	if (fork() == 0) {
		if (fork() == 0) {
			must(read(there[0], word, 8) == 4);
			must(write(back[1], word, 4) == 4);
			_exit(0);
		}
		reap(1);
		value = 3;
		must(write(event, &value, 8) == 8);
		must(read(pair[1], word, 8) == 2 && memcmp(word, "hi", 2) == 0);
		_exit(0);
	}
	must(write(there[1], "ping", 4) == 4);
	close(back[1]);
	must(read(back[0], word, 8) == 4 && memcmp(word, "ping", 4) == 0);
	must(read(event, &value, 8) == 8 && value == 3);
	must(write(pair[0], "hi", 2) == 2);
	must(read(back[0], word, 8) == 0); /* when all who could write have ended */
	reap(1);
	close(there[0]), close(there[1]), close(back[0]), close(pair[0]), close(pair[1]);
	close(event);
}

static volatile sig_atomic_t signals;

static void on_signal(int signo)
{
	(void)signo;
	signals++;
}

/* There and back by signals; a child that ends of one; SIGCHLD. */
static void signalled(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t wanted, before;
	int status;
	pid_t pid;

	signals = 0;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGCHLD, &action, NULL);
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGUSR1);
	sigprocmask(SIG_BLOCK, &wanted, &before);
	pid = fork();
	if (pid == 0) {
		kill(getppid(), SIGUSR1);
		sigwaitinfo(&wanted, NULL);
		raise(SIGTERM);
	}
	must(sigwaitinfo(&wanted, NULL) == SIGUSR1);
	must(kill(pid, SIGUSR1) == 0);
	while (waitpid(pid, &status, 0) < 0)
		must(errno == EINTR);
	must(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	must(signals == 1);
	must(kill(pid, 0) == -1 && errno == ESRCH);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGCHLD, SIG_DFL);
}

/* System V semaphores, queues and memory; POSIX queues; file locks. */
static void objects(void)
{
	const int set = semget(IPC_PRIVATE, 1, 0600), queue = msgget(IPC_PRIVATE, 0600);
	const int segment = shmget(IPC_PRIVATE, 4096, 0600);
	struct sembuf down = { 0, -1, 0 }, up = { 0, 1, 0 };
	struct mq_attr room = { .mq_maxmsg = 1, .mq_msgsize = 8 };
	const mqd_t mq = mq_open("/jostle-processes", O_CREAT | O_RDWR, 0600, &room);
	struct {
		long kind;
		char text[8];
	} message = { 1, "text" };
	int *memory = shmat(segment, NULL, 0);
	const int file = open(".", O_TMPFILE | O_RDWR, 0600);
	char text[8];

	must(set >= 0 && queue >= 0 && segment >= 0 && mq >= 0 && memory != (void *)-1);
	if (fork() == 0) {
		must(msgsnd(queue, &message, 8, 0) == 0);
		must(semop(set, &down, 1) == 0);
		*memory = 7;
		must(semop(set, &up, 1) == 0);
		for (int i = 0; i < 2; i++)
			must(mq_send(mq, "queued", 7, 0) == 0);
		_exit(0);
	}
	must(msgrcv(queue, &message, 8, 1, 0) == 8);
	must(semop(set, &up, 1) == 0);
	for (int i = 0; i < 2; i++)
		must(mq_receive(mq, text, 8, NULL) == 7);
	must(semop(set, &down, 1) == 0 && *memory == 7);
	reap(1);
	if (file >= 0) {
		struct flock lock = { .l_type = F_WRLCK };

		must(fcntl(file, F_SETLK, &lock) == 0);
		if (fork() == 0) {
			must(fcntl(file, F_SETLKW, &lock) ==
			     0); /* record locks are not inherited */
			_exit(0);
		}
		lock.l_type = F_UNLCK;
		must(fcntl(file, F_SETLK, &lock) == 0);
		reap(1);
		close(file);
	}
	shmdt(memory);
	semctl(set, 0, IPC_RMID), msgctl(queue, IPC_RMID, NULL), shmctl(segment, IPC_RMID, NULL);
	mq_close(mq), mq_unlink("/jostle-processes");
}

/* By name, each process for itself. */
static void named(void)
{
	int *memory, fd;
	sem_t *sem;

	sem_unlink("/jostle-named");
	shm_unlink("/jostle-named");
	if (fork() == 0) {
		sem = sem_open("/jostle-named", O_CREAT, 0600, 0);
		fd = shm_open("/jostle-named", O_CREAT | O_RDWR, 0600);
		must(sem != SEM_FAILED && fd >= 0 && ftruncate(fd, 4096) == 0);
		memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		must(memory != MAP_FAILED);
		*memory = 9;
		must(sem_post(sem) == 0);
		_exit(0);
	}
	sem = sem_open("/jostle-named", O_CREAT, 0600, 0);
	must(sem != SEM_FAILED && sem_wait(sem) == 0);
	fd = shm_open("/jostle-named", O_RDWR, 0);
	must(fd >= 0);
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(memory != MAP_FAILED && *memory == 9);
	reap(1);
	munmap(memory, 4096);
	close(fd);
	must(sem_close(sem) == 0 && sem_unlink("/jostle-named") == 0);
	must(shm_unlink("/jostle-named") == 0 && shm_unlink("/jostle-named") == -1);
}

static void *count_up(void *argument)
{
	struct shared *s = argument;

	pthread_mutex_lock(&s->mutex);
	s->count++;
	pthread_mutex_unlock(&s->mutex);
	return NULL;
}

/* Threads of both, a lock held over the fork, time that passes for all. */
static void threads(void)
{
	static pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;
	const struct timespec long_time = { 5, 0 };
	struct shared *s = map_shared();
	pthread_t thread[2];
	int status;

	pthread_mutex_lock(&own);
	must(pthread_create(&thread[0], NULL, count_up, s) == 0);
	if (fork() == 0) {
		pthread_mutex_unlock(&own);
		must(pthread_create(&thread[0], NULL, count_up, s) == 0);
		must(pthread_create(&thread[1], NULL, count_up, s) == 0);
		must(pthread_join(thread[0], NULL) == 0 && pthread_join(thread[1], NULL) == 0);
		nanosleep(&long_time, NULL);
		exit(3);
	}
	pthread_mutex_unlock(&own);
	must(pthread_create(&thread[1], NULL, count_up, s) == 0);
	must(pthread_join(thread[0], NULL) == 0 && pthread_join(thread[1], NULL) == 0);
	must(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 3);
	must(s->count == 4);
	munmap(s, sizeof(*s));
}

/* One that lives on by itself, and sees that its parent has gone. */
static void orphan(void)
{
	const pid_t parent = getpid();

	if (fork() == 0) {
		while (getppid() == parent)
			usleep(1000);
		_exit(1);
	}
}

/* All parts, or those that are named. */
/* A library's lock over a fork: the child makes it anew, as allocators do. */
static pthread_mutex_t library = PTHREAD_MUTEX_INITIALIZER;

static void prepare(void)
{
	pthread_mutex_lock(&library);
}

static void in_parent(void)
{
	pthread_mutex_unlock(&library);
}

static void in_child(void)
{
	pthread_mutex_init(&library, NULL);
}

static void *use_library(void *unused)
{
	prepare();
	in_parent();
	return unused;
}

static void handlers(void)
{
	pthread_t other;
	int status;
	pid_t pid;

	must(pthread_atfork(prepare, in_parent, in_child) == 0);
	must(pthread_create(&other, NULL, use_library, NULL) == 0);
	pid = fork();
	if (pid == 0) {
		use_library(NULL);
		_exit(0);
	}
	use_library(NULL);
	must(waitpid(pid, &status, 0) == pid && status == 0);
	must(pthread_join(other, NULL) == 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} parts[] = { { "locks", locks },      { "robust", robust },       { "apart", apart },
		      { "streams", streams },  { "signalled", signalled }, { "objects", objects },
		      { "named", named },      { "threads", threads },     { "orphan", orphan },
		      { "handlers", handlers } };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int named = argc == 1;

		for (int n = 1; n < argc; n++)
			named |= strcmp(argv[n], parts[i].name) == 0;
		if (named)
			parts[i].run();
	}
	return 0;
}
