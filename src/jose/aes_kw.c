/*
 * aes_kw.c
 *		Key management with a symmetric key: dir, AES Key Wrap and AES-GCM key
 *		wrapping (RFC 7518 4.4, 4.5, 4.7), and RFC 3394 itself for ecdh.c and
 *		pbes2.c.
 */
#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "key.h"

#define WRAP_BLOCK	8			/* RFC 3394 works in 64-bit blocks, and adds one */

/* ---- RFC 3394 ---- */

/* in is at least two blocks; out has room for len and a block more. */
static bool
run_wrap(const char *name, const unsigned char *kek, const unsigned char *in, size_t len,
		 unsigned char *out, size_t expected, bool encrypt)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *ctx = cipher != NULL ? EVP_CIPHER_CTX_new() : NULL;
	int			n = 0;
	bool		good = false;

	if (ctx != NULL)
	{
		/* wrapping ciphers must be asked for, they are no use to the unwary */
		EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
		good = EVP_CipherInit_ex2(ctx, cipher, kek, NULL, encrypt, NULL) == 1 &&
			EVP_CipherUpdate(ctx, out, &n, in, (int) len) == 1 &&
			n >= 0 && (size_t) n == expected;
	}
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	if (!good)
		ERR_clear_error();
	return good;
}

static bool
wrappable(size_t len, size_t least)
{
	return len >= least && len % WRAP_BLOCK == 0 && len <= INT_MAX - 2 * WRAP_BLOCK;
}

JoseError
jose_aes_wrap(const char *cipher, const unsigned char *kek, const unsigned char *in, size_t len,
			  JoseBuf *out)
{
	size_t		before = out->len;
	unsigned char *wrapped;

	if (!wrappable(len, 2 * WRAP_BLOCK))
		return JOSE_ERR_INTERNAL;
	wrapped = jose_buf_grow(out, len + WRAP_BLOCK);
	if (wrapped == NULL)
		return JOSE_ERR_MEMORY;
	if (run_wrap(cipher, kek, in, len, wrapped, len + WRAP_BLOCK, true))
		return JOSE_OK;
	out->len = before;
	return JOSE_ERR_INTERNAL;
}

/* JOSE_ERR_DECRYPT unless the integrity check of RFC 3394 2.2.3 passes. */
JoseError
jose_aes_unwrap(const char *cipher, const unsigned char *kek, const unsigned char *in, size_t len,
				JoseBuf *out)
{
	size_t		before = out->len;
	unsigned char *unwrapped;
	size_t		kept;

	if (!wrappable(len, 3 * WRAP_BLOCK))
		return JOSE_ERR_DECRYPT;
	/* OpenSSL wants room for the input's length, though it fills a block less */
	unwrapped = jose_buf_grow(out, len + WRAP_BLOCK);
	if (unwrapped == NULL)
		return JOSE_ERR_MEMORY;
	kept = run_wrap(cipher, kek, in, len, unwrapped, len - WRAP_BLOCK, false) ? len - WRAP_BLOCK : 0;
	OPENSSL_cleanse(unwrapped + kept, len + WRAP_BLOCK - kept);
	out->len = before + kept;
	return kept > 0 ? JOSE_OK : JOSE_ERR_DECRYPT;
}

/* ---- dir, RFC 7518 4.5 ---- */

/*
 * A key that names its algorithm may name dir or a content encryption, and is
 * then good for no other: A128CBC-HS256 and A256GCM keys are of one length.
 */
static bool
dir_key_is_for(const JoseKey *key, const JoseEnc *enc)
{
	return key->alg == NULL || jose_enc_by_name(key->alg) == NULL || strcmp(key->alg, enc->name) == 0;
}

