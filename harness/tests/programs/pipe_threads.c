/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two threads and a pipe: a writer fills it beyond its capacity, a reader empties it. Exits 0 when
 * every byte arrived in order. With an argument "stuck" nobody writes: a deadlock on the pipe.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BYTES 200000

static int ends[2];

static void *write_all(void *unused)
{
	static unsigned char bytes[BYTES];

	for (int i = 0; i < BYTES; i++)
		bytes[i] = (unsigned char)(i * 7);
	if (write(ends[1], bytes, BYTES) != BYTES)
		return (void *)1;
	close(ends[1]);
	return unused;
}

int main(int argc, char **argv)
{
	unsigned char piece[3000];
	pthread_t writer;
	void *failed;
	ssize_t size;
	int at = 0;

	if (pipe(ends) != 0)
		return 2;
	if (argc > 1 && strcmp(argv[1], "stuck") == 0)
		return (int)read(ends[0], piece, 1);
	pthread_create(&writer, NULL, write_all, NULL);
	while ((size = read(ends[0], piece, sizeof(piece))) > 0)
		for (ssize_t i = 0; i < size; i++, at++)
			if (piece[i] != (unsigned char)(at * 7))
				return 3;
	pthread_join(writer, &failed);
	if (failed || at != BYTES)
		return 4;
	return 0;
}
