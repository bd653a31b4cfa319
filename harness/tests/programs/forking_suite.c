/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A suite of libcheck, as people have them: each test runs in a child process of its own unless
 * CK_FORK=no, so that nothing of what is tested is in the process that jostle controls.
 */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int count;

static void *add(void *argument)
{
	pthread_mutex_lock(&lock);
	count++;
	pthread_mutex_unlock(&lock);
	return argument;
}

START_TEST(two_threads_count_to_two)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, add, NULL), 0);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_int_eq(count, 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("forking");
	TCase *tcase = tcase_create("count");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, two_threads_count_to_two);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
