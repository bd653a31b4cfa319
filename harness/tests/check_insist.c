/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/insist.h"

static void refuse_to_die(int number)
{
	(void)number;
	_exit(0);
}

/* Runs insist(@holds) in a child; its message goes to @message. Returns the wait status. */
static int insist_in_child(int holds, char *message, size_t size)
{
	int out[2], status;
	ssize_t length;
	pid_t child;

	ck_assert_int_eq(pipe(out), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		sigset_t abort_only;

		sigemptyset(&abort_only);
		sigaddset(&abort_only, SIGABRT);
		signal(SIGABRT, refuse_to_die);
		sigprocmask(SIG_BLOCK, &abort_only, NULL);
		dup2(out[1], STDERR_FILENO);
		insist(holds == 1);
		_exit(7);
	}
	close(out[1]);
	length = read(out[0], message, size - 1);
	message[length < 0 ? 0 : length] = '\0';
	close(out[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return status;
}

START_TEST(a_condition_that_holds_costs_nothing_and_says_nothing)
{
	char message[256];
	const int status = insist_in_child(1, message, sizeof(message));

	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 7);
	ck_assert_str_eq(message, "");
}
END_TEST

START_TEST(a_failure_kills_though_the_program_handles_and_blocks_the_signal)
{
	char message[256];
	const int status = insist_in_child(0, message, sizeof(message));

	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
	ck_assert_ptr_nonnull(strstr(message, "jostle: internal error: "));
	ck_assert_ptr_nonnull(strstr(message, "check_insist.c:"));
	ck_assert_ptr_nonnull(strstr(message, "holds == 1 does not hold\n"));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("insist");
	TCase *tcase = tcase_create("insist");

	tcase_add_test(tcase, a_condition_that_holds_costs_nothing_and_says_nothing);
	tcase_add_test(tcase, a_failure_kills_though_the_program_handles_and_blocks_the_signal);
	suite_add_tcase(suite, tcase);
	return suite;
}
