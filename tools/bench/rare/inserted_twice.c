/* SPDX-License-Identifier: Apache-2.0 */
/* Looks under the read lock, inserts under the write lock, and does not look again. */
#include "rare.h"

static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;
static int entries;

static void insert(void)
{
	bool missing;

	pthread_rwlock_rdlock(&table);
	missing = entries == 0;
	pthread_rwlock_unlock(&table);
	if (!missing)
		return;
	pthread_rwlock_wrlock(&table);
	entries++;
	pthread_rwlock_unlock(&table);
}

static void *now(void *unused)
{
	insert();
	return unused;
}

static void *later(void *unused)
{
	work(1000);
	insert();
	return unused;
}

int main(void)
{
	run_two(now, later);
	return entries != 1;
}
