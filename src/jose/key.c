/*
 * key.c
 *		Keys and key sets: their lives, and which key serves which algorithm.
 *
 * Everything a JWK says of its own use binds (RFC 7517 4): kty, crv, alg, use
 * and key_ops.  A key that does not fit is never tried.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "key.h"

/*
 * What OpenSSL takes for a key with its kept context, a little more than was
 * measured (3.0: HMAC 1.1 kB, EC 3.0 kB, RSA 2048 public 2.4 kB, private 5.9 kB).
 */
#define MAC_FOOTPRINT			1280
#define PKEY_FOOTPRINT			3200
#define RSA_PRIVATE_FOOTPRINT	2	/* more bytes for each bit */

JoseKey *
jose_key_new(const JoseKeyType *type)
{
	JoseKey    *key = calloc(1, sizeof(JoseKey));

	if (key != NULL)
		key->type = type;
	return key;
}

void
jose_prepared_reset(JosePrepared *prepared)
{
	EVP_MD_free(prepared->digest);
	EVP_PKEY_CTX_free(prepared->pkey);
	EVP_MD_CTX_free(prepared->oneshot);
	EVP_MAC_CTX_free(prepared->mac);
	memset(prepared, 0, sizeof(*prepared));
}

void
jose_key_free(JoseKey *key)
{
	if (key == NULL)
		return;
	jose_prepared_reset(&key->signer);
	jose_prepared_reset(&key->verifier);
	EVP_PKEY_free(key->pkey);
	if (key->secret != NULL)
	{
		OPENSSL_cleanse(key->secret, key->secret_len);
		free(key->secret);
	}
	free(key->kid);
	free(key->alg);
	free(key);
}

JoseKeySet *
jose_keyset_new(bool is_set)
{
	JoseKeySet *set = calloc(1, sizeof(JoseKeySet));

	if (set != NULL)
		set->is_set = is_set;
	return set;
}

/* On failure the key is freed: the caller has given it away either way. */
JoseError
jose_keyset_add(JoseKeySet *set, JoseKey *key)
{
	JoseKey   **keys;

	if (set->count >= JOSE_MAX_KEYS)
	{
		jose_key_free(key);
		return JOSE_ERR_TOO_LARGE;
	}
	keys = realloc(set->keys, sizeof(JoseKey *) * (set->count + 1));
	if (keys == NULL)
	{
		jose_key_free(key);
		return JOSE_ERR_MEMORY;
	}
	set->keys = keys;
	set->keys[set->count++] = key;
	return JOSE_OK;
}

void
jose_keyset_free(JoseKeySet *set)
{
	int			i;

	if (set == NULL)
		return;
	for (i = 0; i < set->count; i++)
		jose_key_free(set->keys[i]);
	free(set->keys);
	free(set);
}

size_t
jose_keyset_footprint(const JoseKeySet *set)
{
	size_t		bytes = sizeof(*set);
	int			i;

	for (i = 0; i < set->count; i++)
	{
		const JoseKey *key = set->keys[i];

		bytes += sizeof(*key) + sizeof(key) + key->secret_len;
		bytes += key->kid != NULL ? strlen(key->kid) + 1 : 0;
		bytes += key->pkey != NULL ? PKEY_FOOTPRINT : MAC_FOOTPRINT;
		if (key->type == &jose_keytype_rsa && key->is_private)
			bytes += (size_t) jose_key_bits(key) * RSA_PRIVATE_FOOTPRINT;
	}
	return bytes;
}

const char *
jose_key_kid(const JoseKey *key)
{
	return key->kid;
}

const char *
jose_key_type(const JoseKey *key)
{
	return key->type->kty;
}

const char *
jose_key_alg(const JoseKey *key)
{
	return key->alg;
}

bool
jose_key_is_private(const JoseKey *key)
{
	return key->is_private;
}

int
jose_key_bits(const JoseKey *key)
{
	return key->type->bits(key);
}

static JoseError
replace_string(char **member, const char *value)
{
	char	   *copy = strdup(value);

	if (copy == NULL)
		return JOSE_ERR_MEMORY;
	free(*member);
	*member = copy;
	return JOSE_OK;
}

