/*
 * ec.c
 *		Key type EC, RFC 7518 6.2 and RFC 8812 3.1, and ECDSA: ES256, ES384,
 *		ES512 (RFC 7518 3.4) and ES256K (RFC 8812 3.2).
 *
 * JOSE writes a signature as r and s side by side at their full length,
 * OpenSSL as DER; the conversion, both ways, stands here.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>

#include "pkey.h"

#define MAX_FIELD	66			/* P-521 */
#define MAX_DER		144			/* two integers of 67 bytes, with their heads */

typedef struct Curve
{
	const char *crv;
	const char *group;			/* OpenSSL's name */
	int			bits;
	size_t		bytes;			/* of a coordinate, of d, of r and of s */
	unsigned char order[MAX_FIELD];
} Curve;

/* Orders: SEC 2, 2.4.1, 2.4.2, 2.5.1 and 2.6.1 */
static const Curve curves[] = {
	{"P-256", "prime256v1", 256, 32, {
			0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51
	}},
	{"P-384", "secp384r1", 384, 48, {
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
			0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73
	}},
	{"P-521", "secp521r1", 521, 66, {
			0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09,
			0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38,
			0x64, 0x09
	}},
	{"secp256k1", "secp256k1", 256, 32, {
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
			0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41
	}}
};

#define CURVES	((int) (sizeof(curves) / sizeof(curves[0])))

static const Curve *
curve_by_name(const char *crv)
{
	int			i;

	for (i = 0; i < CURVES; i++)
	{
		if (strcmp(curves[i].crv, crv) == 0)
			return &curves[i];
	}
	return NULL;
}

static const Curve *
curve_by_group(const char *group)
{
	int			i;

	for (i = 0; i < CURVES; i++)
	{
		if (strcmp(curves[i].group, group) == 0)
			return &curves[i];
	}
	return NULL;
}

/* ---- the key type ---- */

/*
 * Checks by OpenSSL.  On curves of cofactor 1, as these four are, a point
 * that is not infinity, in range and on the curve has the full order, so the
 * quick check is the full one (NIST SP 800-56A 5.6.2.3.4) at a tenth of its
 * time or less.  For a private key all of it is done: d in [1, n-1], and d * G
 * the public point; 0.1 ms on P-256, 2 ms on P-384, once a key.
 */
static JoseError
check(EVP_PKEY *pkey, bool is_private)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	bool		good;

	if (ctx == NULL)
		return JOSE_ERR_INTERNAL;
	good = EVP_PKEY_public_check_quick(ctx) == 1 &&
		(!is_private || EVP_PKEY_pairwise_check(ctx) == 1);
	EVP_PKEY_CTX_free(ctx);
	return good ? JOSE_OK : jose_openssl_refused(JOSE_ERR_KEY_INVALID);
}

/* The one way a key comes to be: from its coordinates, and d unless NULL. */
static JoseError
build(JoseKey *key, const Curve *curve, const unsigned char *x, const unsigned char *y, const BIGNUM *d)
{
	OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
	unsigned char point[1 + 2 * MAX_FIELD];
	EVP_PKEY   *pkey = NULL;
	JoseError	err = JOSE_ERR_MEMORY;

	point[0] = POINT_CONVERSION_UNCOMPRESSED;
	memcpy(point + 1, x, curve->bytes);
	memcpy(point + 1 + curve->bytes, y, curve->bytes);
	if (parts != NULL &&
		OSSL_PARAM_BLD_push_utf8_string(parts, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) == 1 &&
		OSSL_PARAM_BLD_push_octet_string(parts, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * curve->bytes) == 1 &&
		(d == NULL || OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_PRIV_KEY, d) == 1))
		err = jose_pkey_build("EC", parts, d != NULL, &pkey);
	OSSL_PARAM_BLD_free(parts);
	if (err == JOSE_OK)
		err = check(pkey, d != NULL);
	if (err != JOSE_OK)
	{
		EVP_PKEY_free(pkey);
		ERR_clear_error();
		return err;
	}
	EVP_PKEY_free(key->pkey);
	key->pkey = pkey;
	key->crv = curve->crv;
	key->is_private = d != NULL;
	return JOSE_OK;
}

/* RFC 7518 6.2.1.2, 6.2.1.3 and 6.2.2.1: exactly the curve's length */
static JoseError
read_field(const JoseObject *jwk, const char *name, bool optional, size_t len, JoseBuf *out)
{
	JoseError	err = jose_jwk_bytes(jwk, name, optional, out);

	if (err == JOSE_OK && out->len != len && !(optional && out->len == 0))
		return JOSE_ERR_KEY_INVALID;
	return err;
}

