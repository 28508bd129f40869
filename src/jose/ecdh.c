/*
 * ecdh.c
 *		Key agreement, RFC 7518 4.6 and RFC 8037 3.2: ECDH-ES, alone and with
 *		AES Key Wrap, on P-256, P-384, P-521, X25519 and X448.
 *
 * The sender's ephemeral key is a stranger's point: it is read with all the
 * checks a key of ours goes through, and one that fails them does not decrypt.
 */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "key.h"

/* ---- the shared secret ---- */

/* RFC 7748 6: a point of low order makes Z zero, whatever our key is */
static bool
is_all_zero(const JoseBuf *buf)
{
	unsigned char any = 0;
	size_t		i;

	for (i = 0; i < buf->len; i++)
		any |= buf->data[i];
	return any == 0;
}

/* Z, of its curve's full length: OpenSSL keeps the leading zeros of EC's x. */
static JoseError
agree(EVP_PKEY *ours, EVP_PKEY *theirs, JoseBuf *z)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, ours, NULL);
	size_t		len = 0;
	unsigned char *room = NULL;
	bool		good;

	good = ctx != NULL &&
		EVP_PKEY_derive_init(ctx) == 1 &&
		EVP_PKEY_derive_set_peer(ctx, theirs) == 1 &&
		EVP_PKEY_derive(ctx, NULL, &len) == 1 &&
		(room = jose_buf_grow(z, len)) != NULL &&
		EVP_PKEY_derive(ctx, room, &len) == 1 &&
		len == z->len && !is_all_zero(z);
	EVP_PKEY_CTX_free(ctx);
	if (good)
		return JOSE_OK;
	ERR_clear_error();
	return z->failed ? JOSE_ERR_MEMORY : JOSE_ERR_DECRYPT;
}

/* ---- Concat KDF, RFC 7518 4.6.2 ---- */

static void
append_uint32(JoseBuf *buf, size_t n)
{
	unsigned char bytes[4] = {
		(unsigned char) (n >> 24), (unsigned char) (n >> 16), (unsigned char) (n >> 8), (unsigned char) n
	};

	jose_buf_append(buf, bytes, sizeof(bytes));
}

static void
append_counted(JoseBuf *buf, const void *data, size_t len)
{
	append_uint32(buf, len);
	jose_buf_append(buf, data, len);
}

/* apu or apv, RFC 7518 4.6.1.2 and 4.6.1.3; absent counts as empty. */
static JoseError
append_party(const JoseObject *header, const char *name, JoseBuf *info)
{
	const char *text;
	JoseBuf		party = {0};
	JoseError	err = JOSE_OK;

	if (!jose_object_string(header, name, &text))
		return JOSE_ERR_HEADER;
	if (text != NULL)
		err = jose_b64_decode_buf(text, strlen(text), &party);
	append_counted(info, party.data, party.len);
	jose_buf_free(&party);
	return err == JOSE_ERR_BASE64 ? JOSE_ERR_HEADER : err;
}

/* OtherInfo: for whom and for what the key is, so that one serves no other. */
static JoseError
other_info(const char *algorithm, const JoseObject *header, size_t key_bytes, JoseBuf *info)
{
	JoseError	err;

	append_counted(info, algorithm, strlen(algorithm));
	err = append_party(header, "apu", info);
	if (err == JOSE_OK)
		err = append_party(header, "apv", info);
	append_uint32(info, key_bytes * 8);
	if (err == JOSE_OK && info->failed)
		err = JOSE_ERR_MEMORY;
	return err;
}

/* One round: H(counter || Z || OtherInfo) */
static bool
hash_round(EVP_MD_CTX *ctx, const EVP_MD *md, unsigned char counter, const JoseBuf *z, const JoseBuf *info,
		   unsigned char *digest)
{
	const unsigned char bytes[4] = {0, 0, 0, counter};

	return EVP_DigestInit_ex2(ctx, md, NULL) == 1 &&
		EVP_DigestUpdate(ctx, bytes, sizeof(bytes)) == 1 &&
		EVP_DigestUpdate(ctx, z->data, z->len) == 1 &&
		EVP_DigestUpdate(ctx, info->data, info->len) == 1 &&
		EVP_DigestFinal_ex(ctx, digest, NULL) == 1;
}

