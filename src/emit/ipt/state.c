/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Matches with a memory, and those on what connection tracking remembers.
 *
 * A limit is a -m hashlimit without a mode: one bucket that all rules of that name share and that
 * outlives a reload, which -m limit's does not. The name ends in a hash of the rate, since the
 * kernel goes on with an old bucket whatever a new rule says.
 */
#include <string.h>

#include "emit/ipt/ipt_priv.h"

/* ---- limits ---- */

static const char *rate_text(struct xt_build *b, const struct rate *rate)
{
	const char *unit = rate->seconds == 1	   ? "sec"
			   : rate->seconds == 60   ? "min"
			   : rate->seconds == 3600 ? "hour"
						   : "day";

	return xt_text(b, "%lu/%s", (unsigned long)rate->count, unit);
}

/* What xt_hashlimit's credits can hold: all tokens together are earned within a day. */
static void check_bucket(struct xt_build *b, const struct rate *rate, uint32_t burst)
{
	if ((uint64_t)burst * rate->seconds > (uint64_t)86400 * rate->count)
		xt_refuse(b, XT_NO_LIMIT_DAY);
	if (burst > 1000000 || (uint64_t)rate->count > (uint64_t)1000000 * rate->seconds)
		xt_refuse(b, XT_NO_LIMIT_MILLION);
}

static struct xt_words bucket_words(struct xt_rule_build *r, const char *name,
	const struct rate *rate, uint32_t burst, const char *mode, uint64_t expire_ms, uint32_t max,
	bool net6)
{
	const char *rates = rate_text(r->b, rate);
	const char *text = xt_text(r->b, "%s %lu %s %llu %lu %d %d", rates, (unsigned long)burst,
		mode ? mode : "", (unsigned long long)expire_ms, (unsigned long)max, rate->invert,
		net6);
	struct xt_words w = xt_words_of(r->b, "-m", "hashlimit",
		rate->invert ? "--hashlimit-above" : "--hashlimit-upto", rates, "--hashlimit-burst",
		xt_text(r->b, "%lu", (unsigned long)burst), NULL);

	check_bucket(r->b, rate, burst);
	if (mode) {
		xt_word(r, &w, "--hashlimit-mode");
		xt_word(r, &w, mode);
	}
	if (net6) {
		xt_word(r, &w, "--hashlimit-srcmask");
		xt_word(r, &w, "64");
	}
	xt_word(r, &w, "--hashlimit-name");
	xt_word(r, &w,
		xt_text(r->b, "%.40s_%08x", name,
			(unsigned)xt_hash(XT_HASH_BEGIN, text, strlen(text))));
	xt_word(r, &w, "--hashlimit-htable-max");
	xt_word(r, &w, xt_text(r->b, "%lu", (unsigned long)max));
	xt_word(r, &w, "--hashlimit-htable-expire");
	xt_word(r, &w, xt_text(r->b, "%llu", (unsigned long long)expire_ms));
	return w;
}

/* A bucket may be forgotten when it is full again. */
static uint64_t full_ms(const struct rate *rate, uint32_t burst)
{
	return ((uint64_t)burst + 1) * rate->seconds * 1000 / rate->count + 1000;
}

void xt_lower_limit(struct xt_rule_build *r, const struct ir_match *m)
{
	uint32_t burst = m->limit->burst ? m->limit->burst : 5;

	xt_must(r, bucket_words(r, m->limit->name, &m->limit->rate, burst, NULL,
			   full_ms(&m->limit->rate, burst), 8, false));
}

/* ---- meters ---- */

static const char *meter_mode(struct xt_build *b, const struct ir_match *m)
{
	const struct ir_set *set = m->set.set;
	AUTO_BUF mode = BUF_INIT;

	for (unsigned i = 0; i < set->n_key; i++) {
		const char *part = NULL;

		switch (set->key[i]) {
		case IR_KEY_ADDR4:
		case IR_KEY_ADDR6:
			part = m->set.dest[i] ? "dstip" : "srcip";
			break;
		case IR_KEY_PROTO_PORT:
		case IR_KEY_PORT:
			part = m->set.dest[i] ? "dstport" : "srcport";
			break;
		case IR_KEY_DEVICE:
		case IR_KEY_MAC:
			xt_refuse(b, XT_NO_METER_KEY);
			continue;
		}
		if (strstr(buf_text(&mode), part))
			xt_refuse(b, XT_NO_METER_TWICE);
		buf_printf(&mode, "%s%s", mode.n ? "," : "", part);
	}
	return arena_strdup(b->arena, buf_text(&mode));
}

/*
 * A bucket that is not renewed, and earns no token in its life, only counts packets: an ipset that
 * counts. Its element is there first, so a full set never holds; being made it has counted one,
 * and the match adds one before it compares.
 */
static void counting_meter(struct xt_rule_build *r, const struct ir_match *m)
{
	const struct ir_set *set = m->set.set;
	const char *flags = xt_set_flags(r->b, set, m->set.dest);
	const struct xt_set *to = xt_set_of(r->b, set);
	uint32_t burst = set->burst ? set->burst : 5;
	struct xt_target add = { 0 };

	if (!flags || !to)
		return;
	add.words = xt_words_of(r->b, "-j", "SET", "--add-set", to->name, flags, NULL);
	if (r->before.n)
		xt_refuse(r->b, XT_NO_METER_SEVERAL);
	vec_push(r->b->arena, &r->before, add);
	r->choices_before = r->choices.n;
	xt_must(r,
		xt_words_of(r->b, "-m", "set", "--match-set", to->name, flags,
			set->rate.invert ? "--packets-gt" : "--packets-lt",
			xt_text(r->b, "%lu", (unsigned long)burst + 1 + !set->rate.invert), NULL));
}

