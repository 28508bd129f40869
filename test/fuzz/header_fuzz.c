/*
 * header_fuzz.c
 *		Headers' JSON.  One that is read says what its members say, and what a
 *		caller's header becomes is read again.
 */
#include <string.h>

#include "fuzz.h"

/* Write a header from the input as a caller's, and read it. */
static void
check_writing(const char *text, const JoseHeader *header)
{
	JoseBuf		out = {0};
	JoseBuf		b64 = {0};
	JoseHeader	again;
	JoseError	err = jose_header_write(header->alg, header->enc, "JWT", "k", text, NULL, &out);

	/* it may have grown too long, but for that it is as good as it was */
	FUZZ_MUST(err == JOSE_OK || err == JOSE_ERR_TOO_LARGE);
	if (err == JOSE_OK)
	{
		jose_b64_append(&b64, out.data, out.len);
		FUZZ_MUST(jose_header_parse((const char *) b64.data, b64.len, header->enc != NULL, &again) == JOSE_OK);
		FUZZ_MUST(again.alg == header->alg && again.enc == header->enc && again.b64 == header->b64);
		FUZZ_MUST(header->kid == NULL || strcmp(again.kid, header->kid) == 0);
		FUZZ_MUST(header->typ == NULL || strcmp(again.typ, header->typ) == 0);
		FUZZ_MUST(header->kid != NULL || strcmp(again.kid, "k") == 0);
		jose_header_free(&again);
	}
	jose_buf_free(&out);
	jose_buf_free(&b64);
}

static void
check_reading(const JoseBuf *b64, const JoseBuf *text, bool jwe)
{
	JoseHeader	header;
	const char *name;

	if (jose_header_parse((const char *) b64->data, b64->len, jwe, &header) == JOSE_OK)
	{
		FUZZ_MUST(jose_object_string(header.object, "alg", &name) && strcmp(name, jose_alg_name(header.alg)) == 0);
		FUZZ_MUST(jose_alg_is_signature(header.alg) != jwe && (header.enc != NULL) == jwe);
		FUZZ_MUST(header.b64 || jose_object_get(header.object, "crit") != NULL);
		FUZZ_MUST(header.object->count <= JOSE_MAX_MEMBERS && header.text.len <= JOSE_MAX_HEADER);
		FUZZ_MUST(header.text.len == text->len && memcmp(header.text.data, text->data, text->len) == 0);
		check_writing((const char *) text->data, &header);
		fuzz_accepted++;
	}
	jose_header_free(&header);
	fuzz_check_queue();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	JoseBuf		text = {0};
	JoseBuf		b64 = {0};
	JoseHeader	header;

	jose_buf_append(&text, data, size);
	jose_b64_append(&b64, data, size);
	check_reading(&b64, &text, false);
	check_reading(&b64, &text, true);

	/* and as if it were base64url already */
	jose_header_parse((const char *) text.data, text.len, false, &header);
	jose_header_free(&header);
	jose_buf_free(&text);
	jose_buf_free(&b64);
	return 0;
}
