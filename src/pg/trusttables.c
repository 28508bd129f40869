/*
 * trusttables.c
 *		Reads jwt.issuers and jwt.keys, as catalogs are read (rows.h).
 *
 * So a key revoked in another session is gone at this session's next statement
 * even under REPEATABLE READ, and it works on a standby and in parallel workers.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "error.h"
#include "interval.h"
#include "masterkey.h"
#include "rows.h"
#include "scoped.h"
#include "trusttables.h"

static Oid	issuers_relid = InvalidOid;
static Oid	keys_relid = InvalidOid;

bool
trusttables_has(Oid relid)
{
	return !OidIsValid(issuers_relid) || !OidIsValid(keys_relid) ||
		relid == issuers_relid || relid == keys_relid;
}

void
trusttables_forget(void)
{
	issuers_relid = InvalidOid;
	keys_relid = InvalidOid;
}

/* The extension's table of that name; where its schema was renamed, another's may have it. */
static Oid
own_table(const char *name, Oid schema)
{
	Oid			relid = get_relname_relid(name, schema);

	if (OidIsValid(relid) &&
		getExtensionOfObject(RelationRelationId, relid) != get_extension_oid("oauth_jwt", true))
		return InvalidOid;
	return relid;
}

static void
find_tables(void)
{
	Oid			schema;

	if (OidIsValid(issuers_relid) && OidIsValid(keys_relid))
		return;
	schema = get_namespace_oid("jwt", true);
	if (OidIsValid(schema))
	{
		issuers_relid = own_table("issuers", schema);
		keys_relid = own_table("keys", schema);
	}
	if (!OidIsValid(issuers_relid) || !OidIsValid(keys_relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("extension oauth_jwt is not installed in this database"),
				 errhint("Run CREATE EXTENSION oauth_jwt.")));
}

bool
trusttables_may_read_terms(void)
{
	find_tables();
	return pg_class_aclcheck(issuers_relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

/* ---- reading rows ---- */

/* All rows of one issuer, given in UTF-8, or of the whole table where issuer is NULL. */
static void
begin_rows(RowScan *rows, Oid relid, const char *issuer)
{
	rows_begin(rows, relid, "issuer", issuer != NULL ? text_from_utf8(issuer, strlen(issuer)) : NULL);
}

/* A text column's value in UTF-8, NULL where it is null. */
static char *
text_column(RowScan *rows, const char *name)
{
	bool		isnull;
	Datum		value = row_column(rows, name, TEXTOID, &isnull);

	return isnull ? NULL : text_to_utf8(DatumGetTextPP(value), NULL);
}

/* Of a column that is NOT NULL, but whose table somebody may have altered. */
static char *
needed_column(RowScan *rows, const char *name)
{
	char	   *value = text_column(rows, name);

	if (value == NULL)
		jwt_raise(JWT_ERR_TRUST_ROW, psprintf("A row of jwt.%s has no %s.", RelationGetRelationName(rows->rel), name));
	return value;
}

static char *
jsonb_column(RowScan *rows, const char *name)
{
	bool		isnull;
	Datum		value = row_column(rows, name, JSONBOID, &isnull);
	Jsonb	   *jsonb;

	if (isnull)
		return NULL;
	jsonb = DatumGetJsonbP(value);
	return text_to_utf8(cstring_to_text(JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb))), NULL);
}

/* A text[] column in the database's encoding, as claims come in. */
static TextList
list_column(RowScan *rows, const char *name)
{
	TextList	list = {0, NULL};
	bool		isnull;
	Datum		value = row_column(rows, name, TEXTARRAYOID, &isnull);
	Datum	   *items;
	bool	   *nulls;
	int			i;

	if (isnull)
		return list;
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT,
					  &items, &nulls, &list.count);
	list.items = palloc(sizeof(char *) * (list.count + 1));
	for (i = 0; i < list.count; i++)
		list.items[i] = nulls[i] ? pstrdup("") : TextDatumGetCString(items[i]);
	return list;
}

static int64
interval_column(RowScan *rows, const char *name)
{
	bool		isnull;
	Datum		value = row_column(rows, name, INTERVALOID, &isnull);

	return isnull ? 0 : interval_microseconds(DatumGetIntervalP(value));
}

/* ---- what a row says ---- */

static void
row_error(const TrustedIssuer *trusted, const char *what)
{
	jwt_raise(JWT_ERR_TRUST_ROW, psprintf("Issuer \"%s\": %s.", trusted->issuer, what));
}

