/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The main() of every unit test: runs the suite in forked children (libcheck's default, so that a
 * crash is one failed test) and fails when a test failed or when there was none to run. libcheck
 * writes its TAP log where CK_TAP_LOG_FILE_NAME says.
 */
#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	SRunner *runner;
	int run, failed;

	/* Four seconds, the default, is short for a sanitised build on a loaded machine. */
	setenv("CK_DEFAULT_TIMEOUT", "120", 0);
	runner = srunner_create(check_suite());
	srunner_run_all(runner, CK_NORMAL);
	run = srunner_ntests_run(runner);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (run == 0)
		fprintf(stderr, "no test was run\n");
	return run == 0 || failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
