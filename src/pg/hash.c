/*
 * hash.c
 *		SHA-256 of tokens and secrets, as they are stored.
 */
#include "postgres.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "error.h"
#include "hash.h"
#include "scoped.h"

void
hash_token(const text *token, unsigned char hash[TOKEN_HASH_BYTES])
{
	size_t		len;
	char	   *utf8 = text_to_utf8(token, &len);

	if (EVP_Digest(utf8, len, hash, NULL, EVP_sha256(), NULL) != 1)
	{
		ERR_clear_error();
		jwt_raise(JOSE_ERR_INTERNAL, NULL);
	}
}
