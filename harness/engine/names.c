/* SPDX-License-Identifier: Apache-2.0 */
/* See names.h. */
#include "engine/names.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/fmt.h"
#include "base/sys.h"
#include "engine/state.h"
#include "engine/undo.h"

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
