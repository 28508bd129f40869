/*
 * pem_fuzz.c
 *		PEM: a key that comes in is written and read again without a change.
 */
#include <string.h>

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	JoseKey    *key;
	JoseKey    *copy;
	JoseBuf		pem = {0};
	JoseBuf		jwk;
	JoseBuf		again;
	JoseError	err = jose_key_from_pem((const char *) data, size, &key);

	FUZZ_MUST((err == JOSE_OK) == (key != NULL));
	FUZZ_MUST(err != JOSE_ERR_INTERNAL);
	fuzz_check_queue();
	if (err != JOSE_OK)
		return 0;

	FUZZ_MUST(jose_key_to_pem(key, &pem) == JOSE_OK);
	FUZZ_MUST(jose_key_from_pem((const char *) pem.data, pem.len, &copy) == JOSE_OK);
	jwk = fuzz_jwk(key);
	again = fuzz_jwk(copy);
	FUZZ_MUST(jwk.len == again.len && memcmp(jwk.data, again.data, jwk.len) == 0);
	fuzz_check_queue();
	fuzz_accepted++;
	jose_buf_free(&pem);
	jose_buf_free(&jwk);
	jose_buf_free(&again);
	jose_key_free(key);
	jose_key_free(copy);
	return 0;
}
