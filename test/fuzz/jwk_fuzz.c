/*
 * jwk_fuzz.c
 *		Keys and key sets as JSON and as text.  A key that comes in is written
 *		and read again without a change, and its halves belong together.
 */
#include <string.h>

#include "fuzz.h"

static void
check_works(JoseKey *key)
{
	const JoseAlg *alg = jose_key_default_alg(key, JOSE_OP_SIGN);
	JoseBuf		signature = {0};
	JoseError	err;

	if (alg == NULL)
		return;
	err = jose_sign(key, alg, 0, "m", 1, &signature);
	if (err == JOSE_OK && jose_key_fits(key, alg, JOSE_OP_VERIFY, 0) == JOSE_OK)
		FUZZ_MUST(jose_verify(key, alg, 0, "m", 1, signature.data, signature.len) == JOSE_OK);
	else
		FUZZ_MUST(err == JOSE_OK || signature.len == 0);
	jose_buf_free(&signature);
}

static void
check_key(JoseKey *key)
{
	JoseBuf		jwk = fuzz_jwk(key);
	JoseBuf		again;
	JoseBuf		print[2] = {{0}, {0}};
	JoseKey    *copy;

	/* base64 and escapes may make of the longest secret or kid more than we read */
	if (jwk.len > JOSE_MAX_KEY_TEXT)
	{
		jose_buf_free(&jwk);
		return;
	}
	FUZZ_MUST(jose_key_from_jwk((const char *) jwk.data, jwk.len, &copy) == JOSE_OK);
	again = fuzz_jwk(copy);
	FUZZ_MUST(again.len == jwk.len && memcmp(again.data, jwk.data, jwk.len) == 0);
	FUZZ_MUST(jose_key_thumbprint(key, &print[0]) == JOSE_OK);
	FUZZ_MUST(jose_key_thumbprint(copy, &print[1]) == JOSE_OK);
	FUZZ_MUST(print[0].len == 43 && memcmp(print[0].data, print[1].data, 43) == 0);
	FUZZ_MUST(jose_key_bits(key) > 0 && jose_key_bits(key) == jose_key_bits(copy));
	check_works(key);
	jose_buf_free(&jwk);
	jose_buf_free(&again);
	jose_buf_free(&print[0]);
	jose_buf_free(&print[1]);
	jose_key_free(copy);
}

/* Takes the set over; err and set must agree. */
static void
check_set(JoseError err, JoseKeySet *set)
{
	int			i;

	FUZZ_MUST((err == JOSE_OK) == (set != NULL));
	FUZZ_MUST(err != JOSE_ERR_INTERNAL);
	fuzz_check_queue();
	if (set == NULL)
		return;
	FUZZ_MUST(set->count <= JOSE_MAX_KEYS && jose_keyset_footprint(set) > 0);
	for (i = 0; i < set->count; i++)
		check_key(set->keys[i]);
	fuzz_accepted += set->count > 0;
	fuzz_check_queue();
	jose_keyset_free(set);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	JoseKeySet *set;
	JoseKey    *key;
	JoseError	err;

	err = jose_keyset_from_json((const char *) data, size, &set);
	check_set(err, set);
	if (err != JOSE_OK)
	{
		err = jose_keyset_from_text((const char *) data, size, &set);
		check_set(err, set);
	}
	err = jose_key_from_jwk((const char *) data, size, &key);
	FUZZ_MUST((err == JOSE_OK) == (key != NULL));
	fuzz_check_queue();
	jose_key_free(key);
	return 0;
}
