/* SPDX-License-Identifier: Apache-2.0 */
/* See with.h. */
#include "campaign/with.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "jostle/say.h"

int with_open(struct target *target, const char *client, struct pool *pool)
{
	char own[PATH_MAX], path[PATH_MAX + 64];
	const ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
	const struct target server = *target;
	char **argv = pool_new(pool, char *, server.argc + 3);

	if (length <= 0)
		return say_error(EXIT_USAGE, "cannot find the command's own place by /proc: %s",
				 strerror(errno));
	own[length] = '\0';
	*strrchr(own, '/') = '\0';
	snprintf(path, sizeof(path), "%s/../libexec/jostle/jostle-with", own);
	argv[0] = (char *)pool_text(pool, path);
	argv[1] = (char *)pool_text(pool, client);
	/* The path, since the command's search for it need not be the target's. */
	argv[2] = (char *)pool_text(pool, server.path);
	for (size_t i = 1; i < server.argc; i++)
		argv[i + 2] = server.argv[i];
	if (access(path, X_OK) < 0)
		return say_error(EXIT_USAGE, "%s: %s; build or install jostle again", path,
				 strerror(errno));
	return target_open(target, argv, server.argc + 2);
}

static bool put(const char *path, const char *text)
{
	const int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* As root by its own right, otherwise as root of a user namespace in which everybody stays who he
 * is. */
static bool leave_network(void)
{
	const unsigned user = geteuid(), group = getegid();
	char map[64];

	if (unshare(CLONE_NEWNET) == 0)
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	snprintf(map, sizeof(map), "%u %u 1", user, user);
	put("/proc/self/uid_map", map);
	put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1", group, group);
	put("/proc/self/gid_map", map);
	return true;
}

bool with_own_network(void)
{
	struct ifreq device = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd;

	if (!leave_network())
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		ioctl(fd, SIOCSIFFLAGS, &device);
		close(fd);
	}
	/* Who closes first does not keep the port for a minute. */
	put("/proc/sys/net/ipv4/tcp_max_tw_buckets", "0");
	return true;
}
