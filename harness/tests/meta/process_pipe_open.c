/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock pipe
 * The reader of a pipe waits for an end that does not come: it has inherited the writing end. */
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	char buffer[64];
	int ends[2];

	if (pipe(ends) < 0)
		return 1;
	if (fork() == 0) {
		if (FIXED)
			close(ends[1]);
		while (read(ends[0], buffer, sizeof(buffer)) > 0)
			;
		_exit(0);
	}
	close(ends[0]);
	if (write(ends[1], "text", 4) != 4)
		return 1;
	close(ends[1]);
	wait(NULL);
	return 0;
}
