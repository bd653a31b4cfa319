/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that can run but once at a time on a machine: had_once WHAT takes a lock of a file, an
 * address, a file name or a key, and ends with 1 when somebody else has it. Its two threads make
 * schedules differ.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LOCK_NAME   "had_once.lock"
#define FILE_NAME   "had_once.file"
#define FOLDER_NAME "had_once.folder"
#define SOCKET_NAME "had_once.socket"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int turns;

static void *work(void *unused)
{
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&lock);
		turns++;
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

static int take_flock(void)
{
	return flock(open(LOCK_NAME, O_RDONLY | O_CREAT, 0600), LOCK_EX | LOCK_NB);
}

static int take_record_lock(void)
{
	struct flock whole = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	const int fd = open(LOCK_NAME, O_RDONLY | O_CREAT, 0600);

	if (fcntl(fd, F_OFD_SETLK, &whole) != 0)
		return -1;
	whole.l_type = F_WRLCK;
	return fcntl(open(LOCK_NAME, O_RDWR), F_OFD_SETLK, &whole) == 0 ? -1 : 0;
}

static int take_file(void)
{
	const int fd = open(FILE_NAME, O_WRONLY | O_CREAT | O_EXCL, 0600);

	return fd < 0 || write(fd, "x", 1) != 1 ? -1 : close(fd);
}

static int take_folder(void)
{
	return mkdir(FOLDER_NAME, 0700);
}

static int take_fifo(void)
{
	return mkfifo(SOCKET_NAME, 0600);
}

static int take_address(const char *name, size_t length)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path, name, length);
	return bind(socket(AF_UNIX, SOCK_STREAM, 0), (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
}

static int take_path(void)
{
	return take_address(SOCKET_NAME, sizeof(SOCKET_NAME));
}

static int take_abstract(void)
{
	return take_address("\0had-once", 9);
}

static int take_key(void)
{
	return msgget(0x6a6f7374, IPC_CREAT | IPC_EXCL | 0600) < 0 ? -1 : 0;
}

static const struct {
	const char *name;
	int (*take)(void);
} kinds[] = {
	{ "flock", take_flock },       { "record-lock", take_record_lock },
	{ "file", take_file },         { "folder", take_folder },
	{ "fifo", take_fifo },         { "path", take_path },
	{ "abstract", take_abstract }, { "key", take_key },
};

int main(int argc, char **argv)
{
	pthread_t threads[2];
	int error = -1;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (argc > 1 && strcmp(argv[1], kinds[i].name) == 0)
			error = kinds[i].take();
	if (error) {
		perror("somebody else has it");
		return 1;
	}
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	if (strcmp(argv[1], "file") == 0)
		unlink(FILE_NAME);
	if (strcmp(argv[1], "folder") == 0)
		rmdir(FOLDER_NAME);
	return turns != 6;
}
