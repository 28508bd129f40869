/*
 * memory_test.c
 *		A machine that runs out of memory in the middle of a verification, a
 *		decryption or the reading of a key.
 *
 * Attack: exhaust the machine, and hope that some step that fails is taken for
 * one that succeeds.  Each test runs again and again: OpenSSL's first
 * allocation fails and all after it, then its second and all after it, ...
 * Or memory is there again for what comes after, as it may be in a server.
 */
#include <stdlib.h>

#include <openssl/x509.h>

#include "tap.h"
#include "crypt.h"
#include "leaks.h"

#define ROUNDS	300

#define EC_X	"\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
				"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define OKP_X	"\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""

/* RFC 7515 A.3 and RFC 8037 A.1, and the same with a bit of d changed */
static const char ec_good[] = "{" EC_X ",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}";
static const char ec_bad[] = "{" EC_X ",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LY\"}";
static const char okp_good[] = "{" OKP_X ",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}";
static const char okp_bad[] = "{" OKP_X ",\"d\":\"mWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}";

static const char message[] = "eyJhbGciOiJIUzI1NiJ9.e30";

static long allocations_left = -1;	/* -1: as many as there are */
static bool fails_once = false;

static bool
may_allocate(void)
{
	if (allocations_left < 0)
		return true;
	if (allocations_left == 0)
	{
		allocations_left = fails_once ? -1 : 0;
		return false;
	}
	allocations_left--;
	return true;
}

static void *
failing_malloc(size_t size, const char *file, int line)
{
	return may_allocate() ? malloc(size) : NULL;
}

static void *
failing_realloc(void *old, size_t size, const char *file, int line)
{
	return may_allocate() ? realloc(old, size) : NULL;
}

static void
plain_free(void *pointer, const char *file, int line)
{
	free(pointer);
}

static JoseKey *
generated(const char *algorithm)
{
	JoseKey    *key;

	if (jose_key_generate(algorithm, 0, NULL, NULL, &key) != JOSE_OK)
		bail("no key for", algorithm);
	return key;
}

static JoseBuf
jwk_of(const JoseKey *key)
{
	JoseBuf		jwk = {0};

	if (jose_key_to_jwk(key, true, &jwk) != JOSE_OK)
		bail("no JWK for", jose_key_alg(key));
	return jwk;
}

/* What went wrong over all rounds. */
typedef struct Tally
{
	int			forgeries;		/* false things accepted, bad things made */
	int			leftovers;		/* in OpenSSL's error queue or in the output */
	int			failures;		/* of good things: there must be some */
} Tally;

static void
report(const char *alg, const char *doing, const Tally *tally)
{
	ok(tally->forgeries == 0, "%s, %s without memory: nothing false comes of it", alg, doing);
	ok(tally->leftovers == 0, "... nothing is left behind");
	ok(tally->failures > 0, "... though %d of %d rounds failed", tally->failures, ROUNDS);
}

/* ---- signatures ---- */

static void
verify_round(const char *jwk, const char *alg, JoseBuf *good, long allocations, Tally *tally)
{
	JoseKey    *key = key_of(jwk);
	JoseError	err;
	int			place;

	for (place = 0; place < 2; place++)
	{
		/* the good one first, a forged one second */
		good->data[0] ^= place;
		allocations_left = allocations;
		err = jose_verify(key, alg_of(alg), 0, message, strlen(message), good->data, good->len);
		allocations_left = -1;
		good->data[0] ^= place;
		tally->failures += place == 0 && err != JOSE_OK;
		tally->forgeries += place == 1 && err == JOSE_OK;
		tally->leftovers += ERR_peek_error() != 0;
	}
	jose_key_free(key);
}

static void
sign_round(const char *jwk, const char *alg, long allocations, Tally *tally)
{
	JoseKey    *key = key_of(jwk);
	JoseBuf		signature = {0};
	JoseError	err;

	allocations_left = allocations;
	err = jose_sign(key, alg_of(alg), 0, message, strlen(message), &signature);
	allocations_left = -1;
	tally->failures += err != JOSE_OK;
	tally->leftovers += ERR_peek_error() != 0 || (err != JOSE_OK && signature.len != 0);
	tally->forgeries += err == JOSE_OK &&
		jose_verify(key, alg_of(alg), 0, message, strlen(message), signature.data, signature.len) != JOSE_OK;
	jose_buf_free(&signature);
	jose_key_free(key);
}

