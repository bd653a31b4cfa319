/* SPDX-License-Identifier: Apache-2.0 */
/* OpenMP's own locks: a number is raised in one critical section, or, with an argument, in two. */
#include <stddef.h>

#include "../must.h"

static int number;

int main(int argc, char **argv)
{
	const int broken = argc > 1;

	(void)argv;
#pragma omp parallel num_threads(2)
	{
		int seen = 0;

#pragma omp critical
		{
			seen = number;
			if (!broken)
				number = seen + 1;
		}
#pragma omp critical
		if (broken)
			number = seen + 1;
	}
	must(number == 2);
	return 0;
}
