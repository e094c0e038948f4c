/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices: one pattern is compared, several are looked up. The kernel's interval sets refuse
 * overlaps, so a pattern that another covers ("tun1" beside "tun*") is left out.
 */
#include <stdlib.h>
#include <string.h>

#include "emit/nft/nft_priv.h"

static int pattern_cmp(const void *a, const void *b)
{
	const struct device_pattern *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	/* a wildcard stands before the name it covers */
	return c ? c : (int)y->wildcard - (int)x->wildcard;
}

const struct device_pattern *nft_devices_reduce(
	struct nft_build *b, const struct device_pattern *v, size_t n, size_t *ret_n)
{
	struct device_pattern *ret = arena_copy(b->arena, v, n, sizeof(*v));
	size_t kept = 0;

	if (n)
		qsort(ret, n, sizeof(*ret), pattern_cmp);
	/* in this order, what covers a pattern is the last one kept, when anything is */
	for (size_t i = 0; i < n; i++) {
		if (kept && device_pattern_has(&ret[kept - 1], ret[i].name))
			continue;
		ret[kept++] = ret[i];
	}
	*ret_n = kept;
	return ret;
}

void nft_element_device(struct nft_build *b, struct nft_element *e, const struct device_pattern *p)
{
	e->key = nft_device_bytes(b, p->name, 0);
	e->key_end = p->wildcard ? nft_device_bytes(b, p->name, 0xff) : NULL;
}

bool nft_lower_devices(struct nft_rule_build *r, const struct ir_match *m)
{
	enum nft_field field = m->kind == IR_M_IIF ? NFT_F_IIFNAME : NFT_F_OIFNAME;
	size_t n;

	if (m->devices.set) {
		struct nft_match *named = nft_match_add(r, field, NFT_CMP_SET);

		named->set = nft_set_of(r->b, m->devices.set);
		named->negate = m->negate;
		return true;
	}

	const struct device_pattern *v = nft_devices_reduce(r->b, m->devices.v, m->devices.n, &n);

	if (!n)
		return m->negate;
	if (v[0].wildcard && !*v[0].name) /* "+": every device; nft has no such pattern */
		return !m->negate;
	if (n > 1) {
		struct nft_set *set = nft_anonymous(r->b, &field, 1);
		struct nft_match *in = nft_match_add(r, field, NFT_CMP_SET);

		for (size_t i = 0; i < n; i++) {
			struct nft_element e = { 0 };

			nft_element_device(r->b, &e, &v[i]);
			set->interval = set->interval || v[i].wildcard;
			vec_push(r->b->arena, &set->elements, e);
		}
		in->set = set;
		in->negate = m->negate;
		return true;
	}

	struct nft_match *one =
		nft_match_add(r, field, v[0].wildcard ? NFT_CMP_PREFIX : NFT_CMP_VALUE);

	one->value = nft_device_bytes(r->b, v[0].name, 0);
	one->bits = (unsigned)strlen(v[0].name) * 8;
	one->negate = m->negate;
	return true;
}