JoseError
jose_key_set_kid(JoseKey *key, const char *kid)
{
	return replace_string(&key->kid, kid);
}

JoseError
jose_key_set_alg(JoseKey *key, const char *alg)
{
	return replace_string(&key->alg, alg);
}

void
jose_key_set_sign_only(JoseKey *key)
{
	/* RFC 7517 4.3: use and key_ops are not for both to be there */
	if (key->use == JOSE_USE_ANY && key->key_ops == 0)
		key->use = JOSE_USE_SIG;
}

/* ---- does a key fit? ---- */

static bool
curve_fits(const JoseKey *key, const JoseAlg *alg)
{
	const char *const *curve;

	if (alg->curves == NULL)
		return true;
	for (curve = alg->curves; *curve != NULL; curve++)
	{
		if (key->crv != NULL && strcmp(key->crv, *curve) == 0)
			return true;
	}
	return false;
}

/* RFC 7517 4.4.  A dir key may name its content encryption instead (RFC 7520 5.6). */
static bool
alg_member_fits(const JoseKey *key, const JoseAlg *alg)
{
	if (key->alg == NULL || strcmp(key->alg, alg->name) == 0)
		return true;
	return alg->wrap == &jose_dir_ops && jose_enc_by_name(key->alg) != NULL;
}

/* RFC 7517 4.2 and 4.3 */
static bool
use_fits(const JoseKey *key, const JoseAlg *alg, JoseOp op)
{
	unsigned	needed;

	switch (op)
	{
		case JOSE_OP_SIGN:
			needed = JOSE_KEYOP_SIGN;
			break;
		case JOSE_OP_VERIFY:
			needed = JOSE_KEYOP_VERIFY;
			break;
		case JOSE_OP_ENCRYPT:
			needed = alg->wrap->encrypt_ops;
			break;
		default:
			needed = alg->wrap->decrypt_ops;
			break;
	}
	if (key->key_ops != 0 && (key->key_ops & needed) == 0)
		return false;
	return key->use == JOSE_USE_ANY || key->use == (alg->sig != NULL ? JOSE_USE_SIG : JOSE_USE_ENC);
}

static bool
needs_private(JoseOp op)
{
	return op == JOSE_OP_SIGN || op == JOSE_OP_DECRYPT;
}

static bool
is_signature_op(JoseOp op)
{
	return op == JOSE_OP_SIGN || op == JOSE_OP_VERIFY;
}

/* The sizes an algorithm asks of a shared secret. */
static JoseError
size_fits(const JoseKey *key, const JoseAlg *alg, unsigned flags)
{
	if (alg->sig == &jose_hmac_ops)
	{
		if (key->secret_len == 0)
			return JOSE_ERR_KEY_EMPTY;
		/* RFC 7518 3.2 */
		if (key->secret_len < (size_t) alg->bytes && !(flags & JOSE_ALLOW_SHORT_HMAC))
			return JOSE_ERR_KEY_SHORT;
		return JOSE_OK;
	}
	/* RFC 7518 4.4 and 4.7: exactly the cipher's */
	if ((alg->wrap == &jose_aes_kw_ops || alg->wrap == &jose_aes_gcm_kw_ops) &&
		key->secret_len != (size_t) alg->bytes)
		return JOSE_ERR_KEY_INVALID;
	return JOSE_OK;
}

JoseError
jose_key_fits(const JoseKey *key, const JoseAlg *alg, JoseOp op, unsigned flags)
{
	if (is_signature_op(op) != (alg->sig != NULL))
		return JOSE_ERR_KEY_ALG;
	if (alg->type != NULL && key->type != alg->type)
		return JOSE_ERR_KEY_ALG;
	if (!curve_fits(key, alg) || !alg_member_fits(key, alg))
		return JOSE_ERR_KEY_ALG;
	if (!use_fits(key, alg, op))
		return JOSE_ERR_KEY_USE;
	if (needs_private(op) && !key->is_private)
		return JOSE_ERR_KEY_PRIVATE;
	return size_fits(key, alg, flags);
}

