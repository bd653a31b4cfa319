/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of `jostle run --with CLIENT -- SERVER`: jostle-with CLIENT SERVER [ARGUMENT...].
 *
 * It is the first process of the schedule and starts the two others, which stay in it over their
 * exec. The client may start at any time: its connect(2) waits until somebody listens
 * (engine/descriptors/peers.h). When the client has ended the server gets SIGTERM, and SIGKILL when
 * it is still there after a while of virtual time; what else they left goes with the schedule.
 *
 * The exit status is the client's, or that of a server that failed. That somebody was killed by
 * SIGKILL, as --kill does it, is no failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S 10 /* from SIGTERM to SIGKILL */
#define WORDS_MAX  256
#define CANNOT     127

static volatile sig_atomic_t late;

static void on_alarm(int number)
{
	(void)number;
	late = 1;
}

static _Noreturn void become(char *const *argv)
{
	execvp(argv[0], argv);
	fprintf(stderr, "jostle-with: %s: %s\n", argv[0], strerror(errno));
	_exit(CANNOT);
}

/* Words without anything that a shell would do something with need no shell. */
static _Noreturn void become_client(char *command)
{
	char *words[WORDS_MAX + 1] = { NULL }, *rest = NULL;
	char *shell[] = { "sh", "-c", command, NULL };
	size_t count = 0;

	if (strpbrk(command, "\"'`$&|;<>()*?[]{}~#\\=%!\n"))
		become(shell);
	for (char *word = strtok_r(command, " \t", &rest); word && count < WORDS_MAX;
	     word = strtok_r(NULL, " \t", &rest))
		words[count++] = word;
	become(words);
}

static pid_t start(char *client, char *const *server)
{
	const pid_t pid = fork();
	int nothing;

	if (pid < 0)
		perror("jostle-with: fork");
	if (pid != 0)
		return pid;
	if (client)
		become_client(client);
	/* Standard input is the client's. */
	nothing = open("/dev/null", O_RDONLY);
	if (nothing > 0) {
		dup2(nothing, STDIN_FILENO);
		close(nothing);
	}
	become(server);
}

/* 0, or the exit status that says that this one failed; asked: SIGTERM was sent to it. */
static int judge(const char *who, int status, bool asked)
{
	const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);

	if (code == 0 || code == 128 + SIGKILL || (asked && code == 128 + SIGTERM))
		return 0;
	fprintf(stderr, "jostle-with: the %s ended with %s %d%s\n", who,
		WIFEXITED(status) ? "exit status" : "signal",
		WIFEXITED(status) ? code : WTERMSIG(status), asked ? ", asked by SIGTERM" : "");
	return code;
}

static int end_server(pid_t server)
{
	struct sigaction action = { .sa_handler = on_alarm };
	int status;

	sigaction(SIGALRM, &action, NULL);
	alarm(PATIENCE_S);
	kill(server, SIGTERM);
	while (waitpid(server, &status, 0) != server) {
		if (errno != EINTR)
			return CANNOT;
		if (late) {
			fprintf(stderr, "jostle-with: the server is there %d s after SIGTERM\n",
				PATIENCE_S);
			kill(server, SIGKILL);
			late = 0;
		}
	}
	alarm(0);
	return judge("server", status, true);
}

int main(int argc, char **argv)
{
	pid_t server, client, ended;
	int status, failed = 0;
	bool serves = true;

	if (argc < 3) {
		fprintf(stderr, "usage: jostle-with CLIENT SERVER [ARGUMENT...]\n");
		return 2;
	}
	server = start(NULL, argv + 2);
	client = server > 0 ? start(argv[1], NULL) : -1;
	if (client < 0)
		return CANNOT;
	for (;;) {
		ended = waitpid(-1, &status, 0);
		if (ended < 0 && errno != EINTR)
			return CANNOT;
		if (ended == client)
			break;
		if (ended != server)
			continue;
		serves = false;
		failed = judge("server", status, false);
		if (failed) /* the client may wait for ever, and that is not its fault */
			return failed;
	}
	failed = judge("client", status, false);
	if (serves) {
		const int code = end_server(server);

		failed = failed ? failed : code;
	}
	return failed;
}
