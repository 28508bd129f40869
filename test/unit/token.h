/*
 * token.h
 *		Tokens made by hand, so that everything about them but the signature may
 *		be wrong, and verified so that a failure must leave no payload.  Included
 *		after crypt.h.
 */
#ifndef UNIT_TOKEN_H
#define UNIT_TOKEN_H

#define SECRET	"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
#define OCT		"{\"kty\":\"oct\",\"k\":\"" SECRET "\"}"

#define ALL_ALGS	(~(JoseAlgSet) 0)

/* Any header's bytes and any second part, under a good signature; the header need not name alg. */
UNUSED static JoseBuf
token_signed_by(JoseKey *key, const char *alg, const void *header, size_t header_len, const char *payload)
{
	JoseBuf		token = {0};
	JoseBuf		signature = {0};

	jose_b64_append(&token, header, header_len);
	jose_buf_puts(&token, ".");
	jose_buf_puts(&token, payload);
	if (jose_sign(key, alg_of(alg), JOSE_ALLOW_SHORT_HMAC, token.data, token.len, &signature) != JOSE_OK)
		bail("cannot sign with", alg);
	jose_buf_puts(&token, ".");
	jose_b64_append(&token, signature.data, signature.len);
	jose_buf_free(&signature);
	return token;
}

/* The same with HS256 and a JWK. */
UNUSED static JoseBuf
token_signed_with(const char *jwk, const char *header, const char *payload)
{
	JoseKey    *key = key_of(jwk);
	JoseBuf		token = token_signed_by(key, "HS256", header, strlen(header), payload);

	jose_key_free(key);
	return token;
}

UNUSED static JoseError
verify_token(const char *token, size_t len, JoseKeySet *set, JoseAlgSet algs)
{
	JoseBuf		payload = {0};
	JoseError	err = jose_jws_verify(token, len, set, algs, 0, &payload);

	if (err != JOSE_OK && payload.len != 0)
		err = JOSE_ERR_COUNT;	/* no caller expects this */
	jose_buf_free(&payload);
	return err;
}

/* With keys as JSON. */
UNUSED static JoseError
verify_text(const char *token, const char *keys, JoseAlgSet algs)
{
	JoseKeySet *set = set_of(keys);
	JoseError	err = verify_token(token, strlen(token), set, algs);

	jose_keyset_free(set);
	return err;
}

#endif							/* UNIT_TOKEN_H */
