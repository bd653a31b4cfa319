/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing the user: libc would signal every thread of the process to follow, and wait for threads
 * that are parked for good. Here the one kernel thread that runs the program changes. And
 * syscall(), which is cheaper than its trap.
 */
#include <dlfcn.h>
#include <grp.h>
#include <stdarg.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/sys.h"
#include "intercept/result.h"

#define KEEP ((long)-1) /* "leave as it is" */

INTERPOSE int setuid(uid_t id)
{
	return (int)CALL(SYS_setuid, id);
}

INTERPOSE int setgid(gid_t id)
{
	return (int)CALL(SYS_setgid, id);
}

INTERPOSE int seteuid(uid_t id)
{
	if (id == (uid_t)-1) {
		errno = EINVAL;
		return -1;
	}
	return (int)CALL(SYS_setresuid, KEEP, id, KEEP);
}

INTERPOSE int setegid(gid_t id)
{
	if (id == (gid_t)-1) {
		errno = EINVAL;
		return -1;
	}
	return (int)CALL(SYS_setresgid, KEEP, id, KEEP);
}

INTERPOSE int setreuid(uid_t real_id, uid_t effective)
{
	return (int)CALL(SYS_setreuid, real_id, effective);
}

INTERPOSE int setregid(gid_t real_id, gid_t effective)
{
	return (int)CALL(SYS_setregid, real_id, effective);
}

INTERPOSE int setresuid(uid_t real_id, uid_t effective, uid_t saved)
{
	return (int)CALL(SYS_setresuid, real_id, effective, saved);
}

INTERPOSE int setresgid(gid_t real_id, gid_t effective, gid_t saved)
{
	return (int)CALL(SYS_setresgid, real_id, effective, saved);
}

INTERPOSE int setgroups(size_t count, const gid_t *groups)
{
	return (int)CALL(SYS_setgroups, (long)count, (long)groups);
}

INTERPOSE int initgroups(const char *user, gid_t group)
{
	gid_t groups[256];
	int count = sizeof(groups) / sizeof(groups[0]);

	if (getgrouplist(user, group, groups, &count) < 0) {
		errno = EINVAL;
		return -1;
	}
	return (int)CALL(SYS_setgroups, count, (long)groups);
}

/* Those that return twice, or to somewhere else, need the trap's frame: libc's own function makes
 * the call. */
static bool needs_frame(long nr)
{
	return nr == SYS_clone || nr == SYS_clone3 || nr == SYS_fork || nr == SYS_vfork ||
	       nr == SYS_rt_sigreturn;
}

INTERPOSE long syscall(long nr, ...)
{
	static long (*real)(long, ...);
	long args[6];
	va_list list;

	va_start(list, nr);
	for (int i = 0; i < 6; i++)
		args[i] = va_arg(list, long);
	va_end(list);
	if (!needs_frame(nr))
		return libc_result(system_call(nr, args, CALLER));
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	return real(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
}
