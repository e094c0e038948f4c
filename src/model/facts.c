/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking things up in the facts. They are few, so a walk is all it takes. */
#include <string.h>

#include "model/facts.h"

const struct facts_network *facts_network(const struct facts *f, const char *name)
{
	vec_each(n, &f->networks) {
		if (!strcmp(n->name, name))
			return n;
	}
	return NULL;
}

const struct facts_device *facts_device(const struct facts *f, const char *name)
{
	vec_each(d, &f->devices) {
		if (!strcmp(d->name, name))
			return d;
	}
	return NULL;
}

const struct facts_file *facts_file(const struct facts *f, const char *path)
{
	vec_each(file, &f->files) {
		if (!strcmp(file->path, path))
			return file;
	}
	return NULL;
}
