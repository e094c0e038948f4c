/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BUG: our own mistake. Prints where and aborts; never reachable from input. */
#ifndef BASE_BUG_H
#define BASE_BUG_H

/* Prints "bug: FILE:LINE: TEXT" to standard error and aborts. Does not return. */
#define BUG(...) bug_abort_(__FILE__, __LINE__, __VA_ARGS__)
void bug_abort_(const char *file, int line, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

#endif
