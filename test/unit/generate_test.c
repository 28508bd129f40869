/*
 * generate_test.c
 *		A fresh key for every name of the registry: it is of the algorithm's type
 *		and size, works, and comes back from its JWK as it was.
 */
#include <stdlib.h>

#include "tap.h"
#include "crypt.h"

#define LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

static JoseKey *
generated(const char *algorithm, int bits, const char *curve)
{
	JoseKey    *key;

	if (jose_key_generate(algorithm, bits, curve, NULL, &key) != JOSE_OK)
		bail("cannot make a key for", algorithm);
	return key;
}

/* The key read from the JWK written of it. */
static JoseKey *
again(const JoseKey *key, bool with_private)
{
	JoseBuf		jwk = {0};
	JoseKey    *copy;

	if (jose_key_to_jwk(key, with_private, &jwk) != JOSE_OK)
		bail("cannot write", jose_key_alg(key));
	copy = key_of((char *) jwk.data);
	jose_buf_free(&jwk);
	return copy;
}

static bool
same_thumbprint(const JoseKey *a, const JoseKey *b)
{
	JoseBuf		x = {0};
	JoseBuf		y = {0};
	bool		same;

	same = jose_key_thumbprint(a, &x) == JOSE_OK && jose_key_thumbprint(b, &y) == JOSE_OK &&
		x.len == 43 && y.len == 43 && memcmp(x.data, y.data, 43) == 0;
	jose_buf_free(&x);
	jose_buf_free(&y);
	return same;
}

/* What one signs, the other verifies; the verifier is freed. */
static bool
signs_for(JoseKey *signer, JoseKey *verifier, const JoseAlg *alg)
{
	JoseKeySet *set = set_with(verifier);
	JoseBuf		token = {0};
	JoseBuf		payload = {0};
	bool		good;

	good = jose_jws_sign(signer, alg, 0, NULL, NULL, "{}", 2, &token) == JOSE_OK &&
		jose_jws_verify((char *) token.data, token.len, set, 0, 0, &payload) == JOSE_OK &&
		payload.len == 2 && memcmp(payload.data, "{}", 2) == 0;
	jose_buf_free(&token);
	jose_buf_free(&payload);
	jose_keyset_free(set);
	return good;
}

/* What one encrypts, the other decrypts; the recipient is freed. */
static bool
encrypts_for(JoseKey *sender, JoseKey *recipient, const JoseAlg *alg, const JoseEnc *enc)
{
	JoseKeySet *set = set_with(recipient);
	JoseBuf		token = {0};
	JoseBuf		plaintext = {0};
	bool		good;

	good = jose_jwe_encrypt(sender, alg, enc, NULL, "{}", 2, &token) == JOSE_OK &&
		jose_jwe_decrypt((char *) token.data, token.len, set, 0, 0, &plaintext) == JOSE_OK &&
		plaintext.len == 2 && memcmp(plaintext.data, "{}", 2) == 0;
	jose_buf_free(&token);
	jose_buf_free(&plaintext);
	jose_keyset_free(set);
	return good;
}

static void
check_algorithm(const JoseAlg *alg)
{
	const char *name = jose_alg_name(alg);
	bool		signs = jose_alg_is_signature(alg);
	JoseKey    *key = generated(name, 0, NULL);
	JoseKey    *copy = again(key, true);
	bool		is_oct = strcmp(jose_key_type(key), "oct") == 0;
	JoseKey    *half = again(key, is_oct);

	ok(strcmp(jose_key_alg(key), name) == 0, "%s: alg", name);
	ok(jose_key_kid(key) == NULL, "... no kid: that is the user's to give");
	ok(key->use == (signs ? JOSE_USE_SIG : JOSE_USE_ENC), "... use");
	ok(jose_key_is_private(key) && jose_key_is_private(half) == is_oct, "... a private key, with a public half");
	ok(copy->use == key->use && strcmp(jose_key_alg(copy), name) == 0 &&
	   jose_key_bits(copy) == jose_key_bits(key), "... which comes back from its JWK");
	ok(same_thumbprint(key, copy) && same_thumbprint(key, half), "... with one thumbprint for both halves");

	if (signs)
	{
		ok(signs_for(copy, half, alg), "... and the copy signs for the half");
		jose_key_free(copy);
	}
	else
	{
		/* with dir the key is the content encryption key, of 256 bits as usual */
		ok(encrypts_for(half, copy, alg, enc_of("A256GCM")), "... and the half encrypts for the copy");
		jose_key_free(half);
	}
	jose_key_free(key);
}

