/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All threads have the same global variables. Two of them serve a customer each, and both keep
 * the customer's name in the global "current", as a program with one thread could. The name that
 * the second one stores is the name that the first one prints on its bill.
 */
#include "jostle.h"

#include <stdio.h>
#include <string.h>

/* A lock for each access keeps the copying of a name whole, and no more than that. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char current[8];                   /* guarded by lock; one for all threads */
static _Thread_local char own_current[8]; /* one for each thread */

struct jostle_state {
	char bills[2][8]; /* each written by one thread, read when both have ended */
};

static void serve(char *bill, const char *customer)
{
	pthread_mutex_lock(&lock);
	strcpy(current, customer);
	pthread_mutex_unlock(&lock);
	pthread_mutex_lock(&lock);
	strcpy(bill, current); /* OUTCOME: the other thread's customer, if it came between */
	pthread_mutex_unlock(&lock);
}

static void serve_own(char *bill, const char *customer)
{
	strcpy(own_current, customer);
	strcpy(bill, own_current);
}

static void serve_ann(struct jostle_state *s)
{
	serve(s->bills[0], "Ann");
}

static void serve_bob(struct jostle_state *s)
{
	serve(s->bills[1], "Bob");
}

static void serve_own_ann(struct jostle_state *s)
{
	serve_own(s->bills[0], "Ann");
}

static void serve_own_bob(struct jostle_state *s)
{
	serve_own(s->bills[1], "Bob");
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s and %s", s->bills[0], s->bills[1]);
}

JOSTLE_CASE(broken) = {
	.title = "Each thread keeps its own matter in a global variable, of which there is one",
	.tags = "thread global atomicity",
	.why = "A global variable belongs to the program and not to the thread that sets it. Each "
	       "access is locked; between the two accesses the variable is anybody's.",
	.ref = "POSIX.1-2017, 3.404 Thread: all threads share the address space",
	.expect = JOSTLE_OUTCOME,
	.observe = observe,
	.threads = { { "serve ann", serve_ann }, { "serve bob", serve_bob } },
	.outcomes = { { "Ann and Bob", JOSTLE_ALLOWED, "one after the other" },
		      { "Bob and Bob", JOSTLE_FORBIDDEN, "Ann's bill says Bob" },
		      { "Ann and Ann", JOSTLE_FORBIDDEN, "Bob's bill says Ann" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Each thread has its own variable of that name",
	.tags = "thread global thread-local",
	.why = "A _Thread_local variable exists once for each thread, so it needs no lock. An "
	       "argument or a local variable would do as well, and shows it better.",
	.ref = "C11, 6.2.4 Storage durations of objects: thread storage duration",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "serve ann", serve_own_ann }, { "serve bob", serve_own_bob } },
	.outcomes = { { "Ann and Bob", JOSTLE_ALLOWED, "always" } },
};

JOSTLE_CASE(fixed_process) = {
	.title = "Two processes have a variable each, though the source shows one",
	.tags = "process global fork",
	.why = "What is a bug with threads is right with processes: fork() gives each its own "
	       "copy of every variable. The bills lie in shared memory.",
	.ref = "POSIX.1-2017, fork(): the new process is an exact copy",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.processes = { { "serve ann", serve_ann }, { "serve bob", serve_bob } },
	.outcomes = { { "Ann and Bob", JOSTLE_ALLOWED, "always" } },
	.schedules = 1000, /* each forks */
};
