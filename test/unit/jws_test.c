/*
 * jws_test.c
 *		JWS in compact form: the appendices of RFC 7515, RFC 7797 and RFC 8037,
 *		and each answer that signing and verifying can give.
 */
#include <stdlib.h>

#include "tap.h"
#include "crypt.h"
#include "leaks.h"
#include "token.h"
#include "vectors.h"

#define P256D	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
				"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}"

#define LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

/* Verify, and keep the payload; on failure it must be empty. */
static JoseError
verify_set(const char *token, size_t len, JoseKeySet *set, JoseAlgSet algs, JoseBuf *payload)
{
	JoseError	err = jose_jws_verify(token, len, set, algs, 0, payload);

	return err != JOSE_OK && payload->len != 0 ? JOSE_ERR_COUNT : err;
}

static JoseError
verify_signed(const char *header, const char *encoded_payload)
{
	JoseBuf		token = token_signed_with(OCT, header, encoded_payload);
	JoseError	err = verify_text((char *) token.data, OCT, 0);

	jose_buf_free(&token);
	return err;
}

/* ---- the RFCs' examples ---- */

/* RFC 7515 F, RFC 7797 5.1: the payload's place is empty in the token, full in what was signed */
static void
check_detached(const char *id, const JoseObject *vector, JoseKeySet *set, const JoseBuf *payload)
{
	const char *token = vector_string(vector, "token");
	const JoseAlg *alg = alg_of(vector_string(vector, "alg"));
	JoseParts	parts;
	JoseHeader	header = {0};
	JoseBuf		message = {0};
	JoseBuf		signature = {0};

	ok(jose_split(token, strlen(token), 3, &parts) == JOSE_OK && parts.len[1] == 0 &&
	   jose_header_parse(parts.part[0], parts.len[0], false, &header) == JOSE_OK &&
	   jose_b64_decode_buf(parts.part[2], parts.len[2], &signature) == JOSE_OK, "%s: read", id);
	jose_buf_append(&message, parts.part[0], parts.len[0]);
	jose_buf_puts(&message, ".");
	if (header.b64)
		jose_b64_append(&message, payload->data, payload->len);
	else
		jose_buf_append(&message, payload->data, payload->len);
	is_err(jose_verify(set->keys[0], alg, 0, message.data, message.len, signature.data, signature.len),
		   JOSE_OK, id);
	is_err(verify_text(token, OCT, 0), JOSE_ERR_SIGNATURE,
		   "... which does not verify without it");
	jose_header_free(&header);
	jose_buf_free(&message);
	jose_buf_free(&signature);
}

static void
check_vector(const JoseObject *vector)
{
	const char *id = vector_string(vector, "id");
	const char *token = vector_string(vector, "token");
	const char *expect = vector_string(vector, "expect");
	const JoseAlg *alg = jose_alg_by_name(vector_string(vector, "alg"));
	JoseAlgSet	algs = alg != NULL ? jose_alg_bit(alg) : ~(JoseAlgSet) 0;
	JoseKeySet *set = vector_keys(vector);
	JoseBuf		expected = from_b64(vector_string(vector, "payload"));
	JoseBuf		payload = {0};

	if (strcmp(expect, "valid") == 0)
	{
		is_err(verify_set(token, strlen(token), set, algs, &payload), JOSE_OK, id);
		is_buf(&payload, &expected, "... its payload");
	}
	else if (strcmp(expect, "detached") == 0)
		check_detached(id, vector, set, &expected);
	else
		ok(verify_set(token, strlen(token), set, algs, &payload) != JOSE_OK, "%s: refused", id);
	jose_buf_free(&payload);
	jose_buf_free(&expected);
	jose_keyset_free(set);
}

/* ---- parts ---- */

