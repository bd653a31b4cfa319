/* SPDX-License-Identifier: Apache-2.0 */
/* Files that take their place when they are whole. */
#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jostle/beside.h"

#define ROUNDS 300
#define SIZE   5000

static char folder[] = "/tmp/check_beside_XXXXXX";

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void teardown(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static int write_text(const char *file, const char *text)
{
	struct beside beside;

	beside_open(&beside, file);
	beside_write(&beside, text, strlen(text));
	return beside_close(&beside);
}

static void must_hold(const char *file, const char *expected)
{
	char text[SIZE + 1];
	int fd = open(file, O_RDONLY);
	ssize_t size = read(fd, text, sizeof(text) - 1);

	ck_assert_int_ge(size, 0);
	text[size] = '\0';
	ck_assert_str_eq(text, expected);
	close(fd);
}

static size_t files(void)
{
	glob_t found;
	size_t count = glob("*", 0, NULL, &found) == 0 ? found.gl_pathc : 0;

	globfree(&found);
	return count;
}

/* A long text of one letter, so that half of one, or two mixed, is seen. */
static const char *letters(char letter)
{
	static char text[SIZE + 1];

	memset(text, letter, SIZE);
	return text;
}

START_TEST(two_that_write_the_same_file_are_not_in_each_others_way)
{
	pid_t other = fork();
	int status = 0;

	for (int i = 0; i < ROUNDS && status == 0; i++)
		status = write_text("F1.json", letters(other ? 'a' : 'b'));
	if (other == 0)
		_exit(status);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(waitpid(other, &status, 0), other);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(files(), 1);
}
END_TEST

START_TEST(who_reads_sees_a_whole_file)
{
	pid_t writer;
	int status;

	ck_assert_int_eq(write_text("F1.json", letters('a')), 0);
	writer = fork();
	for (int i = 0; writer == 0 && i < ROUNDS; i++)
		if (write_text("F1.json", letters(i % 2 ? 'a' : 'b')))
			_exit(1);
	if (writer == 0)
		_exit(0);
	do {
		char text[SIZE + 1];
		int fd = open("F1.json", O_RDONLY);

		ck_assert_int_eq(read(fd, text, sizeof(text)), SIZE);
		text[SIZE] = '\0';
		ck_assert_str_eq(text, letters(text[0]));
		close(fd);
	} while (waitpid(writer, &status, WNOHANG) == 0);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(what_is_no_ordinary_file_is_written_to_and_stays)
{
	struct stat status;
	char text[8] = "";
	int reader;

	ck_assert_int_eq(mkfifo("pipe", 0600), 0);
	reader = open("pipe", O_RDONLY | O_NONBLOCK);
	ck_assert_int_eq(write_text("pipe", "hello"), 0);
	ck_assert_int_eq(read(reader, text, sizeof(text)), 5);
	ck_assert_str_eq(text, "hello");
	close(reader);
	ck_assert_int_eq(stat("pipe", &status), 0);
	ck_assert(S_ISFIFO(status.st_mode));
	ck_assert_int_eq(write_text(".", "hello"), EISDIR);
	ck_assert_uint_eq(files(), 1);
}
END_TEST

START_TEST(a_descriptors_name_adds_to_what_stands_there)
{
	int fd = open("log", O_RDWR | O_CREAT, 0600);
	char name[64];

	ck_assert_int_eq(write(fd, "one,", 4), 4);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	ck_assert_int_eq(write_text(name, "two"), 0);
	must_hold("log", "one,two");
	close(fd);
}
END_TEST

START_TEST(a_symbolic_link_stays_one)
{
	struct stat status;

	ck_assert_int_eq(mkdir("real", 0700), 0);
	ck_assert_int_eq(write_text("real/file", "old"), 0);
	ck_assert_int_eq(symlink("real/file", "link"), 0);
	ck_assert_int_eq(write_text("link", "new"), 0);
	must_hold("real/file", "new");
	ck_assert_int_eq(lstat("link", &status), 0);
	ck_assert(S_ISLNK(status.st_mode));
}
END_TEST

START_TEST(the_users_mask_says_who_may_read_it)
{
	struct stat status;
	mode_t mask = umask(027);

	ck_assert_int_eq(write_text("file", "text"), 0);
	umask(mask);
	ck_assert_int_eq(stat("file", &status), 0);
	ck_assert_int_eq(status.st_mode & 0777, 0640);
}
END_TEST

START_TEST(an_error_leaves_the_old_file_and_no_other)
{
	const struct rlimit small = { SIZE / 2, SIZE };
	char name[300];

	ck_assert_int_eq(write_text("file", "old"), 0);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert_int_eq(write_text("file", letters('n')), EFBIG);
	must_hold("file", "old");
	ck_assert_uint_eq(files(), 1);

	ck_assert_int_eq(write_text("missing/file", "text"), ENOENT);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(write_text(name, "text"), ENAMETOOLONG);
	ck_assert_uint_eq(files(), 1);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_beside");
	TCase *tests = tcase_create("files");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, two_that_write_the_same_file_are_not_in_each_others_way);
	tcase_add_test(tests, who_reads_sees_a_whole_file);
	tcase_add_test(tests, what_is_no_ordinary_file_is_written_to_and_stays);
	tcase_add_test(tests, a_descriptors_name_adds_to_what_stands_there);
	tcase_add_test(tests, a_symbolic_link_stays_one);
	tcase_add_test(tests, the_users_mask_says_who_may_read_it);
	tcase_add_test(tests, an_error_leaves_the_old_file_and_no_other);
	suite_add_tcase(suite, tests);
	return suite;
}
