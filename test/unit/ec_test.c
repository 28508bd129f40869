/*
 * ec_test.c
 *		ES signatures: the RFCs' examples, another program's signatures, and what
 *		must not pass for one.
 */
#include "tap.h"
#include "crypt.h"
#include "asym.h"
#include "ec_curves.h"
#include "rfc_keys.h"

/* ---- the RFCs' examples ---- */

static void
test_rfc7515(void)
{
	JoseKey    *key = key_of(RFC7515_A3_JWK);

	is_err(verify_b64(key, "ES256", RFC7515_A3_INPUT, RFC7515_A3_SIGNATURE), JOSE_OK, "RFC 7515 A.3");
	resists_changes(key, "ES256", RFC7515_A3_INPUT, RFC7515_A3_SIGNATURE);
	writes_the_same(RFC7515_A3_JWK, true, "RFC 7515 A.3");
	jose_key_free(key);

	key = key_of(RFC7515_A4_JWK);
	is_err(verify_b64(key, "ES512", RFC7515_A4_INPUT, RFC7515_A4_SIGNATURE), JOSE_OK, "RFC 7515 A.4");
	resists_changes(key, "ES512", RFC7515_A4_INPUT, RFC7515_A4_SIGNATURE);
	writes_the_same(RFC7515_A4_JWK, true, "RFC 7515 A.4");
	jose_key_free(key);
}

static void
test_rfc7520(void)
{
	JoseKey    *public = key_of(RFC7520_31_JWK);
	JoseKey    *private = key_of(RFC7520_32_JWK);

	ok(!jose_key_is_private(public) && jose_key_is_private(private), "RFC 7520 3.1 is public, 3.2 private");
	is_err(verify_b64(public, "ES512", RFC7520_43_INPUT, RFC7520_43_SIGNATURE), JOSE_OK, "RFC 7520 4.3");
	is_err(verify_b64(private, "ES512", RFC7520_43_INPUT, RFC7520_43_SIGNATURE), JOSE_OK, "... by the private key");
	is_err(jose_sign(public, alg_of("ES512"), 0, "x", 1, &(JoseBuf) {0}), JOSE_ERR_KEY_PRIVATE,
		   "a public key does not sign");
	writes_the_same(RFC7520_31_JWK, false, "RFC 7520 3.1");
	writes_the_same(RFC7520_32_JWK, true, "RFC 7520 3.2");
	jose_key_free(public);
	jose_key_free(private);
}

/* ---- another program's signatures ---- */

static void
test_foreign(void)
{
	int			i;

	for (i = 0; i < CURVES; i++)
	{
		JoseKey    *key = key_of(curves[i].jwk);
		JoseBuf		signature;

		resists_changes(key, curves[i].alg, FOREIGN_MESSAGE, curves[i].signature);
		round_trips(key, curves[i].alg);
		writes_the_same(curves[i].jwk, true, curves[i].crv);
		is_err(jose_key_bits(key), curves[i].bits, "its bits");
		signature = sign_message(key, curves[i].alg, "x");
		ok(signature.len == 2 * curves[i].bytes, "%s: r and s at full length", curves[i].alg);
		jose_buf_free(&signature);
		jose_key_free(key);
	}
}

/* What we sign, OpenSSL verifies once it is DER again. */
static void
test_for_others(void)
{
	static const char *const hashes[] = {"SHA256", "SHA384", "SHA512", "SHA256"};
	int			i;

	for (i = 0; i < CURVES; i++)
	{
		JoseKey    *key = key_of(curves[i].jwk);
		JoseBuf		raw = sign_message(key, curves[i].alg, "hello");
		int			half = (int) curves[i].bytes;
		ECDSA_SIG  *sig = ECDSA_SIG_new();
		unsigned char *der = NULL;
		int			len;
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();

		ECDSA_SIG_set0(sig, BN_bin2bn(raw.data, half, NULL), BN_bin2bn(raw.data + half, half, NULL));
		len = i2d_ECDSA_SIG(sig, &der);
		ok(EVP_DigestVerifyInit(ctx, NULL, EVP_get_digestbyname(hashes[i]), NULL, key->pkey) == 1 &&
		   EVP_DigestVerify(ctx, der, (size_t) len, (const unsigned char *) "hello", 5) == 1,
		   "openssl verifies our %s", curves[i].alg);
		EVP_MD_CTX_free(ctx);
		OPENSSL_free(der);
		ECDSA_SIG_free(sig);
		jose_buf_free(&raw);
		jose_key_free(key);
	}
}

