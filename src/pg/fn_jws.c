/*
 * fn_jws.c
 *		SQL face: JWS of any payload, bare signatures, and decoding without
 *		verifying.
 */
#include "postgres.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "claimsjson.h"
#include "compat.h"
#include "error.h"
#include "guc.h"
#include "jose/json.h"
#include "keycache.h"
#include "options.h"
#include "record.h"
#include "scoped.h"
#include "signing.h"

PG_FUNCTION_INFO_V1(jwt_decode);
PG_FUNCTION_INFO_V1(jwt_jws_sign);
PG_FUNCTION_INFO_V1(jwt_jws_verify);
PG_FUNCTION_INFO_V1(jwt_signature_verify);

static Jsonb *
decode_json(const char *b64, size_t len)
{
	JoseBuf    *json = scoped_buf();
	Jsonb	   *value;

	jwt_check(jose_b64_decode_buf(b64, len, json));
	jwt_check(claims_parse((const char *) json->data, json->len, &value));
	return value;
}

/* A header with a member twice means different things to different readers. */
static Jsonb *
decode_header(const char *b64, size_t len)
{
	JoseBuf    *json = scoped_buf();
	JoseObject *object;
	JoseError	err;

	jwt_check(jose_b64_decode_buf(b64, len, json));
	err = jose_object_parse((const char *) json->data, json->len, &object);
	jose_object_free(object);
	jwt_check(err);
	return decode_json(b64, len);
}

/* token -> header, payload, signature */
Datum
jwt_decode(PG_FUNCTION_ARGS)
{
	text	   *token = PG_GETARG_TEXT_PP(0);
	JoseParts	parts;
	JoseBuf    *signature = scoped_buf();
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	guc_check_token_size(VARSIZE_ANY_EXHDR(token));
	jwt_check(jose_split(VARDATA_ANY(token), VARSIZE_ANY_EXHDR(token), 3, &parts));
	jwt_check(jose_b64_decode_buf(parts.part[2], parts.len[2], signature));
	values[0] = JsonbPGetDatum(decode_header(parts.part[0], parts.len[0]));
	values[1] = JsonbPGetDatum(decode_json(parts.part[1], parts.len[1]));
	values[2] = varlena_of(signature);
	return result_row(fcinfo, lengthof(values), values, nulls);
}

/* payload, key, header */
Datum
jwt_jws_sign(PG_FUNCTION_ARGS)
{
	Jsonb	   *header = PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2);
	bytea	   *payload;
	JoseBuf    *token = scoped_buf();
	JoseKey    *key;
	const JoseAlg *alg;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	payload = PG_GETARG_BYTEA_PP(0);
	choose_key(keycache_argument(fcinfo, 1), JOSE_OP_SIGN, NULL, header, &key, &alg);
	jwt_check(jose_jws_sign(key, alg, guc_jose_flags(), json_text(header), NULL,
							VARDATA_ANY(payload), VARSIZE_ANY_EXHDR(payload), token));
	return varlena_of(token);
}

/* token, key, algorithms */
Datum
jwt_jws_verify(PG_FUNCTION_ARGS)
{
	text	   *token;
	JoseBuf    *payload = scoped_buf();

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	token = PG_GETARG_TEXT_PP(0);
	guc_check_token_size(VARSIZE_ANY_EXHDR(token));
	jwt_check(jose_jws_verify(VARDATA_ANY(token), VARSIZE_ANY_EXHDR(token), keycache_argument(fcinfo, 1),
							  options_algorithms(fcinfo->args[2].value, PG_ARGISNULL(2), true),
							  guc_jose_flags(), payload));
	return varlena_of(payload);
}

/* message, signature, key, algorithm */
Datum
jwt_signature_verify(PG_FUNCTION_ARGS)
{
	bytea	   *message;
	bytea	   *signature;
	JoseKeySet *set;
	JoseKey    *key;
	const JoseAlg *alg;
	char	   *name = PG_ARGISNULL(3) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(3));
	JwtCode		code;
	int			pos = 0;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	message = PG_GETARG_BYTEA_PP(0);
	signature = PG_GETARG_BYTEA_PP(1);
	set = keycache_argument(fcinfo, 2);
	if (set->count == 0)
		jwt_raise(JOSE_ERR_KEY_NOT_FOUND, NULL);
	alg = name != NULL ? jose_alg_by_name(name) : jose_key_default_alg(set->keys[0], JOSE_OP_VERIFY);
	if (alg == NULL || !jose_alg_is_signature(alg))
		jwt_raise(JOSE_ERR_ALG_UNKNOWN, NULL);
	jwt_check(jose_keyset_next(set, alg, JOSE_OP_VERIFY, NULL, guc_jose_flags(), &pos, &key));
	code = jose_verify(key, alg, guc_jose_flags(), VARDATA_ANY(message), VARSIZE_ANY_EXHDR(message),
					   (const unsigned char *) VARDATA_ANY(signature), VARSIZE_ANY_EXHDR(signature));
	if (code != JOSE_OK && code != JOSE_ERR_SIGNATURE)
		jwt_raise(code, NULL);
	PG_RETURN_BOOL(code == JOSE_OK);
}
