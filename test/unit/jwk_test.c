/*
 * jwk_test.c
 *		JWK and JWKS, RFC 7517, and thumbprints, RFC 7638: the members that every
 *		key has, shared secrets, key sets, and keys as text.
 */
#include <stdlib.h>

#include "tap.h"
#include "crypt.h"
#include "asym.h"
#include "leaks.h"
#include "vectors.h"

#define OCT		"\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\""
#define P256	"\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
				"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define P256D	P256 ",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\""

#define LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

static JoseBuf
jwk_of(const JoseKey *key, bool with_private)
{
	JoseBuf		out = {0};

	if (jose_key_to_jwk(key, with_private, &out) != JOSE_OK)
		bail("cannot write a", jose_key_type(key));
	return out;
}

/* ---- the RFCs' examples ---- */

static void
check_vector(const JoseObject *vector)
{
	const char *id = vector_string(vector, "id");
	const JoseMember *count = vector_member(vector, "count");
	const char *thumbprint;
	JoseKeySet *set = vector_keys(vector);
	JoseBuf		got = {0};
	int			i;

	ok(set->count == atoi(count->raw) && set->skipped == 0, "%s: all keys are read", id);
	for (i = 0; i < set->count; i++)
		ok(jose_key_is_private(set->keys[i]) == vector_is_true(vector, "private"), "%s: key %d, its half", id, i);
	if (jose_object_string(vector, "thumbprint", &thumbprint) && thumbprint != NULL)
	{
		jose_key_thumbprint(set->keys[0], &got);
		is_str((char *) got.data, thumbprint, id);
	}
	jose_buf_free(&got);
	jose_keyset_free(set);
}

/* RFC 7517 C: a private key under a password */
static void
check_encrypted(const JoseObject *vector)
{
	JoseKeySet *expected = vector_keys(vector);
	JoseKeySet *password = set_with(password_key(vector_string(vector, "password")));
	const char *token = vector_string(vector, "token");
	JoseBuf		plaintext = {0};
	JoseBuf		ours = {0};
	JoseBuf		theirs = {0};
	JoseKey    *key = NULL;

	is_err(jose_jwe_decrypt(token, strlen(token), password, jose_alg_bit(alg_of("PBES2-HS256+A128KW")), 0, &plaintext),
		   JOSE_OK, vector_string(vector, "id"));
	is_err(jose_key_from_jwk((char *) plaintext.data, plaintext.len, &key), JOSE_OK, "... holds a JWK");
	ours = jwk_of(expected->keys[0], true);
	theirs = jwk_of(key, true);
	is_str((char *) theirs.data, (char *) ours.data, "... which is C.1's");
	jose_buf_free(&plaintext);
	jose_buf_free(&ours);
	jose_buf_free(&theirs);
	jose_key_free(key);
	jose_keyset_free(password);
	jose_keyset_free(expected);
}

/* ---- members of every key ---- */

static void
test_members(void)
{
	JoseKey    *key = key_of("{\"kid\":\"a\\\"b\",\"alg\":\"HS512\",\"use\":\"sig\",\"key_ops\":[\"sign\",\"verify\"],"
							 "\"unknown\":{\"x\":[1]}," OCT "}");
	JoseBuf		out;

	is_str(jose_key_type(key), "oct", "kty");
	is_str(jose_key_kid(key), "a\"b", "kid");
	is_str(jose_key_alg(key), "HS512", "alg");
	ok(jose_key_is_private(key), "a shared secret is private");
	ok(jose_key_bits(key) == 512, "... of 512 bits");
	out = jwk_of(key, true);
	is_str((char *) out.data, "{\"kty\":\"oct\",\"kid\":\"a\\\"b\",\"alg\":\"HS512\",\"use\":\"sig\","
		   "\"key_ops\":[\"sign\",\"verify\"],"
		   "\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}",
		   "written with what we understand");
	jose_buf_free(&out);
	is_err(jose_key_set_kid(key, "other"), JOSE_OK, "a kid can be set");
	is_str(jose_key_kid(key), "other", "... in another's place");
	jose_key_free(key);

	key = key_of("{" P256 "}");
	ok(jose_key_kid(key) == NULL && jose_key_alg(key) == NULL, "no kid and no alg are NULL");
	is_err(jose_key_set_kid(key, ""), JOSE_OK, "a kid may be empty");
	is_str(jose_key_kid(key), "", "... which is not none");
	jose_key_free(key);
	jose_key_free(NULL);
}

