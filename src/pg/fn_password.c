/*
 * fn_password.c
 *		SQL face: passwords, kept as scrypt (RFC 7914) with its parameters:
 *
 *		$scrypt$ln=15,r=8,p=1$SALT$HASH		(base64url)
 *
 * A hash takes a tenth of a second or so, in which OpenSSL cannot be
 * interrupted.
 */
#include "postgres.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "compat.h"
#include "error.h"
#include "guc.h"
#include "scoped.h"

#define MAX_PASSWORD	1024
#define SALT_LEN		16
#define HASH_LEN		32
#define BLOCK_SIZE		8		/* r */
#define PARALLELIZATION	1		/* p */

/* What a stored row may ask of us: 256 MB and a few seconds at most. */
#define MAX_MEMORY		(UINT64CONST(256) * 1024 * 1024)
#define MAX_P			16
#define MAX_SALT		64
#define MAX_HASH		64

typedef struct PasswordHash
{
	unsigned	ln;				/* log2 N */
	unsigned	r;
	unsigned	p;
	unsigned char salt[MAX_SALT];
	size_t		salt_len;
	unsigned char hash[MAX_HASH];
	size_t		hash_len;
} PasswordHash;

PG_FUNCTION_INFO_V1(oauth_hash_password);
PG_FUNCTION_INFO_V1(oauth_verify_password);
PG_FUNCTION_INFO_V1(oauth_password_needs_rehash);

static void
scrypt(const char *password, size_t len, const PasswordHash *with, unsigned char *out)
{
	int			done;

	CHECK_FOR_INTERRUPTS();
	/* twice the memory that RFC 7914 5 counts leaves OpenSSL its own */
	done = EVP_PBE_scrypt(password, len, with->salt, with->salt_len, UINT64CONST(1) << with->ln, with->r, with->p,
						  MAX_MEMORY * 2, out, with->hash_len);
	if (done != 1)
		jwt_raise(JOSE_ERR_INTERNAL, NULL);
	CHECK_FOR_INTERRUPTS();
}

/* A part up to a dollar sign or the end; the end of it, NULL when it is no base64url of a fitting size. */
static const char *
read_part(const char *stored, unsigned char *out, size_t max, size_t *len)
{
	size_t		text_len = strcspn(stored, "$");

	if (JOSE_B64_DECODED_MAX(text_len) > max + 2 || !jose_b64_decode(stored, text_len, out, len) || *len > max)
		return NULL;
	return stored + text_len;
}

static bool
parse_hash(const char *stored, PasswordHash *hash)
{
	unsigned char part[MAX_HASH + 3];
	int			used = 0;
	const char *at;

	if (sscanf(stored, "$scrypt$ln=%2u,r=%2u,p=%2u$%n", &hash->ln, &hash->r, &hash->p, &used) != 3 || used == 0)
		return false;
	if (hash->ln < 1 || hash->ln > 20 || hash->r < 1 || hash->p < 1 || hash->p > MAX_P ||
		(UINT64CONST(128) * hash->r << hash->ln) > MAX_MEMORY)
		return false;
	at = read_part(stored + used, part, MAX_SALT, &hash->salt_len);
	if (at == NULL || *at != '$')
		return false;
	memcpy(hash->salt, part, hash->salt_len);
	at = read_part(at + 1, part, MAX_HASH, &hash->hash_len);
	if (at == NULL || *at != '\0' || hash->hash_len < HASH_LEN)
		return false;
	memcpy(hash->hash, part, hash->hash_len);
	return true;
}

/* Parameters of our own, for a new hash and for a log-in that has none to compare with. */
static void
own_parameters(PasswordHash *hash)
{
	memset(hash, 0, sizeof(*hash));
	hash->ln = (unsigned) guc_password_cost;
	hash->r = BLOCK_SIZE;
	hash->p = PARALLELIZATION;
	hash->salt_len = SALT_LEN;
	hash->hash_len = HASH_LEN;
}

static char *
password_argument(const text *password, size_t *len)
{
	char	   *utf8 = text_to_utf8(password, len);

	if (*len > MAX_PASSWORD)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("password is too long"),
						errdetail("It has %zu bytes; %d are allowed.", *len, MAX_PASSWORD)));
	return utf8;
}

Datum
oauth_hash_password(PG_FUNCTION_ARGS)
{
	size_t		len;
	char	   *password = password_argument(PG_GETARG_TEXT_PP(0), &len);
	PasswordHash hash;
	JoseBuf    *salt = scoped_buf();
	JoseBuf    *out = scoped_buf();
	StringInfoData stored;

	own_parameters(&hash);
	if (!pg_strong_random(hash.salt, hash.salt_len))
		jwt_raise(JOSE_ERR_INTERNAL, NULL);
	scrypt(password, len, &hash, hash.hash);
	OPENSSL_cleanse(password, len);

	jose_b64_append(salt, hash.salt, hash.salt_len);
	jose_b64_append(out, hash.hash, hash.hash_len);
	initStringInfo(&stored);
	appendStringInfo(&stored, "$scrypt$ln=%u,r=%u,p=%u$%.*s$%.*s", hash.ln, hash.r, hash.p,
					 (int) salt->len, (char *) salt->data, (int) out->len, (char *) out->data);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(stored.data, stored.len));
}

/*
 * Without a hash, or with one that cannot be read, the same work is done for
 * nothing: how long an answer takes does not tell who is a user.
 */
Datum
oauth_verify_password(PG_FUNCTION_ARGS)
{
	PasswordHash hash;
	unsigned char computed[MAX_HASH];
	size_t		len;
	char	   *password;
	bool		known;
	bool		equal;

	if (PG_ARGISNULL(0))
		PG_RETURN_BOOL(false);
	password = password_argument(PG_GETARG_TEXT_PP(0), &len);
	known = !PG_ARGISNULL(1) && parse_hash(text_to_cstring(PG_GETARG_TEXT_PP(1)), &hash);
	if (!known)
		own_parameters(&hash);
	scrypt(password, len, &hash, computed);
	equal = CRYPTO_memcmp(computed, hash.hash, hash.hash_len) == 0;
	OPENSSL_cleanse(password, len);
	OPENSSL_cleanse(computed, sizeof(computed));
	OPENSSL_cleanse(&hash, sizeof(hash));
	PG_RETURN_BOOL(known && equal);
}

/* Does it cost less to guess than a new one would? */
Datum
oauth_password_needs_rehash(PG_FUNCTION_ARGS)
{
	PasswordHash hash;

	if (!parse_hash(text_to_cstring(PG_GETARG_TEXT_PP(0)), &hash))
		PG_RETURN_BOOL(true);
	PG_RETURN_BOOL(hash.ln < (unsigned) guc_password_cost || hash.r < BLOCK_SIZE || hash.p < PARALLELIZATION);
}
