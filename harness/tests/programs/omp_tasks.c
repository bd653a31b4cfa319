/* SPDX-License-Identifier: Apache-2.0 */
/* OpenMP: two threads wait for each other's tasks. As many threads as processors, so that libgomp
 * would spin long before each wait. */
#include <stdlib.h>

#include "must.h"

int main(void)
{
	int first = 0, second = 0;

	must(getenv("GOMP_SPINCOUNT") == NULL);
#pragma omp parallel num_threads(2)
#pragma omp single
	{
#pragma omp task depend(out : first)
		first = 3;
#pragma omp task depend(in : first)
		second = first * 2;
#pragma omp taskwait
	}
	must(second == 6);
	return 0;
}
