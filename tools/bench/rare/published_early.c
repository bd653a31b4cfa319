/* SPDX-License-Identifier: Apache-2.0 */
/* The entry is in the table before it is filled. */
#include "rare.h"

static int present, value;
static bool saw_empty;

static void *writer(void *unused)
{
	set(&present, 1);
	set(&value, 42);
	return unused;
}

static void *reader(void *unused)
{
	work(500);
	if (get(&present) && get(&value) != 42)
		saw_empty = true;
	return unused;
}

int main(void)
{
	run_two(writer, reader);
	return saw_empty;
}
