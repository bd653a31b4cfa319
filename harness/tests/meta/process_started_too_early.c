/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: assert -
 * The child runs before its parent has made ready what both share; no call lies between the two. */
#include <assert.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	volatile int *ready = mmap(NULL, sizeof(*ready), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	if (FIXED)
		*ready = 1;
	child = fork();
	if (child == 0) {
		assert(*ready == 1);
		_exit(0);
	}
	*ready = 1;
	waitpid(child, NULL, 0);
	return 0;
}
