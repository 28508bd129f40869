/*
 * content.c
 *		Content encryption, RFC 7518 5: AES-GCM, and AES-CBC with HMAC.
 *
 * Decryption hands out plaintext only once all of it is authenticated, and
 * has one failure for everything the token can be wrong in.
 */
#include <limits.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "key.h"

/* What both directions work on; out has room for len and a block more. */
typedef struct Content
{
	const JoseEnc *enc;
	const unsigned char *cek;
	const void *aad;
	size_t		aad_len;
	const unsigned char *iv;
	const unsigned char *in;
	size_t		len;
	unsigned char *out;
	size_t		out_len;
} Content;

/* A content encryption key, fresh for each message. */
JoseError
jose_fresh_cek(const JoseEnc *enc, JoseBuf *cek)
{
	unsigned char *room = jose_buf_grow(cek, (size_t) enc->cek_bytes);

	if (room == NULL)
		return JOSE_ERR_MEMORY;
	if (RAND_priv_bytes(room, enc->cek_bytes) == 1)
		return JOSE_OK;
	jose_buf_reset(cek);
	ERR_clear_error();
	return JOSE_ERR_INTERNAL;
}

/* OpenSSL counts in int. */
static bool
fits_int(size_t aad_len, size_t len)
{
	return aad_len <= INT_MAX && len <= INT_MAX - EVP_MAX_BLOCK_LENGTH;
}

/* A context, keyed for one message; NULL when OpenSSL would not. */
static EVP_CIPHER_CTX *
start(const Content *c, const unsigned char *key, bool encrypt)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, c->enc->cipher, NULL);
	EVP_CIPHER_CTX *ctx = cipher != NULL ? EVP_CIPHER_CTX_new() : NULL;

	if (ctx != NULL && EVP_CipherInit_ex2(ctx, cipher, key, c->iv, encrypt, NULL) != 1)
	{
		EVP_CIPHER_CTX_free(ctx);
		ctx = NULL;
	}
	EVP_CIPHER_free(cipher);
	return ctx;
}

/* Run the message through to its end, which for GCM checks or makes the tag. */
static bool
finish(Content *c, EVP_CIPHER_CTX *ctx)
{
	int			body = 0;
	int			tail = 0;

	if (c->len > 0 && EVP_CipherUpdate(ctx, c->out, &body, c->in, (int) c->len) != 1)
		return false;
	if (EVP_CipherFinal_ex(ctx, c->out + body, &tail) != 1)
		return false;
	c->out_len = (size_t) (body + tail);
	return true;
}

/* RFC 7518 5.3 */
static bool
gcm_run(Content *c, unsigned char *tag, bool encrypt)
{
	EVP_CIPHER_CTX *ctx = start(c, c->cek, encrypt);
	int			tag_bytes = c->enc->tag_bytes;
	int			n;
	bool		good;

	good = ctx != NULL &&
		(encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag) == 1) &&
		(c->aad_len == 0 || EVP_CipherUpdate(ctx, NULL, &n, c->aad, (int) c->aad_len) == 1) &&
		finish(c, ctx) &&
		(!encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, tag_bytes, tag) == 1);
	EVP_CIPHER_CTX_free(ctx);
	return good;
}

/* RFC 7518 5.2.2.1: the first half of the key authenticates, the second encrypts. */
static bool
cbc_run(Content *c, bool encrypt)
{
	EVP_CIPHER_CTX *ctx = start(c, c->cek + c->enc->cek_bytes / 2, encrypt);
	bool		good = ctx != NULL && finish(c, ctx);

	EVP_CIPHER_CTX_free(ctx);
	return good;
}

/*
 * RFC 7518 5.2.2.1 steps 4 to 6: HMAC over A || IV || E || AL, where AL is the
 * length of A in bits as a 64-bit big-endian integer, cut to its first half.
 */
static bool
cbc_tag(const Content *c, const unsigned char *ciphertext, size_t len, unsigned char *tag)
{
	OSSL_PARAM	params[] = {
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *) c->enc->digest, 0),
		OSSL_PARAM_END
	};
	EVP_MAC    *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	unsigned char full[EVP_MAX_MD_SIZE];
	size_t		full_len = 0;
	unsigned char al[8];
	uint64_t	bits = (uint64_t) c->aad_len * 8;
	bool		good;
	int			i;

	for (i = 0; i < 8; i++)
		al[i] = (unsigned char) (bits >> (56 - 8 * i));
	good = ctx != NULL &&
		EVP_MAC_init(ctx, c->cek, (size_t) c->enc->cek_bytes / 2, params) == 1 &&
		EVP_MAC_update(ctx, c->aad, c->aad_len) == 1 &&
		EVP_MAC_update(ctx, c->iv, (size_t) c->enc->iv_bytes) == 1 &&
		EVP_MAC_update(ctx, ciphertext, len) == 1 &&
		EVP_MAC_update(ctx, al, sizeof(al)) == 1 &&
		EVP_MAC_final(ctx, full, &full_len, sizeof(full)) == 1 &&
		full_len == 2 * (size_t) c->enc->tag_bytes;
	if (good)
		memcpy(tag, full, (size_t) c->enc->tag_bytes);
	OPENSSL_cleanse(full, sizeof(full));
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return good;
}

