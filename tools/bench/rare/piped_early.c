/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the name of a job into a pipe before the job is in the table. */
#include "rare.h"

#include <unistd.h>

static int ends[2], job, done;

static void *client(void *unused)
{
	if (write(ends[1], "j", 1) != 1)
		exit(2);
	set(&job, 9);
	return unused;
}

static void *server(void *unused)
{
	char name;

	work(3000);
	if (read(ends[0], &name, 1) != 1)
		exit(2);
	done = get(&job);
	return unused;
}

int main(void)
{
	if (pipe(ends) < 0)
		return 2;
	run_two(client, server);
	return done != 9;
}