/*
 * In DER a number's length varies: one in 256 begins with a zero octet, which
 * goes, and every other with a high bit, which wants one.  Sign until each of
 * r and s has had all three.
 */
static void
test_lengths(void)
{
	JoseKey    *key = key_of(curves[0].jwk);
	int			seen[2][3] = {{0}};
	int			refused = 0;
	int			n;

	for (n = 0; n < 20000 && !(seen[0][0] && seen[0][1] && seen[0][2] && seen[1][0] && seen[1][1] && seen[1][2]); n++)
	{
		JoseBuf		raw = sign_message(key, "ES256", "hello");
		int			i;

		for (i = 0; i < 2; i++)
			seen[i][raw.data[32 * i] == 0 ? 0 : raw.data[32 * i] < 0x80 ? 1 : 2] = 1;
		refused += verify_bytes(key, "ES256", "hello", raw.data, raw.len) != JOSE_OK;
		jose_buf_free(&raw);
	}
	ok(n < 20000, "r and s of every length");
	ok(refused == 0, "... verify");
	jose_key_free(key);
}

/*
 * ES256 and ES256K have signatures of the same length, and P-256 and P-384
 * keys differ in little: an algorithm names its curve, and no other serves.
 */
static void
test_other_curves(void)
{
	int			i;
	int			k;

	for (i = 0; i < CURVES; i++)
	{
		JoseKey    *key = key_of(curves[i].jwk);

		for (k = 0; k < CURVES; k++)
		{
			if (i != k)
				ok(verify_b64(key, curves[k].alg, FOREIGN_MESSAGE, curves[k].signature) == JOSE_ERR_KEY_ALG,
				   "no %s with a key on %s", curves[k].alg, curves[i].crv);
		}
		is_err(verify_b64(key, "RS256", FOREIGN_MESSAGE, curves[i].signature), JOSE_ERR_KEY_ALG, "nor RS256");
		jose_key_free(key);
	}
}

/* ---- forged signatures ---- */

/*
 * CVE-2022-21449: with r = s = 0 both sides of the equation are zero, and a
 * verifier that does not look takes it for any message under any key.
 */
static void
test_psychic(void)
{
	int			i;

	for (i = 0; i < CURVES; i++)
	{
		JoseKey    *key = key_of(curves[i].jwk);
		size_t		half = curves[i].bytes;
		EC_GROUP   *group = EC_GROUP_new_by_curve_name(curves[i].nid);
		JoseBuf		good = from_b64(curves[i].signature);
		unsigned char order[66];
		unsigned char forged[132] = {0};

		BN_bn2binpad(EC_GROUP_get0_order(group), order, (int) half);
		is_err(verify_bytes(key, curves[i].alg, "x", forged, 2 * half), JOSE_ERR_SIGNATURE, "r = s = 0");
		memcpy(forged, order, half);
		memcpy(forged + half, order, half);
		is_err(verify_bytes(key, curves[i].alg, "x", forged, 2 * half), JOSE_ERR_SIGNATURE, "r = s = n");
		memcpy(forged, good.data, half);
		is_err(verify_bytes(key, curves[i].alg, FOREIGN_MESSAGE, forged, 2 * half), JOSE_ERR_SIGNATURE, "s = n");
		memset(forged + half, 0, half);
		is_err(verify_bytes(key, curves[i].alg, FOREIGN_MESSAGE, forged, 2 * half), JOSE_ERR_SIGNATURE, "s = 0");
		memset(forged, 0, half);
		memcpy(forged + half, good.data + half, half);
		is_err(verify_bytes(key, curves[i].alg, FOREIGN_MESSAGE, forged, 2 * half), JOSE_ERR_SIGNATURE, "r = 0");
		memcpy(forged, good.data + half, half);
		memcpy(forged + half, good.data, half);
		is_err(verify_bytes(key, curves[i].alg, FOREIGN_MESSAGE, forged, 2 * half), JOSE_ERR_SIGNATURE,
			   "s and r exchanged");
		EC_GROUP_free(group);
		jose_buf_free(&good);
		jose_key_free(key);
	}
}

