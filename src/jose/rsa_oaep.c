/*
 * rsa_oaep.c
 *		RSA-OAEP, RSA-OAEP-256, -384 and -512: RFC 7518 4.3, and the Web
 *		Cryptography API's registration of the last two.
 *
 * RSA1_5 is not here and will not be (RFC 8725 3.2).
 */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "pkey.h"

/* OAEP and MGF1 with the same hash, and an empty label */
static EVP_PKEY_CTX *
oaep_context(const JoseAlg *alg, const JoseKey *key, JosePkeyInit init)
{
	const EVP_MD *md = EVP_get_digestbyname(alg->digest);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);

	if (md != NULL && ctx != NULL && init(ctx) == 1 &&
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md) == 1 &&
		EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return NULL;
}

static JoseError
oaep_wrap(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
		  JoseBuf *cek, JoseBuf *encrypted_key, JoseBuf *members)
{
	unsigned char bytes[JOSE_MAX_RSA_BITS / 8];
	size_t		len = sizeof(bytes);
	EVP_PKEY_CTX *ctx;
	JoseError	err = jose_fresh_cek(enc, cek);

	if (err != JOSE_OK)
		return err;
	ctx = oaep_context(alg, key, EVP_PKEY_encrypt_init);
	if (ctx == NULL || EVP_PKEY_encrypt(ctx, bytes, &len, cek->data, cek->len) != 1)
		err = JOSE_ERR_INTERNAL;
	EVP_PKEY_CTX_free(ctx);
	if (err != JOSE_OK)
	{
		ERR_clear_error();
		return err;
	}
	jose_buf_append(encrypted_key, bytes, len);
	return encrypted_key->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

/*
 * RFC 7516 11.5: where the key does not unwrap, or to another length, go on
 * with a random one.  The content then fails like any other forgery, and what
 * was wrong with the key shows neither in the answer nor in when it comes.
 */
static JoseError
oaep_unwrap(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
			const unsigned char *encrypted_key, size_t len, JoseBuf *cek)
{
	unsigned char bytes[JOSE_MAX_RSA_BITS / 8];
	size_t		decrypted = sizeof(bytes);
	size_t		start = cek->len;
	EVP_PKEY_CTX *ctx;
	JoseError	err = jose_fresh_cek(enc, cek);

	if (err != JOSE_OK)
		return err;
	ctx = oaep_context(alg, key, EVP_PKEY_decrypt_init);
	if (ctx == NULL)
		return JOSE_ERR_INTERNAL;
	/* RFC 8017 7.1.2, step 1: as long as n */
	if (len == (size_t) EVP_PKEY_get_size(key->pkey) &&
		EVP_PKEY_decrypt(ctx, bytes, &decrypted, encrypted_key, len) == 1 &&
		decrypted == (size_t) enc->cek_bytes)
		memcpy(cek->data + start, bytes, decrypted);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return JOSE_OK;
}

const JoseWrapOps jose_rsa_oaep_ops = {
	.wrap = oaep_wrap,
	.unwrap = oaep_unwrap,
	/* RFC 7517 4.3 lets a key say either */
	.encrypt_ops = JOSE_KEYOP_ENCRYPT | JOSE_KEYOP_WRAP,
	.decrypt_ops = JOSE_KEYOP_DECRYPT | JOSE_KEYOP_UNWRAP
};
