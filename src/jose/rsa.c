/*
 * rsa.c
 *		Key type RSA, RFC 7518 6.3, and its signatures: RS256, RS384, RS512
 *		(RSASSA-PKCS1-v1_5, 3.3) and PS256, PS384, PS512 (RSASSA-PSS, 3.5).
 *
 * However a key comes, as JWK, PEM or fresh, it goes through its numbers:
 * rsa_check.c looks at them, and the key is built of them anew.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "pkey.h"
#include "rsa_check.h"

#define DEFAULT_BITS		2048
#define MAX_GENERATED_BITS	4096	/* longer ones take minutes */

/* RFC 7518 6.3.1 and 6.3.2, in the order of RsaNumber */
static const struct
{
	const char *member;
	const char *param;
}			names[RSA_NUMBERS] = {
	{"n", OSSL_PKEY_PARAM_RSA_N},
	{"e", OSSL_PKEY_PARAM_RSA_E},
	{"d", OSSL_PKEY_PARAM_RSA_D},
	{"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
	{"q", OSSL_PKEY_PARAM_RSA_FACTOR2},
	{"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
	{"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2},
	{"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}
};

static void
numbers_free(RsaNumbers *rsa)
{
	int			i;

	for (i = 0; i < RSA_NUMBERS; i++)
		BN_free(rsa->number[i]);
}

/* ---- the key type ---- */

static JoseError
read_number(const JoseObject *jwk, int i, RsaNumbers *rsa)
{
	bool		is_public = i <= RSA_E;
	JoseBuf		bytes = {0};
	JoseError	err = jose_jwk_bytes(jwk, names[i].member, !is_public, &bytes);

	if (err == JOSE_OK && bytes.len > 0)
	{
		/*
		 * RFC 7518 2, Base64urlUInt: the fewest octets.  Private numbers we
		 * let be padded: some pad them lest their length tell something.
		 */
		if (is_public && bytes.data[0] == 0)
			err = JOSE_ERR_KEY_INVALID;
		else
		{
			rsa->number[i] = jose_number_from_bytes(bytes.data, bytes.len);
			if (rsa->number[i] == NULL)
				err = JOSE_ERR_MEMORY;
		}
	}
	jose_buf_free(&bytes);
	return err;
}

/* RFC 7518 6.3.2: d, and the five others all or none */
static bool
is_complete(const RsaNumbers *rsa)
{
	int			others = 0;
	int			i;

	for (i = RSA_P; i <= RSA_QI; i++)
		others += rsa->number[i] != NULL;
	if (rsa->number[RSA_D] == NULL)
		return others == 0;
	return others == 0 || others == RSA_QI - RSA_P + 1;
}

static JoseError
build(JoseKey *key, const RsaNumbers *rsa)
{
	OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
	EVP_PKEY   *pkey = NULL;
	JoseError	err = parts != NULL ? JOSE_OK : JOSE_ERR_MEMORY;
	int			i;

	for (i = 0; i < RSA_NUMBERS && err == JOSE_OK; i++)
	{
		if (rsa->number[i] != NULL &&
			OSSL_PARAM_BLD_push_BN(parts, names[i].param, rsa->number[i]) != 1)
			err = JOSE_ERR_MEMORY;
	}
	if (err == JOSE_OK)
		err = jose_pkey_build("RSA", parts, rsa->number[RSA_D] != NULL, &pkey);
	OSSL_PARAM_BLD_free(parts);
	if (err != JOSE_OK)
	{
		ERR_clear_error();
		return err;
	}
	EVP_PKEY_free(key->pkey);
	key->pkey = pkey;
	key->is_private = rsa->number[RSA_D] != NULL;
	return JOSE_OK;
}

static JoseError
check_and_build(JoseKey *key, RsaNumbers *rsa)
{
	JoseError	err = jose_rsa_check_public(rsa);

	if (err == JOSE_OK && rsa->number[RSA_D] != NULL)
	{
		if (rsa->number[RSA_P] == NULL)
			err = jose_rsa_find_primes(rsa);
		if (err == JOSE_OK)
			err = jose_rsa_check_private(rsa);
	}
	return err == JOSE_OK ? build(key, rsa) : err;
}

static JoseError
rsa_read(const JoseObject *jwk, JoseKey *key)
{
	RsaNumbers	rsa = {{NULL}};
	JoseError	err = JOSE_OK;
	int			i;

	/* RFC 7518 6.3.2.7: more than two primes; hardly anybody makes them */
	if (jose_object_get(jwk, "oth") != NULL)
		return JOSE_ERR_KEY_TYPE;
	for (i = 0; i < RSA_NUMBERS && err == JOSE_OK; i++)
		err = read_number(jwk, i, &rsa);
	if (err == JOSE_OK && !is_complete(&rsa))
		err = JOSE_ERR_KEY_MEMBER;
	if (err == JOSE_OK)
		err = check_and_build(key, &rsa);
	numbers_free(&rsa);
	return err;
}

static bool
has_third_prime(const EVP_PKEY *pkey)
{
	BIGNUM	   *prime = jose_pkey_number(pkey, OSSL_PKEY_PARAM_RSA_FACTOR3);

	BN_free(prime);
	return prime != NULL;
}

static JoseError
rsa_adopt(JoseKey *key)
{
	RsaNumbers	rsa = {{NULL}};
	JoseError	err;
	int			i;

	/* jose_pkey_number has room for no longer ones */
	if (EVP_PKEY_get_bits(key->pkey) > JOSE_MAX_RSA_BITS)
		return JOSE_ERR_TOO_LARGE;
	if (has_third_prime(key->pkey))
		return JOSE_ERR_KEY_TYPE;
	for (i = 0; i < RSA_NUMBERS; i++)
		rsa.number[i] = jose_pkey_number(key->pkey, names[i].param);
	if (rsa.number[RSA_N] == NULL || rsa.number[RSA_E] == NULL || !is_complete(&rsa))
		err = JOSE_ERR_KEY_INVALID;
	else
		err = check_and_build(key, &rsa);
	numbers_free(&rsa);
	return err;
}

static JoseError
write_number(const JoseKey *key, int i, JoseBuf *out)
{
	BIGNUM	   *number = jose_pkey_number(key->pkey, names[i].param);
	JoseError	err = JOSE_ERR_INTERNAL;

	if (number != NULL)
		err = jose_jwk_write_number(out, names[i].member, number, 0);
	BN_free(number);
	return err;
}

static JoseError
rsa_write(const JoseKey *key, bool with_private, JoseBuf *out)
{
	JoseError	err = write_number(key, RSA_E, out);
	int			i;

	if (err == JOSE_OK)
		err = write_number(key, RSA_N, out);
	for (i = RSA_D; i < RSA_NUMBERS && with_private && err == JOSE_OK; i++)
		err = write_number(key, i, out);
	return err;
}

/* RFC 7638 3.2: {"e":"...","kty":"RSA","n":"..."} */
static JoseError
rsa_canonical(const JoseKey *key, JoseBuf *out)
{
	JoseBuf		e = {0};
	JoseError	err = write_number(key, RSA_E, &e);

	if (err == JOSE_OK)
	{
		jose_buf_puts(out, "{");
		jose_buf_append(out, e.data + 1, e.len - 1);	/* without its comma */
		jose_buf_puts(out, ",\"kty\":\"RSA\"");
		err = write_number(key, RSA_N, out);
		jose_buf_puts(out, "}");
	}
	jose_buf_free(&e);
	return err == JOSE_OK && out->failed ? JOSE_ERR_MEMORY : err;
}

static JoseError
rsa_generate(JoseKey *key, int bits, const char *crv, bool (*stop) (void))
{
	EVP_PKEY_CTX *ctx;
	JoseError	err = JOSE_ERR_INTERNAL;

	if (bits == 0)
		bits = DEFAULT_BITS;
	if (crv != NULL)
		return JOSE_ERR_KEY_TYPE;
	if (bits < JOSE_MIN_RSA_BITS)
		return JOSE_ERR_KEY_WEAK;
	if (bits > MAX_GENERATED_BITS)
		return JOSE_ERR_TOO_LARGE;

	/* the public exponent is OpenSSL's default, 65537 */
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	if (ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1 &&
		EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits) == 1)
		err = jose_pkey_generate(ctx, stop, &key->pkey);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return err == JOSE_OK ? rsa_adopt(key) : err;
}

static int
rsa_bits(const JoseKey *key)
{
	return EVP_PKEY_get_bits(key->pkey);
}

const JoseKeyType jose_keytype_rsa = {
	"RSA", rsa_read, rsa_write, rsa_canonical, rsa_generate, rsa_adopt, rsa_bits
};

/* ---- signatures ---- */

static bool
configure_pkcs1(EVP_PKEY_CTX *ctx, const EVP_MD *md)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
		EVP_PKEY_CTX_set_signature_md(ctx, md) == 1;
}

/* RFC 7518 3.5: MGF1 with the same hash, and a salt of exactly its size */
static bool
configure_pss(EVP_PKEY_CTX *ctx, const EVP_MD *md)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
		EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static JoseError
sign(const JoseAlg *alg, JoseKey *key, JosePkeyConfigure configure,
	 const void *message, size_t len, JoseBuf *signature)
{
	EVP_PKEY_CTX *ctx = jose_prepare(&key->signer, alg, key->pkey, EVP_PKEY_sign_init, configure);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char bytes[JOSE_MAX_RSA_BITS / 8];
	size_t		digest_len;
	size_t		siglen = sizeof(bytes);
	JoseError	err;

	if (ctx == NULL)
		return JOSE_ERR_INTERNAL;
	err = jose_digest(&key->signer, message, len, digest, &digest_len);
	if (err != JOSE_OK)
		return err;
	if (EVP_PKEY_sign(ctx, bytes, &siglen, digest, digest_len) != 1)
	{
		ERR_clear_error();
		return JOSE_ERR_INTERNAL;
	}
	jose_buf_append(signature, bytes, siglen);
	return signature->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

static JoseError
verify(const JoseAlg *alg, JoseKey *key, JosePkeyConfigure configure,
	   const void *message, size_t len, const unsigned char *signature, size_t siglen)
{
	EVP_PKEY_CTX *ctx;
	unsigned char digest[EVP_MAX_MD_SIZE];
	size_t		digest_len;
	JoseError	err;

	/* RFC 8017 8.1.2 and 8.2.2, step 1: as long as n.  OpenSSL sees to s < n. */
	if (siglen != (size_t) EVP_PKEY_get_size(key->pkey))
		return JOSE_ERR_SIGNATURE;
	ctx = jose_prepare(&key->verifier, alg, key->pkey, EVP_PKEY_verify_init, configure);
	if (ctx == NULL)
		return JOSE_ERR_INTERNAL;
	err = jose_digest(&key->verifier, message, len, digest, &digest_len);
	if (err != JOSE_OK)
		return err;
	if (EVP_PKEY_verify(ctx, signature, siglen, digest, digest_len) == 1)
		return JOSE_OK;
	ERR_clear_error();
	return JOSE_ERR_SIGNATURE;
}

static JoseError
pkcs1_sign(const JoseAlg *alg, JoseKey *key, const void *message, size_t len, JoseBuf *signature)
{
	return sign(alg, key, configure_pkcs1, message, len, signature);
}

static JoseError
pkcs1_verify(const JoseAlg *alg, JoseKey *key, const void *message, size_t len,
			 const unsigned char *signature, size_t siglen)
{
	return verify(alg, key, configure_pkcs1, message, len, signature, siglen);
}

static JoseError
pss_sign(const JoseAlg *alg, JoseKey *key, const void *message, size_t len, JoseBuf *signature)
{
	return sign(alg, key, configure_pss, message, len, signature);
}

static JoseError
pss_verify(const JoseAlg *alg, JoseKey *key, const void *message, size_t len,
		   const unsigned char *signature, size_t siglen)
{
	return verify(alg, key, configure_pss, message, len, signature, siglen);
}

const JoseSigOps jose_rsa_pkcs1_ops = {pkcs1_sign, pkcs1_verify};
const JoseSigOps jose_rsa_pss_ops = {pss_sign, pss_verify};
