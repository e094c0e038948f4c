/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sysctls: kernel parameters under /proc/sys of our network namespace. */
#ifndef KERNEL_SYSCTL_H
#define KERNEL_SYSCTL_H

#include "base/arena.h"
#include "base/diag.h"
#include "ir/ir.h"

/* A parameter and the value it had before we wrote it. */
struct sysctl_value {
	const char *path; /* "net/ipv4/tcp_syncookies" */
	const char *value;
};

struct sysctl_values {
	VEC(struct sysctl_value) list;
};

/*
 * Reads one parameter, without the newline at its end, into the arena. Negative errno: -EINVAL for
 * a path that is not plain components below /proc/sys, -ENOENT when the kernel does not have it.
 */
int sysctl_read(struct arena *arena, const char *path, const char **ret);
/* Writes one parameter. Negative errno as above, or what the kernel thinks of the value. */
int sysctl_write(const char *path, const char *value);

/*
 * Writes every setting whose value differs, and appends to *ret_before the values these had. A
 * setting that cannot be written is a warning ("sysctl-refused") with its section; the others are
 * written all the same. Returns how many could not be written.
 */
size_t sysctl_apply(struct arena *arena, const struct ir_sysctl *settings, size_t n,
	struct diags *diags, struct sysctl_values *ret_before);
/* Writes back what sysctl_apply() found, last first. Returns how many could not be written. */
size_t sysctl_restore(const struct sysctl_values *before);

#endif
