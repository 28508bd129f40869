/*
 * decrypt_fuzz.c
 *		Tokens of five parts: no mutated one decrypts, and none says more than
 *		that once a key is at work.
 */
#include "fuzz.h"

static JoseKeySet *keys;
static FuzzSeeds seeds;

static void
set_up(void)
{
	int			i;

	keys = fuzz_keys();
	seeds = fuzz_seeds("decrypt");
	for (i = 0; i < seeds.count; i++)
	{
		JoseBuf		plaintext = {0};

		FUZZ_MUST(jose_jwe_decrypt((const char *) seeds.seed[i].data, seeds.seed[i].len, keys,
								   ~(JoseAlgSet) 0, 0, &plaintext) == JOSE_OK);
		jose_buf_free(&plaintext);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	JoseBuf		plaintext = {0};
	JoseError	err;

	if (keys == NULL)
		set_up();
	err = jose_jwe_decrypt((const char *) data, size, keys, ~(JoseAlgSet) 0, 0, &plaintext);
	fuzz_check_queue();
	FUZZ_MUST(err != JOSE_ERR_INTERNAL && err != JOSE_ERR_SIGNATURE);
	if (err == JOSE_OK)
	{
		FUZZ_MUST(fuzz_is_seed(&seeds, data, size));
		fuzz_accepted++;
	}
	else
		FUZZ_MUST(plaintext.len == 0);
	jose_buf_free(&plaintext);
	return 0;
}