/*
 * A second spelling of one signature slips past whoever remembers the first:
 * only r || s at full length will do, neither DER nor r and s of odd lengths.
 */
static void
test_form(void)
{
	JoseKey    *key = key_of(FOREIGN_P256_JWK);
	JoseBuf		good = from_b64(FOREIGN_ES256);
	JoseBuf		der = from_b64(FOREIGN_ES256_DER);
	unsigned char padded[66] = {0};

	is_err(verify_bytes(key, "ES256", FOREIGN_MESSAGE, good.data, good.len), JOSE_OK, "r || s");
	is_err(verify_bytes(key, "ES256", FOREIGN_MESSAGE, der.data, der.len), JOSE_ERR_SIGNATURE, "DER");
	is_err(verify_bytes(key, "ES256", FOREIGN_MESSAGE, der.data, 64), JOSE_ERR_SIGNATURE, "64 bytes of DER");
	memcpy(padded + 1, good.data, 32);
	memcpy(padded + 34, good.data + 32, 32);
	is_err(verify_bytes(key, "ES256", FOREIGN_MESSAGE, padded, 66), JOSE_ERR_SIGNATURE, "r and s with leading zeros");
	jose_buf_free(&good);
	jose_buf_free(&der);
	jose_key_free(key);
}

/*
 * The ends of the range are in it: a key made so that the signature of one
 * message with the nonce 1 is (r, s) for the s we choose, as
 * s = k^-1 (e + r d) gives d = (s k - e) / r.  Were our order too small by
 * one, s = n - 1 would be refused.
 */
static void
check_end_of_range(int i, const char *hash, const BIGNUM *s, const char *name)
{
	EC_GROUP   *group = EC_GROUP_new_by_curve_name(curves[i].nid);
	const BIGNUM *n = EC_GROUP_get0_order(group);
	size_t		half = curves[i].bytes;
	EC_POINT   *q = EC_POINT_new(group);
	BN_CTX	   *ctx = BN_CTX_new();
	BIGNUM	   *r = BN_new();
	BIGNUM	   *d = BN_new();
	BIGNUM	   *e = BN_new();
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len;
	unsigned char signature[132];
	JoseBuf		jwk;
	JoseKey    *key;

	EVP_Digest("hello", 5, digest, &len, EVP_get_digestbyname(hash), NULL);
	BN_bin2bn(digest, (int) len, e);
	EC_POINT_get_affine_coordinates(group, EC_GROUP_get0_generator(group), r, NULL, ctx);
	BN_nnmod(r, r, n, ctx);
	BN_mod_inverse(d, r, n, ctx);
	BN_mod_sub(e, s, e, n, ctx);
	BN_mod_mul(d, d, e, n, ctx);
	EC_POINT_mul(group, q, d, NULL, NULL, ctx);

	jwk = point_jwk(curves[i].crv, group, q, half);
	key = key_of((const char *) jwk.data);
	BN_bn2binpad(r, signature, (int) half);
	BN_bn2binpad(s, signature + half, (int) half);
	ok(verify_bytes(key, curves[i].alg, "hello", signature, 2 * half) == JOSE_OK, "%s, %s", curves[i].alg, name);
	jose_key_free(key);
	jose_buf_free(&jwk);
	BN_free(r);
	BN_free(d);
	BN_free(e);
	BN_CTX_free(ctx);
	EC_POINT_free(q);
	EC_GROUP_free(group);
}

static void
test_range(void)
{
	static const char *const hashes[] = {"SHA256", "SHA384", "SHA512", "SHA256"};
	int			i;

	for (i = 0; i < CURVES; i++)
	{
		EC_GROUP   *group = EC_GROUP_new_by_curve_name(curves[i].nid);
		BIGNUM	   *s = BN_dup(EC_GROUP_get0_order(group));

		BN_sub_word(s, 1);
		check_end_of_range(i, hashes[i], s, "s = n - 1");
		BN_one(s);
		check_end_of_range(i, hashes[i], s, "s = 1");
		BN_free(s);
		EC_GROUP_free(group);
	}
}

int
main(void)
{
	test_rfc7515();
	test_rfc7520();
	test_foreign();
	test_for_others();
	test_lengths();
	test_other_curves();
	test_psychic();
	test_form();
	test_range();
	queue_is_empty();
	return done_testing();
}