static void
test_split(void)
{
	static const struct
	{
		const char *token;
		int			n;
		JoseError	err;
	}			cases[] = {
		{"a.b.c", 3, JOSE_OK}, {"..", 3, JOSE_OK}, {"a..", 3, JOSE_OK}, {"....", 5, JOSE_OK},
		{"", 3, JOSE_ERR_PARTS}, {".", 3, JOSE_ERR_PARTS}, {"a", 3, JOSE_ERR_PARTS}, {"a.b", 3, JOSE_ERR_PARTS},
		{"...", 3, JOSE_ERR_PARTS}, {"a.b.c.", 3, JOSE_ERR_PARTS}, {"a.b.c.d", 3, JOSE_ERR_PARTS},
		{"a.b.c.d.e", 3, JOSE_ERR_PARTS}, {"a.b.c", 5, JOSE_ERR_PARTS}, {"a.b.c.d", 5, JOSE_ERR_PARTS},
		{"a.b.c.d.e.f", 5, JOSE_ERR_PARTS}
	};
	JoseParts	parts;
	int			i;

	for (i = 0; i < LENGTH(cases); i++)
	{
		char		name[64];

		snprintf(name, sizeof(name), "\"%s\" in %d", cases[i].token, cases[i].n);
		is_err(jose_split(cases[i].token, strlen(cases[i].token), cases[i].n, &parts), cases[i].err, name);
	}
	jose_split("ab..c.d", 5, 3, &parts);
	ok(parts.len[0] == 2 && parts.len[1] == 0 && parts.len[2] == 1 && *parts.part[2] == 'c',
	   "parts are where the dots say, and end where the length says");
}

/* ---- signing ---- */

static void
is_signed(const char *jwk, const char *header, const char *typ, const char *payload, const char *expected)
{
	JoseKey    *key = key_of(jwk);
	JoseBuf		token = {0};

	is_err(jose_jws_sign(key, alg_of("HS256"), 0, header, typ, payload, strlen(payload), &token), JOSE_OK, "signed");
	is_str((char *) token.data, expected, "... as it should be");
	jose_buf_free(&token);
	jose_key_free(key);
}

static void
sign_fails(const char *jwk, const char *alg, const char *header, const char *payload, JoseError err,
		   const char *name)
{
	JoseKey    *key = key_of(jwk);
	JoseBuf		token = {0};

	is_err(jose_jws_sign(key, alg_of(alg), 0, header, NULL, payload, strlen(payload), &token), err, name);
	ok(token.len == 0, "... and nothing is written");
	jose_buf_free(&token);
	jose_key_free(key);
}

static void
test_signing(void)
{
	is_signed(OCT, NULL, NULL, "$.02", "eyJhbGciOiJIUzI1NiJ9.JC4wMg.5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ");

	sign_fails(OCT, "dir", NULL, "{}", JOSE_ERR_KEY_ALG, "an algorithm that does not sign");
	sign_fails(OCT, "ES256", NULL, "{}", JOSE_ERR_KEY_ALG, "an algorithm of another type");
	sign_fails("{\"kty\":\"oct\",\"k\":\"AAAA\"}", "HS256", NULL, "{}", JOSE_ERR_KEY_SHORT, "a short secret");
	sign_fails("{\"kty\":\"oct\",\"use\":\"enc\",\"k\":\"" SECRET "\"}", "HS256", NULL, "{}", JOSE_ERR_KEY_USE,
			   "a key for encryption");
	sign_fails(OCT, "HS256", "{\"alg\":\"HS512\"}", "{}", JOSE_ERR_HEADER, "a header of another alg");
	sign_fails(OCT, "HS256", "{\"alg\":\"none\"}", "{}", JOSE_ERR_HEADER, "a header of no alg");
	sign_fails(OCT, "HS256", "[]", "{}", JOSE_ERR_JSON, "a header that is no object");
	sign_fails(OCT, "HS256", "{\"a\":1,\"a\":1}", "{}", JOSE_ERR_JSON_DUPLICATE, "a header with a member twice");
	sign_fails(OCT, "HS256", "{\"crit\":[\"exp\"],\"exp\":1}", "{}", JOSE_ERR_CRIT, "a header we would not read");
}

