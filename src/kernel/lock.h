/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lock: one writer of kernel state at a time per run directory. */
#ifndef KERNEL_LOCK_H
#define KERNEL_LOCK_H

#include <sys/types.h>

/*
 * Takes the lock of a run directory (made with mode 0755 when missing), waiting up to `seconds`
 * (0: do not wait, negative: for ever). When it has to wait, `waiting` (may be NULL) is called
 * once with the process that holds the lock, 0 when that is unknown.
 * Returns a descriptor to give to lock_drop(); -ETIMEDOUT, -EAGAIN (0 seconds) or another negative
 * errno. The kernel drops the lock when the holder dies; there is nothing to clean up.
 */
int lock_take(const char *run_dir, int seconds, void (*waiting)(pid_t holder, void *context),
	void *context) __attribute__((warn_unused_result));
/* Drops it; negative descriptors are ignored. */
void lock_drop(int fd);

#endif
