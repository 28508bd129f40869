/*
 * ec_test.c
 *		EC keys and ES signatures: the RFCs' examples, another program's keys and
 *		signatures, and what must not pass for a point or a signature.
 */
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "tap.h"
#include "crypt.h"
#include "asym.h"
#include "foreign.h"

/* RFC 7515 A.3 */
#define RFC7515_A3_JWK \
	"{\"kty\":\"EC\",\"crv\":\"P-256\"" \
	",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"" \
	",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"" \
	",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}"

#define RFC7515_A3_INPUT \
	"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt" \
	"cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

#define RFC7515_A3_SIGNATURE \
	"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

/* RFC 7515 A.4 */
#define RFC7515_A4_JWK \
	"{\"kty\":\"EC\",\"crv\":\"P-521\"" \
	",\"x\":\"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk\"" \
	",\"y\":\"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2\"" \
	",\"d\":\"AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C\"}"

#define RFC7515_A4_INPUT "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA"

#define RFC7515_A4_SIGNATURE \
	"AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7Xdt" \
	"AG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"

/* RFC 7520 3.1 and 3.2 */
#define RFC7520_31_JWK \
	"{\"kty\":\"EC\"" \
	",\"kid\":\"bilbo.baggins@hobbiton.example\"" \
	",\"use\":\"sig\"" \
	",\"crv\":\"P-521\"" \
	",\"x\":\"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRX" \
	"YgCF5cj0Kt\"" \
	",\"y\":\"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwl" \
	"GfP-HqHZR1\"}"

#define RFC7520_32_JWK \
	"{\"kty\":\"EC\"" \
	",\"kid\":\"bilbo.baggins@hobbiton.example\"" \
	",\"use\":\"sig\"" \
	",\"crv\":\"P-521\"" \
	",\"x\":\"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRX" \
	"YgCF5cj0Kt\"" \
	",\"y\":\"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwl" \
	"GfP-HqHZR1\"" \
	",\"d\":\"AAhRON2r9cqXX1hg-RoI6R1tX5p2rUAYdmpHZoC1XNM56KtscrX6zbKipQrCW9CGZH3T4ubpnoTKLD" \
	"YJ_fF3_rJt\"}"

/* RFC 7520 4.3 */
#define RFC7520_43_INPUT \
	"eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZ" \
	"GFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGU" \
	"gcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlc" \
	"mUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4"

#define RFC7520_43_SIGNATURE \
	"AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1" \
	"eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu" \
	"9xQ2"

/* RFC 9449 6.1 */
#define RFC9449_JWK \
	"{\"kty\":\"EC\",\"crv\":\"P-256\"" \
	",\"x\":\"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs\"" \
	",\"y\":\"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA\"}"

/* Keys whose x, y and d begin with a zero octet, another library's */
#define ZERO_X_JWK \
	"{\"kty\":\"EC\",\"crv\":\"P-256\"" \
	",\"x\":\"AFO_OnFk-pGH6J79l1v09TE8WVrOGmfxeNRkOKzpD2E\"" \
	",\"y\":\"0CurKhNbZkfZz5UK737GuNodqaEDCpe_IkNvAVi0A98\"" \
	",\"d\":\"AAAAAAAABwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAHE\"}"

#define ZERO_Y_JWK \
	"{\"kty\":\"EC\",\"crv\":\"P-256\"" \
	",\"x\":\"oE0yZYtwjr7xmrQqkZ-rHdEJnjokTCLMKxav69aIAk4\"" \
	",\"y\":\"AO--uJ4iJBgG7yGsUPL0hPfm6czbSw3yUR7rh9eZ8bs\"" \
	",\"d\":\"AAAAAAAABwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEk\"}"