static JoseError
read_numbers(const JoseObject *jwk, const Curve *curve, JoseKey *key)
{
	JoseBuf		x = {0};
	JoseBuf		y = {0};
	JoseBuf		d = {0};
	BIGNUM	   *number = NULL;
	JoseError	err = read_field(jwk, "x", false, curve->bytes, &x);

	if (err == JOSE_OK)
		err = read_field(jwk, "y", false, curve->bytes, &y);
	if (err == JOSE_OK)
		err = read_field(jwk, "d", true, curve->bytes, &d);
	if (err == JOSE_OK && d.len > 0)
	{
		number = jose_number_from_bytes(d.data, d.len);
		if (number == NULL)
			err = JOSE_ERR_MEMORY;
	}
	if (err == JOSE_OK)
		err = build(key, curve, x.data, y.data, number);
	BN_free(number);
	jose_buf_free(&x);
	jose_buf_free(&y);
	jose_buf_free(&d);
	return err;
}

static JoseError
ec_read(const JoseObject *jwk, JoseKey *key)
{
	const char *crv;
	const Curve *curve;

	if (!jose_object_string(jwk, "crv", &crv) || crv == NULL)
		return JOSE_ERR_KEY_MEMBER;
	curve = curve_by_name(crv);
	return curve != NULL ? read_numbers(jwk, curve, key) : JOSE_ERR_KEY_TYPE;
}

/* A coordinate at its full length into out. */
static bool
get_coordinate(const EVP_PKEY *pkey, const char *param, size_t len, unsigned char *out)
{
	BIGNUM	   *number = jose_pkey_number(pkey, param);
	bool		good = number != NULL && BN_bn2binpad(number, out, (int) len) >= 0;

	BN_free(number);
	return good;
}

/*
 * RFC 5480 2.1.1: a curve goes by its name.  Parameters spelled out could name
 * another generator (CVE-2020-0601), and nobody needs them.
 */
static const Curve *
curve_of(const EVP_PKEY *pkey)
{
	char		group[64];
	int			is_explicit = 0;

	if (EVP_PKEY_get_int_param(pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) != 1 ||
		is_explicit != 0 ||
		EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), NULL) != 1)
	{
		ERR_clear_error();
		return NULL;
	}
	return curve_by_group(group);
}

static JoseError
ec_adopt(JoseKey *key)
{
	const Curve *curve = curve_of(key->pkey);
	unsigned char x[MAX_FIELD];
	unsigned char y[MAX_FIELD];
	BIGNUM	   *d;
	JoseError	err = JOSE_ERR_KEY_INVALID;

	if (curve == NULL)
		return JOSE_ERR_KEY_TYPE;
	d = jose_pkey_number(key->pkey, OSSL_PKEY_PARAM_PRIV_KEY);
	/* infinity has no coordinates */
	if (get_coordinate(key->pkey, OSSL_PKEY_PARAM_EC_PUB_X, curve->bytes, x) &&
		get_coordinate(key->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, curve->bytes, y))
		err = build(key, curve, x, y, d);
	BN_free(d);
	ERR_clear_error();
	return err;
}

static JoseError
write_number(const JoseKey *key, const char *param, const char *member, JoseBuf *out)
{
	BIGNUM	   *number = jose_pkey_number(key->pkey, param);
	JoseError	err = JOSE_ERR_INTERNAL;

	if (number != NULL)
		err = jose_jwk_write_number(out, member, number, curve_by_name(key->crv)->bytes);
	BN_free(number);
	return err;
}

static JoseError
write_point(const JoseKey *key, JoseBuf *out)
{
	JoseError	err = write_number(key, OSSL_PKEY_PARAM_EC_PUB_X, "x", out);

	return err == JOSE_OK ? write_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, "y", out) : err;
}

static JoseError
ec_write(const JoseKey *key, bool with_private, JoseBuf *out)
{
	JoseError	err;

	jose_buf_puts(out, ",\"crv\":\"");
	jose_buf_puts(out, key->crv);
	jose_buf_puts(out, "\"");
	err = write_point(key, out);
	if (err == JOSE_OK && with_private)
		err = write_number(key, OSSL_PKEY_PARAM_PRIV_KEY, "d", out);
	return err;
}

/* RFC 7638 3.2: {"crv":"...","kty":"EC","x":"...","y":"..."} */
static JoseError
ec_canonical(const JoseKey *key, JoseBuf *out)
{
	JoseError	err;

	jose_buf_puts(out, "{\"crv\":\"");
	jose_buf_puts(out, key->crv);
	jose_buf_puts(out, "\",\"kty\":\"EC\"");
	err = write_point(key, out);
	jose_buf_puts(out, "}");
	return err == JOSE_OK && out->failed ? JOSE_ERR_MEMORY : err;
}

static JoseError
ec_generate(JoseKey *key, int bits, const char *crv, bool (*stop) (void))
{
	const Curve *curve = curve_by_name(crv != NULL ? crv : "P-256");
	EVP_PKEY_CTX *ctx;
	JoseError	err = JOSE_ERR_INTERNAL;

	/* the curve is the size; who asks for another is not to get this one */
	if (curve == NULL || (bits != 0 && bits != curve->bits))
		return JOSE_ERR_KEY_TYPE;
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1 &&
		EVP_PKEY_CTX_set_group_name(ctx, curve->group) == 1)
		err = jose_pkey_generate(ctx, stop, &key->pkey);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return err == JOSE_OK ? ec_adopt(key) : err;
}

