/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that ends in the way its first argument names, but only in schedules in which the user
 * comes before the setter.
 */
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct account {
	int id;
	pthread_mutex_t lock;
	pthread_mutex_t parts[3];
} account = { .lock = PTHREAD_MUTEX_INITIALIZER };

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static volatile int *place;
static int cell;
static const char *mode;

static int wants(const char *what)
{
	return strcmp(mode, what) == 0;
}

static void *setter(void *argument)
{
	pthread_mutex_lock(&guard);
	place = &cell;
	pthread_mutex_unlock(&guard);
	return argument;
}

static void end_somehow(void)
{
	if (wants("segv"))
		*place = 1;
	if (wants("kill"))
		kill(getpid(), SIGKILL);
	if (wants("exit"))
		exit(7);
	if (wants("_exit"))
		_exit(8);
	if (wants("abort"))
		abort();
	if (wants("assert"))
		assert(place != NULL);
}

static void *user(void *argument)
{
	pthread_mutex_lock(&account.lock);
	pthread_mutex_lock(&guard);
	if (!place)
		end_somehow();
	pthread_mutex_unlock(&guard);
	if (wants("self")) {
		pthread_mutex_lock(&account.parts[1]);
		pthread_mutex_lock(&account.parts[1]);
	}
	pthread_mutex_unlock(&account.lock);
	return argument;
}

/* Copies standard input to standard output, and appends to a file where it runs. */
static int copy(void)
{
	FILE *file = fopen("data", "r+");
	int c, count = 0;

	while ((c = getchar()) != EOF)
		putchar(c);
	while (file && fgetc(file) != EOF)
		count++;
	if (file) {
		fputs("more", file);
		fclose(file);
	}
	fprintf(stderr, "%d bytes\n", count);
	return wants("grow") ? count : 3;
}

int main(int argc, char **argv)
{
	pthread_t first, second;

	mode = argc > 1 ? argv[1] : "";
	if (wants("early"))
		raise(SIGKILL);
	pthread_create(&first, NULL, user, NULL);
	pthread_create(&second, NULL, setter, NULL);
	pthread_join(first, NULL);
	pthread_join(second, NULL);
	return wants("copy") || wants("grow") ? copy() : 0;
}

__attribute__((constructor)) static void begin(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "constructor") == 0)
		raise(SIGKILL);
}