static void
check_signature(const char *alg)
{
	JoseKey    *key = generated(alg);
	JoseBuf		jwk = jwk_of(key);
	JoseBuf		good = {0};
	Tally		verified = {0};
	Tally		signed_ = {0};
	long		n;

	jose_sign(key, alg_of(alg), 0, message, strlen(message), &good);
	for (n = 0; n < ROUNDS; n++)
	{
		verify_round((char *) jwk.data, alg, &good, n, &verified);
		sign_round((char *) jwk.data, alg, n, &signed_);
	}
	report(alg, "verifying", &verified);
	report(alg, "signing", &signed_);
	jose_buf_free(&jwk);
	jose_buf_free(&good);
	jose_key_free(key);
}

/* ---- decryption ---- */

static void
check_decryption(const char *alg, const char *enc)
{
	JoseKey    *key = generated(strcmp(alg, "dir") == 0 ? enc : alg);
	JoseBuf		jwk = jwk_of(key);
	JoseBuf		token = {0};
	Tally		tally = {0};
	long		n;

	if (jose_jwe_encrypt(key, alg_of(alg), enc_of(enc), NULL, "plaintext", 9, &token) != JOSE_OK)
		bail("cannot encrypt with", alg);
	for (n = 0; n < 2 * ROUNDS; n++)
	{
		JoseKeySet *set = set_of((char *) jwk.data);
		JoseBuf		plaintext = {0};
		bool		forged = n % 2 == 1;
		JoseError	err;

		/* in every other round a bit of the tag is changed */
		token.data[token.len - 5] ^= forged;
		allocations_left = n / 2;
		err = jose_jwe_decrypt((char *) token.data, token.len, set, 0, 0, &plaintext);
		allocations_left = -1;
		token.data[token.len - 5] ^= forged;
		tally.failures += !forged && err != JOSE_OK;
		tally.forgeries += forged && err == JOSE_OK;
		tally.leftovers += ERR_peek_error() != 0 || (err != JOSE_OK && plaintext.len != 0);
		jose_buf_free(&plaintext);
		jose_keyset_free(set);
	}
	report(alg, "decrypting", &tally);
	jose_buf_free(&jwk);
	jose_buf_free(&token);
	jose_key_free(key);
}

/* ---- keys ---- */

/* A private key whose halves differ must not come in because the check could not be made. */
static void
check_reading(const char *alg, const char *good, const char *bad)
{
	Tally		tally = {0};
	long		n;

	for (n = 0; n < 2 * ROUNDS; n++)
	{
		const char *jwk = n % 2 == 0 ? good : bad;
		JoseKey    *key;
		JoseError	err;

		allocations_left = n / 2;
		err = jose_key_from_jwk(jwk, strlen(jwk), &key);
		allocations_left = -1;
		tally.failures += jwk == good && err != JOSE_OK;
		tally.forgeries += jwk == bad && err == JOSE_OK;
		tally.leftovers += ERR_peek_error() != 0 || (err != JOSE_OK && key != NULL);
		jose_key_free(key);
	}
	report(alg, "reading a key", &tally);
}

/*
 * A key that was read is kept: so half a key would refuse good tokens as long
 * as the server runs, and a JWKS read without one of its keys that key's.
 */
