/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fork() and those that wait for it, exit statuses, the user's and group's identity. A child is
 * itself not controlled: what it does must be as without jostle.
 */
#include <grp.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "differential.h"

static int prepared, in_parent, forked;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void prepare(void)
{
	prepared++;
}

static void parent(void)
{
	in_parent++;
}

static void child(void)
{
	forked++;
}

static void exits_with_handlers_run(void)
{
	_exit(prepared * 100 + in_parent * 10 + forked);
}

static void exits(void)
{
	exit(41);
}

static void *adds(void *count)
{
	pthread_mutex_lock(&mutex);
	++*(int *)count;
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static void uses_threads(void)
{
	pthread_t threads[3];
	int count = 0;

	for (int i = 0; i < 3; i++)
		if (pthread_create(&threads[i], NULL, adds, &count))
			_exit(100);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	_exit(count);
}

static void forks_again(void)
{
	_exit(WEXITSTATUS(in_child(uses_threads)) + 10);
}

static void *forks_in_thread(void *unused)
{
	(void)unused;
	return (void *)(long)in_child(uses_threads);
}

static int released[2];

static void waits_for_release(void)
{
	char byte;

	close(released[1]);
	_exit(read(released[0], &byte, 1) == 0 ? 5 : 6);
}

static pid_t started(void (*function)(void))
{
	const pid_t pid = fork();

	if (pid == 0) {
		function();
		_exit(0);
	}
	return pid;
}

static void no_more(void)
{
	struct rlimit limit = { 0, 0 };

	if (getuid() == 0 && setuid(65534))
		_exit(1);
	if (setrlimit(RLIMIT_NPROC, &limit))
		_exit(2);
	_exit(fork() < 0 && errno == EAGAIN ? 3 : 4);
}

static void forking(void)
{
	siginfo_t info;
	int status = 0;
	pid_t pid;

	says("fork", "exit %d", WEXITSTATUS(in_child(exits)));
	says("fork", "threads %d", WEXITSTATUS(in_child(uses_threads)));
	says("fork", "twice %d", WEXITSTATUS(in_child(forks_again)));
	says("fork", "in a thread %d", WEXITSTATUS((int)(long)in_thread(forks_in_thread, NULL)));
	says("fork", "without room %d", WEXITSTATUS(in_child(no_more)));
	GIVES(pthread_atfork(prepare, parent, child));
	says("fork", "handlers %d", WEXITSTATUS(in_child(exits_with_handlers_run)));
	with(", then %d %d %d", prepared, in_parent, forked);

	SETS(waitpid(-1, &status, 0));
	SETS(waitpid(getpid(), &status, 0));
	SETS(wait(&status));
	SETS(waitpid(-1, &status, 7777));
	SETS(waitid(P_ALL, 0, &info, WEXITED));
	SETS(waitid(P_ALL, 0, &info, 0));
	if (pipe(released))
		abort();
	pid = started(waits_for_release);
	close(released[0]);
	SETS(waitpid(pid, &status, WNOHANG));
	close(released[1]);
	IS_SO(waitpid(pid, &status, 0), waitpid(pid, &status, 0) == pid);
	with(", exited %d with %d", WIFEXITED(status), WEXITSTATUS(status));
	SETS(waitpid(pid, &status, 0));
	pid = started(exits);
	SETS(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
	with(", code %d status %d", info.si_code, info.si_status);
	SETS(waitid(P_PID, (id_t)pid, &info, WEXITED));
	with(", the child %d", info.si_pid == pid);
	if (pipe(released))
		abort();
	pid = started(waits_for_release);
	says("kill", "%d", kill(pid, SIGTERM));
	IS_SO(wait(&status), wait(&status) == pid);
	with(", signalled %d by %d", WIFSIGNALED(status), WTERMSIG(status));
	SETS(kill(pid, 0));
	close(released[0]);
	close(released[1]);
}

static void spawning(void)
{
	char *const arguments[] = { "sh", "-c", "exit 12", NULL };
	char *const environment[] = { NULL };
	int status = 0;
	pid_t pid;

	GIVES(posix_spawn(&pid, "/bin/sh", NULL, NULL, arguments, environment));
	waitpid(pid, &status, 0);
	with(", exit %d", WEXITSTATUS(status));
	GIVES(posix_spawn(&pid, "/nonexistent", NULL, NULL, arguments, environment));
	SETS(execve("/nonexistent", arguments, environment));
	says("system", "%d", WEXITSTATUS(system("exit 13")));
}

static volatile int children;

static void child_ended(int signo)
{
	(void)signo;
	children++;
}

static void told_of(void)
{
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &old);
	handle(SIGCHLD, child_ended, 0);
	if (started(exits) < 0)
		abort();
	while (children == 0)
		sigsuspend(&old);
	says("wait", "told %d, %d", children, wait(NULL) > 0);
	sigprocmask(SIG_SETMASK, &old, NULL);
	handle(SIGCHLD, SIG_DFL, 0);
}

void processes(void)
{
	forking();
	spawning();
	told_of();
}
