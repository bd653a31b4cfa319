/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot through forks and second takes, its descriptors, and what it refuses to save. */
#include "snapshot_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

static void in_the_child(char *memory, char *file, char *fresh)
{
	memory[PAGE] = 10; /* before rearming */
	ck_assert_int_eq(snapshot_rearm_after_fork(), 0);
	ck_assert_int_eq(snapshot_scan(), 1);
	ck_assert_int_eq(snapshot_scan(), 0);
	memory[2 * PAGE] = 11; /* and after */
	write_by_kernel(file + PAGE, 12);
	fresh[3 * PAGE] = 13;
	ck_assert_int_eq(snapshot_scan(), 3);
	snapshot_restore();
	ck_assert(all(memory, 4 * PAGE, 3) && all(fresh, 4 * PAGE, 0));
	ck_assert_str_eq(file + PAGE, "file");
	/* Without PAGEMAP_SCAN, fresh pages that were just read may count as touched. */
	ck_assert_int_le(snapshot_scan(), snapshot_wants_limit() ? 3 : 0);
}

START_TEST(a_forked_child_watches_anew_and_the_parent_goes_on)
{
	char *memory = map_memory(4 * PAGE), *file = map_file(2 * PAGE);
	char *fresh = map_memory(4 * PAGE);
	int status;
	pid_t child;

	memset(memory, 3, 4 * PAGE);
	snapshot_forbid(methods[_i].forbidden);
	ck_assert_int_eq(snapshot_add(memory, 4 * PAGE, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_add(file, 2 * PAGE, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_add(fresh, 4 * PAGE, SNAPSHOT_FRESH), 0);
	ck_assert_int_eq(snapshot_take(), 0);
	child = fork();
	if (child == 0) {
		in_the_child(memory, file, fresh);
		_exit(0);
	}
	ck_assert_int_gt(child, 0);
	memory[0] = 14;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(snapshot_scan(), 1);
	snapshot_restore();
	ck_assert(all(memory, 4 * PAGE, 3));
}
END_TEST

START_TEST(a_snapshot_may_be_forgotten_and_taken_again)
{
	uintptr_t start, end;
	char *memory = map_memory(4 * PAGE);

	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(snapshot_method(), SNAPSHOT_NONE);
		snapshot_memory(&start, &end);
		ck_assert_uint_eq(end, 0);
		snapshot_forbid(methods[_i].forbidden);
		ck_assert_int_eq(snapshot_add(memory, 4 * PAGE, SNAPSHOT_SAVED), 0);
		ck_assert_int_eq(snapshot_take(), 0);
		ck_assert_int_eq(snapshot_take(), -EBUSY);
		ck_assert_int_eq(snapshot_add(memory, 1, SNAPSHOT_SAVED), -EBUSY);
		snapshot_memory(&start, &end);
		ck_assert_uint_lt(start, end);
		memory[i] = 98;
		ck_assert_int_eq(snapshot_scan(), 1);
		memory[i] = 99;
		snapshot_restore();
		ck_assert_int_eq(memory[i], 0);
		snapshot_forget();
	}
	/* Nothing stayed open. */
	ck_assert_int_eq(fcntl(1000, F_GETFD), -1);
}
END_TEST

START_TEST(descriptors_sit_high_and_do_not_survive_exec)
{
	enum { LOW = 16, HIGH = 2000 };
	char *memory = map_memory(PAGE);
	bool open_before[HIGH];
	int opened = 0;

	for (int fd = 0; fd < HIGH; fd++)
		open_before[fd] = fcntl(fd, F_GETFD) >= 0;
	ck_assert_int_eq(snapshot_add(memory, PAGE, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_take(), 0);
	for (int fd = 0; fd < HIGH; fd++) {
		const int flags = fcntl(fd, F_GETFD);

		if (flags < 0 || open_before[fd])
			continue;
		opened++;
		ck_assert_int_ge(fd, LOW);
		ck_assert_int_eq(flags, FD_CLOEXEC);
	}
	ck_assert_int_eq(opened, watching() ? 2 : 1);
}
END_TEST

static const struct {
	const char *name;
	size_t offset[2],
		length[2]; /* in a mapping of 8 pages; page 3 is read-only, page 6 a hole */
	enum snapshot_kind kind;
	int add, take;
} refusals[] = {
	{ "nothing", { 0, 0 }, { 0, PAGE }, SNAPSHOT_SAVED, -EINVAL, 0 },
	{ "beyond the end of all", { 0, 0 }, { SIZE_MAX, PAGE }, SNAPSHOT_SAVED, -EINVAL, 0 },
	{ "overlap", { 0, 99 }, { 100, 10 }, SNAPSHOT_SAVED, 0, -EINVAL },
	{ "side by side", { 100, 0 }, { 10, 100 }, SNAPSHOT_SAVED, 0, 0 },
	{ "the same twice", { 0, 0 }, { PAGE, PAGE }, SNAPSHOT_SAVED, 0, -EINVAL },
	{ "read-only", { 0, 2 * PAGE }, { PAGE, 2 * PAGE }, SNAPSHOT_SAVED, 0, -EACCES },
	{ "a hole", { 0, 5 * PAGE }, { PAGE, 3 * PAGE }, SNAPSHOT_SAVED, 0, -EFAULT },
	{ "a hole last", { 0, 5 * PAGE }, { PAGE, PAGE + 1 }, SNAPSHOT_FRESH, 0, -EFAULT },
};

START_TEST(what_cannot_be_saved_is_refused)
{
	char *memory = map_memory(8 * PAGE);

	ck_assert_int_eq(mprotect(memory + 3 * PAGE, PAGE, PROT_READ), 0);
	ck_assert_int_eq(munmap(memory + 6 * PAGE, PAGE), 0);
	for (int i = 0; i < 2; i++) {
		const int result = snapshot_add(memory + refusals[_i].offset[i],
						refusals[_i].length[i], refusals[_i].kind);

		ck_assert_int_eq(result, i == 0 ? refusals[_i].add : 0);
	}
	ck_assert_int_eq(snapshot_take(), refusals[_i].take);
	if (refusals[_i].take == 0)
		return;
	/* Forgotten: another may be built. */
	ck_assert_int_eq(snapshot_scan(), -EINVAL);
	ck_assert_int_eq(snapshot_add(memory, PAGE, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_take(), 0);
}
END_TEST

START_TEST(fresh_memory_must_be_private_and_anonymous)
{
	char *shared = map(PAGE, MAP_SHARED | MAP_ANONYMOUS, -1), *file = map_file(PAGE);

	ck_assert_int_eq(snapshot_add(shared, PAGE, SNAPSHOT_FRESH), 0);
	ck_assert_int_eq(snapshot_take(), -EINVAL);
	ck_assert_int_eq(snapshot_add(file, PAGE, SNAPSHOT_FRESH), 0);
	ck_assert_int_eq(snapshot_take(), -EINVAL);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("snapshot_life");
	TCase *tcase = tcase_create("snapshot_life");
	const int refused = sizeof(refusals) / sizeof(refusals[0]);

	tcase_add_checked_fixture(tcase, NULL, forget_snapshot);
	tcase_add_loop_test(tcase, a_forked_child_watches_anew_and_the_parent_goes_on, 0, METHODS);
	tcase_add_loop_test(tcase, a_snapshot_may_be_forgotten_and_taken_again, 0, METHODS);
	tcase_add_test(tcase, descriptors_sit_high_and_do_not_survive_exec);
	tcase_add_loop_test(tcase, what_cannot_be_saved_is_refused, 0, refused);
	tcase_add_test(tcase, fresh_memory_must_be_private_and_anonymous);
	suite_add_tcase(suite, tcase);
	return suite;
}