/* kid and typ come into the header, and the header comes back. */
static void
test_header(void)
{
	JoseKey    *key = key_of("{\"kty\":\"oct\",\"kid\":\"k \\u00e9\",\"k\":\"" SECRET "\"}");
	JoseBuf		token = {0};
	JoseParts	parts;
	JoseHeader	header = {0};

	jose_jws_sign(key, alg_of("HS384"), 0, "{\"cty\":\"x\"}", "JWT", "{}", 2, &token);
	jose_split((char *) token.data, token.len, 3, &parts);
	is_err(jose_header_parse(parts.part[0], parts.len[0], false, &header), JOSE_OK, "a header of ours");
	is_str(jose_alg_name(header.alg), "HS384", "alg");
	is_str(header.kid, "k \xc3\xa9", "kid is the key's");
	is_str(header.typ, "JWT", "typ is the default");
	is_str(header.cty, "x", "cty is the caller's");
	jose_header_free(&header);
	jose_buf_free(&token);
	jose_key_free(key);
}

static void
test_payloads(void)
{
	static const char odd[] = "\0.\n\xff{}";
	JoseKey    *key = key_of(OCT);
	JoseKeySet *set = set_of(OCT);
	JoseBuf		token = {0};
	JoseBuf		payload = {0};

	jose_jws_sign(key, alg_of("HS256"), 0, NULL, NULL, "", 0, &token);
	is_err(verify_set((char *) token.data, token.len, set, 0, &payload), JOSE_OK, "an empty payload");
	ok(payload.len == 0, "... is empty");
	jose_buf_reset(&token);
	jose_jws_sign(key, alg_of("HS256"), 0, NULL, NULL, odd, sizeof(odd), &token);
	is_err(verify_set((char *) token.data, token.len, set, 0, &payload), JOSE_OK, "octets of all sorts");
	is_mem(payload.data, payload.len, odd, sizeof(odd), "... come back");
	jose_buf_free(&token);
	jose_buf_free(&payload);
	jose_key_free(key);
	jose_keyset_free(set);
}

/* ---- RFC 7797 ---- */

#define UNENCODED	"{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}"

static void
test_unencoded(void)
{
	static const char caller[] = "{\"b64\":false,\"crit\":[\"b64\"]}";

	is_signed(OCT, caller, NULL, "This is the payload string!",
			  "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19.This is the payload string!."
			  "ciks0B6Hs-amhOqxI5_iG6mPKnMDlWCb7J2Wu7mtIcg");
	sign_fails(OCT, "HS256", caller, "$.02", JOSE_ERR_PAYLOAD, "RFC 7797 5.2: no dot");
	sign_fails(OCT, "HS256", caller, "a\nb", JOSE_ERR_PAYLOAD, "... no control character");
	sign_fails(OCT, "HS256", caller, "a\x7f", JOSE_ERR_PAYLOAD, "... nor the one at the end of ASCII");
	sign_fails(OCT, "HS256", caller, "\xc3\xa9", JOSE_ERR_PAYLOAD, "... nothing but ASCII");
	sign_fails(OCT, "HS256", "{\"b64\":false}", "a", JOSE_ERR_CRIT, "6: critical, or refused");

	is_err(verify_signed(UNENCODED, "all of ASCII: ~ !/=+"), JOSE_OK, "verified as it stands");
	is_err(verify_signed(UNENCODED, ""), JOSE_OK, "... empty too");
	is_err(verify_signed(UNENCODED, "a\nb"), JOSE_ERR_PAYLOAD, "a control character, though signed");
	is_err(verify_signed(UNENCODED, "\xc3\xa9"), JOSE_ERR_PAYLOAD, "no ASCII, though signed");
	is_err(verify_signed(UNENCODED, "a.b"), JOSE_ERR_PARTS, "a dot, though signed");
	is_err(verify_signed("{\"alg\":\"HS256\",\"b64\":true,\"crit\":[\"b64\"]}", "e30"), JOSE_OK, "b64 true, critical");
	is_err(verify_signed("{\"alg\":\"HS256\",\"b64\":true}", "e30"), JOSE_OK, "b64 true, and not");
	is_err(verify_signed("{\"alg\":\"HS256\",\"b64\":true}", "e30="), JOSE_ERR_BASE64, "... is encoded");
}

/* ---- verifying ---- */

