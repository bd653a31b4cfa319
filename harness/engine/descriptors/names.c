/* SPDX-License-Identifier: Apache-2.0 */
/* See names.h. */
#include "engine/descriptors/names.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fmt.h"
#include "base/sys.h"
#include "engine/reset/undo.h"
#include "engine/state.h"

#define SHM_FOLDER "/dev/shm/"

/* Too long a name with the prefix stays as it is. */
static const char *prefixed(const char *folder, const char *name, char buffer[NAMES_SIZE])
{
	const size_t length = fmt(buffer, NAMES_SIZE, "%s%s%d-%s", folder, NAMES_PREFIX,
				  (int)engine.board->status.pid, name);

	return length - strlen(folder) > NAME_MAX ? NULL : buffer;
}

const char *names_queue(const char *name, char buffer[NAMES_SIZE])
{
	const char *private_name = prefixed("", name, buffer);
	const long found = sys_call4(SYS_mq_open, (long)name, O_RDONLY | O_CLOEXEC, 0, 0);

	if (found >= 0)
		sys_close((int)found);
	return found == -ENOENT && private_name ? private_name : name;
}

const char *names_path(const char *path, char buffer[NAMES_SIZE])
{
	const char *private_path;

	if (!path || !undo_is_shared_memory(path) || strchr(path + strlen(SHM_FOLDER), '/'))
		return path;
	private_path = prefixed(SHM_FOLDER, path + strlen(SHM_FOLDER), buffer);
	return private_path && sys_call4(SYS_faccessat, AT_FDCWD, (long)path, F_OK, 0) == -ENOENT
		       ? private_path
		       : path;
}

bool names_is_own(const char *path)
{
	const struct board_config *config = &engine.board->config;

	if (undo_is_shared_memory(path))
		return true;
	return config->workdir[0] && (path[0] != '/' || strncmp(path, config->workdir_copy,
								strlen(config->workdir_copy)) == 0);
}

void names_common(enum board_common what)
{
	if (!BOARD_LOAD(engine.board->status.common))
		BOARD_STORE(engine.board->status.common, (uint32_t)what);
}

/* A file that has no name any more was made by this target. */
void names_locked(int fd)
{
	char link[sizeof("/proc/self/fd/") + 12], path[PATH_MAX];
	struct stat st;
	long length;

	if (sys_call2(SYS_fstat, fd, (long)&st) != 0 || st.st_nlink == 0)
		return;
	fmt(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = sys_call3(SYS_readlink, (long)link, (long)path, sizeof(path) - 1);
	if (length <= 0)
		return;
	path[length] = '\0';
	if (!names_is_own(path))
		names_common(COMMON_LOCKS);
}