/*
 * Does the algorithm belong to those a key stands for when nobody names one?
 * Its own alg, or its type's family: whether it is long enough, and may do
 * what is asked, is said later and better.  A password is asked for by name.
 */
static bool
stands_for(const JoseKey *key, const JoseAlg *alg, JoseOp op)
{
	JoseError	err;

	if (alg->wrap == &jose_pbes2_ops && key->alg == NULL)
		return false;
	err = jose_key_fits(key, alg, op, JOSE_ALLOW_SHORT_HMAC);
	return err == JOSE_OK || err == JOSE_ERR_KEY_PRIVATE || err == JOSE_ERR_KEY_USE;
}

JoseAlgSet
jose_keyset_default_algs(const JoseKeySet *set, JoseOp op)
{
	JoseAlgSet	result = 0;
	const JoseAlg *alg;
	int			i;
	int			k;

	for (i = 0; (alg = jose_alg_at(i)) != NULL; i++)
	{
		for (k = 0; k < set->count; k++)
		{
			if (stands_for(set->keys[k], alg, op))
				result |= jose_alg_bit(alg);
		}
	}
	return result;
}

const JoseAlg *
jose_key_default_alg(const JoseKey *key, JoseOp op)
{
	const JoseAlg *alg;
	int			i;

	for (i = 0; (alg = jose_alg_at(i)) != NULL; i++)
	{
		if (stands_for(key, alg, op))
			return alg;
	}
	return NULL;
}

/*
 * In a JWKS a token's kid selects; a single key is used whatever kid says,
 * since its owner has already chosen it.
 */
JoseError
jose_keyset_next(const JoseKeySet *set, const JoseAlg *alg, JoseOp op, const char *kid,
				 unsigned flags, int *pos, JoseKey **key)
{
	JoseError	why = JOSE_ERR_KEY_NOT_FOUND;

	for (; *pos < set->count; (*pos)++)
	{
		JoseKey    *candidate = set->keys[*pos];
		JoseError	err;

		if (set->is_set && kid != NULL &&
			(candidate->kid == NULL || strcmp(candidate->kid, kid) != 0))
			continue;
		err = jose_key_fits(candidate, alg, op, flags);
		if (err == JOSE_OK)
		{
			*key = candidate;
			(*pos)++;
			return JOSE_OK;
		}
		if (why == JOSE_ERR_KEY_NOT_FOUND)
			why = err;
	}
	*key = NULL;
	return why;
}

JoseError
jose_sign(JoseKey *key, const JoseAlg *alg, unsigned flags,
		  const void *message, size_t len, JoseBuf *signature)
{
	JoseError	err = jose_key_fits(key, alg, JOSE_OP_SIGN, flags);

	if (err != JOSE_OK)
		return err;
	return alg->sig->sign(alg, key, message, len, signature);
}

JoseError
jose_verify(JoseKey *key, const JoseAlg *alg, unsigned flags,
			const void *message, size_t len, const unsigned char *signature, size_t siglen)
{
	JoseError	err = jose_key_fits(key, alg, JOSE_OP_VERIFY, flags);

	if (err != JOSE_OK)
		return err;
	return alg->sig->verify(alg, key, message, len, signature, siglen);
}

/* Few keys, since without a kid that selects whoever sends a token decides how many would be tried. */
JoseError
jose_keyset_verify(const JoseKeySet *set, const JoseAlg *alg, const char *kid, unsigned flags,
				   const void *message, size_t len,
				   const unsigned char *signature, size_t siglen, JoseKey **by)
{
	JoseKey    *key = NULL;
	int			pos = 0;
	int			tried;
	JoseError	err;

	for (tried = 0; tried < JOSE_MAX_CANDIDATES; tried++)
	{
		err = jose_keyset_next(set, alg, JOSE_OP_VERIFY, kid, flags, &pos, &key);
		if (err != JOSE_OK)
			return tried > 0 ? JOSE_ERR_SIGNATURE : err;
		err = alg->sig->verify(alg, key, message, len, signature, siglen);
		if (err == JOSE_OK && by != NULL)
			*by = key;
		if (err != JOSE_ERR_SIGNATURE)
			return err;
	}
	return JOSE_ERR_SIGNATURE;
}
