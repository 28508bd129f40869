/*
 * alg.c
 *		The registry: one const row per algorithm, RFC 7518 3.1, 4.1 and 5.1,
 *		RFC 8037 3, RFC 8812 3.2 and RFC 9864 2.  `none` is not here, so it does
 *		not exist; nor do RSA1_5 and zip.
 *
 * Rows stand in order of preference: where a key names no algorithm and its
 * user neither, signing and encrypting take the first row that fits.
 */
#include <string.h>

#include "key.h"

#define LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

static const char *const p256[] = {"P-256", NULL};
static const char *const p384[] = {"P-384", NULL};
static const char *const p521[] = {"P-521", NULL};
static const char *const secp256k1[] = {"secp256k1", NULL};
static const char *const edwards[] = {"Ed25519", "Ed448", NULL};
static const char *const ed25519[] = {"Ed25519", NULL};
static const char *const ed448[] = {"Ed448", NULL};
static const char *const agreement[] = {"P-256", "P-384", "P-521", "X25519", "X448", NULL};

#define OCT &jose_keytype_oct
#define RSA &jose_keytype_rsa
#define EC	&jose_keytype_ec
#define OKP &jose_keytype_okp

/* No more rows than bits in a JoseAlgSet. */
static const JoseAlg algs[] = {
	/* signatures: name, key type, curves, digest, bytes, cipher, operations */
	{"HS256", OCT, NULL, "SHA256", 32, NULL, &jose_hmac_ops, NULL},
	{"HS384", OCT, NULL, "SHA384", 48, NULL, &jose_hmac_ops, NULL},
	{"HS512", OCT, NULL, "SHA512", 64, NULL, &jose_hmac_ops, NULL},
	{"RS256", RSA, NULL, "SHA256", 0, NULL, &jose_rsa_pkcs1_ops, NULL},
	{"RS384", RSA, NULL, "SHA384", 0, NULL, &jose_rsa_pkcs1_ops, NULL},
	{"RS512", RSA, NULL, "SHA512", 0, NULL, &jose_rsa_pkcs1_ops, NULL},
	{"PS256", RSA, NULL, "SHA256", 0, NULL, &jose_rsa_pss_ops, NULL},
	{"PS384", RSA, NULL, "SHA384", 0, NULL, &jose_rsa_pss_ops, NULL},
	{"PS512", RSA, NULL, "SHA512", 0, NULL, &jose_rsa_pss_ops, NULL},
	{"ES256", EC, p256, "SHA256", 32, NULL, &jose_ecdsa_ops, NULL},
	{"ES384", EC, p384, "SHA384", 48, NULL, &jose_ecdsa_ops, NULL},
	{"ES512", EC, p521, "SHA512", 66, NULL, &jose_ecdsa_ops, NULL},
	{"ES256K", EC, secp256k1, "SHA256", 32, NULL, &jose_ecdsa_ops, NULL},
	{"EdDSA", OKP, edwards, NULL, 0, NULL, &jose_eddsa_ops, NULL},
	{"Ed25519", OKP, ed25519, NULL, 0, NULL, &jose_eddsa_ops, NULL},
	{"Ed448", OKP, ed448, NULL, 0, NULL, &jose_eddsa_ops, NULL},

	/* key management */
	{"A128KW", OCT, NULL, NULL, 16, "AES-128-WRAP", NULL, &jose_aes_kw_ops},
	{"A192KW", OCT, NULL, NULL, 24, "AES-192-WRAP", NULL, &jose_aes_kw_ops},
	{"A256KW", OCT, NULL, NULL, 32, "AES-256-WRAP", NULL, &jose_aes_kw_ops},
	{"A128GCMKW", OCT, NULL, NULL, 16, "AES-128-GCM", NULL, &jose_aes_gcm_kw_ops},
	{"A192GCMKW", OCT, NULL, NULL, 24, "AES-192-GCM", NULL, &jose_aes_gcm_kw_ops},
	{"A256GCMKW", OCT, NULL, NULL, 32, "AES-256-GCM", NULL, &jose_aes_gcm_kw_ops},
	{"dir", OCT, NULL, NULL, 0, NULL, NULL, &jose_dir_ops},
	{"RSA-OAEP-256", RSA, NULL, "SHA256", 0, NULL, NULL, &jose_rsa_oaep_ops},
	{"RSA-OAEP-384", RSA, NULL, "SHA384", 0, NULL, NULL, &jose_rsa_oaep_ops},
	{"RSA-OAEP-512", RSA, NULL, "SHA512", 0, NULL, NULL, &jose_rsa_oaep_ops},
	{"RSA-OAEP", RSA, NULL, "SHA1", 0, NULL, NULL, &jose_rsa_oaep_ops},
	{"ECDH-ES", NULL, agreement, "SHA256", 0, NULL, NULL, &jose_ecdh_ops},
	{"ECDH-ES+A128KW", NULL, agreement, "SHA256", 16, "AES-128-WRAP", NULL, &jose_ecdh_kw_ops},
	{"ECDH-ES+A192KW", NULL, agreement, "SHA256", 24, "AES-192-WRAP", NULL, &jose_ecdh_kw_ops},
	{"ECDH-ES+A256KW", NULL, agreement, "SHA256", 32, "AES-256-WRAP", NULL, &jose_ecdh_kw_ops},
	{"PBES2-HS256+A128KW", OCT, NULL, "SHA256", 16, "AES-128-WRAP", NULL, &jose_pbes2_ops},
	{"PBES2-HS384+A192KW", OCT, NULL, "SHA384", 24, "AES-192-WRAP", NULL, &jose_pbes2_ops},
	{"PBES2-HS512+A256KW", OCT, NULL, "SHA512", 32, "AES-256-WRAP", NULL, &jose_pbes2_ops}
};