/* Whatever is wrong but the signature itself stands under a good signature here. */
static void
test_answers(void)
{
	JoseAlgSet	hs512 = jose_alg_bit(alg_of("HS512"));
	JoseAlgSet	hs256 = jose_alg_bit(alg_of("HS256"));
	JoseBuf		token = token_signed_with(OCT, "{\"alg\":\"HS256\",\"kid\":\"k\"}", "e30");
	const char *text = (char *) token.data;

	is_err(verify_signed("{\"alg\":\"HS256\"}", "e30"), JOSE_OK, "as it should be");
	is_err(verify_signed("{\"alg\":\"HS256\"}", "e3"), JOSE_ERR_BASE64, "a payload that is not base64url");
	is_err(verify_signed("{\"alg\":\"HS256\"}", "e31"), JOSE_ERR_BASE64, "... whose unused bits are not zero");
	is_err(verify_signed("{\"alg\":\"HS256\"", "e30"), JOSE_ERR_JSON, "a header that is no JSON");
	is_err(verify_signed("{}", "e30"), JOSE_ERR_HEADER, "a header without alg");
	is_err(verify_signed("{\"alg\":\"HS257\"}", "e30"), JOSE_ERR_ALG_UNKNOWN, "an unknown alg");
	is_err(verify_signed("{\"alg\":\"HS512\"}", "e30"), JOSE_ERR_SIGNATURE, "a MAC of another alg");
	is_err(verify_signed("{\"alg\":\"RS256\"}", "e30"), JOSE_ERR_ALG_NOT_ALLOWED, "an alg of another family");

	is_err(verify_text(text, OCT, hs256), JOSE_OK, "allowed by name");
	is_err(verify_text(text, OCT, hs256 | hs512), JOSE_OK, "... and among others");
	is_err(verify_text(text, OCT, hs512), JOSE_ERR_ALG_NOT_ALLOWED, "not allowed");
	is_err(verify_text(text, P256D, 0), JOSE_ERR_ALG_NOT_ALLOWED, "not the key's family");
	is_err(verify_text(text, P256D, hs256), JOSE_ERR_KEY_ALG, "allowed, but not the key's family");
	is_err(verify_text(text, "{\"kty\":\"oct\",\"alg\":\"HS512\",\"k\":\"" SECRET "\"}", 0),
		   JOSE_ERR_ALG_NOT_ALLOWED, "the key's alg is the default");
	is_err(verify_text(text, "{\"kty\":\"oct\",\"alg\":\"HS512\",\"k\":\"" SECRET "\"}", hs256),
		   JOSE_ERR_KEY_ALG, "... and binds");
	is_err(verify_text(text, "{\"kty\":\"oct\",\"k\":\"AAAA\"}", 0), JOSE_ERR_KEY_SHORT, "a short secret");
	is_err(verify_text(text, "{\"kty\":\"oct\",\"key_ops\":[\"sign\"],\"k\":\"" SECRET "\"}", 0),
		   JOSE_ERR_KEY_USE, "a secret to sign with only");
	is_err(verify_text(text, "{\"keys\":[]}", hs256), JOSE_ERR_KEY_NOT_FOUND, "no keys");
	is_err(verify_text(text, "{\"keys\":[" OCT "]}", 0), JOSE_ERR_KEY_NOT_FOUND, "no key of the kid");
	is_err(verify_text(text, "{\"keys\":[{\"kid\":\"k\",\"kty\":\"oct\",\"k\":\"" SECRET "\"}]}", 0), JOSE_OK,
		   "the key of the kid");
	is_err(verify_text(text, "{\"kid\":\"other\",\"kty\":\"oct\",\"k\":\"" SECRET "\"}", 0), JOSE_OK,
		   "a single key, whatever its kid");
	jose_buf_free(&token);
}

/* With the flag a short secret verifies what a short secret signed. */
static void
test_short_secret(void)
{
	static const char jwk[] = "{\"kty\":\"oct\",\"k\":\"AAAA\"}";
	JoseBuf		token = token_signed_with(jwk, "{\"alg\":\"HS256\"}", "e30");
	JoseKeySet *set = set_of(jwk);
	JoseBuf		payload = {0};

	is_err(jose_jws_verify((char *) token.data, token.len, set, 0, 0, &payload), JOSE_ERR_KEY_SHORT, "not allowed");
	is_err(jose_jws_verify((char *) token.data, token.len, set, 0, JOSE_ALLOW_SHORT_HMAC, &payload), JOSE_OK,
		   "allowed");
	is_mem(payload.data, payload.len, "{}", 2, "... the payload");
	jose_buf_free(&payload);
	jose_buf_free(&token);
	jose_keyset_free(set);
}

