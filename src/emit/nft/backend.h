/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nft backend: a program for the kernel side, and its text. */
#ifndef EMIT_NFT_BACKEND_H
#define EMIT_NFT_BACKEND_H

#include "emit/emit.h"

extern const struct backend nft_backend;

#endif
