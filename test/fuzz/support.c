/*
 * support.c
 *		Keys, seeds and complaints for the fuzz targets.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "fuzz.h"

#define FOLDER		"test/fuzz"
#define MAX_SEEDS	64

long		fuzz_accepted = 0;

void
fuzz_fail(const char *what)
{
	fprintf(stderr, "\nfuzz: this must never be false: %s\n", what);
	abort();
}

void
fuzz_check_queue(void)
{
	FUZZ_MUST(ERR_peek_error() == 0);
}

static JoseBuf
read_file(const char *path)
{
	FILE	   *file = fopen(path, "r");
	JoseBuf		out = {0};
	char		block[4096];
	size_t		n;

	if (file == NULL)
	{
		perror(path);
		exit(2);
	}
	while ((n = fread(block, 1, sizeof(block), file)) > 0)
		jose_buf_append(&out, block, n);
	fclose(file);
	return out;
}

JoseKeySet *
fuzz_keys(void)
{
	JoseBuf		text = read_file(FOLDER "/keys.json");
	JoseKeySet *set;

	FUZZ_MUST(jose_keyset_from_json((const char *) text.data, text.len, &set) == JOSE_OK);
	FUZZ_MUST(set->skipped == 0);
	jose_buf_free(&text);
	return set;
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

FuzzSeeds
fuzz_seeds(const char *folder)
{
	FuzzSeeds	seeds = {calloc(MAX_SEEDS, sizeof(JoseBuf)), 0};
	struct dirent **entries;
	char		path[512];
	int			count;
	int			i;

	snprintf(path, sizeof(path), FOLDER "/corpus/%s", folder);
	count = scandir(path, &entries, is_visible, alphasort);
	if (count <= 0 || count > MAX_SEEDS)
	{
		fprintf(stderr, "fuzz: no seeds, or too many, in %s\n", path);
		exit(2);
	}
	for (i = 0; i < count; i++)
	{
		snprintf(path, sizeof(path), FOLDER "/corpus/%s/%s", folder, entries[i]->d_name);
		seeds.seed[seeds.count++] = read_file(path);
		free(entries[i]);
	}
	free(entries);
	return seeds;
}

bool
fuzz_is_seed(const FuzzSeeds *seeds, const uint8_t *data, size_t size)
{
	int			i;

	for (i = 0; i < seeds->count; i++)
	{
		if (seeds->seed[i].len == size && memcmp(seeds->seed[i].data, data, size) == 0)
			return true;
	}
	return false;
}

/* All there is of a key, as text: two keys are one when their texts are. */
JoseBuf
fuzz_jwk(const JoseKey *key)
{
	JoseBuf		jwk = {0};

	FUZZ_MUST(jose_key_to_jwk(key, jose_key_is_private(key), &jwk) == JOSE_OK);
	return jwk;
}
