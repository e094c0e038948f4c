/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fuzz target without a fuzzer: words of each kind, each mutated many times. */
#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char *const seeds[] = {
	"a192.168.1.1", "a2001:db8::1", "A!10.1.2.3/255.0.255.0", "A2001:db8::1/-64",
	"A10.0.0.1-10.0.0.9", "Abr-lan.2", "p!80-90", "p1:65535", "Ptcpudp", "P!icmpv6", "P250",
	"iecho-request", "i3/1-4", "Ineighbor-solicitation", "I130/0", "m00:1e:42:aa:bb:cc",
	"d!AF41", "d0x2e", "k16/ff", "K1/255", "r!10/minute", "D!tun_+", "Deth0:1",
	"zEET-2EEST,M3.5.0/3,M10.5.0/4", "z<+1030>-10:30<+11>-11,J59/-167,365/167:59:59",
	"t23:59:59", "y2024-02-29T12:30:01", "w!Mon 2,Sunday", "W!1 15,31",
};

static void mutated_words_never_crash_and_always_print_back(void **state)
{
	static const char alphabet[] = "!/-:.,+<>0123456789abcefMJT x*%\n";
	uint32_t seed = 99;

	(void)state;
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		size_t n = strlen(seeds[i]);

		for (size_t cut = 0; cut <= n; cut++)
			LLVMFuzzerTestOneInput((const uint8_t *)seeds[i], cut);
		for (int round = 0; round < 4000; round++) {
			uint8_t copy[64];
			unsigned changes = 1 + next_random(&seed) % 3;

			memcpy(copy, seeds[i], n);
			while (changes-- > 0) {
				size_t at = 1 + next_random(&seed) % (n - 1);
				uint32_t r = next_random(&seed);

				copy[at] = r % 8 ? (uint8_t)alphabet[r / 8 % (sizeof(alphabet) - 1)]
						 : (uint8_t)(r / 8);
			}
			LLVMFuzzerTestOneInput(copy, n);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutated_words_never_crash_and_always_print_back),
	};

	return RUN_TAP(tests);
}
