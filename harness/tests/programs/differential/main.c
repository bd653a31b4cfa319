/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: differential FAMILY [FILE]
 *
 * Runs the calls of one family and prints a line for each. With FILE, all lines are appended to it
 * at the end, in one write between two marks: so each of many schedules leaves its own. Exits with
 * 3, which no accident returns.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#include "differential.h"

enum { NAMES_MAX = 256, TEXT_MAX = 1 << 17, EXIT_DONE = 3 };

static const struct {
	const char *name;
	void (*run)(void);
} families[] = {
	{ "threads", threads },
	{ "endings", endings },
	{ "cancellation", cancellation },
	{ "mutexes", mutexes },
	{ "conditions", conditions },
	{ "locks", locks },
	{ "keys", keys },
	{ "semaphores", semaphores },
	{ "c11", c11 },
	{ "second_names", second_names },
	{ "clocks", clocks },
	{ "timers", timers },
	{ "files", files },
	{ "asynchronous", asynchronous },
	{ "sockets", sockets },
	{ "polls", polls },
	{ "signals", signals },
	{ "signal_waits", signal_waits },
	{ "processes", processes },
	{ "users", users },
	{ "assertions", assertions },
	{ "heap", heap },
	{ "futexes", futexes },
	{ "libraries", libraries },
};

static char text[TEXT_MAX] = "begin\n";
static size_t text_length = 6, line_start = 6;
static char arguments[512];
static struct {
	char name[48];
	unsigned calls;
} names[NAMES_MAX];

const struct timespec past = { 1, 0 }, invalid = { 1, 1000000000 };

static void append(const char *format, va_list list)
{
	const int length = vsnprintf(text + text_length, TEXT_MAX - text_length, format, list);

	text_length += (size_t)length;
	if (text_length >= TEXT_MAX)
		abort();
}

void with(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	append(format, list);
	va_end(list);
}

static void end_line(void)
{
	if (line_start == text_length)
		return;
	with("    %s\n", arguments);
	if (write(STDOUT_FILENO, text + line_start, text_length - line_start) < 0)
		abort();
	line_start = text_length;
}

static unsigned count(const char *name, size_t length)
{
	int i = 0;

	while (names[i].name[0] && (strncmp(names[i].name, name, length) || names[i].name[length]))
		if (++i == NAMES_MAX)
			abort();
	memcpy(names[i].name, name, length);
	return ++names[i].calls;
}

static void begin_line(const char *call)
{
	const size_t length = strcspn(call, "(");

	end_line();
	snprintf(arguments, sizeof(arguments), "%s", call + length);
	with("%.*s #%u -> ", (int)length, call, count(call, length));
}

void says(const char *call, const char *format, ...)
{
	va_list list;

	begin_line(call);
	va_start(list, format);
	append(format, list);
	va_end(list);
}

const char *error_name(long error)
{
	static char number[32];
	const char *name = error >= 0 && error < 4096 ? strerrorname_np((int)error) : NULL;

	if (name)
		return name;
	snprintf(number, sizeof(number), "%ld", error);
	return number;
}

long gives(const char *call, long error)
{
	says(call, "%s", error_name(error));
	return error;
}

long sets(const char *call, long result)
{
	const int error = errno;

	says(call, "%ld errno %s", result, error_name(error));
	return result;
}

void *points(const char *call, void *result)
{
	const int error = errno;

	says(call, "%s errno %s", result ? "a pointer" : "NULL", error_name(error));
	return result;
}

long tells(const char *call, long result)
{
	const char *name = result == thrd_success    ? "success"
			   : result == thrd_busy     ? "busy"
			   : result == thrd_error    ? "error"
			   : result == thrd_nomem    ? "nomem"
			   : result == thrd_timedout ? "timedout"
						     : "something else";

	says(call, "%s", name);
	return result;
}

void sets_nothing(const char *call)
{
	const int error = errno;

	says(call, "returned, errno %s", error_name(error));
}

void is_so(const char *call, int condition)
{
	says(call, "%s", condition ? "as said" : "not so");
}

struct timespec from_now(clockid_t clock, long ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

int elapsed(clockid_t clock, const struct timespec *since, long ms)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (now.tv_sec - since->tv_sec) * 1000000000 + now.tv_nsec - since->tv_nsec >=
	       ms * 1000000;
}

void *in_thread(void *(*function)(void *), void *argument)
{
	pthread_t thread;
	void *value = NULL;

	if (pthread_create(&thread, NULL, function, argument) || pthread_join(thread, &value))
		abort();
	return value;
}

int in_child(void (*function)(void))
{
	const pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		function();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	return status;
}

volatile int handled;

void count_signal(int signo)
{
	(void)signo;
	handled++;
}

void handle(int signo, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	if (sigaction(signo, &action, NULL))
		abort();
}

void pester(int on)
{
	const struct itimerval often = { { 0, on ? 20000 : 0 }, { 0, on ? 20000 : 0 } };

	if (on)
		handle(SIGALRM, count_signal, 0);
	setitimer(ITIMER_REAL, &often, NULL);
	if (!on)
		handle(SIGALRM, SIG_DFL, 0);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (argc < 2 || strcmp(argv[1], families[i].name) != 0)
			continue;
		families[i].run();
		end_line();
		with("end\n");
		if (argc > 2) {
			const int fd = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0600);

			if (fd < 0 || write(fd, text, text_length) != (ssize_t)text_length)
				return 1;
		}
		return EXIT_DONE;
	}
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		puts(families[i].name);
	return argc > 1;
}