static const struct
{
	const char *alg;
	const char *crv;
	int			nid;
	int			bits;
	size_t		bytes;
	const char *jwk;
	const char *signature;
}			foreign[] = {
	{"ES256", "P-256", NID_X9_62_prime256v1, 256, 32, FOREIGN_P256_JWK, FOREIGN_ES256},
	{"ES384", "P-384", NID_secp384r1, 384, 48, FOREIGN_P384_JWK, FOREIGN_ES384},
	{"ES512", "P-521", NID_secp521r1, 521, 66, FOREIGN_P521_JWK, FOREIGN_ES512},
	/* RFC 8812 has no examples: this is its vector */
	{"ES256K", "secp256k1", NID_secp256k1, 256, 32, FOREIGN_SECP256K1_JWK, FOREIGN_ES256K}
};

#define FOREIGN ((int) (sizeof(foreign) / sizeof(foreign[0])))

#define JWK FOREIGN_P256_JWK

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

	for (i = 0; i < FOREIGN; i++)
	{
		JoseKey    *key = key_of(foreign[i].jwk);
		JoseBuf		signature;

		resists_changes(key, foreign[i].alg, FOREIGN_MESSAGE, foreign[i].signature);
		round_trips(key, foreign[i].alg);
		writes_the_same(foreign[i].jwk, true, foreign[i].crv);
		is_err(jose_key_bits(key), foreign[i].bits, "its bits");
		signature = sign_message(key, foreign[i].alg, "x");
		ok(signature.len == 2 * foreign[i].bytes, "%s: r and s at full length", foreign[i].alg);
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

	for (i = 0; i < FOREIGN; i++)
	{
		JoseKey    *key = key_of(foreign[i].jwk);
		JoseBuf		raw = sign_message(key, foreign[i].alg, "hello");
		int			half = (int) foreign[i].bytes;
		ECDSA_SIG  *sig = ECDSA_SIG_new();
		unsigned char *der = NULL;
		int			len;
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();

		ECDSA_SIG_set0(sig, BN_bin2bn(raw.data, half, NULL), BN_bin2bn(raw.data + half, half, NULL));
		len = i2d_ECDSA_SIG(sig, &der);
		ok(EVP_DigestVerifyInit(ctx, NULL, EVP_get_digestbyname(hashes[i]), NULL, key->pkey) == 1 &&
		   EVP_DigestVerify(ctx, der, (size_t) len, (const unsigned char *) "hello", 5) == 1,
		   "openssl verifies our %s", foreign[i].alg);
		EVP_MD_CTX_free(ctx);
		OPENSSL_free(der);
		ECDSA_SIG_free(sig);
		jose_buf_free(&raw);
		jose_key_free(key);
	}
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

	for (i = 0; i < FOREIGN; i++)
	{
		JoseKey    *key = key_of(foreign[i].jwk);

		for (k = 0; k < FOREIGN; k++)
		{
			if (i != k)
				ok(verify_b64(key, foreign[k].alg, FOREIGN_MESSAGE, foreign[k].signature) == JOSE_ERR_KEY_ALG,
				   "no %s with a key on %s", foreign[k].alg, foreign[i].crv);
		}
		is_err(verify_b64(key, "RS256", FOREIGN_MESSAGE, foreign[i].signature), JOSE_ERR_KEY_ALG, "nor RS256");
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

	for (i = 0; i < FOREIGN; i++)
	{
		JoseKey    *key = key_of(foreign[i].jwk);
		size_t		half = foreign[i].bytes;
		EC_GROUP   *group = EC_GROUP_new_by_curve_name(foreign[i].nid);
		JoseBuf		good = from_b64(foreign[i].signature);
		unsigned char order[66];
		unsigned char forged[132] = {0};

		BN_bn2binpad(EC_GROUP_get0_order(group), order, (int) half);
		is_err(verify_bytes(key, foreign[i].alg, "x", forged, 2 * half), JOSE_ERR_SIGNATURE, "r = s = 0");
		memcpy(forged, order, half);
		memcpy(forged + half, order, half);
		is_err(verify_bytes(key, foreign[i].alg, "x", forged, 2 * half), JOSE_ERR_SIGNATURE, "r = s = n");
		memcpy(forged, good.data, half);
		is_err(verify_bytes(key, foreign[i].alg, FOREIGN_MESSAGE, forged, 2 * half), JOSE_ERR_SIGNATURE, "s = n");
		memset(forged + half, 0, half);
		is_err(verify_bytes(key, foreign[i].alg, FOREIGN_MESSAGE, forged, 2 * half), JOSE_ERR_SIGNATURE, "s = 0");
		memset(forged, 0, half);
		memcpy(forged + half, good.data + half, half);
		is_err(verify_bytes(key, foreign[i].alg, FOREIGN_MESSAGE, forged, 2 * half), JOSE_ERR_SIGNATURE, "r = 0");
		memcpy(forged, good.data + half, half);
		memcpy(forged + half, good.data, half);
		is_err(verify_bytes(key, foreign[i].alg, FOREIGN_MESSAGE, forged, 2 * half), JOSE_ERR_SIGNATURE,
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
	JoseKey    *key = key_of(JWK);
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

static JoseBuf
point_jwk(const char *crv, const EC_GROUP *group, const EC_POINT *point, size_t bytes)
{
	BIGNUM	   *x = BN_new();
	BIGNUM	   *y = BN_new();
	unsigned char octets[66];
	JoseBuf		out = {0};

	if (EC_POINT_get_affine_coordinates(group, point, x, y, NULL) != 1)
		bail("no coordinates", crv);
	jose_buf_puts(&out, "{\"kty\":\"EC\",\"crv\":\"");
	jose_buf_puts(&out, crv);
	jose_buf_puts(&out, "\"");
	BN_bn2binpad(x, octets, (int) bytes);
	jose_jwk_write_bytes(&out, "x", octets, bytes);
	BN_bn2binpad(y, octets, (int) bytes);
	jose_jwk_write_bytes(&out, "y", octets, bytes);
	jose_buf_puts(&out, "}");
	BN_free(x);
	BN_free(y);
	return out;
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
	EC_GROUP   *group = EC_GROUP_new_by_curve_name(foreign[i].nid);
	const BIGNUM *n = EC_GROUP_get0_order(group);
	size_t		half = foreign[i].bytes;
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

	jwk = point_jwk(foreign[i].crv, group, q, half);
	key = key_of((const char *) jwk.data);
	BN_bn2binpad(r, signature, (int) half);
	BN_bn2binpad(s, signature + half, (int) half);
	ok(verify_bytes(key, foreign[i].alg, "hello", signature, 2 * half) == JOSE_OK, "%s, %s", foreign[i].alg, name);
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

	for (i = 0; i < FOREIGN; i++)
	{
		EC_GROUP   *group = EC_GROUP_new_by_curve_name(foreign[i].nid);
		BIGNUM	   *s = BN_dup(EC_GROUP_get0_order(group));

		BN_sub_word(s, 1);
		check_end_of_range(i, hashes[i], s, "s = n - 1");
		BN_one(s);
		check_end_of_range(i, hashes[i], s, "s = 1");
		BN_free(s);
		EC_GROUP_free(group);
	}
}

/* ---- what is no key ---- */

static void
test_missing(void)
{
	refuses(JWK, "crv", NULL, JOSE_ERR_KEY_MEMBER, "no crv");
	refuses(JWK, "crv", "256", JOSE_ERR_KEY_MEMBER, "crv is a number");
	refuses(JWK, "x", NULL, JOSE_ERR_KEY_MEMBER, "no x");
	refuses(JWK, "y", NULL, JOSE_ERR_KEY_MEMBER, "no y");
	refuses(JWK, "x", "\"\"", JOSE_ERR_KEY_MEMBER, "x is empty");
	refuses(JWK, "y", "null", JOSE_ERR_KEY_MEMBER, "y is null");
	refuses(JWK, "d", "\"\"", JOSE_ERR_KEY_MEMBER, "d is empty");
	refuses(JWK, "d", "7", JOSE_ERR_KEY_MEMBER, "d is a number");
	refuses(JWK, "crv", "\"P-192\"", JOSE_ERR_KEY_TYPE, "P-192");
	refuses(JWK, "crv", "\"p-256\"", JOSE_ERR_KEY_TYPE, "p-256");
	refuses(JWK, "crv", "\"prime256v1\"", JOSE_ERR_KEY_TYPE, "OpenSSL's name for it");
	refuses(JWK, "crv", "\"Ed25519\"", JOSE_ERR_KEY_TYPE, "Ed25519 is OKP");
}

/*
 * RFC 7518 6.2.1.2: exactly the curve's octets.  Where a leading zero may be
 * left out, one key has many texts, and as many thumbprints.
 */
static void
test_lengths(void)
{
	static const char *const fields[] = {"x", "y", "d"};
	static const char *const keys[] = {ZERO_X_JWK, ZERO_Y_JWK, ZERO_X_JWK};
	int			i;

	for (i = 0; i < 3; i++)
	{
		JoseBuf		field = member_bytes(keys[i], fields[i]);
		unsigned char longer[33] = {0};

		writes_the_same(keys[i], true, "with a leading zero");
		refuses_bytes(keys[i], fields[i], field.data + 1, 31, JOSE_ERR_KEY_INVALID, "without its leading zero");
		memcpy(longer + 1, field.data, 32);
		refuses_bytes(keys[i], fields[i], longer, 33, JOSE_ERR_KEY_INVALID, "with one more");
		refuses_bytes(keys[i], fields[i], field.data, 1, JOSE_ERR_KEY_INVALID, "of one octet");
		jose_buf_free(&field);
	}
}

/*
 * An invalid-curve attack has us work with a point of small order on some
 * other curve, and reads our private key off the answers.
 */
static void
test_points(void)
{
	static const unsigned char zero[32] = {0};
	JoseBuf		y = member_bytes(JWK, "y");
	JoseBuf		x = member_bytes(JWK, "x");
	JoseBuf		jwk;

	y.data[31] ^= 1;
	refuses_bytes(JWK, "y", y.data, 32, JOSE_ERR_KEY_INVALID, "off the curve by a bit of y");
	y.data[31] ^= 1;
	refuses_bytes(JWK, "x", y.data, 32, JOSE_ERR_KEY_INVALID, "x = y");
	refuses_bytes(JWK, "y", x.data, 32, JOSE_ERR_KEY_INVALID, "y = x");
	refuses_bytes(JWK, "y", zero, 32, JOSE_ERR_KEY_INVALID, "y = 0");
	jwk = jwk_with_bytes(JWK, "x", zero, 32);
	refuses_bytes((const char *) jwk.data, "y", zero, 32, JOSE_ERR_KEY_INVALID, "infinity, as some write it");
	jose_buf_free(&jwk);
	refuses(JWK, "crv", "\"secp256k1\"", JOSE_ERR_KEY_INVALID, "P-256's point on secp256k1");
	refuses(FOREIGN_SECP256K1_JWK, "crv", "\"P-256\"", JOSE_ERR_KEY_INVALID, "and the other way round");
	refuses(JWK, "crv", "\"P-384\"", JOSE_ERR_KEY_INVALID, "on P-384");
	jose_buf_free(&x);
	jose_buf_free(&y);
}

/* x + p is x again, and would be a second text of the key. */
static void
test_over_field(void)
{
	EC_GROUP   *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	BIGNUM	   *p = BN_new();
	BIGNUM	   *x = BN_new();
	BIGNUM	   *t = BN_new();
	BN_CTX	   *ctx = BN_CTX_new();
	EC_POINT   *point = EC_POINT_new(group);
	JoseBuf		jwk;

	/* p is 2^224 short of 2^256 or so: the first x with a point will do */
	EC_GROUP_get_curve(group, p, NULL, NULL, ctx);
	for (BN_one(x); EC_POINT_set_compressed_coordinates(group, point, x, 0, ctx) != 1; BN_add_word(x, 1))
		ERR_clear_error();
	jwk = point_jwk("P-256", group, point, 32);
	is_err(read_jwk((const char *) jwk.data), JOSE_OK, "a point with a small x");
	BN_add(t, x, p);
	refuses_number((const char *) jwk.data, "x", t, JOSE_ERR_KEY_INVALID, "x + p");
	jose_buf_free(&jwk);
	BN_free(p);
	BN_free(x);
	BN_free(t);
	BN_CTX_free(ctx);
	EC_POINT_free(point);
	EC_GROUP_free(group);
}

/* d must be in [1, n-1] and x and y its point. */
static void
test_halves(void)
{
	int			i;

	for (i = 0; i < FOREIGN; i++)
	{
		static const unsigned char zero[66] = {0};
		EC_GROUP   *group = EC_GROUP_new_by_curve_name(foreign[i].nid);
		size_t		bytes = foreign[i].bytes;
		unsigned char field[66];
		BIGNUM	   *d = member_number(foreign[i].jwk, "d");

		refuses_bytes(foreign[i].jwk, "d", zero, bytes, JOSE_ERR_KEY_INVALID, "d = 0");
		BN_bn2binpad(EC_GROUP_get0_order(group), field, (int) bytes);
		refuses_bytes(foreign[i].jwk, "d", field, bytes, JOSE_ERR_KEY_INVALID, "d = n");
		BN_add_word(d, 1);
		BN_bn2binpad(d, field, (int) bytes);
		refuses_bytes(foreign[i].jwk, "d", field, bytes, JOSE_ERR_KEY_INVALID, "d + 1");
		BN_sub_word(d, 1);
		BN_sub(d, EC_GROUP_get0_order(group), d);
		BN_bn2binpad(d, field, (int) bytes);
		refuses_bytes(foreign[i].jwk, "d", field, bytes, JOSE_ERR_KEY_INVALID, "-d, whose x is the same");
		memset(field, 0xff, bytes);
		refuses_bytes(foreign[i].jwk, "d", field, bytes, JOSE_ERR_KEY_INVALID, "d of all ones");
		BN_free(d);
		EC_GROUP_free(group);
	}
}

/* ---- generation ---- */

static void
test_generate(void)
{
	int			i;

	for (i = 0; i < FOREIGN; i++)
	{
		JoseKey    *key;

		is_err(jose_key_generate(foreign[i].alg, 0, NULL, NULL, &key), JOSE_OK, foreign[i].alg);
		is_err(jose_key_bits(key), foreign[i].bits, "of its curve's bits");
		is_str(key->crv, foreign[i].crv, "on its curve");
		round_trips(key, foreign[i].alg);
		jose_key_free(key);
	}
	is_err(generate_error("ES256", 256, "P-256", never_stop), JOSE_OK, "the size that the curve has");
	is_err(generate_error("ES256", 384, NULL, NULL), JOSE_ERR_KEY_TYPE, "another size");
	is_err(generate_error("ES256", 0, "P-384", NULL), JOSE_ERR_KEY_TYPE, "another curve");
	is_err(generate_error("ES256", 0, NULL, stop_at_once), JOSE_ERR_CANCELLED, "stopped");
}

int
main(void)
{
	test_rfc7515();
	test_rfc7520();
	has_thumbprint(RFC9449_JWK, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", "RFC 9449 6.1");
	test_foreign();
	test_for_others();
	test_other_curves();
	test_psychic();
	test_form();
	test_range();
	test_missing();
	test_lengths();
	test_points();
	test_over_field();
	test_halves();
	test_generate();
	queue_is_empty();
	return done_testing();
}
