/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arena: memory with the life of one compile ("generation").
 *
 * Everything that belongs to one generation is taken from one arena and dies with it; nothing is
 * freed singly. Allocation cannot fail: running out of memory aborts the process (the kernel
 * keeps the rules it has). Nothing in an arena may own a descriptor or a lock.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head;
	size_t used; /* bytes handed out, for reports */
};

/* Makes an empty arena; takes no memory until the first allocation. */
void arena_init(struct arena *a);
/* Frees everything the arena handed out; the arena is then empty and may be used again. */
void arena_release(struct arena *a);

/* Returns size bytes, zeroed, aligned for any type. Aborts when memory is exhausted. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((malloc, returns_nonnull));
/* Returns a copy of n elements of the given size. Aborts when n * size overflows. */
void *arena_copy(struct arena *a, const void *from, size_t n, size_t size);
/* Returns a NUL-terminated copy of a string; of n bytes of it. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
/* Returns printed text. The format is always a literal of ours. */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))
void *arena_array(struct arena *a, size_t n, size_t size);

/*
 * Vectors: { v, n, cap } in an arena. Declare the struct with VEC(type), append with vec_push().
 * Growth copies into a new block of the arena, so a pointer to an element does not survive a push.
 */
#define VEC(type)                                                                                  \
	struct {                                                                                   \
		type *v;                                                                           \
		size_t n, cap;                                                                     \
	}
#define vec_push(a, vec, ...)                                                                      \
	((vec)->v = vec_grow_((a), (vec)->v, (vec)->n, &(vec)->cap, sizeof(*(vec)->v)),            \
		(vec)->v[(vec)->n++] = __VA_ARGS__)
#define vec_each(it, vec)                                                                          \
	for (__typeof__((vec)->v + 0) it = (vec)->v; it && it < (vec)->v + (vec)->n; it++)
void *vec_grow_(struct arena *a, void *v, size_t n, size_t *cap, size_t size);

#endif
