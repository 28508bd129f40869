/*
 * pbes2.c
 *		Encryption under a password, RFC 7518 4.8: PBKDF2, then AES Key Wrap.
 *
 * The token says how often to hash, and the recipient hashes before it knows
 * whether the token is genuine; so the count is bounded, and read first.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "key.h"

#define SALT_BYTES		16
#define MIN_SALT_BYTES	8		/* RFC 7518 4.8.1.1 */

/*
 * p2c, RFC 7518 4.8.1.2: a plain positive integer.  JSON would spell 1000 as
 * 1e3 or 1000.0 too; nobody honest does, and so nothing here can overflow.
 */
static JoseError
read_count(const JoseMember *member, int *count)
{
	int			n = 0;
	size_t		i;

	if (member->type != JOSE_JSON_NUMBER || member->raw_len > strlen("1000000"))
		return JOSE_ERR_PBES2_COUNT;
	for (i = 0; i < member->raw_len; i++)
	{
		if (member->raw[i] < '0' || member->raw[i] > '9')
			return JOSE_ERR_PBES2_COUNT;
		n = n * 10 + (member->raw[i] - '0');
	}
	if (n < JOSE_MIN_PBES2_COUNT || n > JOSE_MAX_PBES2_COUNT)
		return JOSE_ERR_PBES2_COUNT;
	*count = n;
	return JOSE_OK;
}

/*
 * What OWASP's cheat sheet on password storage asks of PBKDF2 with SHA-256 and
 * SHA-512; SHA-384, which it does not name, costs as SHA-512 and gets more.
 */
static int
default_count(const JoseAlg *alg)
{
	if (strcmp(alg->digest, "SHA256") == 0)
		return 600000;
	if (strcmp(alg->digest, "SHA384") == 0)
		return 500000;
	return 210000;
}

/* RFC 7518 4.8.1.1: the salt is alg's name, a zero byte, and p2s */
static JoseError
derive(const JoseAlg *alg, const JoseKey *key, const JoseBuf *p2s, int count, JoseBuf *kek)
{
	unsigned char *room = jose_buf_grow(kek, (size_t) alg->bytes);
	EVP_MD	   *digest = EVP_MD_fetch(NULL, alg->digest, NULL);
	JoseBuf		salt = {0};
	bool		memory;
	bool		good;

	jose_buf_append(&salt, alg->name, strlen(alg->name) + 1);
	jose_buf_append(&salt, p2s->data, p2s->len);
	memory = room != NULL && !salt.failed;
	good = memory && digest != NULL &&
		key->secret_len <= INT_MAX && salt.len <= INT_MAX &&
		PKCS5_PBKDF2_HMAC((const char *) key->secret, (int) key->secret_len,
						  salt.data, (int) salt.len, count, digest, alg->bytes, room) == 1;
	EVP_MD_free(digest);
	jose_buf_free(&salt);
	if (good)
		return JOSE_OK;
	ERR_clear_error();
	return memory ? JOSE_ERR_INTERNAL : JOSE_ERR_MEMORY;
}

static JoseError
fresh_salt(JoseBuf *p2s)
{
	unsigned char *room = jose_buf_grow(p2s, SALT_BYTES);

	if (room == NULL)
		return JOSE_ERR_MEMORY;
	if (RAND_bytes(room, SALT_BYTES) == 1)
		return JOSE_OK;
	ERR_clear_error();
	return JOSE_ERR_INTERNAL;
}

/* The caller's own p2c stands in the header already. */
static JoseError
write_members(const JoseBuf *p2s, const JoseMember *callers_count, int count, JoseBuf *members)
{
	char		text[32];

	jose_jwk_write_bytes(members, "p2s", p2s->data, p2s->len);
	if (callers_count == NULL)
	{
		snprintf(text, sizeof(text), ",\"p2c\":%d", count);
		jose_buf_puts(members, text);
	}
	return members->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

static JoseError
pbes2_wrap(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
		   JoseBuf *cek, JoseBuf *encrypted_key, JoseBuf *members)
{
	const JoseMember *callers_count = jose_object_get(header, "p2c");
	int			count = default_count(alg);
	JoseBuf		p2s = {0};
	JoseBuf		kek = {0};
	JoseError	err = JOSE_OK;

	if (callers_count != NULL)
		err = read_count(callers_count, &count);
	if (err == JOSE_OK)
		err = fresh_salt(&p2s);
	if (err == JOSE_OK)
		err = write_members(&p2s, callers_count, count, members);
	if (err == JOSE_OK)
		err = derive(alg, key, &p2s, count, &kek);
	if (err == JOSE_OK)
		err = jose_fresh_cek(enc, cek);
	if (err == JOSE_OK)
		err = jose_aes_wrap(alg->cipher, kek.data, cek->data, cek->len, encrypted_key);
	jose_buf_free(&p2s);
	jose_buf_free(&kek);
	return err;
}

static JoseError
read_salt(const JoseObject *header, JoseBuf *p2s)
{
	JoseError	err = jose_jwk_bytes(header, "p2s", false, p2s);

	if (err == JOSE_ERR_MEMORY)
		return err;
	return err == JOSE_OK && p2s->len >= MIN_SALT_BYTES ? JOSE_OK : JOSE_ERR_DECRYPT;
}

static JoseError
pbes2_unwrap(const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
			 const unsigned char *encrypted_key, size_t len, JoseBuf *cek)
{
	const JoseMember *member = jose_object_get(header, "p2c");
	int			count = 0;
	JoseBuf		p2s = {0};
	JoseBuf		kek = {0};
	JoseError	err = member != NULL ? read_count(member, &count) : JOSE_ERR_PBES2_COUNT;

	if (err == JOSE_OK)
		err = read_salt(header, &p2s);
	if (err == JOSE_OK)
		err = derive(alg, key, &p2s, count, &kek);
	if (err == JOSE_OK)
		err = jose_aes_unwrap(alg->cipher, kek.data, encrypted_key, len, cek);
	jose_buf_free(&p2s);
	jose_buf_free(&kek);
	return err;
}

/* Each password costs the whole count, so many passwords are tried only where it is small. */
int
jose_pbes2_candidates(const JoseAlg *alg, const JoseObject *header)
{
	const JoseMember *member = jose_object_get(header, "p2c");
	int			count = 0;
	int			allowed;

	if (alg->wrap != &jose_pbes2_ops || member == NULL || read_count(member, &count) != JOSE_OK)
		return JOSE_MAX_CANDIDATES;
	allowed = JOSE_MAX_PBES2_TOTAL / count;
	return allowed < JOSE_MAX_CANDIDATES ? allowed : JOSE_MAX_CANDIDATES;
}

const JoseWrapOps jose_pbes2_ops = {
	.wrap = pbes2_wrap,
	.unwrap = pbes2_unwrap,
	.encrypt_ops = JOSE_KEYOP_WRAP | JOSE_KEYOP_DERIVE_KEY | JOSE_KEYOP_DERIVE_BITS,
	.decrypt_ops = JOSE_KEYOP_UNWRAP | JOSE_KEYOP_DERIVE_KEY | JOSE_KEYOP_DERIVE_BITS
};