/*
 * NIST SP 800-56A 5.8.1, two rounds at most.  OpenSSL has it as SSKDF, but
 * that of 3.0 writes through a null pointer when memory is short.
 */
static JoseError
concat_kdf(const char *digest, const JoseBuf *z, const JoseBuf *info, size_t key_bytes, JoseBuf *key)
{
	EVP_MD	   *md = EVP_MD_fetch(NULL, digest, NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char round[EVP_MAX_MD_SIZE];
	unsigned char counter = 0;
	bool		good = md != NULL && ctx != NULL;

	while (good && key->len < key_bytes && !key->failed)
	{
		size_t		size = (size_t) EVP_MD_get_size(md);
		size_t		left = key_bytes - key->len;

		good = hash_round(ctx, md, ++counter, z, info, round);
		if (good)
			jose_buf_append(key, round, left < size ? left : size);
	}
	OPENSSL_cleanse(round, sizeof(round));
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(md);
	if (key->failed)
		return JOSE_ERR_MEMORY;
	if (good)
		return JOSE_OK;
	ERR_clear_error();
	return JOSE_ERR_INTERNAL;
}

/* RFC 7518 4.6.2: agreed directly, the key is for enc; to wrap with, for alg */
static JoseError
derive(const JoseAlg *alg, const JoseEnc *enc, EVP_PKEY *ours, EVP_PKEY *theirs,
	   const JoseObject *header, JoseBuf *key)
{
	bool		direct = alg->cipher == NULL;
	size_t		key_bytes = (size_t) (direct ? enc->cek_bytes : alg->bytes);
	JoseBuf		z = {0};
	JoseBuf		info = {0};
	JoseError	err = other_info(direct ? enc->name : alg->name, header, key_bytes, &info);

	if (err == JOSE_OK)
		err = agree(ours, theirs, &z);
	if (err == JOSE_OK)
		err = concat_kdf(alg->digest, &z, &info, key_bytes, key);
	jose_buf_free(&z);
	jose_buf_free(&info);
	return err;
}

/* ---- epk, RFC 7518 4.6.1.1 ---- */

static JoseError
write_epk(const JoseKey *ephemeral, JoseBuf *members)
{
	/* RFC 7638's canonical form is just the public members a key must have */
	jose_buf_puts(members, ",\"epk\":");
	return ephemeral->type->canonical(ephemeral, members);
}

/*
 * Ours to agree with: public, and of our key's type.  Looked at before it is
 * parsed: an RSA key's private half costs seconds to check, and whoever sent
 * the token has proved nothing yet.
 */
static bool
is_fit_for_epk(const JoseMember *member, const JoseKey *key, JoseError *err)
{
	JoseObject *epk;
	const char *kty;
	bool		fit;

	*err = jose_object_parse(member->raw, member->raw_len, &epk);
	if (*err != JOSE_OK)
		return false;
	fit = jose_object_string(epk, "kty", &kty) && kty != NULL && strcmp(kty, key->type->kty) == 0 &&
		jose_object_get(epk, "d") == NULL;
	jose_object_free(epk);
	return fit;
}

/* The sender's ephemeral key, of our key's curve. */
static JoseError
read_epk(const JoseKey *key, const JoseObject *header, JoseKey **epk)
{
	const JoseMember *member = jose_object_get(header, "epk");
	JoseError	err;

	*epk = NULL;
	if (member == NULL || member->type != JOSE_JSON_OBJECT)
		return JOSE_ERR_DECRYPT;
	if (is_fit_for_epk(member, key, &err))
		err = jose_key_from_jwk(member->raw, member->raw_len, epk);
	else if (err == JOSE_OK)
		err = JOSE_ERR_DECRYPT;
	if (err != JOSE_OK)
		return jose_error_is_passing(err) ? err : JOSE_ERR_DECRYPT;
	if (strcmp((*epk)->crv, key->crv) == 0)
		return JOSE_OK;
	jose_key_free(*epk);
	*epk = NULL;
	return JOSE_ERR_DECRYPT;
}

/* ---- both directions ---- */

/* An ephemeral key on the recipient's curve, and what comes of the two. */
static JoseError
agree_to_send(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
			  JoseBuf *derived, JoseBuf *members)
{
	JoseKey    *ephemeral = jose_key_new(key->type);
	JoseError	err;

	if (ephemeral == NULL)
		return JOSE_ERR_MEMORY;
	err = key->type->generate(ephemeral, 0, key->crv, NULL);
	if (err == JOSE_OK)
		err = derive(alg, enc, ephemeral->pkey, key->pkey, header, derived);
	/* only a recipient's own key could be at fault, and reading it has seen to that */
	if (err == JOSE_ERR_DECRYPT)
		err = JOSE_ERR_KEY_INVALID;
	if (err == JOSE_OK)
		err = write_epk(ephemeral, members);
	jose_key_free(ephemeral);
	return err;
}

static JoseError
agree_to_receive(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
				 JoseBuf *derived)
{
	JoseKey    *epk;
	JoseError	err = read_epk(key, header, &epk);

	if (err != JOSE_OK)
		return err;
	err = derive(alg, enc, key->pkey, epk->pkey, header, derived);
	jose_key_free(epk);
	return err == JOSE_ERR_HEADER ? JOSE_ERR_DECRYPT : err;
}

/* ---- ECDH-ES ---- */

static JoseError
direct_wrap(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
			JoseBuf *cek, JoseBuf *encrypted_key, JoseBuf *members)
{
	return agree_to_send(alg, enc, key, header, cek, members);
}

static JoseError
direct_unwrap(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
			  const unsigned char *encrypted_key, size_t len, JoseBuf *cek)
{
	/* RFC 7516 5.2 step 10: the encrypted key must be empty */
	if (len != 0)
		return JOSE_ERR_DECRYPT;
	return agree_to_receive(alg, enc, key, header, cek);
}

const JoseWrapOps jose_ecdh_ops = {
	.wrap = direct_wrap,
	.unwrap = direct_unwrap,
	.encrypt_ops = JOSE_KEYOP_DERIVE_KEY | JOSE_KEYOP_DERIVE_BITS,
	.decrypt_ops = JOSE_KEYOP_DERIVE_KEY | JOSE_KEYOP_DERIVE_BITS
};

/* ---- ECDH-ES+A128KW, +A192KW, +A256KW ---- */

static JoseError
kw_wrap(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
		JoseBuf *cek, JoseBuf *encrypted_key, JoseBuf *members)
{
	JoseBuf		kek = {0};
	JoseError	err = agree_to_send(alg, enc, key, header, &kek, members);

	if (err == JOSE_OK)
		err = jose_fresh_cek(enc, cek);
	if (err == JOSE_OK)
		err = jose_aes_wrap(alg->cipher, kek.data, cek->data, cek->len, encrypted_key);
	jose_buf_free(&kek);
	return err;
}

static JoseError
kw_unwrap(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
		  const unsigned char *encrypted_key, size_t len, JoseBuf *cek)
{
	JoseBuf		kek = {0};
	JoseError	err = agree_to_receive(alg, enc, key, header, &kek);

	if (err == JOSE_OK)
		err = jose_aes_unwrap(alg->cipher, kek.data, encrypted_key, len, cek);
	jose_buf_free(&kek);
	return err;
}

const JoseWrapOps jose_ecdh_kw_ops = {
	.wrap = kw_wrap,
	.unwrap = kw_unwrap,
	.encrypt_ops = JOSE_KEYOP_DERIVE_KEY | JOSE_KEYOP_DERIVE_BITS,
	.decrypt_ops = JOSE_KEYOP_DERIVE_KEY | JOSE_KEYOP_DERIVE_BITS
};
