/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KERNEL_FACTS_PRIV_H
#define KERNEL_FACTS_PRIV_H

#include "model/facts.h"

/* Fills features and helpers by asking nf_tables (facts_probe.c). Negative errno. */
int facts_probe(struct arena *arena, struct facts *ret);

#endif
