/* SPDX-License-Identifier: Apache-2.0 */
/* Reads under the lock, writes under the lock, and not both under one. */
#include "rare.h"

static int balance = 100;

static void *now(void *unused)
{
	set(&balance, get(&balance) - 10);
	return unused;
}

static void *later(void *unused)
{
	work(500);
	return now(unused);
}

int main(void)
{
	run_two(now, later);
	return balance != 80;
}