static JoseError
dir_wrap(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
		 JoseBuf *cek, JoseBuf *encrypted_key, JoseBuf *members)
{
	if (!dir_key_is_for(key, enc))
		return JOSE_ERR_KEY_ALG;
	if (key->secret_len != (size_t) enc->cek_bytes)
		return JOSE_ERR_KEY_INVALID;
	jose_buf_append(cek, key->secret, key->secret_len);
	return cek->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

static JoseError
dir_unwrap(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
		   const unsigned char *encrypted_key, size_t len, JoseBuf *cek)
{
	/* RFC 7516 5.2 step 10: the encrypted key must be empty */
	if (len != 0 || !dir_key_is_for(key, enc) || key->secret_len != (size_t) enc->cek_bytes)
		return JOSE_ERR_DECRYPT;
	jose_buf_append(cek, key->secret, key->secret_len);
	return cek->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

const JoseWrapOps jose_dir_ops = {
	.wrap = dir_wrap,
	.unwrap = dir_unwrap,
	.encrypt_ops = JOSE_KEYOP_ENCRYPT,
	.decrypt_ops = JOSE_KEYOP_DECRYPT
};

/* ---- A128KW, A192KW, A256KW, RFC 7518 4.4 ---- */

static JoseError
kw_wrap(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
		JoseBuf *cek, JoseBuf *encrypted_key, JoseBuf *members)
{
	JoseError	err;

	if (key->secret_len != (size_t) alg->bytes)
		return JOSE_ERR_KEY_INVALID;
	err = jose_fresh_cek(enc, cek);
	if (err != JOSE_OK)
		return err;
	return jose_aes_wrap(alg->cipher, key->secret, cek->data, cek->len, encrypted_key);
}

static JoseError
kw_unwrap(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
		  const unsigned char *encrypted_key, size_t len, JoseBuf *cek)
{
	if (key->secret_len != (size_t) alg->bytes)
		return JOSE_ERR_DECRYPT;
	return jose_aes_unwrap(alg->cipher, key->secret, encrypted_key, len, cek);
}

const JoseWrapOps jose_aes_kw_ops = {
	.wrap = kw_wrap,
	.unwrap = kw_unwrap,
	.encrypt_ops = JOSE_KEYOP_WRAP,
	.decrypt_ops = JOSE_KEYOP_UNWRAP
};

/* ---- A128GCMKW, A192GCMKW, A256GCMKW, RFC 7518 4.7 ---- */

/* The content encryption that wrapping a key with GCM amounts to, without AAD. */
static JoseEnc
gcm_of(const JoseAlg *alg)
{
	JoseEnc		enc = {
		.name = alg->name,
		.cek_bytes = alg->bytes,
		.iv_bytes = 12,			/* RFC 7518 4.7.1.1: 96 bits */
		.tag_bytes = 16,		/* RFC 7518 4.7.1.2: 128 bits */
		.cipher = alg->cipher
	};

	return enc;
}

static JoseError
gcmkw_wrap(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
		   JoseBuf *cek, JoseBuf *encrypted_key, JoseBuf *members)
{
	JoseEnc		gcm = gcm_of(alg);
	JoseBuf		iv = {0};
	JoseBuf		tag = {0};
	JoseError	err;

	if (key->secret_len != (size_t) alg->bytes)
		return JOSE_ERR_KEY_INVALID;
	err = jose_fresh_cek(enc, cek);
	if (err == JOSE_OK)
		err = jose_content_encrypt(&gcm, key->secret, NULL, 0, cek->data, cek->len, &iv, encrypted_key, &tag);
	if (err == JOSE_OK)
	{
		jose_jwk_write_bytes(members, "iv", iv.data, iv.len);
		jose_jwk_write_bytes(members, "tag", tag.data, tag.len);
		if (members->failed)
			err = JOSE_ERR_MEMORY;
	}
	jose_buf_free(&iv);
	jose_buf_free(&tag);
	return err;
}

/* A header member's bytes; what is missing or malformed does not decrypt. */
static JoseError
header_bytes(const JoseObject *header, const char *name, JoseBuf *out)
{
	JoseError	err = jose_jwk_bytes(header, name, false, out);

	return err == JOSE_ERR_KEY_MEMBER ? JOSE_ERR_DECRYPT : err;
}

static JoseError
gcmkw_unwrap(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
			 const unsigned char *encrypted_key, size_t len, JoseBuf *cek)
{
	JoseEnc		gcm = gcm_of(alg);
	JoseBuf		iv = {0};
	JoseBuf		tag = {0};
	JoseError	err;

	if (key->secret_len != (size_t) alg->bytes)
		return JOSE_ERR_DECRYPT;
	err = header_bytes(header, "iv", &iv);
	if (err == JOSE_OK)
		err = header_bytes(header, "tag", &tag);
	if (err == JOSE_OK)
		err = jose_content_decrypt(&gcm, key->secret, NULL, 0, iv.data, iv.len,
								   encrypted_key, len, tag.data, tag.len, cek);
	jose_buf_free(&iv);
	jose_buf_free(&tag);
	return err;
}

const JoseWrapOps jose_aes_gcm_kw_ops = {
	.wrap = gcmkw_wrap,
	.unwrap = gcmkw_unwrap,
	.encrypt_ops = JOSE_KEYOP_WRAP,
	.decrypt_ops = JOSE_KEYOP_UNWRAP
};
