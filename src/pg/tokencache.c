/*
 * tokencache.c
 *		A signature that this backend has found valid is not computed again: the
 *		same token comes with every request of a session.
 *
 * What is remembered is only that these very bytes verified with that very
 * key, which its serial names for ever: a key that is rotated away or trusted
 * no more gets no new serial, and nothing finds its tokens.  Every check that
 * depends on time or on the caller's wishes is made anew on each use.
 *
 * A fixed table of sets of four; within a set the one unused longest gives
 * way, and when the memory's bound is reached, the slots in turn.
 */
#include "postgres.h"

#include <openssl/crypto.h>

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "random.h"
#include "tokencache.h"

#define TOKENCACHE_BYTES	(1024 * 1024)	/* of the memory context */
#define ENTRY_BYTES			(3 * TOKENCACHE_BYTES / 4)	/* of the entries in it */
#define WAYS				4
#define SETS				256
#define HASHED_TAIL			32
#define MAX_TOKEN			8192	/* larger ones are rare, and few would fill the cache */

typedef struct Entry
{
	uint64		hash;
	uint64		key_serial;
	uint64		last_use;
	unsigned	flags;
	uint32		token_len;
	Size		size;			/* of this allocation */
	VerifiedToken verified;
	char	   *token;			/* claims, typ and token follow in the same chunk */
} Entry;

static Entry *slots[SETS][WAYS];
static CacheStats stats = {.limit_bytes = TOKENCACHE_BYTES};
static MemoryContext context = NULL;
static uint64 seed = 0;
static uint64 clock_hand = 0;
static uint64 uses = 0;

/*
 * A token ends in its signature, which nobody chooses, so its last characters
 * tell tokens apart as well as all of them.  One that merely ends like another
 * is found out by the comparison that follows.
 */
static uint64
hash_of(const char *token, Size len, uint64 key_serial)
{
	Size		tail = Min(len, HASHED_TAIL);

	while (seed == 0)
		random_bytes(&seed, sizeof(seed));
	return DatumGetUInt64(hash_any_extended((const unsigned char *) token + len - tail, (int) tail,
											seed ^ key_serial));
}

static void
drop(Entry **slot)
{
	Entry	   *entry = *slot;

	*slot = NULL;
	stats.entries--;
	stats.bytes -= entry->size;
	OPENSSL_cleanse(entry->token, entry->token_len);
	pfree(entry);
}

static bool
holds(const Entry *entry, uint64 hash, const char *token, Size len, uint64 key_serial, unsigned flags)
{
	return entry != NULL && entry->hash == hash && entry->key_serial == key_serial &&
		entry->flags == flags && entry->token_len == len &&
		memcmp(entry->token, token, len) == 0;
}

const VerifiedToken *
tokencache_get(const char *token, Size len, uint64 key_serial, unsigned flags)
{
	uint64		hash;
	int			way;

	if (len > MAX_TOKEN)
		return NULL;
	hash = hash_of(token, len, key_serial);
	for (way = 0; way < WAYS; way++)
	{
		Entry	   *entry = slots[hash % SETS][way];

		if (holds(entry, hash, token, len, key_serial, flags))
		{
			entry->last_use = ++uses;
			stats.hits++;
			return &entry->verified;
		}
	}
	stats.misses++;
	return NULL;
}

/* What is known of a token is put once: an older state of its issuer would be found first. */
static void
drop_known(const char *token, Size len, uint64 hash, uint64 key_serial, unsigned flags)
{
	int			way;

	for (way = 0; way < WAYS; way++)
	{
		Entry	  **slot = &slots[hash % SETS][way];

		if (holds(*slot, hash, token, len, key_serial, flags))
			drop(slot);
	}
}

/* A free slot of the set, or the one unused longest. */
static Entry **
choose_slot(uint64 hash)
{
	Entry	  **set = slots[hash % SETS];
	int			oldest = 0;
	int			way;

	for (way = 0; way < WAYS; way++)
	{
		if (set[way] == NULL)
			return &set[way];
		if (set[way]->last_use < set[oldest]->last_use)
			oldest = way;
	}
	drop(&set[oldest]);
	stats.evictions++;
	return &set[oldest];
}

/* Forget everything, and give the memory back. */
static void
reset(void)
{
	stats.evictions += stats.entries;
	stats.entries = 0;
	stats.bytes = 0;
	memset(slots, 0, sizeof(slots));
	MemoryContextReset(context);
}

/*
 * Entries of one size leave holes that those of another do not fit; when the
 * context itself, holes and all, passes the bound, start anew.
 */
static void
make_room(Size size)
{
	if (MemoryContextMemAllocated(context, false) > TOKENCACHE_BYTES)
		reset();
	while (stats.bytes + size > ENTRY_BYTES && stats.entries > 0)
	{
		Entry	  **slot = &slots[clock_hand / WAYS % SETS][clock_hand % WAYS];

		clock_hand++;
		if (*slot != NULL)
		{
			drop(slot);
			stats.evictions++;
		}
	}
}

void
tokencache_put(const char *token, Size len, uint64 key_serial, unsigned flags,
			   const VerifiedToken *verified)
{
	Size		claims_len = VARSIZE_ANY(verified->claims);
	Size		typ_len = verified->typ != NULL ? strlen(verified->typ) + 1 : 0;
	Size		size = MAXALIGN(sizeof(Entry)) + MAXALIGN(claims_len) + typ_len + len;
	Entry	  **slot;
	Entry	   *entry;
	char	   *room;
	uint64		hash;

	if (len > MAX_TOKEN || typ_len > 256 || claims_len > 2 * MAX_TOKEN)
		return;
	if (context == NULL)
		context = AllocSetContextCreate(TopMemoryContext, "oauth_jwt tokens", ALLOCSET_DEFAULT_SIZES);
	hash = hash_of(token, len, key_serial);
	drop_known(token, len, hash, key_serial, flags);
	make_room(size);
	slot = choose_slot(hash);
	entry = MemoryContextAlloc(context, size);

	entry->hash = hash;
	entry->key_serial = key_serial;
	entry->last_use = ++uses;
	entry->flags = flags;
	entry->token_len = (uint32) len;
	entry->size = GetMemoryChunkSpace(entry);
	room = (char *) entry + MAXALIGN(sizeof(Entry));
	entry->verified.alg = verified->alg;
	entry->verified.issuer_serial = verified->issuer_serial;
	entry->verified.claims = memcpy(room, verified->claims, claims_len);
	room += MAXALIGN(claims_len);
	entry->verified.typ = typ_len > 0 ? memcpy(room, verified->typ, typ_len) : NULL;
	room += typ_len;
	entry->token = memcpy(room, token, len);

	*slot = entry;
	stats.entries++;
	stats.bytes += entry->size;
}

void
tokencache_stats(CacheStats *out)
{
	*out = stats;
	if (context != NULL)
		out->bytes = MemoryContextMemAllocated(context, false);
}
