/*
 * fn_key.c
 *		SQL face: keys made, converted and named.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "compat.h"
#include "error.h"
#include "newkey.h"
#include "scoped.h"
#include "signing.h"

PG_FUNCTION_INFO_V1(jwt_generate_key);
PG_FUNCTION_INFO_V1(jwt_public_key);
PG_FUNCTION_INFO_V1(jwt_thumbprint);
PG_FUNCTION_INFO_V1(jwt_key_from_pem);
PG_FUNCTION_INFO_V1(jwt_key_to_pem);
PG_FUNCTION_INFO_V1(jwt_is_public_jwks);
PG_FUNCTION_INFO_V1(jwt_are_signature_algorithms);

/* A JWK argument, freed with the current memory context. */
static JoseKey *
jwk_argument(FunctionCallInfo fcinfo, int arg)
{
	JoseKeySet **set = scoped_keyset();
	char	   *json = json_text(PG_GETARG_JSONB_P(arg));
	JoseKey    *key;

	*set = jose_keyset_new(false);
	if (*set == NULL)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
	jwt_check(jwt_code_of_key(jose_key_from_jwk(json, strlen(json), &key)));
	jwt_check(jose_keyset_add(*set, key));
	return key;
}

static Datum
jwk_datum(const JoseKey *key, bool with_private)
{
	JoseBuf    *json = scoped_buf();

	jwt_check(jose_key_to_jwk(key, with_private, json));
	return jsonb_of_utf8(json);
}

/* algorithm, bits, curve, kid */
Datum
jwt_generate_key(PG_FUNCTION_ARGS)
{
	JoseKeySet **set = scoped_keyset();
	JoseKey    *key;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	key = new_key(text_to_cstring(PG_GETARG_TEXT_PP(0)),
				  PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1),
				  PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2)),
				  PG_ARGISNULL(3) ? NULL : text_to_utf8(PG_GETARG_TEXT_PP(3), NULL),
				  set);
	return jwk_datum(key, true);
}

Datum
jwt_public_key(PG_FUNCTION_ARGS)
{
	return jwk_datum(jwk_argument(fcinfo, 0), false);
}

Datum
jwt_thumbprint(PG_FUNCTION_ARGS)
{
	JoseBuf    *thumbprint = scoped_buf();

	jwt_check(jose_key_thumbprint(jwk_argument(fcinfo, 0), thumbprint));
	PG_RETURN_TEXT_P(cstring_to_text((const char *) thumbprint->data));
}

Datum
jwt_key_from_pem(PG_FUNCTION_ARGS)
{
	JoseKeySet **set = scoped_keyset();
	size_t		len;
	char	   *pem = text_to_utf8(PG_GETARG_TEXT_PP(0), &len);
	JoseKey    *key;

	*set = jose_keyset_new(false);
	if (*set == NULL)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
	jwt_check(jose_key_from_pem(pem, len, &key));
	jwt_check(jose_keyset_add(*set, key));
	return jwk_datum(key, jose_key_is_private(key));
}

Datum
jwt_key_to_pem(PG_FUNCTION_ARGS)
{
	JoseBuf    *pem = scoped_buf();

	jwt_check(jose_key_to_pem(jwk_argument(fcinfo, 0), pem));
	PG_RETURN_TEXT_P(cstring_to_text_with_len((const char *) pem->data, (int) pem->len));
}

/* RFC 7518 6.2.2, 6.3.2, 6.4.1; RFC 8037 2 */
static bool
has_private_member(JsonbContainer *jwk)
{
	static const char *const names[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
	int			i;

	for (i = 0; i < (int) lengthof(names); i++)
	{
		if (getKeyJsonValueFromContainer(jwk, names[i], (int) strlen(names[i]), NULL) != NULL)
			return true;
	}
	return false;
}

/*
 * For jwt.issuers: a JWK or JWKS without a private half or a shared secret.
 * The members decide, since a key of a set that is not understood is left out
 * of it, and its secret would be stored all the same.
 */
Datum
jwt_is_public_jwks(PG_FUNCTION_ARGS)
{
	Jsonb	   *jwks = PG_GETARG_JSONB_P(0);
	JoseKeySet **set = scoped_keyset();
	char	   *json = json_text(jwks);
	JsonbValue *keys;
	uint32		i;

	if (!jwt_succeeded(jose_keyset_from_json_unless(is_interrupted, json, strlen(json), set)))
		PG_RETURN_BOOL(false);
	keys = getKeyJsonValueFromContainer(&jwks->root, "keys", 4, NULL);
	if (keys == NULL)
		PG_RETURN_BOOL(!has_private_member(&jwks->root));
	/* an array of objects, or it would not have been a set */
	for (i = 0; i < JsonContainerSize(keys->val.binary.data); i++)
	{
		if (has_private_member(getIthJsonbValueFromContainer(keys->val.binary.data, i)->val.binary.data))
			PG_RETURN_BOOL(false);
	}
	PG_RETURN_BOOL(true);
}

Datum
jwt_are_signature_algorithms(PG_FUNCTION_ARGS)
{
	Datum	   *names;
	bool	   *nulls;
	int			count;
	int			i;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
	for (i = 0; i < count; i++)
	{
		const JoseAlg *alg = nulls[i] ? NULL : jose_alg_by_name(TextDatumGetCString(names[i]));

		if (alg == NULL || !jose_alg_is_signature(alg))
			PG_RETURN_BOOL(false);
	}
	PG_RETURN_BOOL(count > 0);
}
