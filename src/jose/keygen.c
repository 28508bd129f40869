/*
 * keygen.c
 *		Fresh keys: what an algorithm's name implies of type, curve and size.
 */
#include <string.h>

#include "key.h"

/* The size or curve an algorithm implies, and the type where it leaves it open. */
static JoseError
plan_key(const JoseAlg *alg, int *bits, const char **crv, const JoseKeyType **type)
{
	*type = alg->type;
	if (alg->curves != NULL)
	{
		const char *const *curve = alg->curves;

		while (*curve != NULL && *crv != NULL && strcmp(*curve, *crv) != 0)
			curve++;
		if (*curve == NULL)
			return JOSE_ERR_KEY_TYPE;
		*crv = *curve;
		if (*type == NULL)		/* key agreement: the curve tells the type */
			*type = (*curve)[0] == 'X' ? &jose_keytype_okp : &jose_keytype_ec;
		return JOSE_OK;
	}
	if (*crv != NULL)
		return JOSE_ERR_KEY_TYPE;
	if (*type != &jose_keytype_oct)
		return JOSE_OK;
	if (*bits == 0)
		*bits = alg->bytes * 8;
	if (alg->sig != NULL && *bits < alg->bytes * 8)
		return JOSE_ERR_KEY_SHORT;
	if (alg->wrap != NULL && alg->bytes != 0 && *bits != alg->bytes * 8)
		return JOSE_ERR_KEY_INVALID;
	return JOSE_OK;
}

JoseError
jose_key_generate(const char *algorithm, int bits, const char *curve, bool (*stop) (void), JoseKey **out)
{
	const JoseAlg *alg = jose_alg_by_name(algorithm);
	const JoseEnc *enc = jose_enc_by_name(algorithm);
	const JoseKeyType *type = &jose_keytype_oct;
	JoseKey    *key;
	JoseError	err = JOSE_OK;

	*out = NULL;
	if (alg == NULL && enc == NULL)
		return JOSE_ERR_ALG_UNKNOWN;
	if (alg != NULL)
		err = plan_key(alg, &bits, &curve, &type);
	else
	{
		/* a content encryption's name makes a dir key for it, as RFC 7520 5.6 has it */
		if (bits != 0 && bits != enc->cek_bytes * 8)
			return JOSE_ERR_KEY_INVALID;
		bits = enc->cek_bytes * 8;
	}
	if (err != JOSE_OK)
		return err;

	key = jose_key_new(type);
	if (key == NULL)
		return JOSE_ERR_MEMORY;
	key->use = alg != NULL && alg->sig != NULL ? JOSE_USE_SIG : JOSE_USE_ENC;
	key->alg = strdup(algorithm);
	err = key->alg != NULL ? type->generate(key, bits, curve, stop) : JOSE_ERR_MEMORY;
	/* short of memory, OpenSSL may not hand the private half over */
	if (err == JOSE_OK && !key->is_private)
		err = JOSE_ERR_MEMORY;
	if (err != JOSE_OK)
	{
		jose_key_free(key);
		return err;
	}
	*out = key;
	return JOSE_OK;
}
