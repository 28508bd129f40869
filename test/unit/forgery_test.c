/*
 * forgery_test.c
 *		Attacks on signatures: the values that careless verifiers take for good,
 *		other forms of a good one, tokens cut or changed.
 */
#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>

#include "tap.h"
#include "crypt.h"
#include "leaks.h"
#include "token.h"

#define LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

static const char message[] = "eyJhbGciOiJIUzI1NiJ9.e30";

static JoseKey *
generated(const char *algorithm)
{
	JoseKey    *key;

	if (jose_key_generate(algorithm, 0, NULL, NULL, &key) != JOSE_OK)
		bail("no key for", algorithm);
	return key;
}

static JoseError
check(JoseKey *key, const char *alg, const void *signature, size_t len)
{
	return jose_verify(key, alg_of(alg), 0, message, strlen(message), signature, len);
}

static JoseBuf
sign(JoseKey *key, const char *alg)
{
	JoseBuf		signature = {0};

	if (jose_sign(key, alg_of(alg), 0, message, strlen(message), &signature) != JOSE_OK)
		bail("cannot sign with", alg);
	return signature;
}

static void
refuses_signature(JoseKey *key, const char *alg, const void *signature, size_t len, const char *name)
{
	ok(check(key, alg, signature, len) == JOSE_ERR_SIGNATURE, "%s: %s", alg, name);
}

/* ---- every algorithm ---- */

/* Attack: signatures nobody made, of all sizes. */
static void
check_constants(JoseKey *key, const char *alg, size_t len)
{
	static const unsigned char values[] = {0x00, 0x01, 0x30, 0x80, 0xff};
	unsigned char bytes[2048];
	int			accepted = 0;
	size_t		n;
	int			i;

	for (i = 0; i < LENGTH(values); i++)
	{
		memset(bytes, values[i], sizeof(bytes));
		for (n = 0; n <= len + 2; n++)
			accepted += check(key, alg, bytes, n) != JOSE_ERR_SIGNATURE;
		accepted += check(key, alg, bytes, sizeof(bytes)) != JOSE_ERR_SIGNATURE;
	}
	ok(accepted == 0, "%s: no constant of 0 to %zu octets, nor of 2048", alg, len + 2);
}

/* Attack: a good signature, changed in one bit, cut or lengthened. */
static void
check_changes(JoseKey *key, const char *alg, const JoseBuf *good)
{
	unsigned char bytes[2048];
	int			accepted = 0;
	size_t		i;

	for (i = 0; i < good->len * 8; i++)
	{
		memcpy(bytes, good->data, good->len);
		bytes[i / 8] ^= 1 << i % 8;
		accepted += check(key, alg, bytes, good->len) != JOSE_ERR_SIGNATURE;
	}
	ok(accepted == 0, "%s: every bit of the signature counts", alg);
	for (i = 0; i < good->len; i++)
		accepted += check(key, alg, good->data, i) != JOSE_ERR_SIGNATURE;
	ok(accepted == 0, "%s: no prefix of it will do", alg);

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, good->data, good->len);
	refuses_signature(key, alg, bytes, good->len + 1, "nor it and a zero");
	memcpy(bytes + 1, good->data, good->len);
	bytes[0] = 0;
	refuses_signature(key, alg, bytes, good->len + 1, "nor a zero and it");
	memcpy(bytes + good->len, good->data, good->len);
	memcpy(bytes, good->data, good->len);
	refuses_signature(key, alg, bytes, good->len * 2, "nor it twice");
	is_err(check(key, alg, good->data, good->len), JOSE_OK, "... but it");
}

