/*
 * jws.c
 *		JWS in compact form, RFC 7515 7.1, with RFC 7797's unencoded payload.
 */
#include <string.h>

#include "key.h"

JoseError
jose_split(const char *token, size_t len, int n, JoseParts *parts)
{
	const char *end = token + len;
	const char *start = token;
	int			i;

	memset(parts, 0, sizeof(*parts));
	for (i = 0; i < n; i++)
	{
		const char *dot = memchr(start, '.', (size_t) (end - start));

		/* every part but the last ends in a dot, and the last has none */
		if ((dot == NULL) != (i == n - 1))
			return JOSE_ERR_PARTS;
		parts->part[i] = start;
		parts->len[i] = (size_t) ((dot != NULL ? dot : end) - start);
		start = dot != NULL ? dot + 1 : end;
	}
	return JOSE_OK;
}

/*
 * RFC 7797 5.2: in compact form an unencoded payload is printable ASCII
 * without the dot.
 */
static bool
is_plain_payload(const char *payload, size_t len)
{
	size_t		i;

	for (i = 0; i < len; i++)
	{
		if (payload[i] < 0x20 || payload[i] > 0x7e || payload[i] == '.')
			return false;
	}
	return true;
}

/* RFC 7797: does the header that begins the token leave the payload encoded? */
static JoseError
read_b64(const JoseBuf *token, bool *b64)
{
	JoseHeader	header = {0};
	JoseError	err = jose_header_parse((const char *) token->data, token->len, false, &header);

	*b64 = header.b64;
	jose_header_free(&header);
	return err;
}

static JoseError
append_payload(JoseBuf *token, bool b64, const void *payload, size_t len)
{
	if (!b64 && !is_plain_payload(payload, len))
		return JOSE_ERR_PAYLOAD;
	jose_buf_append(token, ".", 1);
	if (b64)
		jose_b64_append(token, payload, len);
	else
		jose_buf_append(token, payload, len);
	return token->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

static JoseError
append_signature(JoseKey *key, const JoseAlg *alg, unsigned flags, JoseBuf *token)
{
	JoseBuf		signature = {0};
	JoseError	err = jose_sign(key, alg, flags, token->data, token->len, &signature);

	if (err == JOSE_OK)
	{
		jose_buf_append(token, ".", 1);
		jose_b64_append(token, signature.data, signature.len);
		err = token->failed ? JOSE_ERR_MEMORY : JOSE_OK;
	}
	jose_buf_free(&signature);
	return err;
}

JoseError
jose_jws_sign(JoseKey *key, const JoseAlg *alg, unsigned flags, const char *header, const char *typ,
			  const void *payload, size_t len, JoseBuf *token)
{
	JoseBuf		text = {0};
	bool		b64 = true;
	JoseError	err;

	if (alg->sig == NULL)
		return JOSE_ERR_KEY_ALG;
	err = jose_header_write(alg, NULL, typ, key->kid, header, NULL, &text);
	jose_b64_append(token, text.data, text.len);
	if (err == JOSE_OK && token->failed)
		err = JOSE_ERR_MEMORY;
	/* only a caller's header can hold a b64 */
	if (err == JOSE_OK && header != NULL)
		err = read_b64(token, &b64);
	if (err == JOSE_OK)
		err = append_payload(token, b64, payload, len);
	if (err == JOSE_OK)
		err = append_signature(key, alg, flags, token);
	if (err != JOSE_OK)
		jose_buf_reset(token);
	jose_buf_free(&text);
	return err;
}

static JoseError
verify_parts(const JoseParts *parts, const JoseHeader *header, JoseKeySet *set, JoseAlgSet algs,
			 unsigned flags, JoseBuf *payload)
{
	JoseBuf		signature = {0};
	JoseError	err;

	if (algs == 0)
		algs = jose_keyset_default_algs(set, JOSE_OP_VERIFY);
	if ((algs & jose_alg_bit(header->alg)) == 0)
		return JOSE_ERR_ALG_NOT_ALLOWED;
	if (!header->b64 && !is_plain_payload(parts->part[1], parts->len[1]))
		return JOSE_ERR_PAYLOAD;

	err = jose_b64_decode_buf(parts->part[2], parts->len[2], &signature);
	if (err == JOSE_OK)
		err = jose_keyset_verify(set, header->alg, header->kid, flags,
								 parts->part[0], parts->len[0] + 1 + parts->len[1],
								 signature.data, signature.len, NULL);
	jose_buf_free(&signature);
	if (err != JOSE_OK)
		return err;

	if (header->b64)
		return jose_b64_decode_buf(parts->part[1], parts->len[1], payload);
	jose_buf_append(payload, parts->part[1], parts->len[1]);
	return payload->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

JoseError
jose_jws_verify(const char *token, size_t len, JoseKeySet *set, JoseAlgSet algs,
				unsigned flags, JoseBuf *payload)
{
	JoseParts	parts;
	JoseHeader	header = {0};
	JoseError	err = jose_split(token, len, 3, &parts);

	if (err == JOSE_OK)
		err = jose_header_parse(parts.part[0], parts.len[0], false, &header);
	if (err == JOSE_OK)
		err = verify_parts(&parts, &header, set, algs, flags, payload);
	jose_header_free(&header);
	return err;
}