static bool
encrypt_content(Content *c, unsigned char *tag)
{
	if (c->enc->digest == NULL)
		return gcm_run(c, tag, true);
	return cbc_run(c, true) && cbc_tag(c, c->out, c->out_len, tag);
}

static bool
decrypt_content(Content *c, const unsigned char *tag)
{
	unsigned char expected[EVP_MAX_MD_SIZE];
	bool		same;

	if (c->enc->digest == NULL)
		return gcm_run(c, (unsigned char *) tag, false);

	/* RFC 7518 5.2.2.2: authenticate first, or padding becomes an oracle */
	same = cbc_tag(c, c->in, c->len, expected) &&
		CRYPTO_memcmp(expected, tag, (size_t) c->enc->tag_bytes) == 0;
	OPENSSL_cleanse(expected, sizeof(expected));
	return same && cbc_run(c, false);
}

/*
 * Of what buf gained since `before`, keep c's output if it is good, and wipe
 * the rest: decryption writes before it knows.
 */
static void
settle(JoseBuf *buf, size_t before, const Content *c, bool good)
{
	size_t		kept = good ? c->out_len : 0;

	OPENSSL_cleanse(c->out + kept, buf->len - before - kept);
	buf->len = before + kept;
	buf->data[buf->len] = '\0';
}

JoseError
jose_content_encrypt(const JoseEnc *enc, const unsigned char *cek,
					 const void *aad, size_t aad_len,
					 const void *plaintext, size_t len,
					 JoseBuf *iv, JoseBuf *ciphertext, JoseBuf *tag)
{
	Content		c = {.enc = enc, .cek = cek, .aad = aad, .aad_len = aad_len, .in = plaintext, .len = len};
	size_t		before = ciphertext->len;
	unsigned char *iv_out;
	unsigned char *tag_out;
	bool		good;

	if (!fits_int(aad_len, len))
		return JOSE_ERR_TOO_LARGE;
	iv_out = jose_buf_grow(iv, (size_t) enc->iv_bytes);
	tag_out = jose_buf_grow(tag, (size_t) enc->tag_bytes);
	c.out = jose_buf_grow(ciphertext, len + EVP_MAX_BLOCK_LENGTH);
	if (iv_out == NULL || tag_out == NULL || c.out == NULL)
		return JOSE_ERR_MEMORY;

	c.iv = iv_out;
	good = RAND_bytes(iv_out, enc->iv_bytes) == 1 && encrypt_content(&c, tag_out);
	settle(ciphertext, before, &c, good);
	if (good)
		return JOSE_OK;
	ERR_clear_error();
	return JOSE_ERR_INTERNAL;
}

JoseError
jose_content_decrypt(const JoseEnc *enc, const unsigned char *cek,
					 const void *aad, size_t aad_len,
					 const unsigned char *iv, size_t iv_len,
					 const unsigned char *ciphertext, size_t len,
					 const unsigned char *tag, size_t tag_len,
					 JoseBuf *plaintext)
{
	Content		c = {.enc = enc, .cek = cek, .aad = aad, .aad_len = aad_len, .iv = iv, .in = ciphertext, .len = len};
	size_t		before = plaintext->len;
	bool		good;

	/* RFC 7518 5.2.2.1, 5.3: these exact sizes; a shorter tag is a cheaper forgery */
	if (iv_len != (size_t) enc->iv_bytes || tag_len != (size_t) enc->tag_bytes)
		return JOSE_ERR_DECRYPT;
	if (!fits_int(aad_len, len))
		return JOSE_ERR_TOO_LARGE;
	c.out = jose_buf_grow(plaintext, len + EVP_MAX_BLOCK_LENGTH);
	if (c.out == NULL)
		return JOSE_ERR_MEMORY;

	good = decrypt_content(&c, tag);
	settle(plaintext, before, &c, good);
	if (good)
		return JOSE_OK;
	ERR_clear_error();
	return JOSE_ERR_DECRYPT;
}
