/*
 * trust.c
 *		Keeps what jwt.issuers and jwt.keys say, parsed, until either changes.
 *
 * A trigger on each table sends a relcache invalidation (fn_keystore.c), which
 * reaches every session and standby with the commit; the callback here marks
 * all as stale, and the next look-up reads anew (trusttables.c).
 */
#include "postgres.h"

#include "access/xact.h"
#include "lib/ilist.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "error.h"
#include "keycache.h"
#include "scoped.h"
#include "trust.h"
#include "trusttables.h"

#define TRUST_BYTES		(512 * 1024)
#define TRUST_ENTRIES	64

typedef struct Entry
{
	dlist_node	node;			/* in order of use, latest first */
	TrustedIssuer trusted;
} Entry;

static dlist_head entries = DLIST_STATIC_INIT(entries);
static CacheStats stats = {.limit_bytes = TRUST_BYTES};
static bool stale = false;
static bool read_own_writes = false;	/* perhaps: something was read by a transaction that writes */
static void (*on_change) (void) = NULL;

/* ---- invalidation ---- */

static void
on_relcache_change(Datum arg, Oid relid)
{
	if (relid != InvalidOid && !trusttables_has(relid))
		return;
	stale = true;
	on_change();
}

/*
 * The trigger speaks at its statement's end.  A function called in that
 * statement may have read the rows before, and if it fails then, nobody says
 * that they never were: so what a failed transaction may have written itself
 * is forgotten with it.
 */
static void
on_abort(void)
{
	if (!read_own_writes)
		return;
	stale = true;
	on_change();
}

static void
on_transaction_end(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT)
		on_abort();
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE)
		read_own_writes = false;
}

static void
on_subtransaction_end(SubXactEvent event, SubTransactionId self, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		on_abort();
}

void
trust_register(void (*changed) (void))
{
	on_change = changed;
	CacheRegisterRelcacheCallback(on_relcache_change, (Datum) 0);
	RegisterXactCallback(on_transaction_end, NULL);
	RegisterSubXactCallback(on_subtransaction_end, NULL);
}

static void
drop(Entry *entry)
{
	dlist_delete(&entry->node);
	stats.entries--;
	stats.bytes -= entry->trusted.bytes;
	MemoryContextDelete(entry->trusted.context);
}

void
trust_accept_changes(void)
{
	AcceptInvalidationMessages();
}

/* Take in what other sessions did, and forget what it made untrue. */
static void
refresh(void)
{
	trust_accept_changes();
	if (!stale)
		return;
	while (!dlist_is_empty(&entries))
		drop(dlist_head_element(Entry, node, &entries));
	trusttables_forget();
	stale = false;
}

/* ---- building an entry ---- */

static void
free_keysets(void *arg)
{
	TrustedIssuer *trusted = arg;

	jose_keyset_free(trusted->keys);
	jose_keyset_free(trusted->signers);
	trusted->keys = NULL;
	trusted->signers = NULL;
}

static Entry *
new_entry(void)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "oauth_jwt issuer",
												  ALLOCSET_SMALL_SIZES);
	Entry	   *entry = MemoryContextAllocZero(context, sizeof(Entry));
	MemoryContextCallback *callback = MemoryContextAllocZero(context, sizeof(MemoryContextCallback));

	entry->trusted.context = context;
	callback->func = free_keysets;
	callback->arg = &entry->trusted;
	MemoryContextRegisterResetCallback(context, callback);
	return entry;
}

static void
make_room(Size bytes)
{
	while (!dlist_is_empty(&entries) &&
		   (stats.bytes + bytes > TRUST_BYTES || stats.entries >= TRUST_ENTRIES))
	{
		drop(dlist_tail_element(Entry, node, &entries));
		stats.evictions++;
	}
}

/*
 * Parse an issuer into an entry of its own context; NULL when there is none.
 * What reading leaves behind, unsealed keys among it, goes with a context that
 * does not outlive this.
 */