static void
test_refused(void)
{
	static const struct
	{
		const char *jwk;
		JoseError	err;
	}			cases[] = {
		{"{}", JOSE_ERR_KEY_MEMBER},
		{"{\"kty\":1}", JOSE_ERR_KEY_MEMBER},
		{"{\"kty\":null}", JOSE_ERR_KEY_MEMBER},
		{"{\"kty\":\"\"}", JOSE_ERR_KEY_TYPE},
		{"{\"kty\":\"OCT\",\"k\":\"AAAA\"}", JOSE_ERR_KEY_TYPE},
		{"{\"kty\":\"rsa\"}", JOSE_ERR_KEY_TYPE},
		{"{\"kty\":\"AKP\"}", JOSE_ERR_KEY_TYPE},
		{"{\"kid\":1," OCT "}", JOSE_ERR_KEY_MEMBER},
		{"{\"kid\":null," OCT "}", JOSE_ERR_KEY_MEMBER},
		{"{\"alg\":[\"HS256\"]," OCT "}", JOSE_ERR_KEY_MEMBER},
		{"{\"use\":[\"sig\"]," OCT "}", JOSE_ERR_KEY_MEMBER},
		{"{\"use\":null," OCT "}", JOSE_ERR_KEY_MEMBER},
		{"{\"key_ops\":\"sign\"," OCT "}", JOSE_ERR_KEY_MEMBER},
		{"{\"key_ops\":{\"sign\":1}," OCT "}", JOSE_ERR_KEY_MEMBER},
		{"{\"key_ops\":null," OCT "}", JOSE_ERR_KEY_MEMBER},
		{"{\"key_ops\":[1]," OCT "}", JOSE_ERR_KEY_MEMBER},
		{"{\"key_ops\":[[\"sign\"]]," OCT "}", JOSE_ERR_KEY_MEMBER},
		{"{\"key_ops\":[\"sign\",\"sign\"]," OCT "}", JOSE_ERR_KEY_MEMBER},
		{"{\"kty\":\"oct\"}", JOSE_ERR_KEY_MEMBER},
		{"{\"kty\":\"oct\",\"k\":1}", JOSE_ERR_KEY_MEMBER},
		{"{\"kty\":\"oct\",\"k\":\"\"}", JOSE_ERR_KEY_EMPTY},
		{"{\"kty\":\"oct\",\"k\":\"A\"}", JOSE_ERR_KEY_MEMBER},
		{"{\"kty\":\"oct\",\"k\":\"AAA=\"}", JOSE_ERR_KEY_MEMBER},
		{"{\"kty\":\"oct\",\"k\":\"AA+/\"}", JOSE_ERR_KEY_MEMBER},
		{"{\"kty\":\"oct\",\"k\":\"AAB\"}", JOSE_ERR_KEY_MEMBER},
		{"{\"kty\":\"oct\",\"k\":\"AA AA\"}", JOSE_ERR_KEY_MEMBER},
		{"{\"kty\":\"oct\",\"kty\":\"oct\",\"k\":\"AAAA\"}", JOSE_ERR_JSON_DUPLICATE},
		{"{" OCT ",\"k\":\"AAAA\"}", JOSE_ERR_JSON_DUPLICATE},
		{"[" "{" OCT "}" "]", JOSE_ERR_JSON},
		{"{" OCT "} ", JOSE_OK},
		{"{" OCT "},", JOSE_ERR_JSON},
		{"", JOSE_ERR_JSON},
		{"null", JOSE_ERR_JSON},
		{"{\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]," OCT "}", JOSE_ERR_JSON_DEPTH}
	};
	int			i;

	for (i = 0; i < LENGTH(cases); i++)
		is_err(read_jwk(cases[i].jwk), cases[i].err, cases[i].jwk);
}

static JoseError
read_padded(size_t len)
{
	JoseBuf		text = {0};
	JoseKey    *key;
	JoseError	err;

	jose_buf_puts(&text, "{" OCT "}");
	while (text.len < len)
		jose_buf_puts(&text, " ");
	err = jose_key_from_jwk((char *) text.data, text.len, &key);
	jose_key_free(key);
	jose_buf_free(&text);
	return err;
}

static void
test_size(void)
{
	is_err(read_padded(JOSE_MAX_KEY_TEXT), JOSE_OK, "a JWK as long as may be");
	is_err(read_padded(JOSE_MAX_KEY_TEXT + 1), JOSE_ERR_TOO_LARGE, "a byte longer");
}

/* ---- use and key_ops, written again ---- */

/* Attack: have a key that may not sign written out, and read again as one that may. */
static void
test_restrictions_stay(void)
{
	static const char *const jwks[] = {
		"{\"use\":\"tls\"," P256D "}", "{\"use\":\"\"," P256D "}", "{\"key_ops\":[]," P256D "}",
		"{\"key_ops\":[\"other\"]," P256D "}", "{\"use\":\"tls\",\"key_ops\":[\"sign\",\"verify\"]," P256D "}"
	};
	int			i;

	for (i = 0; i < LENGTH(jwks); i++)
	{
		JoseKey    *key = key_of(jwks[i]);
		JoseBuf		out[2] = {jwk_of(key, true), jwk_of(key, false)};
		JoseKey    *again[2] = {key_of((char *) out[0].data), key_of((char *) out[1].data)};

		is_err(jose_key_fits(again[0], alg_of("ES256"), JOSE_OP_SIGN, 0), JOSE_ERR_KEY_USE, jwks[i]);
		is_err(jose_key_fits(again[1], alg_of("ES256"), JOSE_OP_VERIFY, 0), JOSE_ERR_KEY_USE, "... its public half");
		is_err(jose_key_fits(again[1], alg_of("ECDH-ES"), JOSE_OP_ENCRYPT, 0), JOSE_ERR_KEY_USE, "... to encrypt");
		jose_buf_free(&out[0]);
		jose_buf_free(&out[1]);
		jose_key_free(again[0]);
		jose_key_free(again[1]);
		jose_key_free(key);
	}
}

