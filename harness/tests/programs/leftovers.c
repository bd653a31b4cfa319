/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaves named objects behind, each of which must be new: shared memory, a queue, a FIFO, a local
 * socket, System V objects under fixed keys. Natively it can be run but once; "clean" removes them.
 */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "must.h"

#define KEY 0x6a6f7374

static void *nothing(void *p)
{
	return p;
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "leftover.socket" };
	pthread_t t;
	int fd;

	if (argc > 1 && strcmp(argv[1], "clean") == 0) {
		must(shm_unlink("/jostle-leftover") == 0 && mq_unlink("/jostle-leftover") == 0);
		must(unlink("leftover.fifo") == 0 && unlink("leftover.socket") == 0);
		must(msgctl(msgget(KEY, 0), IPC_RMID, NULL) == 0);
		must(semctl(semget(KEY, 0, 0), 0, IPC_RMID) == 0);
		must(shmctl(shmget(KEY, 0, 0), IPC_RMID, NULL) == 0);
		return 0;
	}
	must(shm_open("/jostle-leftover", O_RDWR | O_CREAT | O_EXCL, 0600) >= 0);
	must(mq_open("/jostle-leftover", O_RDWR | O_CREAT | O_EXCL, 0600, NULL) >= 0);
	must(mkfifo("leftover.fifo", 0600) == 0);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	must(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	must(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600) >= 0);
	must(semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600) >= 0);
	must(shmget(KEY, 4096, IPC_CREAT | IPC_EXCL | 0600) >= 0);
	must(pthread_create(&t, NULL, nothing, NULL) == 0 && pthread_join(t, NULL) == 0);
	return 0;
}
