/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals to groups of processes: each of the group gets one, also who leads a session of its own
 * and who became another program, nobody else does, and who has a handler survives it. "broken": a
 * member that has none yet dies of it in some schedules, and that is what ends this program with 1.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "must.h"

static volatile sig_atomic_t taken; /* how many SIGUSR1, and ten for each SIGUSR2 */

static void on_signal(int signo)
{
	taken += signo == SIGUSR1 ? 1 : 10;
}

static void handle(void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	must(sigaction(SIGUSR1, &action, NULL) == 0 && sigaction(SIGUSR2, &action, NULL) == 0);
}

static void block(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	must(sigprocmask(how, &set, NULL) == 0);
}

/* Ends with how many signals it took until its standard input ended. */
static void count_until_end(void)
{
	char c;
	ssize_t got;

	block(SIG_UNBLOCK);
	must(write(STDOUT_FILENO, "r", 1) == 1);
	do
		got = read(STDIN_FILENO, &c, 1);
	while (got < 0 && errno == EINTR);
	_exit(taken);
}

enum place { IN_GROUP, IN_SESSION, BESIDE };

struct member {
	pid_t pid;
	int end; /* closing it ends the member */
};

static struct member make(const char *self, enum place place, pid_t group, bool becomes)
{
	int input[2], output[2];
	struct member m;
	char c;

	must(pipe(input) == 0 && pipe(output) == 0);
	m.pid = fork();
	must(m.pid >= 0);
	if (m.pid == 0) {
		if (place == IN_GROUP)
			must(setpgid(0, group) == 0);
		else if (place == IN_SESSION)
			must(setsid() > 0);
		dup2(input[0], STDIN_FILENO);
		dup2(output[1], STDOUT_FILENO);
		for (int fd = STDERR_FILENO + 1; fd <= output[1] || fd <= input[1]; fd++)
			close(fd); /* those of the other members, too */
		if (becomes)
			execl(self, self, "member", NULL);
		count_until_end();
	}
	close(input[0]);
	close(output[1]);
	must(read(output[0], &c, 1) == 1);
	close(output[0]);
	m.end = input[1];
	return m;
}

static void expect(struct member m, int signals)
{
	int status;

	close(m.end);
	must(waitpid(m.pid, &status, 0) == m.pid);
	must(WIFEXITED(status) && WEXITSTATUS(status) == signals);
}

static int broken(void)
{
	int status;
	const pid_t pid = fork();

	if (pid == 0) {
		setsid();
		usleep(1);
		handle(on_signal);
		_exit(0);
	}
	handle(SIG_DFL);
	while (kill(-pid, SIGUSR1) != 0)
		must(errno == ESRCH);
	must(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status);
}

int main(int argc, char **argv)
{
	struct member leader, second, session, beside;

	if (argc > 1 && strcmp(argv[1], "broken") == 0)
		return broken();
	handle(on_signal);
	block(SIG_BLOCK);
	if (argc > 1)
		count_until_end();
	leader = make(argv[0], IN_GROUP, 0, false);
	second = make(argv[0], IN_GROUP, leader.pid, true);
	session = make(argv[0], IN_SESSION, 0, false);
	beside = make(argv[0], BESIDE, 0, false);
	must(kill(-leader.pid, 0) == 0);
	must(kill(-leader.pid, SIGUSR1) == 0);
	must(killpg(session.pid, SIGUSR1) == 0);
	must(setpgid(0, leader.pid) == 0);
	block(SIG_UNBLOCK);
	must(kill(0, SIGUSR2) == 0 && taken == 10);
	expect(leader, 11);
	expect(second, 11);
	expect(session, 1);
	expect(beside, 0);
	must(kill(-session.pid, SIGUSR1) == -1 && errno == ESRCH);
	return 0;
}
