/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fuzz target under a plain compiler: the snippets of custom rules, each as it is and with a
 * fixed number of bytes changed, cut and repeated. The same every time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size);

static unsigned state = 1;

static unsigned below(unsigned n)
{
	state = state * 1103515245u + 12345u;
	return (state >> 16) % n;
}

static void mutate(unsigned char *bytes, size_t *size)
{
	static const char special[] = "!'\"\\$`;|&<>()=-,:/[] \n#*";
	size_t at = below((unsigned)*size);

	switch (below(4)) {
	case 0:
		bytes[at] = (unsigned char)special[below(sizeof(special) - 1)];
		break;
	case 1:
		bytes[at] = (unsigned char)below(256);
		break;
	case 2:
		memmove(bytes + at, bytes + at + 1, *size - at - 1);
		*size -= *size > 1;
		break;
	default:
		*size = at + 1;
		break;
	}
}

static unsigned try_file(const char *path)
{
	static unsigned char whole[1 << 16], copy[1 << 16];
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(whole, 1, sizeof(whole) - 1, f) : 0;
	unsigned tried = 0;

	if (!f)
		return 0;
	fclose(f);
	whole[n] = '\0';
	for (char *at = (char *)whole; (at = strstr(at, "=== ")); at++) {
		char *end = strstr(at, "\n---");
		char *text = strchr(at, '\n') + 1;
		size_t size = end > text ? (size_t)(end - text) : 0;

		for (unsigned i = 0; size && i < 200; i++, tried++) {
			size_t now = size;

			memcpy(copy, text, size);
			for (unsigned k = 0; k < i % 6; k++)
				mutate(copy, &now);
			LLVMFuzzerTestOneInput(copy, now);
		}
	}
	return tried;
}

int main(int argc, char **argv)
{
	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		unsigned n = try_file(argv[i]);

		printf("%s %d - %u texts\n", n ? "ok" : "not ok", i, n);
	}
	return 0;
}