/* Attack: a token with one character missing, added or changed, anywhere. */
static void
check_token(JoseKey *key, JoseKeySet *set, const char *alg)
{
	char		header[64];
	JoseBuf		token;
	JoseBuf		changed = {0};
	int			accepted = 0;
	size_t		i;

	snprintf(header, sizeof(header), "{\"alg\":\"%s\"}", alg);
	token = token_signed_by(key, alg, header, strlen(header), "eyJzdWIiOiJhbGljZSJ9");
	is_err(verify_token((char *) token.data, token.len, set, 0), JOSE_OK, "a good token");
	for (i = 0; i < token.len; i++)
	{
		jose_buf_reset(&changed);
		jose_buf_append(&changed, token.data, i);
		jose_buf_append(&changed, token.data + i + 1, token.len - i - 1);
		accepted += verify_token((char *) changed.data, changed.len, set, ALL_ALGS) == JOSE_OK;

		jose_buf_reset(&changed);
		jose_buf_append(&changed, token.data, i + 1);
		jose_buf_append(&changed, token.data + i, token.len - i);
		accepted += verify_token((char *) changed.data, changed.len, set, ALL_ALGS) == JOSE_OK;

		jose_buf_reset(&changed);
		jose_buf_append(&changed, token.data, token.len);
		changed.data[i] = changed.data[i] == 'A' ? 'B' : 'A';
		accepted += verify_token((char *) changed.data, changed.len, set, ALL_ALGS) == JOSE_OK;

		accepted += verify_token((char *) token.data, i, set, ALL_ALGS) == JOSE_OK;
		accepted += verify_token((char *) token.data + i + 1, token.len - i - 1, set, ALL_ALGS) == JOSE_OK;
	}
	ok(accepted == 0, "%s: no character missing, doubled or changed, nothing cut from either end", alg);
	jose_buf_free(&changed);
	jose_buf_free(&token);
}

static void
test_every_algorithm(void)
{
	const JoseAlg *row;
	int			i;

	for (i = 0; (row = jose_alg_at(i)) != NULL; i++)
	{
		const char *alg = jose_alg_name(row);
		JoseKey    *key;
		JoseKey    *other;
		JoseKeySet *set;
		JoseBuf		good;

		if (!jose_alg_is_signature(row))
			continue;
		key = generated(alg);
		other = generated(alg);
		set = set_with(key);
		good = sign(key, alg);
		check_constants(key, alg, good.len);
		check_changes(key, alg, &good);
		check_token(key, set, alg);
		refuses_signature(other, alg, good.data, good.len, "nor another key's");
		jose_buf_free(&good);
		jose_key_free(other);
		jose_keyset_free(set);
	}
}

/* ---- ECDSA ---- */

/* r || s of len octets each, big-endian; NULL is zero. */
static void
put_halves(const BIGNUM *r, const BIGNUM *s, size_t len, unsigned char *out)
{
	memset(out, 0, 2 * len);
	if (r != NULL && BN_bn2binpad(r, out, (int) len) < 0)
		bail("too long", "r");
	if (s != NULL && BN_bn2binpad(s, out + len, (int) len) < 0)
		bail("too long", "s");
}

/* r || s as DER: what OpenSSL speaks and RFC 7518 3.4 does not. */
static size_t
der_of(const BIGNUM *r, const BIGNUM *s, unsigned char *der)
{
	ECDSA_SIG  *sig = ECDSA_SIG_new();
	int			len;

	ECDSA_SIG_set0(sig, BN_dup(r), BN_dup(s));
	len = i2d_ECDSA_SIG(sig, &der);
	ECDSA_SIG_free(sig);
	return (size_t) len;
}

/*
 * Attack: CVE-2022-21449, r = s = 0, which satisfies the equation where nobody
 * looks at the range; with it zero for either, the order for either, and sums
 * that are the same modulo the order.
 */
static void
check_ecdsa(const char *alg)
{
	JoseKey    *key = generated(alg);
	JoseBuf		good = sign(key, alg);
	size_t		half = good.len / 2;
	BIGNUM	   *r = BN_bin2bn(good.data, (int) half, NULL);
	BIGNUM	   *s = BN_bin2bn(good.data + half, (int) half, NULL);
	BIGNUM	   *n = NULL;
	BIGNUM	   *sum = BN_new();
	unsigned char bytes[256];
	size_t		len;

	EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_EC_ORDER, &n);
	put_halves(NULL, NULL, half, bytes);
	refuses_signature(key, alg, bytes, 2 * half, "r = s = 0");
	put_halves(r, NULL, half, bytes);
	refuses_signature(key, alg, bytes, 2 * half, "s = 0");
	put_halves(NULL, s, half, bytes);
	refuses_signature(key, alg, bytes, 2 * half, "r = 0");
	put_halves(n, n, half, bytes);
	refuses_signature(key, alg, bytes, 2 * half, "r = s = n");
	put_halves(r, n, half, bytes);
	refuses_signature(key, alg, bytes, 2 * half, "s = n");
	put_halves(n, s, half, bytes);
	refuses_signature(key, alg, bytes, 2 * half, "r = n");
	put_halves(s, r, half, bytes);
	refuses_signature(key, alg, bytes, 2 * half, "r and s exchanged");
	put_halves(BN_value_one(), BN_value_one(), half, bytes);
	refuses_signature(key, alg, bytes, 2 * half, "r = s = 1");
	BN_add(sum, s, n);
	if ((size_t) BN_num_bytes(sum) <= half)
	{
		put_halves(r, sum, half, bytes);
		refuses_signature(key, alg, bytes, 2 * half, "s + n");
	}
	len = der_of(r, s, bytes);
	refuses_signature(key, alg, bytes, len, "DER");
	refuses_signature(key, alg, good.data, 2 * half - 1, "an octet less");
	memcpy(bytes, good.data, 2 * half);
	bytes[2 * half] = 0;
	refuses_signature(key, alg, bytes, 2 * half + 1, "an octet more");
	is_err(check(key, alg, good.data, good.len), JOSE_OK, "... but r || s");
	BN_free(r);
	BN_free(s);
	BN_free(n);
	BN_free(sum);
	jose_buf_free(&good);
	jose_key_free(key);
}

