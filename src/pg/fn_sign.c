/*
 * fn_sign.c
 *		SQL face: jwt.sign, with a key at hand, and jwt.issue, with a stored one.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "callsite.h"
#include "error.h"
#include "guc.h"
#include "interval.h"
#include "issue.h"
#include "keycache.h"
#include "scoped.h"
#include "signing.h"

PG_FUNCTION_INFO_V1(jwt_sign_jsonb);
PG_FUNCTION_INFO_V1(jwt_sign_text);
PG_FUNCTION_INFO_V1(jwt_issue);

#define NO_LIFETIME	((int64) -1)

static Jsonb *
optional_jsonb(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? NULL : PG_GETARG_JSONB_P(arg);
}

static char *
optional_text(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(arg));
}

/* payload, key, algorithm, header, expires_in */
static Datum
sign(FunctionCallInfo fcinfo, KeyForm form)
{
	Jsonb	   *header = optional_jsonb(fcinfo, 3);
	ParsedKey  *parsed;
	JoseKey    *key;
	const JoseAlg *alg;
	JoseBuf    *token;
	char	   *payload;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("key must not be null")));
	jwt_check(keycache_get(form, PG_GETARG_VARLENA_PP(1), &call_site(fcinfo)->key_serial, &parsed));
	choose_key(parsed->set, JOSE_OP_SIGN, optional_text(fcinfo, 2), header, &key, &alg);
	payload = claims_text(PG_GETARG_JSONB_P(0),
						  PG_ARGISNULL(4) ? NO_LIFETIME : interval_lifetime(PG_GETARG_INTERVAL_P(4)),
						  NULL, false);
	token = scoped_buf();
	jwt_check(jose_jws_sign(key, alg, guc_jose_flags(), json_text(header), "JWT",
							payload, strlen(payload), token));
	return signed_token(token);
}

Datum
jwt_sign_jsonb(PG_FUNCTION_ARGS)
{
	return sign(fcinfo, KEY_FORM_JSONB);
}

Datum
jwt_sign_text(PG_FUNCTION_ARGS)
{
	return sign(fcinfo, KEY_FORM_TEXT);
}

/* claims, issuer, expires_in, kid, type, header */
Datum
jwt_issue(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return issue_token(PG_GETARG_JSONB_P(0),
					   PG_ARGISNULL(1) ? NULL : text_to_utf8(PG_GETARG_TEXT_PP(1), NULL),
					   PG_ARGISNULL(2) ? ISSUER_LIFETIME : interval_lifetime(PG_GETARG_INTERVAL_P(2)),
					   PG_ARGISNULL(3) ? NULL : text_to_utf8(PG_GETARG_TEXT_PP(3), NULL),
					   PG_ARGISNULL(4) ? "JWT" : text_to_utf8(PG_GETARG_TEXT_PP(4), NULL),
					   optional_jsonb(fcinfo, 5));
}
