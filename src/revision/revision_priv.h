/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REVISION_REVISION_PRIV_H
#define REVISION_REVISION_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* SHA-256 (FIPS 180-4). */
struct sha256 {
	uint32_t h[8];
	uint8_t block[64];
	uint64_t bytes;
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *p, size_t n);
void sha256_end(struct sha256 *s, uint8_t ret[32]);

/* At most `max` bytes of a regular file, or -EFBIG when `whole` is asked for and there are more. */
int file_read(const char *path, size_t max, bool whole, struct buf *out);
/* Removes a file and syncs its directory; 0 also when it was not there. */
int file_remove(const char *path);

#endif
