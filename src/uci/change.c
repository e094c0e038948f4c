/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A change: a list of splices into the text of an editor, applied in one go, after which the text
 * is read again. Reading again costs a few milliseconds for ten thousand rules and saves us from
 * ever having a position that is wrong. The old text and tree stay until the new ones are good.
 */
#include <errno.h>
#include <string.h>

#include "base/bug.h"
#include "uci/uci_priv.h"

/* Reads a text, which is taken, into an editor. */
static bool edit_read(struct uci_edit *edit, const char *name, struct buf *text_take)
{
	edit->text = *text_take;
	buf_init(text_take);
	arena_init(&edit->arena);
	diags_init(&edit->diags, &edit->arena);
	edit->source = ARENA_NEW(&edit->arena, struct source);
	edit->source->name = name;
	edit->source->text = (struct slice){ buf_text(&edit->text), edit->text.n };
	edit->file = uci_parse(&edit->arena, edit->source, &edit->diags);
	return edit->diags.errors == 0;
}

bool uci_edit_init(struct uci_edit *edit, const char *name, struct slice text)
{
	struct buf copy = BUF_INIT;

	buf_slice(&copy, text);
	return edit_read(edit, name, &copy);
}

void uci_edit_release(struct uci_edit *edit)
{
	buf_release(&edit->text);
	arena_release(&edit->arena);
	*edit = (struct uci_edit){ 0 };
}

const char *uci_line_ending(const struct uci_edit *edit, uint32_t line_end)
{
	const char *p = edit->text.p;
	size_t n = edit->text.n;

	if (line_end >= n) {
		const char *lf = n ? memchr(p, '\n', n) : NULL;

		if (!lf)
			return "\n";
		line_end = (uint32_t)(lf - p);
	}
	return line_end && p[line_end - 1] == '\r' ? "\r\n" : "\n";
}

uint32_t uci_line_after(const struct uci_edit *edit, uint32_t line_end)
{
	return line_end < edit->text.n ? line_end + 1 : (uint32_t)edit->text.n;
}

void uci_change_init(struct uci_change *change)
{
	*change = (struct uci_change){ 0 };
	arena_init(&change->arena);
}

void uci_change_splice(
	struct uci_change *change, uint32_t start, uint32_t end, const char *text, size_t n)
{
	struct uci_splice splice = { start, end - start, arena_strndup(&change->arena, text, n),
		n };

	vec_push(&change->arena, &change->splices, splice);
}

void uci_change_remove(struct uci_change *change, const struct uci_edit *edit,
	const struct uci_command *first, const struct uci_command *last)
{
	bool begins = first->separator == UCI_NOWHERE;
	bool ends = last->next == UCI_NOWHERE;
	uint32_t start = begins && ends ? first->line_start
			 : ends		? first->separator
					: first->start;
	uint32_t end = begins && ends ? uci_line_after(edit, last->line_end)
		       : ends	      ? last->end
				      : last->next;

	uci_change_splice(change, start, end, "", 0);
}

/*
 * By place; of two at one place the insertion comes first, and equal ones keep their order. They
 * are nearly in order already, as edits walk the tree, so that insertion sort is the right one.
 */
static void sort_splices(struct uci_change *change)
{
	struct uci_splice *v = change->splices.v;

	for (size_t i = 1; i < change->splices.n; i++) {
		struct uci_splice moving = v[i];
		size_t j = i;

		for (; j && (v[j - 1].at > moving.at ||
				    (v[j - 1].at == moving.at && v[j - 1].cut && !moving.cut));
			j--)
			v[j] = v[j - 1];
		v[j] = moving;
	}
}

int uci_change_apply(struct uci_change *change, struct uci_edit *edit)
{
	const char *old = buf_text(&edit->text);
	struct buf text = BUF_INIT;
	struct uci_edit next;
	uint32_t at = 0;

	sort_splices(change);
	vec_each (s, &change->splices) {
		if (s->at < at || s->at + s->cut > edit->text.n)
			BUG("splices of an edit overlap at byte %u", s->at);
		buf_add(&text, old + at, s->at - at);
		buf_add(&text, s->text, s->n);
		at = s->at + s->cut;
	}
	buf_add(&text, old + at, edit->text.n - at);
	arena_release(&change->arena);

	if (edit_read(&next, edit->source->name, &text)) {
		uci_edit_release(edit);
		*edit = next;
		return 0;
	}
	if (!next.file->over_limit)
		BUG("an edit made a text that cannot be read: %s", next.diags.list.v[0]->message);
	uci_edit_release(&next);
	return -EFBIG;
}
