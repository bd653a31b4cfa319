/* SPDX-License-Identifier: Apache-2.0 */
/* Children of every make: fork, vfork, posix_spawn, system, popen; pipes to them; waiting for them
 * in every way. */
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

extern char **environ;

static volatile sig_atomic_t children_ended;

static void on_child(int signo)
{
	(void)signo;
	children_ended++;
}

static void forked(void)
{
	int status, ends[2];
	char word[8];
	pid_t pid;

	must(pipe(ends) == 0);
	pid = fork();
	must(pid >= 0);
	if (pid == 0) {
		/* real time and real signals in here */
		struct timespec brief = { 0, 2000000 };

		nanosleep(&brief, NULL);
		(void)!write(ends[1], "child", 5);
		raise(SIGTERM);
		_exit(9);
	}
	close(ends[1]);
	must(read(ends[0], word, 8) == 5 && memcmp(word, "child", 5) == 0);
	must(waitpid(pid, &status, 0) == pid);
	must(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	must(waitpid(pid, &status, 0) == -1 && errno == ECHILD);
	close(ends[0]);
}

static void waited(void)
{
	siginfo_t info;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(7);
	must(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0 && info.si_status == 7);
	while (waitpid(-1, &status, WNOHANG) == 0)
		usleep(1000);
	must(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	signal(SIGCHLD, on_child);
	pid = fork();
	if (pid == 0)
		_exit(0);
	must(wait(&status) == pid && WIFEXITED(status));
	must(children_ended > 0);
	signal(SIGCHLD, SIG_DFL);
}

static void started(void)
{
	char *const argv[] = { (char *)"true", NULL };
	char *const missing[] = { (char *)"missing", NULL };
	char line[32];
	FILE *stream;
	int status;
	pid_t pid;

	must(posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ) == 0);
	must(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	must(posix_spawn(&pid, "/bin/missing-program", NULL, NULL, missing, environ) == ENOENT);
	pid = vfork();
	if (pid == 0) {
		execl("/bin/false", "false", NULL);
		_exit(127);
	}
	must(pid > 0 && waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 1);
	must(WEXITSTATUS(system("exit 3")) == 3);
	stream = popen("echo spoken", "r");
	must(stream && fgets(line, sizeof(line), stream) && strcmp(line, "spoken\n") == 0);
	must(pclose(stream) == 0);
}

static void *fork_here(void *unused)
{
	int status;
	const pid_t pid = fork();

	(void)unused;
	if (pid == 0)
		_exit(5);
	must(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 5);
	return NULL;
}

/* An argument: without the one that the reset has to kill, which natively nobody would. */
int main(int argc, char **argv)
{
	pthread_t t[2];

	forked();
	waited();
	started();
	for (int i = 0; i < 2; i++)
		must(pthread_create(&t[i], NULL, fork_here, NULL) == 0);
	for (int i = 0; i < 2; i++)
		must(pthread_join(t[i], NULL) == 0);
	(void)argv;
	if (argc == 1 && fork() == 0)
		for (;;)
			pause();
	return 0;
}
