/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/sys.h"

START_TEST(an_error_is_a_negative_number_and_errno_is_untouched)
{
	errno = 77;
	ck_assert_int_eq(sys_close(-1), -EBADF);
	ck_assert_int_eq(sys_openat(AT_FDCWD, "/nonexistent", O_RDONLY, 0), -ENOENT);
	ck_assert_int_eq(errno, 77);
}
END_TEST

START_TEST(identities_agree_with_libc)
{
	ck_assert_int_eq(sys_getpid(), getpid());
	ck_assert_int_eq(sys_gettid(), gettid());
}
END_TEST

/* pread64 and mmap: each argument is one that the kernel would complain about when misplaced. */
START_TEST(all_six_arguments_arrive)
{
	const int fd = (int)sys_openat(AT_FDCWD, "/proc/self/exe", O_RDONLY | O_CLOEXEC, 0);
	char magic[4];
	long mapped;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(sys_call4(SYS_pread64, fd, (long)magic, sizeof(magic), 0), 4);
	ck_assert_mem_eq(magic, "\177ELF", 4);
	mapped = sys_mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	ck_assert(!sys_failed(mapped));
	ck_assert_mem_eq((void *)mapped, "\177ELF", 4);
	ck_assert_int_eq(sys_munmap((void *)mapped, 4096), 0);
	ck_assert_int_eq(sys_close(fd), 0);
}
END_TEST

START_TEST(five_arguments_arrive)
{
	static const char name[] = "five";

	/* prctl refuses PR_SET_NO_NEW_PRIVS unless the last three are zero. */
	ck_assert_int_eq(sys_call5(SYS_prctl, 38, 1, 0, 0, 1), -EINVAL);
	ck_assert_int_eq(sys_call5(SYS_prctl, 15, (long)name, 0, 0, 0), 0);
}
END_TEST

START_TEST(an_address_near_the_top_is_no_failure_unless_it_is_an_error_number)
{
	ck_assert(sys_failed(-1));
	ck_assert(sys_failed(-4095));
	ck_assert(!sys_failed(-4096));
	ck_assert(!sys_failed(0));
	ck_assert(!sys_failed(0x7fffffffffff));
}
END_TEST

START_TEST(memory_can_be_mapped_protected_and_advised)
{
	const long page =
		sys_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert(!sys_failed(page));
	*(volatile char *)page = 1;
	ck_assert_int_eq(sys_madvise((void *)page, 4096, MADV_DONTNEED), 0);
	ck_assert_int_eq(*(volatile char *)page, 0);
	ck_assert_int_eq(sys_mprotect((void *)page, 4096, PROT_READ), 0);
	ck_assert_int_eq(sys_read(-1, (void *)page, 1), -EBADF);
	ck_assert_int_eq(sys_munmap((void *)page, 4096), 0);
}
END_TEST

START_TEST(a_long_message_is_written_whole)
{
	static char message[100000], back[sizeof(message)];
	int ends[2];
	size_t got = 0;
	pid_t child;

	memset(message, 'm', sizeof(message));
	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		sys_exit_group(sys_write_all(ends[1], message, sizeof(message)) != 0);
	close(ends[1]);
	for (long n; (n = sys_read(ends[0], back + got, sizeof(back) - got)) > 0;)
		got += (size_t)n;
	ck_assert_uint_eq(got, sizeof(message));
	ck_assert_mem_eq(message, back, sizeof(message));
	ck_assert_int_eq(sys_write_all(-1, message, 1), -EBADF);
}
END_TEST

START_TEST(a_futex_that_changed_does_not_wait)
{
	uint32_t word = 1;

	ck_assert_int_eq(sys_futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL), -EAGAIN);
	ck_assert_int_eq(sys_futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL), 0);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("sys");
	TCase *tcase = tcase_create("sys");

	tcase_add_test(tcase, an_error_is_a_negative_number_and_errno_is_untouched);
	tcase_add_test(tcase, identities_agree_with_libc);
	tcase_add_test(tcase, all_six_arguments_arrive);
	tcase_add_test(tcase, five_arguments_arrive);
	tcase_add_test(tcase, an_address_near_the_top_is_no_failure_unless_it_is_an_error_number);
	tcase_add_test(tcase, memory_can_be_mapped_protected_and_advised);
	tcase_add_test(tcase, a_long_message_is_written_whole);
	tcase_add_test(tcase, a_futex_that_changed_does_not_wait);
	suite_add_tcase(suite, tcase);
	return suite;
}
