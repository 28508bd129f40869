/*
 * fn_keystore.c
 *		SQL face: what the key store needs from C.  sql/jwt/keystore.sql has the
 *		states and the rotation.
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/jsonb.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "error.h"
#include "keycache.h"
#include "masterkey.h"
#include "newkey.h"
#include "record.h"
#include "scoped.h"
#include "signing.h"
#include "tokencache.h"
#include "trust.h"

PG_FUNCTION_INFO_V1(jwt_invalidate_trust);
PG_FUNCTION_INFO_V1(jwt_make_stored_key);
PG_FUNCTION_INFO_V1(jwt_prepare_stored_key);
PG_FUNCTION_INFO_V1(jwt_reseal);
PG_FUNCTION_INFO_V1(jwt_cache_stats);

/* Sent when the transaction commits, to every session and standby. */
Datum
jwt_invalidate_trust(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("jwt.invalidate_trust is a trigger function")));
	CacheInvalidateRelcache(((TriggerData *) fcinfo->context)->tg_relation);
	return PointerGetDatum(NULL);
}

/* An argument that must be there: bits and kid, which need not, keep the functions from being STRICT. */
static text *
text_argument(FunctionCallInfo fcinfo, int arg, const char *name)
{
	if (PG_ARGISNULL(arg))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("%s must not be null", name)));
	return PG_GETARG_TEXT_PP(arg);
}

/* kid, algorithm, public_jwk, private_jwk: what a row of jwt.keys holds */
static Datum
stored_row(FunctionCallInfo fcinfo, const JoseKey *key, const char *algorithm, const char *issuer)
{
	JoseBuf    *private_jwk = scoped_buf();
	JoseBuf    *public_jwk = scoped_buf();
	JoseBuf    *sealed = scoped_buf();
	Datum		values[4];
	bool		nulls[4] = {false, false, false, false};

	jwt_check(jose_key_to_jwk(key, true, private_jwk));
	masterkey_seal((const char *) private_jwk->data, private_jwk->len, issuer, jose_key_kid(key), sealed);

	values[0] = PointerGetDatum(text_from_utf8(jose_key_kid(key), strlen(jose_key_kid(key))));
	values[1] = CStringGetTextDatum(algorithm);
	nulls[2] = strcmp(jose_key_type(key), "oct") == 0;
	if (!nulls[2])
	{
		jwt_check(jose_key_to_jwk(key, false, public_jwk));
		values[2] = jsonb_of_utf8(public_jwk);
	}
	else
		values[2] = (Datum) 0;
	values[3] = PointerGetDatum(text_from_utf8(sealed->data, sealed->len));
	return result_row(fcinfo, lengthof(values), values, nulls);
}

/* issuer, algorithm, bits */
Datum
jwt_make_stored_key(PG_FUNCTION_ARGS)
{
	JoseKeySet **set = scoped_keyset();
	char	   *issuer = text_to_utf8(text_argument(fcinfo, 0, "issuer"), NULL);
	char	   *algorithm = text_to_cstring(text_argument(fcinfo, 1, "algorithm"));
	const JoseAlg *alg = jose_alg_by_name(algorithm);
	JoseKey    *key;

	if (alg == NULL || !jose_alg_is_signature(alg))
		jwt_raise(JOSE_ERR_ALG_UNKNOWN, NULL);
	key = new_key(algorithm, PG_ARGISNULL(2) ? 0 : PG_GETARG_INT32(2), NULL, NULL, set);
	return stored_row(fcinfo, key, algorithm, issuer);
}

/* issuer, key (JWK, PEM or secret), algorithm, kid */
Datum
jwt_prepare_stored_key(PG_FUNCTION_ARGS)
{
	JoseKeySet **set = scoped_keyset();
	char	   *issuer = text_to_utf8(text_argument(fcinfo, 0, "issuer"), NULL);
	size_t		len;
	char	   *given = text_to_utf8(text_argument(fcinfo, 1, "key"), &len);
	JoseKey    *key;
	const JoseAlg *alg;

	jwt_check(jwt_code_of_key(jose_keyset_from_text_unless(is_interrupted, given, len, set)));
	choose_key(*set, JOSE_OP_SIGN, PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2)), NULL, &key, &alg);
	if (!PG_ARGISNULL(3))
		jwt_check(jose_key_set_kid(key, text_to_utf8(PG_GETARG_TEXT_PP(3), NULL)));
	else if (jose_key_kid(key) == NULL)
		name_key(key, NULL);
	/* the table would refuse it too, and show the row with the private key */
	if (jose_key_kid(key)[0] == '\0')
		jwt_raise(JWT_ERR_OPTION, "kid is empty.");

	/* whoever reads it from our JWKS takes it for this and nothing else (RFC 8725 3.1) */
	jwt_check(jose_key_set_alg(key, jose_alg_name(alg)));
	jose_key_set_sign_only(key);
	return stored_row(fcinfo, key, jose_alg_name(alg), issuer);
}

/* issuer, kid, stored -> the same private JWK under the file's first key */
Datum
jwt_reseal(PG_FUNCTION_ARGS)
{
	char	   *issuer = text_to_utf8(PG_GETARG_TEXT_PP(0), NULL);
	char	   *kid = text_to_utf8(PG_GETARG_TEXT_PP(1), NULL);
	size_t		len;
	char	   *stored = text_to_utf8(PG_GETARG_TEXT_PP(2), &len);
	JoseBuf    *jwk = scoped_buf();
	JoseBuf    *sealed = scoped_buf();

	masterkey_unseal(stored, len, issuer, kid, jwk);
	masterkey_seal((const char *) jwk->data, jwk->len, issuer, kid, sealed);
	PG_RETURN_TEXT_P(text_from_utf8(sealed->data, sealed->len));
}

static void
stats_row(ReturnSetInfo *rsinfo, const char *name, const CacheStats *stats)
{
	bool		nulls[7] = {false};
	Datum		values[7] = {
		CStringGetTextDatum(name),
		Int64GetDatum(stats->entries),
		Int64GetDatum(stats->bytes),
		Int64GetDatum(stats->limit_bytes),
		Int64GetDatum(stats->hits),
		Int64GetDatum(stats->misses),
		Int64GetDatum(stats->evictions)
	};

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

Datum
jwt_cache_stats(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	CacheStats	stats;

	InitMaterializedSRF(fcinfo, 0);
	keycache_stats(&stats);
	stats_row(rsinfo, "keys", &stats);
	trust_stats(&stats);
	stats_row(rsinfo, "issuers", &stats);
	tokencache_stats(&stats);
	stats_row(rsinfo, "tokens", &stats);
	return (Datum) 0;
}
