/* SPDX-License-Identifier: Apache-2.0 */
/* unistd.h, grp.h: changing the user and the groups, as root and as nobody. */
#include <grp.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "differential.h"

enum { NOBODY = 65534, OTHER = 12345 };

static const uid_t no_id = (uid_t)-1;

/* Who one is then: which of the three ids are nobody's. */
static void users_now(void)
{
	uid_t real, effective, saved;

	getresuid(&real, &effective, &saved);
	with(", now %d%d%d", real == NOBODY, effective == NOBODY, saved == NOBODY);
}

static void groups_now(void)
{
	gid_t real, effective, saved;

	getresgid(&real, &effective, &saved);
	with(", now %d%d%d, %d more", real == NOBODY, effective == NOBODY, saved == NOBODY,
	     getgroups(0, NULL));
}

/* Changes to what is already so are allowed to everybody. */
static void no_change(void)
{
	SETS(setuid(getuid()));
	SETS(seteuid(geteuid()));
	SETS(setreuid(getuid(), geteuid()));
	SETS(setreuid(no_id, no_id));
	SETS(setresuid(getuid(), geteuid(), no_id));
	SETS(setresuid(no_id, no_id, no_id));
	SETS(setgid(getgid()));
	SETS(setegid(getegid()));
	SETS(setregid(getgid(), getegid()));
	SETS(setregid(no_id, no_id));
	SETS(setresgid(getgid(), getegid(), no_id));
	SETS(setresgid(no_id, no_id, no_id));
	SETS(setuid(no_id));
	SETS(setgid(no_id));
	SETS(seteuid(no_id));
	SETS(setegid(no_id));
}

/* Root may come back while the saved id is root's. */
static void there_and_back(void)
{
	const gid_t groups[2] = { NOBODY, OTHER };

	SETS(setgroups(2, groups));
	groups_now();
	SETS(setgroups(65537, groups));
	SETS(setgroups(0, NULL));
	groups_now();
	SETS(setgroups(2, NULL));
	SETS(initgroups("root", NOBODY));
	groups_now();
	SETS(initgroups("nobody", 0));
	groups_now();
	SETS(initgroups("", OTHER));
	SETS(initgroups("no such user", OTHER));
	groups_now();
	SETS(setegid(NOBODY));
	groups_now();
	SETS(setegid(0));
	SETS(setregid(no_id, NOBODY));
	groups_now();
	SETS(setresgid(NOBODY, 0, 0));
	groups_now();
	SETS(setgid(0));
	groups_now();
	SETS(seteuid(NOBODY));
	users_now();
	SETS(seteuid(OTHER));
	SETS(setuid(OTHER));
	SETS(setgid(OTHER));
	SETS(setegid(OTHER));
	SETS(setreuid(OTHER, no_id));
	SETS(setregid(OTHER, no_id));
	SETS(setresuid(OTHER, no_id, no_id));
	SETS(setresgid(OTHER, no_id, no_id));
	SETS(setgroups(2, groups));
	SETS(initgroups("root", 0));
	SETS(seteuid(0));
	users_now();
	SETS(setresuid(NOBODY, NOBODY, 0));
	users_now();
	SETS(setresuid(0, 0, 0));
	users_now();
	SETS(setreuid(NOBODY, 0));
	users_now();
	SETS(setreuid(0, 0));
	SETS(setuid(0));
	users_now();
}

static void for_good(void)
{
	_exit(setgid(NOBODY) == 0 && setuid(NOBODY) == 0 && setuid(0) == -1 && errno == EPERM &&
			      getuid() == NOBODY
		      ? 7
		      : 8);
}

void users(void)
{
	no_change();
	says("setuid", "%d in a child", WEXITSTATUS(in_child(for_good)));
	there_and_back();
	no_change();
}
