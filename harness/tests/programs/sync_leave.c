/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaves everything behind: keys and their values in two threads, a named semaphore, a once control
 * that is done, a mutex of a dead owner. Exits 0 if it found none of it when it began, so that each
 * schedule proves that the one before was undone. (Natively the name is unlinked at the start.)
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#define REQUIRE(condition)                                                \
	do {                                                              \
		if (!(condition)) {                                       \
			printf("%d: not so: %s\n", __LINE__, #condition); \
			exit(1);                                          \
		}                                                         \
	} while (0)

enum { KEYS = 40 }; /* more than have room in the first table */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t robust;
static int initialised;
static pthread_key_t keys[KEYS];

static void initialise(void)
{
	initialised++;
}

static void *leave(void *unused)
{
	(void)unused;
	REQUIRE(pthread_mutex_lock(&robust) == 0);
	for (int i = 0; i < KEYS; i++) {
		REQUIRE(pthread_getspecific(keys[i]) == NULL);
		REQUIRE(pthread_setspecific(keys[i], &keys[i]) == 0);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_mutexattr_t attr;
	pthread_t thread;
	sem_t *sem;

	(void)argv;
	if (argc > 1)
		sem_unlink("/jostle-left-behind");
	for (int i = 0; i < KEYS; i++) {
		REQUIRE(pthread_key_create(&keys[i], NULL) == 0);
		REQUIRE(i == 0 || keys[i] == keys[i - 1] + 1);
		REQUIRE(pthread_getspecific(keys[i]) == NULL);
		REQUIRE(pthread_setspecific(keys[i], &keys[i]) == 0);
	}
	REQUIRE(pthread_once(&once, initialise) == 0 && initialised == 1);
	sem = sem_open("/jostle-left-behind", O_CREAT | O_EXCL, 0600, 3);
	REQUIRE(sem != SEM_FAILED);
	REQUIRE(sem_wait(sem) == 0);
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust, &attr);
	REQUIRE(pthread_create(&thread, NULL, leave, NULL) == 0);
	REQUIRE(pthread_join(thread, NULL) == 0);
	REQUIRE(pthread_mutex_lock(&robust) == EOWNERDEAD);
	puts("all was new");
	return 0;
}
