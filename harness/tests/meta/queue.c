/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock queue
 * More is received from a message queue than is ever sent. */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stddef.h>

static mqd_t letters;

static void *receiver(void *unused)
{
	char letter[8];

	for (int i = 0; i < 2; i++)
		mq_receive(letters, letter, sizeof(letter), NULL);
	return unused;
}

int main(void)
{
	struct mq_attr attributes = { .mq_maxmsg = 2, .mq_msgsize = 8 };
	pthread_t thread;

	mq_unlink("/jostle-meta");
	letters = mq_open("/jostle-meta", O_CREAT | O_EXCL | O_RDWR, 0600, &attributes);
	if (letters < 0)
		return 1;
	mq_unlink("/jostle-meta");
	pthread_create(&thread, NULL, receiver, NULL);
	for (int i = 0; i < (FIXED ? 2 : 1); i++)
		mq_send(letters, "letter", 7, 0);
	pthread_join(thread, NULL);
	mq_close(letters);
	return 0;
}
