/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Line differences between two texts. */
#ifndef CLI_DIFF_H
#define CLI_DIFF_H

#include "base/buf.h"

/*
 * Adds the lines that differ, "-old" and "+new", with up to three lines around them and "@@" where
 * lines are left out. Adds nothing, and returns false, when the texts are equal.
 */
bool diff_lines(struct slice before, struct slice after, struct buf *out);

#endif
