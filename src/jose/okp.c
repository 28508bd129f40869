/*
 * okp.c
 *		Key type OKP, RFC 8037 2: Ed25519 and Ed448 with their signatures (3.1),
 *		X25519 and X448 for ecdh.c.
 *
 * OpenSSL takes any octets of the right number for a point of these curves,
 * so whether they are one is looked at here.
 */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "pkey.h"

#define MAX_BYTES		57		/* Ed448 */
#define MAX_SIGNATURE	114		/* Ed448 */

typedef struct Curve
{
	const char *crv;			/* OpenSSL's name too */
	int			bits;			/* of the field */
	size_t		bytes;			/* of x and of d */
	int			high_bit;		/* 1: the encoding's highest bit is no part of the number */
	const char *p;				/* the field's prime, in hexadecimal */

	/* a * x^2 + y^2 = 1 + d * x^2 * y^2; a is 0 for the X curves */
	int			a;
	const char *d;

	/* coordinates of low order besides 0, 1 and p - 1; NULL: none */
	const char *low_order[2];
} Curve;

#define P25519	"7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED"
#define P448	"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFE" \
				"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"

/* RFC 7748 4.1 and 4.2, RFC 8032 5.1 and 5.2 */
static const Curve curves[] = {
	{"Ed25519", 255, 32, 1, P25519, -1,
		"52036CEE2B6FFE738CC740797779E89800700A4D4141D8AB75EB4DCA135978A3", {
			"05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826",
			"7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7"
	}},
	{"Ed448", 448, 57, 1, P448, 1,
		"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFE"
		"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF6756", {
			NULL, NULL
	}},
	{"X25519", 255, 32, 1, P25519, 0, NULL, {
			"57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F",
			"00B8495F16056286FDB1329CEB8D09DA6AC49FF1FAE35616AEB8413B7C7AEBE0"
	}},
	{"X448", 448, 56, 0, P448, 0, NULL, {
			NULL, NULL
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

/* ---- points ---- */

static bool
is_hex(const BIGNUM *number, const char *hex, BIGNUM *scratch)
{
	return BN_hex2bn(&scratch, hex) > 0 && BN_cmp(number, scratch) == 0;
}

/*
 * Is this the coordinate (y of an Ed curve, u of an X curve) of a point whose
 * order divides the cofactor?  Under such an Ed25519 key one signature fits
 * many messages; with such an X25519 key the agreed secret is zero.
 */
static bool
is_low_order(const Curve *curve, const BIGNUM *coordinate, const BIGNUM *p, BN_CTX *ctx)
{
	BIGNUM	   *t = BN_CTX_get(ctx);
	int			i;

	if (BN_is_zero(coordinate) || BN_is_one(coordinate))
		return true;
	if (t == NULL || BN_add(t, coordinate, BN_value_one()) != 1 || BN_cmp(t, p) == 0)
		return true;
	for (i = 0; i < 2 && curve->low_order[i] != NULL; i++)
	{
		if (is_hex(coordinate, curve->low_order[i], t))
			return true;
	}
	return false;
}

/*
 * RFC 8032 5.1.3 and 5.2.3: x^2 = (y^2 - 1) / (d * y^2 - a) has a root.  The
 * product of two numbers is a square exactly when their quotient is.
 */
static bool
is_on_curve(const Curve *curve, const BIGNUM *y, const BIGNUM *p, BN_CTX *ctx)
{
	const BIGNUM *one = BN_value_one();
	BIGNUM	   *numerator = BN_CTX_get(ctx);
	BIGNUM	   *denominator = BN_CTX_get(ctx);
	BIGNUM	   *d = BN_CTX_get(ctx);

	if (d == NULL || BN_hex2bn(&d, curve->d) == 0 ||
		BN_mod_sqr(numerator, y, p, ctx) != 1 ||
		BN_mod_mul(denominator, d, numerator, p, ctx) != 1 ||
		BN_mod_sub(numerator, numerator, one, p, ctx) != 1)
		return false;
	if ((curve->a < 0 ?
		 BN_mod_add(denominator, denominator, one, p, ctx) :
		 BN_mod_sub(denominator, denominator, one, p, ctx)) != 1 ||
		BN_mod_mul(numerator, numerator, denominator, p, ctx) != 1)
		return false;
	return BN_kronecker(numerator, p, ctx) == 1;
}

static bool
is_good_coordinate(const Curve *curve, const unsigned char *x, BN_CTX *ctx)
{
	BIGNUM	   *p = BN_CTX_get(ctx);
	BIGNUM	   *coordinate = BN_CTX_get(ctx);

	if (coordinate == NULL || BN_hex2bn(&p, curve->p) == 0 ||
		BN_lebin2bn(x, (int) curve->bytes, coordinate) == NULL)
		return false;
	if (curve->high_bit)
		BN_clear_bit(coordinate, (int) curve->bytes * 8 - 1);

	if (curve->a == 0)
	{
		/* RFC 7748 5: a number over p is taken as its remainder */
		return BN_nnmod(coordinate, coordinate, p, ctx) == 1 &&
			!is_low_order(curve, coordinate, p, ctx);
	}
	/* RFC 8032 5.1.3 and 5.2.3, step 1: one over p is no point */
	return BN_cmp(coordinate, p) < 0 &&
		!is_low_order(curve, coordinate, p, ctx) &&
		is_on_curve(curve, coordinate, p, ctx);
}

static JoseError
check_point(const Curve *curve, const unsigned char *x)
{
	BN_CTX	   *ctx = BN_CTX_new();
	JoseError	err = JOSE_ERR_MEMORY;

	if (ctx != NULL)
	{
		BN_CTX_start(ctx);
		err = is_good_coordinate(curve, x, ctx) ? JOSE_OK : JOSE_ERR_KEY_INVALID;
		BN_CTX_end(ctx);
	}
	BN_CTX_free(ctx);
	return err == JOSE_OK ? err : jose_openssl_failed(err);
}

/* ---- the key type ---- */

static bool
get_public(const EVP_PKEY *pkey, const Curve *curve, unsigned char *x)
{
	size_t		len = MAX_BYTES;

	if (EVP_PKEY_get_raw_public_key(pkey, x, &len) == 1 && len == curve->bytes)
		return true;
	ERR_clear_error();
	return false;
}

static bool
get_private(const EVP_PKEY *pkey, const Curve *curve, unsigned char *d)
{
	size_t		len = MAX_BYTES;

	if (EVP_PKEY_get_raw_private_key(pkey, d, &len) == 1 && len == curve->bytes)
		return true;
	ERR_clear_error();
	return false;
}

/* The one way a key comes to be: from x, and d unless NULL. */
static JoseError
build(JoseKey *key, const Curve *curve, const unsigned char *x, const unsigned char *d)
{
	unsigned char derived[MAX_BYTES];
	EVP_PKEY   *pkey;
	JoseError	err = check_point(curve, x);

	if (err != JOSE_OK)
		return err;
	if (d != NULL)
		pkey = EVP_PKEY_new_raw_private_key_ex(NULL, curve->crv, NULL, d, curve->bytes);
	else
		pkey = EVP_PKEY_new_raw_public_key_ex(NULL, curve->crv, NULL, x, curve->bytes);
	if (pkey == NULL || !get_public(pkey, curve, derived))
		err = JOSE_ERR_INTERNAL;
	/* RFC 8037 2: x is d's; signing with another's x would give d away */
	else if (CRYPTO_memcmp(derived, x, curve->bytes) != 0)
		err = JOSE_ERR_KEY_INVALID;
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

static JoseError
okp_read(const JoseObject *jwk, JoseKey *key)
{
	const char *crv;
	const Curve *curve;
	JoseBuf		x = {0};
	JoseBuf		d = {0};
	JoseError	err;

	if (!jose_object_string(jwk, "crv", &crv) || crv == NULL)
		return JOSE_ERR_KEY_MEMBER;
	curve = curve_by_name(crv);
	if (curve == NULL)
		return JOSE_ERR_KEY_TYPE;

	err = jose_jwk_bytes(jwk, "x", false, &x);
	if (err == JOSE_OK)
		err = jose_jwk_bytes(jwk, "d", true, &d);
	if (err == JOSE_OK && (x.len != curve->bytes || (d.len != 0 && d.len != curve->bytes)))
		err = JOSE_ERR_KEY_INVALID;
	if (err == JOSE_OK)
		err = build(key, curve, x.data, d.len > 0 ? d.data : NULL);
	jose_buf_free(&x);
	jose_buf_free(&d);
	return err;
}

static JoseError
okp_adopt(JoseKey *key)
{
	const Curve *curve = NULL;
	unsigned char x[MAX_BYTES];
	unsigned char d[MAX_BYTES];
	bool		is_private;
	JoseError	err = JOSE_ERR_KEY_INVALID;
	int			i;

	for (i = 0; i < CURVES && curve == NULL; i++)
	{
		if (EVP_PKEY_is_a(key->pkey, curves[i].crv))
			curve = &curves[i];
	}
	if (curve == NULL)
		return JOSE_ERR_KEY_TYPE;
	is_private = get_private(key->pkey, curve, d);
	if (get_public(key->pkey, curve, x))
		err = build(key, curve, x, is_private ? d : NULL);
	OPENSSL_cleanse(d, sizeof(d));
	ERR_clear_error();
	return err;
}

static JoseError
write_x(const JoseKey *key, JoseBuf *out)
{
	const Curve *curve = curve_by_name(key->crv);
	unsigned char x[MAX_BYTES];

	if (!get_public(key->pkey, curve, x))
		return JOSE_ERR_INTERNAL;
	jose_jwk_write_bytes(out, "x", x, curve->bytes);
	return out->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

static JoseError
write_d(const JoseKey *key, JoseBuf *out)
{
	const Curve *curve = curve_by_name(key->crv);
	unsigned char d[MAX_BYTES];

	if (!get_private(key->pkey, curve, d))
		return JOSE_ERR_INTERNAL;
	jose_jwk_write_bytes(out, "d", d, curve->bytes);
	OPENSSL_cleanse(d, sizeof(d));
	return out->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

static JoseError
okp_write(const JoseKey *key, bool with_private, JoseBuf *out)
{
	JoseError	err;

	jose_buf_puts(out, ",\"crv\":\"");
	jose_buf_puts(out, key->crv);
	jose_buf_puts(out, "\"");
	err = write_x(key, out);
	return err == JOSE_OK && with_private ? write_d(key, out) : err;
}

/* RFC 8037 2: {"crv":"...","kty":"OKP","x":"..."} */
static JoseError
okp_canonical(const JoseKey *key, JoseBuf *out)
{
	JoseError	err;

	jose_buf_puts(out, "{\"crv\":\"");
	jose_buf_puts(out, key->crv);
	jose_buf_puts(out, "\",\"kty\":\"OKP\"");
	err = write_x(key, out);
	jose_buf_puts(out, "}");
	return err == JOSE_OK && out->failed ? JOSE_ERR_MEMORY : err;
}

static JoseError
okp_generate(JoseKey *key, int bits, const char *crv, bool (*stop) (void))
{
	const Curve *curve = curve_by_name(crv != NULL ? crv : "Ed25519");
	EVP_PKEY_CTX *ctx;
	JoseError	err = JOSE_ERR_INTERNAL;

	/* the curve is the size; who asks for another is not to get this one */
	if (curve == NULL || (bits != 0 && bits != curve->bits))
		return JOSE_ERR_KEY_TYPE;
	ctx = EVP_PKEY_CTX_new_from_name(NULL, curve->crv, NULL);
	if (ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1)
		err = jose_pkey_generate(ctx, stop, &key->pkey);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return err == JOSE_OK ? okp_adopt(key) : err;
}

static int
okp_bits(const JoseKey *key)
{
	return curve_by_name(key->crv)->bits;
}

const JoseKeyType jose_keytype_okp = {
	"OKP", okp_read, okp_write, okp_canonical, okp_generate, okp_adopt, okp_bits
};

/* ---- signatures ---- */

/*
 * EdDSA hashes the message itself, so OpenSSL offers it in one call on an
 * EVP_MD_CTX only, good for one message (since 3.2 a second call fails).  One
 * that has been set up is kept with the key, and each message gets a copy:
 * 0.1 us instead of the 2 of setting up.  NULL: OpenSSL would not.
 */
typedef int (*Init) (EVP_MD_CTX *ctx, EVP_PKEY_CTX **pctx, const EVP_MD *type, ENGINE *e, EVP_PKEY *pkey);

static EVP_MD_CTX *
begin(JosePrepared *kept, const JoseAlg *alg, EVP_PKEY *pkey, Init init)
{
	EVP_MD_CTX *ctx;

	if (kept->alg != alg)
	{
		jose_prepared_reset(kept);
		kept->oneshot = EVP_MD_CTX_new();
		if (kept->oneshot == NULL || init(kept->oneshot, NULL, NULL, NULL, pkey) != 1)
		{
			jose_prepared_reset(kept);
			return NULL;
		}
		kept->alg = alg;
	}
	ctx = EVP_MD_CTX_new();
	if (ctx != NULL && EVP_MD_CTX_copy_ex(ctx, kept->oneshot) == 1)
		return ctx;
	EVP_MD_CTX_free(ctx);
	return NULL;
}

static JoseError
eddsa_sign(const JoseAlg *alg, JoseKey *key, const void *message, size_t len, JoseBuf *signature)
{
	EVP_MD_CTX *ctx = begin(&key->signer, alg, key->pkey, EVP_DigestSignInit);
	unsigned char bytes[MAX_SIGNATURE];
	size_t		siglen = sizeof(bytes);
	bool		good = ctx != NULL && EVP_DigestSign(ctx, bytes, &siglen, message, len) == 1;

	EVP_MD_CTX_free(ctx);
	if (!good)
	{
		ERR_clear_error();
		return JOSE_ERR_INTERNAL;
	}
	jose_buf_append(signature, bytes, siglen);
	return signature->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

static JoseError
eddsa_verify(const JoseAlg *alg, JoseKey *key, const void *message, size_t len,
			 const unsigned char *signature, size_t siglen)
{
	EVP_MD_CTX *ctx;
	JoseError	err = JOSE_OK;

	/* RFC 8032 5.1.7 and 5.2.7, step 1.  OpenSSL sees to S < L. */
	if (siglen != (size_t) EVP_PKEY_get_size(key->pkey))
		return JOSE_ERR_SIGNATURE;
	ctx = begin(&key->verifier, alg, key->pkey, EVP_DigestVerifyInit);
	if (ctx == NULL)
		err = JOSE_ERR_INTERNAL;
	else if (EVP_DigestVerify(ctx, signature, siglen, message, len) != 1)
		err = JOSE_ERR_SIGNATURE;
	EVP_MD_CTX_free(ctx);
	if (err != JOSE_OK)
		ERR_clear_error();
	return err;
}

const JoseSigOps jose_eddsa_ops = {eddsa_sign, eddsa_verify};
