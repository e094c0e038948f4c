/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EMIT_IPT_BACKEND_H
#define EMIT_IPT_BACKEND_H

#include "emit/emit.h"

extern const struct backend iptables_backend;

#endif
