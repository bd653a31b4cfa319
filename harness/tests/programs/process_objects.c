/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of every kind that outlive a process, by the key and name that is given, and three
 * processes: nothing of it is removed here. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "must.h"

int main(int argc, char **argv)
{
	struct mq_attr room = { .mq_maxmsg = 1, .mq_msgsize = 8 };
	const key_t key = (key_t)strtol(argc > 1 ? argv[1] : "1", NULL, 0);
	char name[64];

	snprintf(name, sizeof(name), "/objects-%x", (unsigned)key);
	must(semget(key, 1, IPC_CREAT | 0600) >= 0);
	must(msgget(key, IPC_CREAT | 0600) >= 0);
	must(shmget(key, 4096, IPC_CREAT | 0600) >= 0);
	must(shm_open(name, O_CREAT | O_RDWR, 0600) >= 0);
	must(mq_open(name, O_CREAT | O_RDWR, 0600, &room) >= 0);
	for (int i = 0; i < 3; i++)
		if (fork() == 0) {
			for (int k = 0; k < 50; k++)
				usleep(10);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	return 0;
}