static void
check_half_key(const char *alg)
{
	JoseKey    *key = generated(alg);
	JoseBuf		jwks = {0};
	JoseBuf		good = {0};
	int			halves = 0;
	int			failures = 0;
	long		n;

	jose_sign(key, alg_of(alg), 0, message, strlen(message), &good);
	jose_buf_puts(&jwks, "{\"keys\":[");
	if (jose_key_to_jwk(key, false, &jwks) != JOSE_OK)
		bail("no JWK for", alg);
	jose_buf_puts(&jwks, "]}");
	fails_once = true;
	for (n = 0; n < 2 * ROUNDS; n++)
	{
		JoseKeySet *set;
		JoseError	err;

		allocations_left = n;
		err = jose_keyset_from_json((char *) jwks.data, jwks.len, &set);
		allocations_left = -1;
		failures += err != JOSE_OK;
		halves += err == JOSE_OK &&
			(set->count != 1 ||
			 jose_verify(set->keys[0], alg_of(alg), 0, message, strlen(message), good.data, good.len) != JOSE_OK);
		jose_keyset_free(set);
	}
	fails_once = false;
	ok(halves == 0, "%s, a JWKS read when memory was short a moment is whole or not there (%d were not)", alg, halves);
	ok(failures > 0, "... though %d of %d rounds failed", failures, 2 * ROUNDS);
	jose_buf_free(&jwks);
	jose_buf_free(&good);
	jose_key_free(key);
}

static JoseKey *
read_pem(const JoseBuf *pem, long allocations, long *left)
{
	JoseKey    *key;

	allocations_left = allocations;
	(void) jose_key_from_pem((char *) pem->data, pem->len, &key);
	*left = allocations_left;
	allocations_left = -1;
	return key;
}

/* Nor may a private key be kept as a public one. */
static void
check_pem(const char *alg)
{
	JoseKey    *key = generated(alg);
	JoseBuf		pem = {0};
	int			halves = 0;
	long		left;
	long		all;
	long		n;

	if (jose_key_to_pem(key, &pem) != JOSE_OK)
		bail("no PEM for", alg);
	jose_key_free(key);
	fails_once = true;
	/* its last allocations, which come after OpenSSL has decoded it with some thousand */
	key = read_pem(&pem, 1000000, &left);
	all = 1000000 - left;
	for (n = all - ROUNDS; n < all; n++)
	{
		JoseKey    *read = read_pem(&pem, n, &left);

		halves += read != NULL && !jose_key_is_private(read);
		jose_key_free(read);
	}
	fails_once = false;
	ok(halves == 0, "%s, a PEM read when memory was short a moment is whole (%d of %d were not)", alg, halves, ROUNDS);
	jose_buf_free(&pem);
	jose_key_free(key);
}

/* A public key's text must not become a shared secret because nobody could tell that it is one. */
static void
check_not_secret(const char *alg)
{
	JoseKey    *key = generated(alg);
	unsigned char *der = NULL;
	int			len = i2d_PUBKEY(key->pkey, &der);
	JoseBuf		encoded = {0};
	int			secrets = 0;
	long		n;

	jose_b64_append(&encoded, der, len);
	for (n = 0; n < 2 * ROUNDS; n++)
	{
		const void *text = n % 2 == 0 ? (const void *) der : encoded.data;
		JoseKey    *secret;

		fails_once = n % 4 < 2;
		allocations_left = n / 4;
		secrets += jose_key_from_secret(text, n % 2 == 0 ? (size_t) len : encoded.len, &secret) == JOSE_OK;
		allocations_left = -1;
		jose_key_free(secret);
	}
	fails_once = false;
	ok(secrets == 0, "%s, a public key's DER without memory is no secret (%d were)", alg, secrets);
	OPENSSL_free(der);
	jose_buf_free(&encoded);
	jose_key_free(key);
}

int
main(void)
{
	if (CRYPTO_set_mem_functions(failing_malloc, failing_realloc, plain_free) != 1)
		bail("cannot watch", "OpenSSL's memory");
	check_signature("HS256");
	check_signature("RS256");
	check_signature("PS256");
	check_signature("ES256");
	check_signature("EdDSA");
	check_decryption("dir", "A128GCM");
	check_decryption("dir", "A128CBC-HS256");
	check_decryption("A256GCMKW", "A256GCM");
	check_decryption("ECDH-ES", "A256GCM");
	check_decryption("RSA-OAEP-256", "A256GCM");
	check_reading("EC", ec_good, ec_bad);
	check_reading("OKP", okp_good, okp_bad);
	check_pem("EdDSA");
	check_not_secret("RS256");
	check_not_secret("ES256");
	check_half_key("RS256");
	check_half_key("PS256");
	check_half_key("ES256");
	check_half_key("EdDSA");
	queue_is_empty();
	return done_testing();
}
