/*
 * rsa_test.c
 *		RS and PS signatures: the RFCs' examples, another program's signatures, and
 *		what must not pass for one.
 */
#include <openssl/rsa.h>

#include "tap.h"
#include "crypt.h"
#include "asym.h"
#include "foreign.h"
#include "rfc_keys.h"

/* ---- the RFCs' examples ---- */

static void
test_rfc7515(void)
{
	JoseKey    *key = key_of(RFC7515_A2_JWK);
	JoseBuf		signature = sign_message(key, "RS256", RFC7515_A2_INPUT);
	JoseBuf		expected = from_b64(RFC7515_A2_SIGNATURE);

	is_buf(&signature, &expected, "RFC 7515 A.2: RS256 signs what the RFC says");
	ok(jose_key_is_private(key), "it is private");
	is_err(jose_key_bits(key), 2048, "of 2048 bits");
	resists_changes(key, "RS256", RFC7515_A2_INPUT, RFC7515_A2_SIGNATURE);
	writes_the_same(RFC7515_A2_JWK, true, "RFC 7515 A.2");
	jose_buf_free(&signature);
	jose_buf_free(&expected);
	jose_key_free(key);
}

static void
test_rfc7520(void)
{
	JoseKey    *public = key_of(RFC7520_33_JWK);
	JoseKey    *private = key_of(RFC7520_34_JWK);

	ok(!jose_key_is_private(public), "RFC 7520 3.3 is a public key");
	is_err(verify_b64(public, "RS256", RFC7520_41_INPUT, RFC7520_41_SIGNATURE), JOSE_OK, "RFC 7520 4.1, RS256");
	is_err(verify_b64(public, "PS384", RFC7520_42_INPUT, RFC7520_42_SIGNATURE), JOSE_OK, "RFC 7520 4.2, PS384");
	is_err(verify_b64(private, "PS384", RFC7520_42_INPUT, RFC7520_42_SIGNATURE), JOSE_OK, "... by the private key");
	resists_changes(public, "PS384", RFC7520_42_INPUT, RFC7520_42_SIGNATURE);
	is_err(jose_sign(public, alg_of("RS256"), 0, "x", 1, &(JoseBuf) {0}), JOSE_ERR_KEY_PRIVATE,
		   "a public key does not sign");
	writes_the_same(RFC7520_33_JWK, false, "RFC 7520 3.3");
	writes_the_same(RFC7520_34_JWK, true, "RFC 7520 3.4");
	jose_key_free(public);
	jose_key_free(private);
}

/* ---- another program's signatures ---- */

static const struct
{
	const char *alg;
	const char *signature;
}			foreign[] = {
	{"RS256", FOREIGN_RS256},
	{"RS384", FOREIGN_RS384},
	{"RS512", FOREIGN_RS512},
	{"PS256", FOREIGN_PS256},
	{"PS384", FOREIGN_PS384},
	{"PS512", FOREIGN_PS512}
};

#define FOREIGN ((int) (sizeof(foreign) / sizeof(foreign[0])))

/*
 * Each signature verifies under its own algorithm alone: neither the padding
 * nor the hash is taken from anywhere but the algorithm.
 */
static void
test_foreign(void)
{
	JoseKey    *key = key_of(FOREIGN_RSA_JWK);
	int			i;
	int			k;

	for (i = 0; i < FOREIGN; i++)
	{
		for (k = 0; k < FOREIGN; k++)
			ok(verify_b64(key, foreign[k].alg, FOREIGN_MESSAGE, foreign[i].signature) ==
			   (i == k ? JOSE_OK : JOSE_ERR_SIGNATURE),
			   "openssl's %s as %s", foreign[i].alg, foreign[k].alg);
		resists_changes(key, foreign[i].alg, FOREIGN_MESSAGE, foreign[i].signature);
		round_trips(key, foreign[i].alg);
	}
	jose_key_free(key);
}