static JoseAlgSet
algs_of(const TrustedIssuer *trusted, const TextList *names)
{
	JoseAlgSet	algs = 0;
	int			i;

	for (i = 0; i < names->count; i++)
	{
		const JoseAlg *alg = jose_alg_by_name(names->items[i]);

		if (alg == NULL || !jose_alg_is_signature(alg))
			row_error(trusted, "algorithms names no signature algorithm");
		algs |= jose_alg_bit(alg);
	}
	return algs;
}

/* The keys of a foreign issuer; an empty set for one of our own. */
static void
read_foreign_keys(TrustedIssuer *trusted, RowScan *rows)
{
	const char *jwks = jsonb_column(rows, "jwks");

	if (jwks == NULL)
		trusted->keys = jose_keyset_new(true);
	else if (!jwt_succeeded(jose_keyset_from_json(jwks, strlen(jwks), &trusted->keys)))
		row_error(trusted, "jwks is not a JWK or JWKS");
	if (trusted->keys == NULL)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
}

/* What the entry keeps of a row, in the entry's own context. */
static void
read_terms(TrustedIssuer *trusted, RowScan *rows, const char *issuer)
{
	MemoryContext old = MemoryContextSwitchTo(trusted->context);
	TextList	names;
	bool		isnull;

	trusted->issuer = pstrdup(issuer);
	trusted->enabled = DatumGetBool(row_column(rows, "enabled", BOOLOID, &isnull)) && !isnull;
	trusted->own = DatumGetBool(row_column(rows, "own", BOOLOID, &isnull)) && !isnull;
	names = list_column(rows, "algorithms");
	trusted->algs = algs_of(trusted, &names);
	trusted->audience = list_column(rows, "audience");
	trusted->type = text_column(rows, "type");
	trusted->required = list_column(rows, "required_claims");
	trusted->roles_claim = list_column(rows, "roles_claim");
	trusted->leeway = interval_column(rows, "leeway");
	trusted->lifetime = interval_column(rows, "token_lifetime");
	MemoryContextSwitchTo(old);
}

/* What jwt.issuers says; false when there is no such issuer. */
bool
trusttables_read_issuer(TrustedIssuer *trusted, const char *issuer)
{
	RowScan		rows;
	bool		found;

	find_tables();
	begin_rows(&rows, issuers_relid, issuer);
	found = rows_next(&rows);
	if (found)
	{
		read_terms(trusted, &rows, issuer);
		read_foreign_keys(trusted, &rows);
	}
	rows_end(&rows);
	return found;
}

static JoseKey *
private_key_of(RowScan *rows, const TrustedIssuer *trusted, const char *kid)
{
	char	   *stored = text_column(rows, "private_jwk");
	JoseBuf    *jwk = scoped_buf();
	JoseKey    *key;

	if (stored == NULL)
		row_error(trusted, psprintf("key \"%s\" has neither public_jwk nor private_jwk", kid));
	masterkey_unseal(stored, strlen(stored), trusted->issuer, kid, jwk);
	if (!jwt_succeeded(jose_key_from_jwk((const char *) jwk->data, jwk->len, &key)))
		jwt_raise(JWT_ERR_SEALED_KEY, psprintf("Key \"%s\" of issuer \"%s\" is not a JWK.", kid, trusted->issuer));
	return key;
}

/* The half that verifies: the public one, or the secret where there is none. */
static JoseKey *
verifying_key_of(RowScan *rows, const TrustedIssuer *trusted, const char *kid)
{
	char	   *jwk = jsonb_column(rows, "public_jwk");
	JoseKey    *key;

	if (jwk == NULL)
		return private_key_of(rows, trusted, kid);
	if (!jwt_succeeded(jose_key_from_jwk(jwk, strlen(jwk), &key)))
		row_error(trusted, psprintf("public_jwk of key \"%s\" is not a JWK", kid));
	return key;
}

/*
 * Takes the key, which no memory context owns before: nothing may raise between
 * parsing it and this, not even the other arguments.
 */
static void
add_key(JoseKeySet *set, JoseKey *key, const char *kid, const char *algorithm)
{
	JwtCode		code = jose_keyset_add(set, key);

	if (code == JOSE_ERR_TOO_LARGE)
		jwt_raise(JWT_ERR_TOO_MANY_KEYS, "More than 64 verify, those in jwks included.");
	if (code == JOSE_OK)
		code = jose_key_set_kid(key, kid);
	/* the row's algorithm and no other: a key need not name one itself */
	if (code == JOSE_OK)
		code = jose_key_set_alg(key, algorithm);
	jwt_check(code);
}

