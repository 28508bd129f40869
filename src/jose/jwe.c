/*
 * jwe.c
 *		JWE in compact form, RFC 7516 5.1 and 5.2.
 *
 * What a token's text shows may be told apart: its form, its algorithms, the
 * absence of a key.  Once a key is at work there is one answer to everything
 * that can be wrong, at about one cost, so that no answer teaches anything.
 */
#include <string.h>

#include <openssl/crypto.h>

#include "key.h"

/* The parts of a token, RFC 7516 7.1 */
enum
{
	PART_HEADER,
	PART_KEY,
	PART_IV,
	PART_CIPHERTEXT,
	PART_TAG,
	PART_COUNT
};

/* ---- encryption ---- */

/* Key management makes these, fresh for each token; a caller's would not be. */
static JoseError
check_callers(const JoseObject *header)
{
	static const char *const ours[] = {"epk", "iv", "tag", "p2s"};
	size_t		i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
	{
		if (jose_object_get(header, ours[i]) != NULL)
			return JOSE_ERR_HEADER;
	}
	return JOSE_OK;
}

static void
append_part(JoseBuf *token, const JoseBuf *part)
{
	jose_buf_append(token, ".", 1);
	jose_b64_append(token, part->data, part->len);
}

/* The header is the additional authenticated data, as it stands in the token. */
static JoseError
seal(const JoseEnc *enc, const JoseBuf *header_text, const JoseBuf *cek, const JoseBuf *encrypted_key,
	 const void *plaintext, size_t len, JoseBuf *token)
{
	JoseBuf		aad = {0};
	JoseBuf		iv = {0};
	JoseBuf		ciphertext = {0};
	JoseBuf		tag = {0};
	JoseError	err;

	jose_b64_append(&aad, header_text->data, header_text->len);
	err = aad.failed ? JOSE_ERR_MEMORY :
		jose_content_encrypt(enc, cek->data, aad.data, aad.len, plaintext, len, &iv, &ciphertext, &tag);
	if (err == JOSE_OK)
	{
		jose_buf_append(token, aad.data, aad.len);
		append_part(token, encrypted_key);
		append_part(token, &iv);
		append_part(token, &ciphertext);
		append_part(token, &tag);
		if (token->failed)
			err = JOSE_ERR_MEMORY;
	}
	jose_buf_free(&aad);
	jose_buf_free(&iv);
	jose_buf_free(&ciphertext);
	jose_buf_free(&tag);
	return err;
}

static JoseError
encrypt(JoseKey *key, const JoseAlg *alg, const JoseEnc *enc, const char *header,
		const JoseObject *callers, const void *plaintext, size_t len, JoseBuf *token)
{
	JoseBuf		cek = {0};
	JoseBuf		encrypted_key = {0};
	JoseBuf		members = {0};
	JoseBuf		text = {0};
	JoseError	err;

	err = alg->wrap->wrap(alg, enc, key, callers, &cek, &encrypted_key, &members);
	if (err == JOSE_OK)
		err = jose_header_write(alg, enc, NULL, key->kid, header, &members, &text);
	if (err == JOSE_OK)
		err = seal(enc, &text, &cek, &encrypted_key, plaintext, len, token);
	jose_buf_free(&cek);
	jose_buf_free(&encrypted_key);
	jose_buf_free(&members);
	jose_buf_free(&text);
	return err;
}

JoseError
jose_jwe_encrypt(JoseKey *key, const JoseAlg *alg, const JoseEnc *enc, const char *header,
				 const void *plaintext, size_t len, JoseBuf *token)
{
	const char *header_text = header != NULL ? header : "{}";
	JoseObject *callers = NULL;
	JoseError	err = jose_key_fits(key, alg, JOSE_OP_ENCRYPT, 0);

	if (err == JOSE_OK)
		err = jose_object_parse(header_text, strlen(header_text), &callers);
	if (err == JOSE_OK)
		err = check_callers(callers);
	if (err == JOSE_OK)
		err = encrypt(key, alg, enc, header, callers, plaintext, len, token);
	if (err != JOSE_OK)
		jose_buf_reset(token);
	jose_object_free(callers);
	return err;
}

/* ---- decryption ---- */

/* A token taken apart; part[PART_HEADER] stays empty, header holds it. */
typedef struct Token
{
	JoseParts	text;
	JoseHeader	header;
	JoseBuf		part[PART_COUNT];
} Token;

static void
token_free(Token *t)
{
	int			i;

	for (i = 0; i < PART_COUNT; i++)
		jose_buf_free(&t->part[i]);
	jose_header_free(&t->header);
}