/* What we sign, OpenSSL verifies with nothing of ours between. */
static bool
openssl_verifies(JoseKey *key, const char *md, bool pss, const JoseBuf *signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL;
	bool		good = EVP_DigestVerifyInit(ctx, &pctx, EVP_get_digestbyname(md), NULL, key->pkey) == 1 &&
		(!pss || (EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
				  EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, EVP_MD_get_size(EVP_get_digestbyname(md))) == 1)) &&
		EVP_DigestVerify(ctx, signature->data, signature->len, (const unsigned char *) "hello", 5) == 1;

	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

static void
test_for_others(void)
{
	static const char *const hashes[] = {"SHA256", "SHA384", "SHA512"};
	JoseKey    *key = key_of(FOREIGN_RSA_JWK);
	int			i;

	for (i = 0; i < FOREIGN; i++)
	{
		JoseBuf		signature = sign_message(key, foreign[i].alg, "hello");

		ok(signature.len == 256 && openssl_verifies(key, hashes[i % 3], i >= 3, &signature),
		   "openssl verifies our %s", foreign[i].alg);
		jose_buf_free(&signature);
	}
	jose_key_free(key);
}

/* ---- forged signatures ---- */

/*
 * RFC 7518 3.5: the salt is as long as the hash.  A verifier that reads its
 * length off the signature accepts more encodings than were agreed on.
 */
static void
test_salt(void)
{
	JoseKey    *key = key_of(FOREIGN_RSA_JWK);

	is_err(verify_b64(key, "PS256", FOREIGN_MESSAGE, FOREIGN_PS256_SALT_NONE), JOSE_ERR_SIGNATURE, "PS256, no salt");
	is_err(verify_b64(key, "PS256", FOREIGN_MESSAGE, FOREIGN_PS256_SALT_LONGEST), JOSE_ERR_SIGNATURE,
		   "PS256, the longest salt");
	is_err(verify_b64(key, "PS256", FOREIGN_MESSAGE, FOREIGN_PS256_MGF1_SHA1), JOSE_ERR_SIGNATURE,
		   "PS256, MGF1 with SHA-1");
	jose_key_free(key);
}

/* s + n verifies by the bare equation as well as s: RFC 8017 5.2.2 wants s < n. */
static void
test_over_modulus(void)
{
	JoseKey    *key = key_of(FOREIGN_RSA_JWK);
	BIGNUM	   *n = member_number(FOREIGN_RSA_JWK, "n");
	JoseBuf		bytes = from_b64(FOREIGN_RS256);
	BIGNUM	   *s = BN_bin2bn(bytes.data, (int) bytes.len, NULL);
	unsigned char sum[257];

	BN_add(s, s, n);
	BN_bn2binpad(s, sum, sizeof(sum));
	if (sum[0] == 0)
		is_err(verify_bytes(key, "RS256", FOREIGN_MESSAGE, sum + 1, 256), JOSE_ERR_SIGNATURE, "s + n");
	else
		is_err(verify_bytes(key, "RS256", FOREIGN_MESSAGE, sum, 257), JOSE_ERR_SIGNATURE, "s + n, a byte longer");
	BN_bn2binpad(n, sum, 256);
	is_err(verify_bytes(key, "RS256", FOREIGN_MESSAGE, sum, 256), JOSE_ERR_SIGNATURE, "s = n");
	is_err(verify_bytes(key, "PS256", FOREIGN_MESSAGE, sum, 256), JOSE_ERR_SIGNATURE, "s = n, PS256");
	BN_free(s);
	BN_free(n);
	jose_buf_free(&bytes);
	jose_key_free(key);
}

/*
 * CVE-2006-4339: a verifier that parses the padding and does not look behind
 * the hash takes, for e = 3, the cube root of a right beginning.
 */
static void
test_bleichenbacher(void)
{
	JoseKey    *key = key_of(FOREIGN_RSA_E3_JWK);

	is_err(verify_b64(key, "RS256", FOREIGN_MESSAGE, FORGED_RS256_E3), JOSE_ERR_SIGNATURE,
		   "a cube root with garbage behind the hash");
	round_trips(key, "RS256");
	jose_key_free(key);
}

int
main(void)
{
	test_rfc7515();
	test_rfc7520();
	test_foreign();
	test_for_others();
	test_salt();
	test_over_modulus();
	test_bleichenbacher();
	queue_is_empty();
	return done_testing();
}
