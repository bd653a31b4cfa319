/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bank with a bug that tests do not find. Each transfer locks the account that pays, then the
 * account that is paid; two transfers in opposite directions can each hold what the other needs.
 * On a real machine the first is done long before the second has begun, because a statement is
 * written in between; so thousands of runs pass, and the program hangs one day in production.
 *
 * An ordinary program: it knows nothing of jostle and is compiled with nothing but -pthread.
 */
#include <pthread.h>
#include <stdio.h>

struct account {
	pthread_mutex_t lock;
	long balance;
};

struct order {
	struct account *from, *to;
	long amount;
};

static struct account giro = { PTHREAD_MUTEX_INITIALIZER, 100 };
static struct account savings = { PTHREAD_MUTEX_INITIALIZER, 100 };

static void *transfer(void *arg)
{
	const struct order *order = arg;

	pthread_mutex_lock(&order->from->lock);
	pthread_mutex_lock(&order->to->lock);
	order->from->balance -= order->amount;
	order->to->balance += order->amount;
	pthread_mutex_unlock(&order->to->lock);
	pthread_mutex_unlock(&order->from->lock);
	return NULL;
}

/* Writes a year of opening balances; returns the length of the text. */
static long write_statement(char *text, size_t size)
{
	long length = 0;

	for (int day = 1; day <= 365; day++)
		length += snprintf(text, size, "day %3d: giro %8.2f savings %8.2f\n", day,
				   100.0 + day / 100.0, 100.0 + day / 50.0);
	return length;
}

int main(void)
{
	char line[80];
	struct order save = { &giro, &savings, 30 }, spend = { &savings, &giro, 20 };
	pthread_t saver, spender;

	if (pthread_create(&saver, NULL, transfer, &save) != 0)
		return 2;
	if (write_statement(line, sizeof(line)) == 0)
		return 2;
	if (pthread_create(&spender, NULL, transfer, &spend) != 0)
		return 2;
	pthread_join(saver, NULL);
	pthread_join(spender, NULL);
	return giro.balance + savings.balance == 200 ? 0 : 1;
}
