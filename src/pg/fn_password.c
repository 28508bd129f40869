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
#include <openssl/err.h>
#include <openssl/evp.h>

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "compat.h"
#include "error.h"
#include "guc.h"
#include "random.h"
#include "scoped.h"

#define PREFIX			"$scrypt$ln=%u,r=%u,p=%u$"
#define MAX_PASSWORD	1024
#define SALT_LEN		16
#define HASH_LEN		32
#define BLOCK_SIZE		8		/* r */
#define PARALLELIZATION	1		/* p */

/*
 * What a stored row may ask of us: memory is 128 r N and time grows with r N p,
 * so this bounds both, at what the highest oauth_jwt.password_cost takes.
 */
#define MAX_WORK		(UINT64CONST(256) * 1024 * 1024 / 128)
#define MAX_MEMORY		(UINT64CONST(512) * 1024 * 1024)	/* OpenSSL's own included */
#define MAX_LN			20
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
scrypt(const JoseBuf *password, const PasswordHash *with, unsigned char *out)
{
	CHECK_FOR_INTERRUPTS();
	if (EVP_PBE_scrypt((const char *) password->data, password->len, with->salt, with->salt_len,
					   UINT64CONST(1) << with->ln, with->r, with->p, MAX_MEMORY, out, with->hash_len) == 1)
		return;
	ERR_clear_error();
	jwt_raise(JOSE_ERR_INTERNAL, NULL);
}

static uint64
work_of(const PasswordHash *hash)
{
	return (uint64) hash->r * hash->p << hash->ln;
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

/* False for what hash_password would not have written, in spelling or in size. */
static bool
parse_hash(const char *stored, PasswordHash *hash)
{
	unsigned char part[MAX_HASH + 3];
	char		prefix[64];
	int			prefix_len;
	const char *at;

	if (sscanf(stored, PREFIX, &hash->ln, &hash->r, &hash->p) != 3)
		return false;
	/* sscanf lets signs, spaces and zeros pass, and numbers that overflow */
	prefix_len = snprintf(prefix, sizeof(prefix), PREFIX, hash->ln, hash->r, hash->p);
	if (strncmp(stored, prefix, prefix_len) != 0)
		return false;
	/* RFC 7914 2: N is more than 1 and less than 2^(128 r / 8) */
	if (hash->ln < 1 || hash->ln > MAX_LN || hash->r < 1 || hash->ln / 16 >= hash->r ||
		hash->p < 1 || hash->p > MAX_P || work_of(hash) > MAX_WORK)
		return false;
	at = read_part(stored + prefix_len, part, MAX_SALT, &hash->salt_len);
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

/* In UTF-8, so that a hash is good in a database of any encoding; cleansed with its context at the latest. */
static JoseBuf *
password_argument(const text *argument)
{
	JoseBuf    *password = scoped_buf();
	char	   *own = text_to_cstring(argument);
	size_t		own_len = strlen(own);
	char	   *utf8 = pg_server_to_any(own, (int) own_len, PG_UTF8);

	jose_buf_puts(password, utf8);
	if (utf8 != own)
		OPENSSL_cleanse(utf8, strlen(utf8));
	OPENSSL_cleanse(own, own_len);
	if (password->failed)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
	return password;
}

Datum
oauth_hash_password(PG_FUNCTION_ARGS)
{
	JoseBuf    *password = password_argument(PG_GETARG_TEXT_PP(0));
	JoseBuf    *stored = scoped_buf();
	PasswordHash hash;
	char		prefix[64];

	if (password->len > MAX_PASSWORD)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("password is too long"),
						errdetail("It has %zu bytes; %d are allowed.", password->len, MAX_PASSWORD)));
	own_parameters(&hash);
	random_bytes(hash.salt, hash.salt_len);
	scrypt(password, &hash, hash.hash);
	jose_buf_free(password);

	snprintf(prefix, sizeof(prefix), PREFIX, hash.ln, hash.r, hash.p);
	jose_buf_puts(stored, prefix);
	jose_b64_append(stored, hash.salt, hash.salt_len);
	jose_buf_puts(stored, "$");
	jose_b64_append(stored, hash.hash, hash.hash_len);
	OPENSSL_cleanse(&hash, sizeof(hash));
	if (stored->failed)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
	PG_RETURN_TEXT_P(text_from_utf8(stored->data, stored->len));
}

/*
 * The work that a hash of a lower cost saves, done for nothing: scrypt takes
 * time by N, so the bits of what is missing say how often and how long.
 */
static void
make_up_for(const JoseBuf *password, const PasswordHash *hash)
{
	PasswordHash dummy;
	unsigned char unused[HASH_LEN];
	uint64		own;
	uint64		missing;

	own_parameters(&dummy);
	own = work_of(&dummy);
	missing = own > work_of(hash) ? (own - work_of(hash)) / (BLOCK_SIZE * PARALLELIZATION) : 0;
	for (dummy.ln = 1; missing >> dummy.ln != 0; dummy.ln++)
	{
		if (missing >> dummy.ln & 1)
			scrypt(password, &dummy, unused);
	}
	OPENSSL_cleanse(unused, sizeof(unused));
}

/*
 * Without a hash, or with one that cannot be read or is of an older, lower
 * cost, the work is that of a new one: how long an answer takes does not tell
 * who is a user.  A password that is too long is nobody's, and no error, which
 * a log-in would have to explain.
 */
Datum
oauth_verify_password(PG_FUNCTION_ARGS)
{
	PasswordHash hash;
	unsigned char computed[MAX_HASH];
	JoseBuf    *password;
	bool		known;
	bool		equal;

	if (PG_ARGISNULL(0))
		PG_RETURN_BOOL(false);
	password = password_argument(PG_GETARG_TEXT_PP(0));
	known = !PG_ARGISNULL(1) && password->len <= MAX_PASSWORD &&
		parse_hash(text_to_cstring(PG_GETARG_TEXT_PP(1)), &hash);
	if (!known)
		own_parameters(&hash);
	make_up_for(password, &hash);
	scrypt(password, &hash, computed);
	equal = CRYPTO_memcmp(computed, hash.hash, hash.hash_len) == 0;
	jose_buf_free(password);
	OPENSSL_cleanse(computed, sizeof(computed));
	OPENSSL_cleanse(&hash, sizeof(hash));
	PG_RETURN_BOOL(known && equal);
}

/* Does it cost less to guess than a new one would, or share its salt more easily? */
Datum
oauth_password_needs_rehash(PG_FUNCTION_ARGS)
{
	PasswordHash hash;

	if (!parse_hash(text_to_cstring(PG_GETARG_TEXT_PP(0)), &hash))
		PG_RETURN_BOOL(true);
	PG_RETURN_BOOL(hash.ln < (unsigned) guc_password_cost || hash.r < BLOCK_SIZE || hash.salt_len < SALT_LEN);
}