static JoseError
token_read(const char *token, size_t len, Token *t)
{
	JoseError	err = jose_split(token, len, PART_COUNT, &t->text);
	int			i;

	if (err == JOSE_OK)
		err = jose_header_parse(t->text.part[PART_HEADER], t->text.len[PART_HEADER], true, &t->header);
	for (i = PART_KEY; i < PART_COUNT && err == JOSE_OK; i++)
		err = jose_b64_decode_buf(t->text.part[i], t->text.len[i], &t->part[i]);
	return err;
}

/* The caller's choice of algorithms rules; 0 stands for the keys' own, and for every enc. */
static JoseError
check_allowed(const JoseHeader *header, const JoseKeySet *set, JoseAlgSet algs, JoseAlgSet encs)
{
	if (algs == 0)
		algs = jose_keyset_default_algs(set, JOSE_OP_DECRYPT);
	if ((algs & jose_alg_bit(header->alg)) == 0)
		return JOSE_ERR_ALG_NOT_ALLOWED;
	if (encs != 0 && (encs & jose_enc_bit(header->enc)) == 0)
		return JOSE_ERR_ENC_NOT_ALLOWED;
	return JOSE_OK;
}

/*
 * RFC 7516 11.5: where the encrypted key is wrong in whatever way, go on with
 * a random one, and fail where a wrong ciphertext would.
 */
static JoseError
recover_cek(const Token *t, JoseKey *key, JoseBuf *cek, bool *genuine)
{
	const JoseAlg *alg = t->header.alg;
	const JoseEnc *enc = t->header.enc;
	const JoseBuf *encrypted_key = &t->part[PART_KEY];
	JoseBuf		found = {0};
	JoseError	err = jose_fresh_cek(enc, cek);

	if (err == JOSE_OK)
		err = alg->wrap->unwrap(alg, enc, key, t->header.object, encrypted_key->data, encrypted_key->len, &found);
	*genuine = err == JOSE_OK && found.len == (size_t) enc->cek_bytes;
	if (*genuine)
		memcpy(cek->data, found.data, found.len);
	else if (err == JOSE_ERR_DECRYPT)
		err = JOSE_OK;
	jose_buf_free(&found);
	return err;
}

static JoseError
decrypt(const Token *t, JoseKey *key, JoseBuf *plaintext)
{
	const JoseBuf *iv = &t->part[PART_IV];
	const JoseBuf *ciphertext = &t->part[PART_CIPHERTEXT];
	const JoseBuf *tag = &t->part[PART_TAG];
	JoseBuf		cek = {0};
	bool		genuine;
	JoseError	err = recover_cek(t, key, &cek, &genuine);

	if (err == JOSE_OK)
		err = jose_content_decrypt(t->header.enc, cek.data,
								   t->text.part[PART_HEADER], t->text.len[PART_HEADER],
								   iv->data, iv->len, ciphertext->data, ciphertext->len,
								   tag->data, tag->len, plaintext);
	jose_buf_free(&cek);
	/* what a random key opens is not an answer either */
	if (err == JOSE_OK && !genuine)
		err = JOSE_ERR_DECRYPT;
	return err;
}

/* Try the keys that fit; few, when no kid selects. */
static JoseError
decrypt_with_set(bool (*stop) (void), const Token *t, JoseKeySet *set, JoseBuf *plaintext)
{
	const JoseHeader *header = &t->header;
	int			allowed = jose_pbes2_candidates(header->alg, header->object);
	int			pos = 0;
	int			tried;
	JoseKey    *key;
	JoseError	err = jose_keyset_next(set, header->alg, JOSE_OP_DECRYPT, header->kid, 0, &pos, &key);

	if (err != JOSE_OK)
		return err;
	for (tried = 1; tried <= allowed; tried++)
	{
		if (stop != NULL && stop())
			return JOSE_ERR_CANCELLED;
		err = decrypt(t, key, plaintext);
		if (err != JOSE_ERR_DECRYPT)
			return err;
		if (jose_keyset_next(set, header->alg, JOSE_OP_DECRYPT, header->kid, 0, &pos, &key) != JOSE_OK)
			break;
	}
	return JOSE_ERR_DECRYPT;
}

JoseError
jose_jwe_decrypt(const char *token, size_t len, JoseKeySet *set, JoseAlgSet algs, JoseAlgSet encs,
				 JoseBuf *plaintext)
{
	return jose_jwe_decrypt_unless(NULL, token, len, set, algs, encs, plaintext);
}

JoseError
jose_jwe_decrypt_unless(bool (*stop) (void), const char *token, size_t len, JoseKeySet *set,
						JoseAlgSet algs, JoseAlgSet encs, JoseBuf *plaintext)
{
	Token		t = {0};
	JoseError	err = token_read(token, len, &t);

	if (err == JOSE_OK)
		err = check_allowed(&t.header, set, algs, encs);
	if (err == JOSE_OK)
		err = decrypt_with_set(stop, &t, set, plaintext);
	if (err != JOSE_OK)
		jose_buf_reset(plaintext);
	token_free(&t);
	return err;
}
