/*
 * keycache.c
 *		A key argument is parsed once a backend, not once a row: PEM, JSON and
 *		OpenSSL's checks cost far more than a signature.
 *
 * An entry is found by the argument's bytes: by their hash under a secret seed
 * of the backend's own, and compared only when all 64 bits of it agree.  So
 * neither collisions nor the comparison's time tell anything about keys that
 * others use in the same backend.  Only the key that the same call used last
 * is compared at once: its caller has it anyway.
 * The least recently used entries give way; the memory is bounded.
 */
#include "postgres.h"

#include <openssl/crypto.h>

#include "common/hashfn.h"
#include "lib/ilist.h"
#include "mb/pg_wchar.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "compat.h"
#include "error.h"
#include "keycache.h"
#include "random.h"

#define KEYCACHE_BYTES		(512 * 1024)
#define KEYCACHE_ENTRIES	64

typedef struct Entry
{
	dlist_node	node;			/* in order of use, latest first */
	uint64		hash;
	KeyForm		form;
	ParsedKey	parsed;
	Size		bytes;			/* of the entry with its key */
	Size		len;
	char		argument[FLEXIBLE_ARRAY_MEMBER];
} Entry;

static dlist_head entries = DLIST_STATIC_INIT(entries);
static CacheStats stats = {.limit_bytes = KEYCACHE_BYTES};
static uint64 seed = 0;
static uint64 last_serial = 0;

uint64
keycache_next_serial(void)
{
	return ++last_serial;
}

static uint64
hash_of(const char *data, Size len)
{
	while (seed == 0)
		random_bytes(&seed, sizeof(seed));
	return DatumGetUInt64(hash_any_extended((const unsigned char *) data, (int) len, seed));
}

static Entry *
find(KeyForm form, uint64 hash, const char *data, Size len)
{
	dlist_iter	iter;

	dlist_foreach(iter, &entries)
	{
		Entry	   *entry = dlist_container(Entry, node, iter.cur);

		if (entry->hash == hash && entry->form == form && entry->len == len &&
			memcmp(entry->argument, data, len) == 0)
			return entry;
	}
	return NULL;
}

/* The entry used last, if it is the caller's last too and the key is the same. */
static Entry *
find_last(uint64 last, KeyForm form, const char *data, Size len)
{
	Entry	   *entry;

	if (last == 0 || dlist_is_empty(&entries))
		return NULL;
	entry = dlist_head_element(Entry, node, &entries);
	if (entry->parsed.serial == last && entry->form == form && entry->len == len &&
		memcmp(entry->argument, data, len) == 0)
		return entry;
	return NULL;
}

static void
drop(Entry *entry)
{
	dlist_delete(&entry->node);
	stats.entries--;
	stats.bytes -= entry->bytes;
	jose_keyset_free(entry->parsed.set);
	OPENSSL_cleanse(entry->argument, entry->len);
	pfree(entry);
}

static void
make_room(Size bytes)
{
	while (!dlist_is_empty(&entries) &&
		   (stats.bytes + bytes > KEYCACHE_BYTES || stats.entries >= KEYCACHE_ENTRIES))
	{
		drop(dlist_tail_element(Entry, node, &entries));
		stats.evictions++;
	}
}

static void
cleanse_and_free(char *string)
{
	OPENSSL_cleanse(string, strlen(string));
	pfree(string);
}

/* A secret's bytes are its UTF-8, whatever the database's encoding. */
static JwtCode
parse_text(const struct varlena *key, JoseKeySet **set)
{
	char	   *raw = pnstrdup(VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key));
	char	   *utf8 = pg_server_to_any(raw, strlen(raw), PG_UTF8);
	JwtCode		code = jose_keyset_from_text_unless(is_interrupted, utf8, strlen(utf8), set);

	if (utf8 != raw)
		cleanse_and_free(utf8);
	cleanse_and_free(raw);
	return jwt_code_of_key(code);
}

static JwtCode
parse_jsonb(const struct varlena *key, JoseKeySet **set)
{
	/* the container wants its alignment */
	Jsonb	   *jsonb = DatumGetJsonbP(PointerGetDatum(key));
	char	   *raw = JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb));
	char	   *utf8 = pg_server_to_any(raw, strlen(raw), PG_UTF8);
	JwtCode		code = jose_keyset_from_json_unless(is_interrupted, utf8, strlen(utf8), set);

	if (utf8 != raw)
		cleanse_and_free(utf8);
	cleanse_and_free(raw);
	return jwt_code_of_key(code);
}

static Entry *
add(KeyForm form, uint64 hash, const char *data, Size len, JoseKeySet *set)
{
	Size		bytes = offsetof(Entry, argument) + len + jose_keyset_footprint(set);
	Entry	   *entry;

	make_room(bytes);
	entry = MemoryContextAllocExtended(TopMemoryContext, offsetof(Entry, argument) + len,
									   MCXT_ALLOC_NO_OOM);
	if (entry == NULL)
	{
		jose_keyset_free(set);
		return NULL;
	}
	entry->hash = hash;
	entry->form = form;
	entry->parsed.serial = keycache_next_serial();
	entry->parsed.set = set;
	entry->parsed.verify_algs = jose_keyset_default_algs(set, JOSE_OP_VERIFY);
	entry->bytes = bytes;
	entry->len = len;
	memcpy(entry->argument, data, len);
	dlist_push_head(&entries, &entry->node);
	stats.entries++;
	stats.bytes += bytes;
	return entry;
}

/* An entry at the head, found or made. */
static JwtCode
find_or_add(KeyForm form, const struct varlena *key, Entry **found)
{
	const char *data = VARDATA_ANY(key);
	Size		len = VARSIZE_ANY_EXHDR(key);
	uint64		hash = hash_of(data, len);
	Entry	   *entry = find(form, hash, data, len);
	JoseKeySet *set;
	JwtCode		code;

	*found = entry;
	if (entry != NULL)
	{
		stats.hits++;
		dlist_move_head(&entries, &entry->node);
		return JOSE_OK;
	}

	stats.misses++;
	code = form == KEY_FORM_JSONB ? parse_jsonb(key, &set) : parse_text(key, &set);
	if (code != JOSE_OK)
		return code;
	*found = add(form, hash, data, len, set);
	return *found != NULL ? JOSE_OK : JOSE_ERR_MEMORY;
}

JwtCode
keycache_get(KeyForm form, const struct varlena *key, uint64 *last, ParsedKey **parsed)
{
	Size		len = VARSIZE_ANY_EXHDR(key);
	Entry	   *entry;
	JwtCode		code;

	*parsed = NULL;
	if (len > JOSE_MAX_KEYSET_TEXT)
		return JOSE_ERR_TOO_LARGE;
	entry = find_last(last != NULL ? *last : 0, form, VARDATA_ANY(key), len);
	if (entry != NULL)
		stats.hits++;
	else
	{
		code = find_or_add(form, key, &entry);
		if (code != JOSE_OK)
			return code;
	}
	if (last != NULL)
		*last = entry->parsed.serial;
	*parsed = &entry->parsed;
	return JOSE_OK;
}

JoseKeySet *
keycache_argument(FunctionCallInfo fcinfo, int arg)
{
	ParsedKey  *parsed;

	jwt_check(keycache_get(KEY_FORM_JSONB, PG_GETARG_VARLENA_PP(arg), NULL, &parsed));
	return parsed->set;
}

void
keycache_stats(CacheStats *out)
{
	*out = stats;
}
