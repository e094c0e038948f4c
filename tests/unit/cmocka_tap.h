/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmocka with what it needs before it, and a runner that speaks TAP. */
#ifndef TESTS_CMOCKA_TAP_H
#define TESTS_CMOCKA_TAP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Runs an array of struct CMUnitTest and returns the number of failures, for main(). */
#define RUN_TAP(tests)                                                                             \
	(cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests((tests), NULL, NULL))

#endif