/*
 * Attack: a token without kid against a large set, so that each costs a
 * signature's check.  JOSE_MAX_CANDIDATES keys are tried and no more.
 */
static JoseError
verify_at(int place, const char *kid)
{
	char		header[64];
	JoseKeySet *set = jose_keyset_new(true);
	JoseBuf		token;
	JoseError	err;
	int			i;

	snprintf(header, sizeof(header), "{\"alg\":\"HS256\"%s}", kid != NULL ? ",\"kid\":\"k\"" : "");
	token = token_signed_with(OCT, header, "e30");
	for (i = 0; i < JOSE_MAX_CANDIDATES + 2; i++)
	{
		JoseKey    *key;

		if (i == place)
			key = key_of(OCT);
		else if (jose_key_generate("HS256", 0, NULL, NULL, &key) != JOSE_OK)
			bail("no key", header);
		if (jose_key_set_kid(key, "k") != JOSE_OK || jose_keyset_add(set, key) != JOSE_OK)
			bail("no memory", header);
	}
	err = verify_token((char *) token.data, token.len, set, 0);
	jose_buf_free(&token);
	jose_keyset_free(set);
	return err;
}

static void
test_candidates(void)
{
	is_err(verify_at(0, NULL), JOSE_OK, "the first key");
	is_err(verify_at(JOSE_MAX_CANDIDATES - 1, NULL), JOSE_OK, "the last that is tried");
	is_err(verify_at(JOSE_MAX_CANDIDATES, NULL), JOSE_ERR_SIGNATURE, "one too far");
	is_err(verify_at(JOSE_MAX_CANDIDATES - 1, "k"), JOSE_OK, "of one kid: the last that is tried");
	is_err(verify_at(JOSE_MAX_CANDIDATES, "k"), JOSE_ERR_SIGNATURE, "of one kid: one too far");
}

/* Which key was it? */
static void
test_by(void)
{
	JoseKeySet *set = jose_keyset_new(true);
	JoseBuf		signature = {0};
	JoseKey    *by = NULL;
	int			i;

	for (i = 0; i < 3; i++)
	{
		JoseKey    *key;

		if (jose_key_generate("HS256", 0, NULL, NULL, &key) != JOSE_OK || jose_keyset_add(set, key) != JOSE_OK)
			bail("no key", "HS256");
	}
	is_err(jose_sign(set->keys[1], alg_of("HS256"), 0, "x", 1, &signature), JOSE_OK, "signed by the second of three");
	is_err(jose_keyset_verify(set, alg_of("HS256"), NULL, 0, "y", 1, signature.data, signature.len, &by),
		   JOSE_ERR_SIGNATURE, "another message");
	is_err(jose_keyset_verify(set, alg_of("HS256"), "k", 0, "x", 1, signature.data, signature.len, &by),
		   JOSE_ERR_KEY_NOT_FOUND, "a kid that none has");
	is_err(jose_keyset_verify(set, alg_of("RS256"), NULL, 0, "x", 1, signature.data, signature.len, &by),
		   JOSE_ERR_KEY_ALG, "an algorithm of other keys");
	ok(by == NULL, "... verified by none");
	is_err(jose_keyset_verify(set, alg_of("HS256"), NULL, 0, "x", 1, signature.data, signature.len, &by), JOSE_OK, "verified");
	ok(by == set->keys[1], "... by the second");
	jose_buf_free(&signature);
	jose_keyset_free(set);
}

int
main(void)
{
	if (!for_each_vector("test/vectors/jws.jsonl", check_vector))
		bail("cannot read test/vectors/jws.jsonl", strerror(errno));
	test_split();
	test_signing();
	test_header();
	test_payloads();
	test_unencoded();
	test_answers();
	test_short_secret();
	test_candidates();
	test_by();
	queue_is_empty();
	return done_testing();
}
