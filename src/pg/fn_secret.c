/*
 * fn_secret.c
 *		SQL face: random tokens, their hashes, and comparing without telling where
 *		two values differ.
 */
#include "postgres.h"

#include <openssl/crypto.h>

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "error.h"
#include "hash.h"
#include "random.h"
#include "scoped.h"

#define TOKEN_BYTES		32		/* 256 bits: nobody guesses one, so SHA-256 hides it */
#define USER_CODE_LEN	8

PG_FUNCTION_INFO_V1(oauth_random_token);
PG_FUNCTION_INFO_V1(oauth_random_user_code);
PG_FUNCTION_INFO_V1(oauth_hash_token);
PG_FUNCTION_INFO_V1(oauth_equal);
PG_FUNCTION_INFO_V1(oauth_base64url);

static text *
base64url(const void *data, size_t len)
{
	JoseBuf    *buf = scoped_buf();

	jose_b64_append(buf, data, len);
	/* without memory it is empty, and an empty token is anybody's */
	if (buf->failed)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
	return text_from_utf8(buf->data, buf->len);
}

Datum
oauth_random_token(PG_FUNCTION_ARGS)
{
	unsigned char random[TOKEN_BYTES];
	text	   *token;

	random_bytes(random, sizeof(random));
	token = base64url(random, sizeof(random));
	OPENSSL_cleanse(random, sizeof(random));
	PG_RETURN_TEXT_P(token);
}

/* RFC 8628 6.1: letters that make no words and are not mistaken for each other. */
Datum
oauth_random_user_code(PG_FUNCTION_ARGS)
{
	static const char letters[] = "BCDFGHJKLMNPQRSTVWXZ";
	const int	count = sizeof(letters) - 1;
	char		code[USER_CODE_LEN];
	int			n = 0;

	while (n < USER_CODE_LEN)
	{
		unsigned char random;

		random_bytes(&random, 1);
		/* a remainder would come more often */
		if (random < 256 / count * count)
			code[n++] = letters[random % count];
	}
	PG_RETURN_TEXT_P(cstring_to_text_with_len(code, USER_CODE_LEN));
}

Datum
oauth_hash_token(PG_FUNCTION_ARGS)
{
	bytea	   *hash = palloc(VARHDRSZ + TOKEN_HASH_BYTES);

	SET_VARSIZE(hash, VARHDRSZ + TOKEN_HASH_BYTES);
	hash_token(PG_GETARG_TEXT_PP(0), (unsigned char *) VARDATA(hash));
	PG_RETURN_BYTEA_P(hash);
}

Datum
oauth_equal(PG_FUNCTION_ARGS)
{
	bytea	   *a = PG_GETARG_BYTEA_PP(0);
	bytea	   *b = PG_GETARG_BYTEA_PP(1);
	Size		len = VARSIZE_ANY_EXHDR(a);

	PG_RETURN_BOOL(len == VARSIZE_ANY_EXHDR(b) && CRYPTO_memcmp(VARDATA_ANY(a), VARDATA_ANY(b), len) == 0);
}

Datum
oauth_base64url(PG_FUNCTION_ARGS)
{
	bytea	   *data = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_TEXT_P(base64url(VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data)));
}