_Static_assert(LENGTH(algs) <= 64, "a JoseAlgSet has 64 bits");

static const JoseEnc encs[] = {
	/* name, key, iv, tag, cipher, hash of the MAC */
	{"A256GCM", 32, 12, 16, "AES-256-GCM", NULL},
	{"A192GCM", 24, 12, 16, "AES-192-GCM", NULL},
	{"A128GCM", 16, 12, 16, "AES-128-GCM", NULL},
	{"A256CBC-HS512", 64, 16, 32, "AES-256-CBC", "SHA512"},
	{"A192CBC-HS384", 48, 16, 24, "AES-192-CBC", "SHA384"},
	{"A128CBC-HS256", 32, 16, 16, "AES-128-CBC", "SHA256"}
};

/* Names are compared byte for byte: RFC 7515 4.1.1 has no other spelling. */
const JoseAlg *
jose_alg_by_name(const char *name)
{
	int			i;

	for (i = 0; i < LENGTH(algs); i++)
	{
		if (strcmp(algs[i].name, name) == 0)
			return &algs[i];
	}
	return NULL;
}

const JoseAlg *
jose_alg_at(int i)
{
	return i >= 0 && i < LENGTH(algs) ? &algs[i] : NULL;
}

const char *
jose_alg_name(const JoseAlg *alg)
{
	return alg->name;
}

bool
jose_alg_is_signature(const JoseAlg *alg)
{
	return alg->sig != NULL;
}

JoseAlgSet
jose_alg_bit(const JoseAlg *alg)
{
	return (JoseAlgSet) 1 << (alg - algs);
}

/* RFC 7518 3.2: a key of at least the hash's size */
int
jose_alg_min_secret(const JoseAlg *alg)
{
	return alg->sig == &jose_hmac_ops ? alg->bytes : 0;
}

const JoseEnc *
jose_enc_by_name(const char *name)
{
	int			i;

	for (i = 0; i < LENGTH(encs); i++)
	{
		if (strcmp(encs[i].name, name) == 0)
			return &encs[i];
	}
	return NULL;
}

const JoseEnc *
jose_enc_at(int i)
{
	return i >= 0 && i < LENGTH(encs) ? &encs[i] : NULL;
}

const char *
jose_enc_name(const JoseEnc *enc)
{
	return enc->name;
}

JoseAlgSet
jose_enc_bit(const JoseEnc *enc)
{
	return (JoseAlgSet) 1 << (enc - encs);
}

int
jose_enc_key_bits(const JoseEnc *enc)
{
	return enc->cek_bytes * 8;
}
