/*
 * verify_fuzz.c
 *		Tokens of three parts.  As it comes, a mutated token must not verify:
 *		base64url is read strictly, so two tokens with the same signing input and
 *		signature are the same text.  Then its first two parts are signed anew, to
 *		reach what stands behind the signature.
 */
#include <string.h>

#include "fuzz.h"

static JoseKeySet *keys;
static FuzzSeeds seeds;

static void
set_up(void)
{
	int			i;

	keys = fuzz_keys();
	seeds = fuzz_seeds("verify");
	for (i = 0; i < seeds.count; i++)
	{
		JoseBuf		payload = {0};

		FUZZ_MUST(jose_jws_verify((const char *) seeds.seed[i].data, seeds.seed[i].len, keys, 0, 0, &payload) == JOSE_OK);
		jose_buf_free(&payload);
	}
}

static void
verify_as_it_is(const uint8_t *data, size_t size)
{
	JoseBuf		payload = {0};
	JoseError	err = jose_jws_verify((const char *) data, size, keys, 0, 0, &payload);

	fuzz_check_queue();
	if (err == JOSE_OK)
		FUZZ_MUST(fuzz_is_seed(&seeds, data, size));
	else
		FUZZ_MUST(payload.len == 0);
	jose_buf_free(&payload);
}

/* What verified must be what its parts say: one spelling for header, payload and alg. */
static void
check_accepted(const JoseParts *parts, const JoseBuf *payload)
{
	JoseHeader	header;
	JoseBuf		again = {0};
	const char *alg;

	FUZZ_MUST(jose_header_parse(parts->part[0], parts->len[0], false, &header) == JOSE_OK);
	FUZZ_MUST(jose_object_string(header.object, "alg", &alg) && strcmp(alg, "HS256") == 0);
	if (header.b64)
		jose_b64_append(&again, payload->data, payload->len);
	else
		jose_buf_append(&again, payload->data, payload->len);
	FUZZ_MUST(again.len == parts->len[1] && memcmp(again.data, parts->part[1], again.len) == 0);
	jose_buf_free(&again);
	jose_header_free(&header);
}

static void
verify_signed_anew(const uint8_t *data, size_t size)
{
	JoseKey    *secret = keys->keys[0];
	JoseParts	parts;
	JoseBuf		token = {0};
	JoseBuf		mac = {0};
	JoseBuf		payload = {0};

	if (jose_split((const char *) data, size, 3, &parts) != JOSE_OK)
		return;
	jose_buf_append(&token, data, parts.len[0] + 1 + parts.len[1]);
	FUZZ_MUST(jose_sign(secret, jose_alg_by_name("HS256"), 0, token.data, token.len, &mac) == JOSE_OK);
	jose_buf_puts(&token, ".");
	jose_b64_append(&token, mac.data, mac.len);
	if (jose_jws_verify((const char *) token.data, token.len, keys, ~(JoseAlgSet) 0, 0, &payload) == JOSE_OK)
	{
		check_accepted(&parts, &payload);
		fuzz_accepted++;
	}
	fuzz_check_queue();
	jose_buf_free(&token);
	jose_buf_free(&mac);
	jose_buf_free(&payload);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (keys == NULL)
		set_up();
	verify_as_it_is(data, size);
	verify_signed_anew(data, size);
	return 0;
}