/*
 * Until when does the key verify?  A retired one, until the last token it may
 * have signed has expired: whoever has stolen it gains nothing after that, even
 * if nobody rotates again.
 */
static TimestampTz
end_of_key(RowScan *rows, const TrustedIssuer *trusted, const char *state)
{
	bool		isnull;
	Datum		retired_at = row_column(rows, "retired_at", TIMESTAMPTZOID, &isnull);

	if (strcmp(state, "removed") == 0)
		return DT_NOBEGIN;
	if (strcmp(state, "retired") != 0 || isnull)
		return DT_NOEND;
	return DatumGetTimestampTz(retired_at) + trusted->lifetime + trusted->leeway;
}

/* Our own keys, and shared secrets, as long as they verify. */
void
trusttables_read_keys(TrustedIssuer *trusted)
{
	RowScan		rows;

	trusted->good_until = DT_NOEND;
	begin_rows(&rows, keys_relid, trusted->issuer);
	while (rows_next(&rows))
	{
		char	   *state = needed_column(&rows, "state");
		char	   *kid = needed_column(&rows, "kid");
		char	   *algorithm = needed_column(&rows, "algorithm");
		TimestampTz end = end_of_key(&rows, trusted, state);

		if (end <= GetCurrentTimestamp())
			continue;
		trusted->good_until = Min(trusted->good_until, end);
		add_key(trusted->keys, verifying_key_of(&rows, trusted, kid), kid, algorithm);
		trusted->keys->is_set = true;
	}
	rows_end(&rows);
}

/* Another's shared secret is active too, but in that issuer's name we do not speak. */
static bool
is_signer(RowScan *rows, bool own)
{
	bool		is_secret;

	(void) row_column(rows, "public_jwk", JSONBOID, &is_secret);
	return strcmp(needed_column(rows, "state"), "active") == 0 && (own || !is_secret);
}

/* Active keys that sign, the one activated last in front. */
JoseKeySet *
trusttables_read_signers(const TrustedIssuer *trusted)
{
	RowScan		rows;
	TimestampTz newest = DT_NOBEGIN;
	JoseKeySet **signers = scoped_keyset();
	JoseKeySet *set = *signers = jose_keyset_new(true);

	if (set == NULL)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
	begin_rows(&rows, keys_relid, trusted->issuer);
	while (rows_next(&rows))
	{
		char	   *kid = needed_column(&rows, "kid");
		char	   *algorithm = needed_column(&rows, "algorithm");
		bool		isnull;
		TimestampTz activated;

		if (!is_signer(&rows, trusted->own))
			continue;
		activated = DatumGetTimestampTz(row_column(&rows, "activated_at", TIMESTAMPTZOID, &isnull));
		add_key(set, private_key_of(&rows, trusted, kid), kid, algorithm);
		if (!isnull && activated >= newest)
		{
			JoseKey    *key = set->keys[set->count - 1];

			set->keys[set->count - 1] = set->keys[0];
			set->keys[0] = key;
			newest = activated;
		}
	}
	rows_end(&rows);

	/* complete: from now on the caller's */
	*signers = NULL;
	return set;
}

static bool
is_own(const char *issuer)
{
	RowScan		rows;
	bool		own = false;
	bool		isnull;

	begin_rows(&rows, issuers_relid, issuer);
	if (rows_next(&rows))
		own = DatumGetBool(row_column(&rows, "own", BOOLOID, &isnull)) && !isnull;
	rows_end(&rows);
	return own;
}

/* The issuer that signs when nobody names one: the only one with an active key that does. */
char *
trusttables_only_signer(void)
{
	RowScan		rows;
	char	   *only = NULL;

	find_tables();
	begin_rows(&rows, keys_relid, NULL);
	while (rows_next(&rows))
	{
		char	   *issuer = needed_column(&rows, "issuer");

		if ((only != NULL && strcmp(only, issuer) == 0) || !is_signer(&rows, true) ||
			!is_signer(&rows, is_own(issuer)))
			continue;
		if (only != NULL)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("more than one issuer has an active key"),
							errhint("Name the issuer: jwt.issue(..., issuer => 'https://...').")));
		only = issuer;
	}
	rows_end(&rows);
	return only;
}
