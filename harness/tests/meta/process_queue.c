/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock queue
 * The only process that receives from a queue ends before the last message fits in. */
#include <fcntl.h>
#include <mqueue.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	struct mq_attr room = { .mq_maxmsg = 1, .mq_msgsize = 16 };
	char message[16] = "";
	mqd_t queue;

	queue = mq_open("/jostle-meta-queue", O_RDWR | O_CREAT, 0600, &room);
	if (queue == (mqd_t)-1)
		return 1;
	mq_unlink("/jostle-meta-queue");
	if (fork() == 0) {
		for (int i = 0; i < (FIXED ? 3 : 1); i++)
			mq_receive(queue, message, sizeof(message), NULL);
		_exit(0);
	}
	for (int i = 0; i < 3; i++)
		mq_send(queue, message, sizeof(message), 0);
	wait(NULL);
	mq_close(queue);
	return 0;
}
