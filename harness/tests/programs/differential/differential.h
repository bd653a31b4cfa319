/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call and what it returned, one line each:
 *
 *	pthread_mutex_trylock #3 -> EBUSY    (&m)
 *
 * The program is run natively and under control, and the lines must be the same: none holds an
 * address, an id, or a time, and what is printed does not depend on the schedule. Lines may come
 * from any thread, as long as the program's own synchronisation orders them.
 */
#ifndef JOSTLE_TESTS_DIFFERENTIAL_H
#define JOSTLE_TESTS_DIFFERENTIAL_H

#include <errno.h>
#include <stddef.h>
#include <time.h>

/* The first takes the call as it is written; its name ends at the parenthesis. Each returns the
 * call's result, and notes errno as the call left it, from 0. */
#define GIVES(call)            gives(#call, call)                         /* an error number */
#define SETS(call)             sets(#call, (errno = 0, (long)(call)))     /* a number, and errno */
#define POINTS(call)           points(#call, (errno = 0, (void *)(call))) /* a pointer, and errno */
#define TELLS(call)            tells(#call, call) /* thrd_success and the like */
#define RETURNS(call)          (errno = 0, (call), sets_nothing(#call)) /* nothing */
#define IS_SO(call, condition) is_so(#call, condition)                  /* a comparison */

long gives(const char *call, long error);
long sets(const char *call, long result);
void *points(const char *call, void *result);
long tells(const char *call, long result);
void sets_nothing(const char *call);
void is_so(const char *call, int condition);
/* A line of any other form. call is "name" or "name(arguments)". */
void says(const char *call, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* More about the call of the line before. */
void with(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *error_name(long error);

extern const struct timespec past, invalid;
struct timespec from_now(clockid_t clock, long ms);
int elapsed(clockid_t clock, const struct timespec *since, long ms); /* at least? */
/* Runs the function in a thread of its own, to its end; what it returned. */
void *in_thread(void *(*function)(void *), void *argument);
/* Runs the function in a child process; what waitpid() says of it. */
int in_child(void (*function)(void));
/* A signal handler that counts, without SA_RESTART; and a timer that sends SIGALRM every few
 * milliseconds until it is stopped, so that a wait is interrupted whenever it begins. */
extern volatile int handled;
void count_signal(int signo);
void handle(int signo, void (*handler)(int), int flags);
void pester(int on);

/* The families. */
void threads(void);
void endings(void);
void cancellation(void);
void mutexes(void);
void conditions(void);
void locks(void);
void keys(void);
void semaphores(void);
void c11(void);
void second_names(void);
void clocks(void);
void timers(void);
void files(void);
void asynchronous(void);
void sockets(void);
void polls(void);
void signals(void);
void signal_waits(void);
void processes(void);
void users(void);
void assertions(void);
void heap(void);
void futexes(void);
void libraries(void);

#endif
