/*
 * ec_key_test.c
 *		EC keys: what must not pass for a point or for a pair, and making new ones.
 */
#include "tap.h"
#include "crypt.h"
#include "asym.h"
#include "ec_curves.h"
#include "rfc_keys.h"

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

#define JWK FOREIGN_P256_JWK

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

	for (i = 0; i < CURVES; i++)
	{
		static const unsigned char zero[66] = {0};
		EC_GROUP   *group = EC_GROUP_new_by_curve_name(curves[i].nid);
		size_t		bytes = curves[i].bytes;
		unsigned char field[66];
		BIGNUM	   *d = member_number(curves[i].jwk, "d");

		refuses_bytes(curves[i].jwk, "d", zero, bytes, JOSE_ERR_KEY_INVALID, "d = 0");
		BN_bn2binpad(EC_GROUP_get0_order(group), field, (int) bytes);
		refuses_bytes(curves[i].jwk, "d", field, bytes, JOSE_ERR_KEY_INVALID, "d = n");
		BN_add_word(d, 1);
		BN_bn2binpad(d, field, (int) bytes);
		refuses_bytes(curves[i].jwk, "d", field, bytes, JOSE_ERR_KEY_INVALID, "d + 1");
		BN_sub_word(d, 1);
		BN_sub(d, EC_GROUP_get0_order(group), d);
		BN_bn2binpad(d, field, (int) bytes);
		refuses_bytes(curves[i].jwk, "d", field, bytes, JOSE_ERR_KEY_INVALID, "-d, whose x is the same");
		memset(field, 0xff, bytes);
		refuses_bytes(curves[i].jwk, "d", field, bytes, JOSE_ERR_KEY_INVALID, "d of all ones");
		BN_free(d);
		EC_GROUP_free(group);
	}
}

/* ---- generation ---- */

static void
test_generate(void)
{
	int			i;

	for (i = 0; i < CURVES; i++)
	{
		JoseKey    *key;

		is_err(jose_key_generate(curves[i].alg, 0, NULL, NULL, &key), JOSE_OK, curves[i].alg);
		is_err(jose_key_bits(key), curves[i].bits, "of its curve's bits");
		is_str(key->crv, curves[i].crv, "on its curve");
		round_trips(key, curves[i].alg);
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
	has_thumbprint(RFC9449_JWK, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", "RFC 9449 6.1");
	test_missing();
	test_lengths();
	test_points();
	test_over_field();
	test_halves();
	test_generate();
	queue_is_empty();
	return done_testing();
}
