/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame of all hostile programs: two threads race for a lock, and the second one misbehaves.
 *
 *	./program           always
 *	./program sometimes when it came first, which about half of the schedules show
 *
 * A schedule in which nobody misbehaves ends with exit status 0.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What each program defines. Returns when the program can go on afterwards. */
static __attribute__((noinline)) void misbehave(void);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int first;
static int sometimes;

static void *race(void *argument)
{
	const int me = (int)(intptr_t)argument;
	int came_first;

	pthread_mutex_lock(&lock);
	if (first == 0)
		first = me;
	came_first = first == me;
	pthread_mutex_unlock(&lock);
	if (me == 2 && (came_first || !sometimes))
		misbehave();
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	(void)argv;
	sometimes = argc > 1;
	for (intptr_t i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, race, (void *)(i + 1));
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

#endif
