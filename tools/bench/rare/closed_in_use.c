/* SPDX-License-Identifier: Apache-2.0 */
/* Looks whether the file is open, and uses it when it may have been closed. */
#include "rare.h"

static int is_open = 1;
static bool used_closed;

static void *user(void *unused)
{
	if (get(&is_open) && !get(&is_open))
		used_closed = true;
	return unused;
}

static void *closer(void *unused)
{
	work(500);
	set(&is_open, 0);
	return unused;
}

int main(void)
{
	run_two(user, closer);
	return used_closed;
}