/* A content encryption's name makes a key for dir, which names it: RFC 7520 5.6 */
static void
check_encryption(const JoseEnc *enc)
{
	const char *name = jose_enc_name(enc);
	JoseKey    *key = generated(name, 0, NULL);

	is_str(jose_key_alg(key), name, "a key for dir");
	ok(jose_key_bits(key) == enc->cek_bytes * 8, "... as long as a content encryption key");
	ok(encrypts_for(key, again(key, true), alg_of("dir"), enc), "... and it encrypts");
	is_err(jose_key_fits(key, alg_of("A128KW"), JOSE_OP_ENCRYPT, 0), JOSE_ERR_KEY_ALG, "... by dir only");
	jose_key_free(key);
}

static void
test_names(void)
{
	const JoseAlg *alg;
	const JoseEnc *enc;
	int			i;

	for (i = 0; (alg = jose_alg_at(i)) != NULL; i++)
		check_algorithm(alg);
	for (i = 0; (enc = jose_enc_at(i)) != NULL; i++)
		check_encryption(enc);
}

static void
test_fresh(void)
{
	static const char *const algorithms[] = {"HS256", "RS256", "ES256", "EdDSA"};
	int			i;

	for (i = 0; i < LENGTH(algorithms); i++)
	{
		JoseKey    *one = generated(algorithms[i], 0, NULL);
		JoseKey    *two = generated(algorithms[i], 0, NULL);

		ok(!same_thumbprint(one, two), "two keys for %s are two", algorithms[i]);
		jose_key_free(one);
		jose_key_free(two);
	}
}

/* ---- sizes and curves ---- */

static const struct
{
	const char *algorithm;
	int			bits;
	const char *curve;
	JoseError	err;
	const char *type;
	int			expected_bits;
}			plans[] = {
	/* RFC 7518 3.2 */
	{"HS256", 0, NULL, JOSE_OK, "oct", 256},
	{"HS384", 0, NULL, JOSE_OK, "oct", 384},
	{"HS512", 0, NULL, JOSE_OK, "oct", 512},
	{"HS256", 512, NULL, JOSE_OK, "oct", 512},
	{"HS256", 248, NULL, JOSE_ERR_KEY_SHORT, NULL, 0},
	{"HS512", 256, NULL, JOSE_ERR_KEY_SHORT, NULL, 0},
	{"HS256", -256, NULL, JOSE_ERR_KEY_SHORT, NULL, 0},
	{"HS256", 257, NULL, JOSE_ERR_KEY_INVALID, NULL, 0},
	{"HS256", 1 << 20, NULL, JOSE_ERR_TOO_LARGE, NULL, 0},
	{"HS256", 0, "P-256", JOSE_ERR_KEY_TYPE, NULL, 0},
	/* RFC 7518 3.3 */
	{"RS256", 0, NULL, JOSE_OK, "RSA", 2048},
	{"PS512", 3072, NULL, JOSE_OK, "RSA", 3072},
	{"RS256", 1024, NULL, JOSE_ERR_KEY_WEAK, NULL, 0},
	{"RS256", -2048, NULL, JOSE_ERR_KEY_WEAK, NULL, 0},
	{"RS256", 1 << 20, NULL, JOSE_ERR_TOO_LARGE, NULL, 0},
	{"RS256", 0, "P-256", JOSE_ERR_KEY_TYPE, NULL, 0},
	/* RFC 7518 3.4, RFC 8812 3.2 */
	{"ES256", 0, NULL, JOSE_OK, "EC", 256},
	{"ES256", 0, "P-256", JOSE_OK, "EC", 256},
	{"ES384", 0, NULL, JOSE_OK, "EC", 384},
	{"ES512", 0, NULL, JOSE_OK, "EC", 521},
	{"ES256K", 0, NULL, JOSE_OK, "EC", 256},
	{"ES256", 0, "P-384", JOSE_ERR_KEY_TYPE, NULL, 0},
	{"ES256", 0, "", JOSE_ERR_KEY_TYPE, NULL, 0},
	{"ES256", 2048, NULL, JOSE_ERR_KEY_TYPE, NULL, 0},
	/* RFC 8037 3.1, RFC 9864 2 */
	{"EdDSA", 0, NULL, JOSE_OK, "OKP", 255},
	{"EdDSA", 0, "Ed448", JOSE_OK, "OKP", 448},
	{"Ed25519", 0, "Ed25519", JOSE_OK, "OKP", 255},
	{"Ed448", 0, NULL, JOSE_OK, "OKP", 448},
	{"Ed448", 0, "Ed25519", JOSE_ERR_KEY_TYPE, NULL, 0},
	{"EdDSA", 0, "X25519", JOSE_ERR_KEY_TYPE, NULL, 0},
	/* RFC 7518 4.6, RFC 8037 3.2 */
	{"ECDH-ES", 0, NULL, JOSE_OK, "EC", 256},
	{"ECDH-ES+A256KW", 0, "P-521", JOSE_OK, "EC", 521},
	{"ECDH-ES", 0, "X25519", JOSE_OK, "OKP", 255},
	{"ECDH-ES+A128KW", 0, "X448", JOSE_OK, "OKP", 448},
	{"ECDH-ES", 0, "Ed25519", JOSE_ERR_KEY_TYPE, NULL, 0},
	{"ECDH-ES", 0, "secp256k1", JOSE_ERR_KEY_TYPE, NULL, 0},
	/* RFC 7518 4.4, 4.5, 4.7 and 4.8 */
	{"A128KW", 0, NULL, JOSE_OK, "oct", 128},
	{"A192GCMKW", 192, NULL, JOSE_OK, "oct", 192},
	{"A256KW", 0, NULL, JOSE_OK, "oct", 256},
	{"A128KW", 256, NULL, JOSE_ERR_KEY_INVALID, NULL, 0},
	{"dir", 0, NULL, JOSE_OK, "oct", 256},
	{"dir", 512, NULL, JOSE_OK, "oct", 512},
	{"dir", 7, NULL, JOSE_ERR_KEY_INVALID, NULL, 0},
	{"dir", -8, NULL, JOSE_ERR_TOO_LARGE, NULL, 0},
	{"PBES2-HS256+A128KW", 0, NULL, JOSE_OK, "oct", 128},
	/* RFC 7518 5 */
	{"A128GCM", 0, NULL, JOSE_OK, "oct", 128},
	{"A256CBC-HS512", 512, NULL, JOSE_OK, "oct", 512},
	{"A256CBC-HS512", 256, NULL, JOSE_ERR_KEY_INVALID, NULL, 0},
	{"A128GCM", 0, "P-256", JOSE_ERR_KEY_TYPE, NULL, 0},
	/* no algorithm */
	{"none", 0, NULL, JOSE_ERR_ALG_UNKNOWN, NULL, 0},
	{"", 0, NULL, JOSE_ERR_ALG_UNKNOWN, NULL, 0},
	{"RSA1_5", 0, NULL, JOSE_ERR_ALG_UNKNOWN, NULL, 0},
	{"es256", 0, NULL, JOSE_ERR_ALG_UNKNOWN, NULL, 0}
};

