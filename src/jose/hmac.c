/*
 * hmac.c
 *		HS256, HS384 and HS512, RFC 7518 3.2.
 *
 * A keyed context is kept with the key: hashing the key's two pads again for
 * each token would cost more than the token.
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "key.h"

static EVP_MAC_CTX *
keyed_context(const JoseAlg *alg, const JoseKey *key)
{
	EVP_MAC    *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
	EVP_MAC_CTX *ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	OSSL_PARAM	params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *) alg->digest, 0),
		OSSL_PARAM_construct_end()
	};

	EVP_MAC_free(mac);
	if (ctx != NULL && EVP_MAC_init(ctx, key->secret, key->secret_len, params) == 1)
		return ctx;
	EVP_MAC_CTX_free(ctx);
	ERR_clear_error();
	return NULL;
}

/* The MAC of message into out, which has room for EVP_MAX_MD_SIZE bytes. */
static JoseError
compute(const JoseAlg *alg, JoseKey *key, const void *message, size_t len,
		unsigned char *out, size_t *outlen)
{
	JosePrepared *prepared = &key->signer;	/* one serves both directions */

	if (prepared->alg != alg)
	{
		jose_prepared_reset(prepared);
		prepared->mac = keyed_context(alg, key);
		if (prepared->mac == NULL)
			return JOSE_ERR_INTERNAL;
		prepared->alg = alg;
	}
	/* a null key begins anew with the key already set */
	if (EVP_MAC_init(prepared->mac, NULL, 0, NULL) == 1 &&
		EVP_MAC_update(prepared->mac, message, len) == 1 &&
		EVP_MAC_final(prepared->mac, out, outlen, EVP_MAX_MD_SIZE) == 1)
		return JOSE_OK;

	jose_prepared_reset(prepared);
	ERR_clear_error();
	return JOSE_ERR_INTERNAL;
}

static JoseError
hmac_sign(const JoseAlg *alg, JoseKey *key, const void *message, size_t len, JoseBuf *signature)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	size_t		maclen = 0;
	JoseError	err = compute(alg, key, message, len, mac, &maclen);

	if (err != JOSE_OK)
		return err;
	jose_buf_append(signature, mac, maclen);
	return signature->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

static JoseError
hmac_verify(const JoseAlg *alg, JoseKey *key, const void *message, size_t len,
			const unsigned char *signature, size_t siglen)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	size_t		maclen = 0;
	JoseError	err = compute(alg, key, message, len, mac, &maclen);
	bool		equal;

	if (err != JOSE_OK)
		return err;
	/* all of it or nothing: a truncated MAC is no MAC (RFC 7518 3.2) */
	equal = siglen == maclen && CRYPTO_memcmp(mac, signature, maclen) == 0;
	OPENSSL_cleanse(mac, sizeof(mac));
	return equal ? JOSE_OK : JOSE_ERR_SIGNATURE;
}

const JoseSigOps jose_hmac_ops = {hmac_sign, hmac_verify};
