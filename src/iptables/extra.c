/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The extra arguments of a section: matches and nothing else. The section has the table, the chain
 * and the target; an argument that would change those is refused by its name.
 */
#include <string.h>

#include "iptables/iptables_priv.h"

static const char *const forbidden[] = {
	"-j",
	"--jump",
	"-g",
	"--goto",
	"-t",
	"--table",
	"-A",
	"--append",
	"-D",
	"--delete",
	"-I",
	"--insert",
	"-R",
	"--replace",
	"-N",
	"--new-chain",
	"-F",
	"--flush",
	"-P",
	"--policy",
	"-X",
	"--delete-chain",
	"-E",
	"--rename-chain",
	"-L",
	"--list",
	"-S",
	"--list-rules",
	"-Z",
	"--zero",
	"-C",
	"--check",
	"-c",
	"--set-counters",
	"--modprobe",
	"-w",
	"--wait",
	"-h",
	"--help",
	"-V",
	"--version",
	"-4",
	"-6",
	"--ipv4",
	"--ipv6",
	"-n",
	"-v",
	"-x",
};

static bool is_forbidden(struct slice word)
{
	for (size_t i = 0; i < IPT_COUNT(forbidden); i++) {
		size_t n = strlen(forbidden[i]);

		if (slice_is(word, forbidden[i]))
			return true;
		/* -jACCEPT, --modprobe=/tmp/x */
		if (slice_starts(word, forbidden[i]) &&
			(n > 2 ? word.p[n] == '=' : word.p[1] != '-'))
			return true;
	}
	return false;
}

/* Skips the values of an option that was refused. */
static void skip_values(struct ipt_reader *r)
{
	r->at++;
	while (r->at < r->n && r->words[r->at].text.n && r->words[r->at].text.p[0] != '-' &&
		r->words[r->at].text.p[0] != '!')
		r->at++;
}

static void read_one(struct ipt_reader *r)
{
	const struct ipt_word *w = &r->words[r->at];

	if (is_forbidden(w->text)) {
		struct diag *d = ipt_error(r, w->span, r->id_token,
			"'%.*s' is not allowed in extra arguments", SLICE_ARG(w->text));

		diag_hint(r->diags, d, "they can only narrow what the section matches");
		skip_values(r);
		return;
	}
	if (ipt_read_option(r))
		return;
	if (w->text.n > 1 && w->text.p[0] == '-') {
		ipt_unknown_option(r, w);
		skip_values(r);
		return;
	}
	ipt_error(r, w->span, r->id_token, "'%.*s' does not belong to any option",
		SLICE_ARG(w->text));
	r->at++;
}

bool ipt_extra_read(struct arena *arena, struct slice text, struct span where, uint8_t proto,
	struct diags *diags, struct ipt_rule *ret)
{
	struct ipt_words words = { 0 };
	struct ipt_rule rule = { 0 };
	struct ipt_reader r = { .arena = arena,
		.diags = diags,
		.extra = true,
		.id_token = "extra-token",
		.id_value = "extra-value",
		.where = where,
		.rule = &rule,
		.proto = proto,
		.proto_known = proto != 0 };

	if (!ipt_words_read(arena, text, where, false, diags, &words))
		return false;
	r.words = words.list.v;
	r.n = words.list.n;
	ipt_read_begin(&r, FAMILY_ANY);
	while (r.at < r.n)
		read_one(&r);
	ipt_read_end(&r);
	if (r.failed)
		return false;
	*ret = rule;
	return true;
}
