/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chain of blocks, each twice the size of the one before up to a limit; an allocation larger
 * than a quarter of a block gets a block of its own. Freed as a whole.
 */
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"

#define BLOCK_FIRST 4096
#define BLOCK_LIMIT (256 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *a)
{
	*a = (struct arena){ 0 };
}

void arena_release(struct arena *a)
{
	struct arena_block *b = a->head;

	while (b) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
	arena_init(a);
}

static struct arena_block *block_new(size_t size)
{
	struct arena_block *b = calloc(1, sizeof(*b) + size);

	if (!b)
		BUG("out of memory");
	b->size = size;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *b = a->head;
	void *p;

	if (size > SIZE_MAX / 2)
		BUG("an allocation of %zu bytes", size);
	size = (size + align - 1) / align * align;
	if (!size)
		size = align;
	a->used += size;
	if (b && b->size - b->used >= size) {
		p = b->bytes + b->used;
		b->used += size;
		return p;
	}
	if (b && size > b->size / 4 && size > BLOCK_FIRST) {
		/* Alone in a block behind the head, so the head's free space stays in use. */
		struct arena_block *alone = block_new(size);

		alone->used = size;
		alone->next = b->next;
		b->next = alone;
		return alone->bytes;
	}

	size_t want = b ? b->size * 2 : BLOCK_FIRST;

	if (want > BLOCK_LIMIT)
		want = BLOCK_LIMIT;
	if (want < size)
		want = size;
	b = block_new(want);
	b->used = size;
	b->next = a->head;
	a->head = b;
	return b->bytes;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		BUG("an array of %zu elements of %zu bytes", n, size);
	return arena_alloc(a, bytes);
}

void *arena_copy(struct arena *a, const void *from, size_t n, size_t size)
{
	void *p = arena_array(a, n, size);

	if (n && size)
		memcpy(p, from, n * size);
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (n)
		memcpy(p, s, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char probe[1]; /* only the length is wanted; GCC's sanitizers warn about a NULL here */
	int n;

	va_copy(again, ap);
	n = vsnprintf(probe, sizeof(probe), fmt, again);
	va_end(again);
	if (n < 0)
		BUG("a format that cannot be printed");

	char *p = arena_alloc(a, (size_t)n + 1);

	vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

void *vec_grow_(struct arena *a, void *v, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return v;

	size_t more = *cap ? *cap * 2 : 4;
	void *grown = arena_array(a, more, size);

	if (n)
		memcpy(grown, v, n * size);
	*cap = more;
	return grown;
}