void xt_lower_meter(struct xt_rule_build *r, const struct ir_match *m)
{
	const struct ir_set *set = m->set.set;
	uint32_t burst = set->burst ? set->burst : 5;
	uint64_t expire = set->timeout ? (uint64_t)set->timeout * 1000 : full_ms(&set->rate, burst);

	if (!set->once) {
		xt_must(r, bucket_words(r, set->name, &set->rate, burst, meter_mode(r->b, m),
				   expire > UINT32_MAX ? UINT32_MAX : expire,
				   set->size ? set->size : 65536, set->net6));
		return;
	}
	if ((uint64_t)set->rate.count * set->timeout > set->rate.seconds)
		xt_refuse(r->b, XT_NO_METER_RENEWED);
	counting_meter(r, m);
}

/* xt_connlimit counts for each of its rules, so there must be one. */
void xt_lower_connections(struct xt_rule_build *r, const struct ir_match *m)
{
	const struct ir_set *set = m->set.set;

	if (set->n_key != 1 || (set->key[0] != IR_KEY_ADDR4 && set->key[0] != IR_KEY_ADDR6))
		xt_refuse(r->b, XT_NO_CONNECTIONS_KEY);
	r->alone = true;
	xt_must(r,
		xt_words_of(r->b, "-m", "connlimit",
			m->negate ? "--connlimit-above" : "--connlimit-upto",
			xt_text(r->b, "%lu", (unsigned long)m->set.connections),
			"--connlimit-mask", r->family == FAMILY_V6 ? "128" : "32",
			m->set.dest[0] ? "--connlimit-daddr" : "--connlimit-saddr", NULL));
}

/* ---- sets ---- */

void xt_lower_set_match(struct xt_rule_build *r, const struct ir_match *m)
{
	const struct xt_set *set = xt_set_of(r->b, m->set.set);
	const char *flags = xt_set_flags(r->b, m->set.set, m->set.dest);
	struct xt_words w = xt_words_of(r->b, "-m", "set", NULL);

	if (m->set.set->has_rate)
		xt_refuse(r->b, XT_NO_METER_LOOKUP);
	if (!set || !flags)
		return;
	if (m->negate)
		xt_word(r, &w, "!");
	xt_word(r, &w, "--match-set");
	xt_word(r, &w, set->name);
	xt_word(r, &w, flags);
	xt_must(r, w);
}

/* ---- connections ---- */

static struct xt_words ctstate(struct xt_rule_build *r, const char *states, bool negate)
{
	struct xt_words w = xt_words_of(r->b, "-m", "conntrack", NULL);

	if (negate)
		xt_word(r, &w, "!");
	xt_word(r, &w, "--ctstate");
	xt_word(r, &w, states);
	return w;
}

static const char *bit_words(
	struct xt_build *b, uint32_t bits, const char *const *words, size_t n)
{
	AUTO_BUF text = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		if (bits & 1U << i)
			buf_printf(&text, "%s%s", text.n ? "," : "", words[i]);
	}
	return arena_strdup(b->arena, buf_text(&text));
}

/* "DNAT" and "SNAT" are states to iptables, the others are not. */
static void ctstatus(struct xt_rule_build *r, const struct ir_match *m)
{
	static const char *const nat[] = { "DNAT", "SNAT" };
	static const char *const other[] = { "EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED" };
	uint32_t low = m->bits & 3, high = m->bits >> 2;
	struct xt_words w = { 0 }, status;
	struct xt_choice *c;

	if (low)
		w = ctstate(r, bit_words(r->b, low, nat, 2), m->negate);
	/* without a connection neither holds, but "not DNAT" would */
	if (low && m->negate)
		xt_must(r, ctstate(r, "INVALID,UNTRACKED", true));
	if (!high) {
		xt_must(r, w);
		return;
	}
	status = xt_words_of(r->b, "-m", "conntrack", NULL);
	if (m->negate)
		xt_word(r, &status, "!");
	xt_word(r, &status, "--ctstatus");
	xt_word(r, &status, bit_words(r->b, high, other, 4));
	if (m->negate) {
		xt_words_add(r->b, &w, &status);
		xt_must(r, w);
		return;
	}
	c = xt_choice_add(r);
	if (low) {
		struct xt_words not_nat = ctstate(r, bit_words(r->b, low, nat, 2), true);

		xt_alternative(r, c, w);
		xt_words_add(r->b, &status, &not_nat);
	}
	xt_alternative(r, c, status);
}

/* Helpers are given in raw, to new connections, before there are any. */
static bool is_new_to_helper(struct xt_rule_build *r, const struct ir_match *m)
{
	if (r->stage != IR_HELPER)
		return false;
	if (m->kind != IR_M_CTSTATE || m->negate || !(m->bits & IR_CT_NEW) ||
		r->ir->verdict.kind != IR_CONTINUE)
		xt_refuse(r->b, XT_NO_HELPER_STATE);
	return true;
}

void xt_lower_state(struct xt_rule_build *r, const struct ir_match *m)
{
	static const char *const states[] = { "NEW", "ESTABLISHED", "RELATED", "INVALID",
		"UNTRACKED" };
	struct xt_words w;

	if (is_new_to_helper(r, m))
		return;
	if (m->kind == IR_M_CTSTATE) {
		xt_must(r, ctstate(r, bit_words(r->b, m->bits, states, 5), m->negate));
		return;
	}
	if (m->kind == IR_M_CTSTATUS) {
		ctstatus(r, m);
		return;
	}
	if (m->negate)
		xt_refuse(r->b, XT_NO_NOT_HELPER);
	w = xt_words_of(r->b, "-m", "helper", "--helper", m->text, NULL);
	xt_must(r, w);
}