static void
test_plans(void)
{
	int			i;

	for (i = 0; i < LENGTH(plans); i++)
	{
		JoseKey    *key;
		char		name[64];

		snprintf(name, sizeof(name), "%s, %d bits, curve %s", plans[i].algorithm, plans[i].bits,
				 plans[i].curve != NULL ? plans[i].curve : "as usual");
		is_err(jose_key_generate(plans[i].algorithm, plans[i].bits, plans[i].curve, NULL, &key), plans[i].err, name);
		if (plans[i].err == JOSE_OK)
			ok(key != NULL && strcmp(jose_key_type(key), plans[i].type) == 0 &&
			   jose_key_bits(key) == plans[i].expected_bits,
			   "... makes %s of %d bits", plans[i].type, plans[i].expected_bits);
		else
			ok(key == NULL, "... makes nothing");
		jose_key_free(key);
	}
}

/* ---- the user's patience ---- */

static bool
stop_at_once(void)
{
	return true;
}

static bool
go_on(void)
{
	return false;
}

static void
test_stop(void)
{
	JoseKey    *key;

	is_err(jose_key_generate("RS256", 4096, NULL, stop_at_once, &key), JOSE_ERR_CANCELLED, "a search can be stopped");
	ok(key == NULL, "... and leaves nothing");
	is_err(jose_key_generate("RS256", 2048, NULL, go_on, &key), JOSE_OK, "... or let go on");
	jose_key_free(key);
	is_err(jose_key_generate("HS256", 0, NULL, stop_at_once, &key), JOSE_OK, "a secret is there at once");
	jose_key_free(key);
}

int
main(void)
{
	test_names();
	test_fresh();
	test_plans();
	test_stop();
	queue_is_empty();
	return done_testing();
}