static void
is_public_ops(const char *ops, const char *expected)
{
	char		jwk[512];
	JoseKey    *key;
	JoseBuf		out;
	char	   *found;

	snprintf(jwk, sizeof(jwk), "{\"key_ops\":%s," P256D "}", ops);
	key = key_of(jwk);
	out = jwk_of(key, false);
	found = strstr((char *) out.data, "\"key_ops\":");
	ok(found != NULL && strncmp(found + strlen("\"key_ops\":"), expected, strlen(expected)) == 0,
	   "key_ops %s, of the public half: %s", ops, expected);
	jose_buf_free(&out);
	jose_key_free(key);
}

/* RFC 7517 4.3: who may sign has a public half to verify with, and so on */
static void
test_public_key_ops(void)
{
	is_public_ops("[\"sign\"]", "[\"verify\"]");
	is_public_ops("[\"sign\",\"verify\"]", "[\"verify\"]");
	is_public_ops("[\"decrypt\"]", "[\"encrypt\"]");
	is_public_ops("[\"unwrapKey\"]", "[\"wrapKey\"]");
	is_public_ops("[\"deriveKey\",\"deriveBits\"]", "[\"deriveKey\",\"deriveBits\"]");
	is_public_ops("[]", "[]");
	is_public_ops("[\"other\"]", "[]");
}

static void
test_halves(void)
{
	JoseKey    *secret = key_of("{" OCT "}");
	JoseKey    *private_key = key_of("{\"kid\":\"k\"," P256D "}");
	JoseKey    *public_key = key_of("{" P256 "}");
	JoseBuf		out = {0};

	is_err(jose_key_to_jwk(secret, false, &out), JOSE_ERR_KEY_TYPE, "a shared secret has no public half");
	jose_buf_reset(&out);
	is_err(jose_key_to_jwk(public_key, true, &out), JOSE_ERR_KEY_PRIVATE, "a public key no private one");
	jose_buf_reset(&out);
	is_err(jose_key_to_jwk(private_key, false, &out), JOSE_OK, "a private key has a public half");
	is_str((char *) out.data, "{\"kty\":\"EC\",\"kid\":\"k\",\"crv\":\"P-256\","
		   "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
		   "... without d");
	jose_buf_free(&out);
	jose_key_free(secret);
	jose_key_free(private_key);
	jose_key_free(public_key);
}

/* ---- thumbprints ---- */

static JoseBuf
thumbprint(const JoseKey *key)
{
	JoseBuf		out = {0};

	if (jose_key_thumbprint(key, &out) != JOSE_OK)
		bail("no thumbprint of", jose_key_type(key));
	return out;
}

/* RFC 7638 3.2.1 and 6: the required members alone count, of the public half */
static void
test_thumbprint(void)
{
	JoseKey    *keys[] = {
		key_of("{" P256 "}"), key_of("{" P256D "}"),
		key_of("{\"kid\":\"x\",\"alg\":\"ES256\",\"use\":\"sig\",\"other\":1," P256 "}")
	};
	JoseKey    *oct = key_of("{\"kty\":\"oct\",\"k\":\"AAAA\"}");
	JoseBuf		first = thumbprint(keys[0]);
	JoseBuf		print;
	int			i;

	ok(first.len == 43, "a SHA-256 in base64url");
	for (i = 1; i < LENGTH(keys); i++)
	{
		print = thumbprint(keys[i]);
		is_buf(&print, &first, "the same key, the same thumbprint");
		jose_buf_free(&print);
	}
	/* SHA-256 of {"k":"AAAA","kty":"oct"}, computed apart */
	print = thumbprint(oct);
	is_str((char *) print.data, "juGfhwtvxgs-pCUrY2O4me_EUqZncxWSUm6eCOkHG9A", "RFC 7638 3.2: a secret's");
	jose_buf_free(&print);
	jose_buf_free(&first);
	jose_key_free(oct);
	for (i = 0; i < LENGTH(keys); i++)
		jose_key_free(keys[i]);
}

int
main(void)
{
	if (!for_each_vector("test/vectors/jwk.jsonl", check_vector) ||
		!for_each_vector("test/vectors/jwk_encrypted.jsonl", check_encrypted))
		bail("cannot read test/vectors", strerror(errno));
	test_members();
	test_refused();
	test_size();
	test_restrictions_stay();
	test_public_key_ops();
	test_halves();
	test_thumbprint();
	queue_is_empty();
	return done_testing();
}
