/* SPDX-License-Identifier: Apache-2.0 */
/* Sets the process's locale and a thread's own, and leaves both. */
#include "leak.h"
#include <locale.h>
#include <wchar.h>

static unsigned leave(int thread, int argc, char **argv)
{
	unsigned sum;
	locale_t mine;

	(void)thread, (void)argc, (void)argv;
	EXPECT(uselocale(NULL) == LC_GLOBAL_LOCALE);
	pthread_mutex_lock(&lock);
	sum = fold(0, setlocale(LC_ALL, NULL), 1) + (unsigned)MB_CUR_MAX;
	EXPECT(setlocale(LC_ALL, "C.UTF-8"));
	pthread_mutex_unlock(&lock);
	mine = newlocale(LC_ALL_MASK, "C.UTF-8", NULL);
	EXPECT(mine);
	uselocale(mine);
	EXPECT(mblen("\xc3\xa4", 2) == 2);
	return sum;
}
