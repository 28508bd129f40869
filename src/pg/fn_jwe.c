/*
 * fn_jwe.c
 *		SQL face: JWE.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "error.h"
#include "guc.h"
#include "keycache.h"
#include "object.h"
#include "options.h"
#include "scoped.h"
#include "signing.h"

PG_FUNCTION_INFO_V1(jwt_jwe_encrypt);
PG_FUNCTION_INFO_V1(jwt_jwe_decrypt);

/* The header's enc, the one a dir key is made for, or the first of its size. */
static const JoseEnc *
choose_enc(const Jsonb *header, const JoseAlg *alg, const JoseKey *key)
{
	const char *name = json_member(header, "enc");
	const JoseEnc *enc;
	int			i;

	if (name == NULL && jose_key_alg(key) != NULL && jose_enc_by_name(jose_key_alg(key)) != NULL)
		name = jose_key_alg(key);
	if (name != NULL)
	{
		enc = jose_enc_by_name(name);
		if (enc == NULL)
			jwt_raise(JOSE_ERR_ENC_UNKNOWN, NULL);
		return enc;
	}
	if (strcmp(jose_alg_name(alg), "dir") != 0)
		return jose_enc_at(0);
	for (i = 0; (enc = jose_enc_at(i)) != NULL; i++)
	{
		if (jose_enc_key_bits(enc) == jose_key_bits(key))
			return enc;
	}
	jwt_raise(JOSE_ERR_KEY_INVALID, "No content encryption takes a key of this size.");
}

/* plaintext, key, header */
Datum
jwt_jwe_encrypt(PG_FUNCTION_ARGS)
{
	Jsonb	   *header = PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2);
	bytea	   *plaintext;
	JoseBuf    *token = scoped_buf();
	JoseKey    *key;
	const JoseAlg *alg;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	plaintext = PG_GETARG_BYTEA_PP(0);
	choose_key(keycache_argument(fcinfo, 1), JOSE_OP_ENCRYPT, NULL, header, &key, &alg);
	jwt_check(jose_jwe_encrypt(key, alg, choose_enc(header, alg, key), json_text(header),
							   VARDATA_ANY(plaintext), VARSIZE_ANY_EXHDR(plaintext), token));
	return varlena_of(token);
}

/* token, key, algorithms, encryptions */
Datum
jwt_jwe_decrypt(PG_FUNCTION_ARGS)
{
	text	   *token;
	JoseBuf    *plaintext = scoped_buf();

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	token = PG_GETARG_TEXT_PP(0);
	guc_check_token_size(VARSIZE_ANY_EXHDR(token));
	jwt_check(jose_jwe_decrypt_unless(is_interrupted, VARDATA_ANY(token), VARSIZE_ANY_EXHDR(token), keycache_argument(fcinfo, 1),
									  options_algorithms(fcinfo->args[2].value, PG_ARGISNULL(2), false),
									  options_encryptions(fcinfo->args[3].value, PG_ARGISNULL(3)), plaintext));
	return varlena_of(plaintext);
}