static int
ec_bits(const JoseKey *key)
{
	return curve_by_name(key->crv)->bits;
}

const JoseKeyType jose_keytype_ec = {
	"EC", ec_read, ec_write, ec_canonical, ec_generate, ec_adopt, ec_bits
};

/* ---- signatures ---- */

static bool
configure(EVP_PKEY_CTX *ctx, const EVP_MD *md)
{
	return EVP_PKEY_CTX_set_signature_md(ctx, md) == 1;
}

/* Is it in [1, n-1]?  With r = s = 0 allowed, anything verifies (CVE-2022-21449). */
static bool
in_range(const unsigned char *value, const Curve *curve)
{
	unsigned char any = 0;
	size_t		i;

	for (i = 0; i < curve->bytes; i++)
		any |= value[i];
	return any != 0 && memcmp(value, curve->order, curve->bytes) < 0;
}

/* A DER INTEGER of the number, which is not 0: the fewest octets, the first below 0x80 (X.690 8.3). */
static unsigned char *
put_integer(unsigned char *out, const unsigned char *number, size_t len)
{
	size_t		sign;

	for (; *number == 0; number++)
		len--;
	sign = *number >> 7;
	*out++ = 0x02;
	*out++ = (unsigned char) (sign + len);
	*out = 0;
	memcpy(out + sign, number, len);
	return out + sign + len;
}

/*
 * RFC 7518 3.4: from r || s, neither 0, to DER, which has room for MAX_DER
 * bytes.  By hand: i2d_ECDSA_SIG and its numbers take as long as a hash.
 */
static size_t
raw_to_der(const unsigned char *raw, size_t half, unsigned char *der)
{
	unsigned char numbers[MAX_DER];
	unsigned char *end = put_integer(put_integer(numbers, raw, half), raw + half, half);
	size_t		len = (size_t) (end - numbers);
	size_t		head = 0;

	der[head++] = 0x30;
	/* X.690 8.1.3: P-521's may be longer than one octet can say */
	if (len > 0x7f)
		der[head++] = 0x81;
	der[head++] = (unsigned char) len;
	memcpy(der + head, numbers, len);
	return head + len;
}

static bool
der_to_raw(const unsigned char *der, size_t len, size_t half, unsigned char *raw)
{
	ECDSA_SIG  *sig = d2i_ECDSA_SIG(NULL, &der, (long) len);
	bool		good = sig != NULL &&
		BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, (int) half) >= 0 &&
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + half, (int) half) >= 0;

	ECDSA_SIG_free(sig);
	return good;
}

static JoseError
ecdsa_sign(const JoseAlg *alg, JoseKey *key, const void *message, size_t len, JoseBuf *signature)
{
	EVP_PKEY_CTX *ctx = jose_prepare(&key->signer, alg, key->pkey, EVP_PKEY_sign_init, configure);
	size_t		half = curve_by_name(key->crv)->bytes;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char der[MAX_DER];
	unsigned char raw[2 * MAX_FIELD];
	size_t		digest_len;
	size_t		der_len = sizeof(der);
	JoseError	err;

	if (ctx == NULL)
		return JOSE_ERR_INTERNAL;
	err = jose_digest(&key->signer, message, len, digest, &digest_len);
	if (err != JOSE_OK)
		return err;
	if (EVP_PKEY_sign(ctx, der, &der_len, digest, digest_len) != 1 ||
		!der_to_raw(der, der_len, half, raw))
	{
		ERR_clear_error();
		return JOSE_ERR_INTERNAL;
	}
	jose_buf_append(signature, raw, 2 * half);
	return signature->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

static JoseError
ecdsa_verify(const JoseAlg *alg, JoseKey *key, const void *message, size_t len,
			 const unsigned char *signature, size_t siglen)
{
	const Curve *curve = curve_by_name(key->crv);
	EVP_PKEY_CTX *ctx;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char der[MAX_DER];
	size_t		digest_len;
	size_t		der_len;
	JoseError	err;

	/* RFC 7518 3.4: r and s at their full length, no other form */
	if (siglen != 2 * curve->bytes ||
		!in_range(signature, curve) || !in_range(signature + curve->bytes, curve))
		return JOSE_ERR_SIGNATURE;
	ctx = jose_prepare(&key->verifier, alg, key->pkey, EVP_PKEY_verify_init, configure);
	if (ctx == NULL)
		return JOSE_ERR_INTERNAL;
	err = jose_digest(&key->verifier, message, len, digest, &digest_len);
	if (err != JOSE_OK)
		return err;
	der_len = raw_to_der(signature, curve->bytes, der);
	if (EVP_PKEY_verify(ctx, der, der_len, digest, digest_len) == 1)
		return JOSE_OK;
	ERR_clear_error();
	return JOSE_ERR_SIGNATURE;
}

const JoseSigOps jose_ecdsa_ops = {ecdsa_sign, ecdsa_verify};
