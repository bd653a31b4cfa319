/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For detectors to find, by name; with FIXED for none of them to: `below race` (two threads deposit
 * without a lock), `below twins` (that, and the same at other lines), `below order` (two locks
 * taken in both orders, one after the other), `below unlock` (of a lock that nobody holds), `below
 * freed` (read after its end), `below lost` (never freed), `below child` (the race, in a forked
 * child), `below executed` (the race, in what a child executes), `below status` (the race, and exit
 * status 3), `below input` (exit status 0 when standard input begins with x).
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static long balance, points;

static void *deposit(void *unused)
{
	if (FIXED)
		pthread_mutex_lock(&lock);
	balance += 10;
	if (FIXED)
		pthread_mutex_unlock(&lock);
	return unused;
}

static void *withdraw(void *unused)
{
	pthread_mutex_lock(&lock);
	balance -= 10;
	pthread_mutex_unlock(&lock);
	return unused;
}

static void *earn(void *unused)
{
	if (FIXED)
		pthread_mutex_lock(&lock);
	points += 10;
	if (FIXED)
		pthread_mutex_unlock(&lock);
	return unused;
}

static void *spend(void *unused)
{
	pthread_mutex_lock(&lock);
	points -= 10;
	pthread_mutex_unlock(&lock);
	return unused;
}

static void both(void *(*one)(void *), void *(*two)(void *))
{
	pthread_t threads[2];

	pthread_create(&threads[0], NULL, one, NULL);
	pthread_create(&threads[1], NULL, two, NULL);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
}

static void race(void)
{
	both(deposit, withdraw);
}

static void take(pthread_mutex_t *first, pthread_mutex_t *second)
{
	pthread_mutex_lock(first);
	pthread_mutex_lock(second);
	pthread_mutex_unlock(second);
	pthread_mutex_unlock(first);
}

static void *take_both(void *unused)
{
	take(&lock, &other);
	return unused;
}

static void order(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, take_both, NULL);
	pthread_join(thread, NULL);
	take(FIXED ? &lock : &other, FIXED ? &other : &lock);
}

static void unlock(void)
{
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	if (!FIXED)
		pthread_mutex_unlock(&lock);
}

static void memory(int lost)
{
	volatile char *block = malloc(16);

	if (!block)
		abort();
	block[0] = 'a';
	if (!lost || FIXED)
		free((void *)block);
	if (!lost && !FIXED)
		putchar(block[0]);
}

static void in_child(char *name, int executed)
{
	char what[] = "race", *argv[] = { name, what, NULL };

	fflush(NULL);
	if (fork() == 0) {
		if (executed)
			execv(name, argv);
		race();
		exit(0);
	}
	wait(NULL);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "race") == 0 || strcmp(what, "status") == 0)
		race();
	if (strcmp(what, "twins") == 0) {
		race();
		both(earn, spend);
	}
	if (strcmp(what, "input") == 0) {
		both(withdraw, spend);
		return getchar() == 'x' ? 0 : 5;
	}
	if (strcmp(what, "order") == 0)
		order();
	if (strcmp(what, "unlock") == 0)
		unlock();
	if (strcmp(what, "freed") == 0 || strcmp(what, "lost") == 0)
		memory(strcmp(what, "lost") == 0);
	if (strcmp(what, "child") == 0 || strcmp(what, "executed") == 0)
		in_child(argv[0], strcmp(what, "executed") == 0);
	return strcmp(what, "status") == 0 ? 3 : 0;
}
