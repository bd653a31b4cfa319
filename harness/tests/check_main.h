/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a unit test file provides. check_main.c holds the one main(); each check_<file>.c defines
 * check_suite() and is linked with it into a program of its own.
 */
#ifndef JOSTLE_TESTS_CHECK_MAIN_H
#define JOSTLE_TESTS_CHECK_MAIN_H

#include <check.h>

/* A new suite; main() runs and frees it. */
Suite *check_suite(void);

#endif