static Entry *
load(const char *issuer)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "oauth_jwt rows",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	Entry	   *entry = new_entry();
	TrustedIssuer *trusted = &entry->trusted;
	bool		found;

	if (TransactionIdIsValid(GetTopTransactionIdIfAny()))
		read_own_writes = true;
	found = trusttables_read_issuer(trusted, issuer);
	if (found)
	{
		trusttables_read_keys(trusted);
		if (trusted->algs == 0)
			trusted->algs = jose_keyset_default_algs(trusted->keys, JOSE_OP_VERIFY);
		trusted->thumbprints = MemoryContextAllocZero(trusted->context,
													  TRUST_THUMBPRINT * (trusted->keys->count + 1));
		trusted->serial = keycache_next_serial();
		trusted->bytes = MemoryContextMemAllocated(trusted->context, true) +
			jose_keyset_footprint(trusted->keys);
		make_room(trusted->bytes);
		MemoryContextSetParent(trusted->context, TopMemoryContext);
		dlist_push_head(&entries, &entry->node);
		stats.entries++;
		stats.bytes += trusted->bytes;
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
	return found ? entry : NULL;
}

/* The entry of an issuer, from the cache or the tables; NULL: there is none. */
static Entry *
get(const char *issuer)
{
	dlist_iter	iter;

	refresh();
	dlist_foreach(iter, &entries)
	{
		Entry	   *entry = dlist_container(Entry, node, iter.cur);

		if (strcmp(entry->trusted.issuer, issuer) != 0)
			continue;
		if (entry->trusted.good_until <= GetCurrentTimestamp())
		{
			drop(entry);
			break;
		}
		stats.hits++;
		dlist_move_head(&entries, &entry->node);
		return entry;
	}
	stats.misses++;
	return load(issuer);
}

const TrustedIssuer *
trust_get(const char *issuer)
{
	Entry	   *entry = get(issuer);

	return entry != NULL && entry->trusted.enabled ? &entry->trusted : NULL;
}

/* Made when asked for: a set may have many keys, of which one is used. */
const char *
trust_thumbprint(const TrustedIssuer *trusted, int i)
{
	char	   *thumbprint = trusted->thumbprints[i];
	JoseBuf    *made;

	if (thumbprint[0] != '\0')
		return thumbprint;
	made = scoped_buf();
	jwt_check(jose_key_thumbprint(trusted->keys->keys[i], made));
	strlcpy(thumbprint, (const char *) made->data, TRUST_THUMBPRINT);
	return thumbprint;
}

/* ---- signing ---- */

/* Signing keys are unsealed when something is signed, not before. */
static void
load_signers(TrustedIssuer *trusted)
{
	Size		bytes;

	if (trusted->signers != NULL)
		return;
	trusted->signers = trusttables_read_signers(trusted);
	bytes = jose_keyset_footprint(trusted->signers);
	trusted->bytes += bytes;
	stats.bytes += bytes;
}

const TrustedIssuer *
trust_signer(const char *issuer, const char *kid, JoseKey **key)
{
	Entry	   *entry;
	TrustedIssuer *trusted;
	int			i;

	refresh();
	if (issuer == NULL)
		issuer = trusttables_only_signer();
	if (issuer == NULL)
		jwt_raise(JWT_ERR_NO_SIGNING_KEY, NULL);
	entry = get(issuer);
	if (entry == NULL || !entry->trusted.enabled)
		jwt_raise(JWT_ERR_ISSUER_UNKNOWN, NULL);

	trusted = &entry->trusted;
	load_signers(trusted);
	for (i = 0; i < trusted->signers->count; i++)
	{
		*key = trusted->signers->keys[i];
		if (kid == NULL || strcmp(jose_key_kid(*key), kid) == 0)
			return trusted;
	}
	jwt_raise(JWT_ERR_NO_SIGNING_KEY,
			  kid != NULL ? "The issuer has no active key of that kid that signs." : "The issuer has no active key that signs.");
}

bool
trust_shows_terms(void)
{
	return trusttables_may_read_terms();
}

void
trust_stats(CacheStats *out)
{
	*out = stats;
}