/* ---- RSA ---- */

/*
 * Attack: a signature representative of n or more, which is the same number
 * modulo n (RFC 8017 5.2.2 refuses it), or one too short or too long.
 */
static void
check_rsa(const char *alg)
{
	JoseKey    *key = generated(alg);
	JoseBuf		good = sign(key, alg);
	BIGNUM	   *n = NULL;
	BIGNUM	   *s = BN_bin2bn(good.data, (int) good.len, NULL);
	unsigned char bytes[1024];
	int			len = (int) good.len;

	EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_N, &n);
	BN_bn2binpad(n, bytes, len);
	refuses_signature(key, alg, bytes, good.len, "s = n");
	BN_add_word(n, 1);
	BN_bn2binpad(n, bytes, len);
	refuses_signature(key, alg, bytes, good.len, "s = n + 1");
	BN_sub_word(n, 2);
	BN_bn2binpad(n, bytes, len);
	refuses_signature(key, alg, bytes, good.len, "s = n - 1");
	BN_add_word(n, 1);
	BN_add(s, s, n);
	BN_bn2binpad(s, bytes, len + 1);
	refuses_signature(key, alg, bytes, good.len + 1, "s + n, an octet longer");
	if (BN_num_bytes(s) <= len)
	{
		BN_bn2binpad(s, bytes, len);
		refuses_signature(key, alg, bytes, good.len, "s + n, as long");
	}
	BN_free(n);
	BN_free(s);
	jose_buf_free(&good);
	jose_key_free(key);
}

/* Attack: a signature by one algorithm of the family for another of it. */
static void
test_rsa_family(void)
{
	static const char *const algs[] = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"};
	JoseKey    *key = generated("RS256");
	int			i;
	int			j;

	/* one key for all: without its alg */
	free(key->alg);
	key->alg = NULL;
	for (i = 0; i < LENGTH(algs); i++)
	{
		JoseBuf		good = sign(key, algs[i]);
		int			accepted = 0;

		for (j = 0; j < LENGTH(algs); j++)
			accepted += check(key, algs[j], good.data, good.len) == JOSE_OK;
		ok(accepted == 1, "%s signs for itself alone", algs[i]);
		jose_buf_free(&good);
	}
	jose_key_free(key);
}

/* ---- EdDSA ---- */

/* Attack: S + L for S, the same modulo the order (RFC 8032 8.4). */
static void
test_eddsa_malleability(void)
{
	static const unsigned char order[32] = {	/* of Ed25519, little-endian */
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10
	};
	JoseKey    *key = generated("Ed25519");
	JoseBuf		good = sign(key, "Ed25519");
	unsigned char bytes[64];
	unsigned	carry = 0;
	int			i;

	memcpy(bytes, good.data, 64);
	for (i = 0; i < 32; i++)
	{
		carry += bytes[32 + i] + order[i];
		bytes[32 + i] = (unsigned char) carry;
		carry >>= 8;
	}
	refuses_signature(key, "Ed25519", bytes, 64, "S + L");
	memset(bytes, 0, 64);
	bytes[0] = 1;
	refuses_signature(key, "Ed25519", bytes, 64, "R the neutral point, S = 0");
	jose_buf_free(&good);
	jose_key_free(key);
}

int
main(void)
{
	test_every_algorithm();
	check_ecdsa("ES256");
	check_ecdsa("ES384");
	check_ecdsa("ES512");
	check_ecdsa("ES256K");
	check_rsa("RS256");
	check_rsa("PS256");
	test_rsa_family();
	test_eddsa_malleability();
	queue_is_empty();
	return done_testing();
}
