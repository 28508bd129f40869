/*
 * key.h
 *		What the files of the JOSE core share about keys and algorithms: the
 *		key itself, and the rows of functions that make an algorithm.
 *
 * A new signature algorithm is one file with a JoseSigOps and one row in
 * alg.c; a new key-management algorithm likewise with a JoseWrapOps; a new
 * content encryption with a JoseContentOps; a new key type with a JoseKeyType
 * and a row in jwk.c.
 */
#ifndef JOSE_KEY_H
#define JOSE_KEY_H

#include <openssl/evp.h>

#include "jose.h"
#include "json.h"

typedef struct JoseKeyType JoseKeyType;

/* key_ops, RFC 7517 4.3, as bits */
#define JOSE_KEYOP_SIGN			0x01
#define JOSE_KEYOP_VERIFY		0x02
#define JOSE_KEYOP_ENCRYPT		0x04
#define JOSE_KEYOP_DECRYPT		0x08
#define JOSE_KEYOP_WRAP			0x10
#define JOSE_KEYOP_UNWRAP		0x20
#define JOSE_KEYOP_DERIVE_KEY	0x40
#define JOSE_KEYOP_DERIVE_BITS	0x80
#define JOSE_KEYOP_OTHER		0x100	/* named an operation we do not know */

typedef enum JoseKeyUse
{
	JOSE_USE_ANY,				/* no use member */
	JOSE_USE_SIG,
	JOSE_USE_ENC,
	JOSE_USE_OTHER				/* neither: fits nothing of ours */
} JoseKeyUse;

/* What OpenSSL needs for one algorithm and direction, kept ready: it looks names up slowly. */
typedef struct JosePrepared
{
	const JoseAlg *alg;			/* NULL: nothing kept */
	EVP_MD	   *digest;			/* RSA, EC: hashes what pkey signs or verifies */
	EVP_PKEY_CTX *pkey;
	EVP_MD_CTX *oneshot;		/* EdDSA: never used itself, only copied */
	EVP_MAC_CTX *mac;			/* HMAC */
} JosePrepared;

struct JoseKey
{
	const JoseKeyType *type;
	const char *crv;			/* static string of its type's file; NULL: none */
	bool		is_private;
	char	   *kid;			/* owned; NULL: none */
	char	   *alg;			/* owned; NULL: none.  Binds. */
	JoseKeyUse	use;
	unsigned	key_ops;		/* bits; 0: no key_ops member */

	EVP_PKEY   *pkey;			/* RSA, EC, OKP */
	unsigned char *secret;		/* oct */
	size_t		secret_len;

	JosePrepared signer;
	JosePrepared verifier;
};

/* A key type: how its JWK members are read, written and made. */
struct JoseKeyType
{
	const char *kty;

	/* Fill key->pkey or ->secret, ->crv, ->is_private from the members.  Must
	 * validate fully: on curve, halves agree, bounds.  May assume kty matched. */
	JoseError	(*read) (const JoseObject *jwk, JoseKey *key);

	/* Append `,"name":"value"` for each parameter, public ones first (in
	 * RFC 7638's lexicographic order among themselves), private ones if asked. */
	JoseError	(*write) (const JoseKey *key, bool with_private, JoseBuf *out);

	/* Append the canonical JSON of RFC 7638 3.2, braces included. */
	JoseError	(*canonical) (const JoseKey *key, JoseBuf *out);

	/* Fill in a fresh private key.  crv and bits as the caller or the
	 * algorithm's row asked, 0 and NULL for the usual. */
	JoseError	(*generate) (JoseKey *key, int bits, const char *crv, bool (*stop) (void));

	/* Adopt an EVP_PKEY that PEM or generation produced: set crv, is_private,
	 * and refuse what read would refuse.  NULL for oct. */
	JoseError	(*adopt) (JoseKey *key);

	int			(*bits) (const JoseKey *key);
};

extern const JoseKeyType jose_keytype_oct;	/* oct.c */
extern const JoseKeyType jose_keytype_rsa;	/* rsa.c */
extern const JoseKeyType jose_keytype_ec;	/* ec.c */
extern const JoseKeyType jose_keytype_okp;	/* okp.c */

extern JoseKey *jose_key_new(const JoseKeyType *type);	/* NULL: no memory */
extern void jose_prepared_reset(JosePrepared *prepared);

/* Decode a base64url member into a fresh buffer: KEY_MEMBER when it is absent
 * (unless optional: *out then stays empty), not a string, not base64url or empty. */
extern JoseError jose_jwk_bytes(const JoseObject *jwk, const char *name, bool optional, JoseBuf *out);
extern void jose_jwk_write_bytes(JoseBuf *out, const char *name, const unsigned char *data, size_t len);

/* How text is told from other text: PEM's armor (RFC 7468 2) is a key's wherever it begins. */
#define JOSE_PEM_BEGIN	"-----BEGIN "
extern bool jose_contains(const void *data, size_t len, const char *word);	/* oct.c */

/* ---- algorithm rows ---- */

/* sign and verify may assume that jose_key_fits said yes. */
typedef struct JoseSigOps
{
	JoseError	(*sign) (const JoseAlg *alg, JoseKey *key, const void *message, size_t len, JoseBuf *signature);
	JoseError	(*verify) (const JoseAlg *alg, JoseKey *key, const void *message, size_t len,
						   const unsigned char *signature, size_t siglen);
} JoseSigOps;

/*
 * Key management, RFC 7518 4.  wrap appends the encrypted key (nothing for
 * dir and ECDH-ES) and `,"name":value` for each header member it adds; it
 * fills cek, generating it where the algorithm does not determine it.  unwrap
 * is the reverse: a wrong key must come back as JOSE_ERR_DECRYPT, or as a
 * random cek that fails later, never as anything an attacker can tell apart.
 */
typedef struct JoseWrapOps
{
	JoseError	(*wrap) (const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
						 JoseBuf *cek, JoseBuf *encrypted_key, JoseBuf *members);
	JoseError	(*unwrap) (const JoseAlg *alg, const JoseEnc *enc, JoseKey *key, const JoseObject *header,
						   const unsigned char *encrypted_key, size_t len, JoseBuf *cek);
	unsigned	encrypt_ops;	/* key_ops of which one is needed */
	unsigned	decrypt_ops;
} JoseWrapOps;

struct JoseAlg
{
	const char *name;
	const JoseKeyType *type;	/* NULL: any type that has one of the curves */
	const char *const *curves;	/* NULL-terminated, or NULL: the type has none */
	const char *digest;			/* OpenSSL's name, or NULL */
	int			bytes;			/* HMAC: shortest key; ECDSA: half the signature; KW: its key */
	const char *cipher;			/* key wrapping's cipher, OpenSSL's name, or NULL */
	const JoseSigOps *sig;		/* one of these two */
	const JoseWrapOps *wrap;
};

struct JoseEnc
{
	const char *name;
	int			cek_bytes;
	int			iv_bytes;
	int			tag_bytes;
	const char *cipher;			/* OpenSSL's name */
	const char *digest;			/* CBC-HS's hash, or NULL: GCM */
};

extern const JoseSigOps jose_hmac_ops;	/* hmac.c */
extern const JoseSigOps jose_rsa_pkcs1_ops; /* rsa.c */
extern const JoseSigOps jose_rsa_pss_ops;	/* rsa.c */
extern const JoseSigOps jose_ecdsa_ops; /* ec.c */
extern const JoseSigOps jose_eddsa_ops; /* okp.c */

extern const JoseWrapOps jose_dir_ops;	/* aes_kw.c */
extern const JoseWrapOps jose_aes_kw_ops;	/* aes_kw.c */
extern const JoseWrapOps jose_aes_gcm_kw_ops;	/* aes_kw.c */
extern const JoseWrapOps jose_rsa_oaep_ops; /* rsa_oaep.c */
extern const JoseWrapOps jose_ecdh_ops; /* ecdh.c: ECDH-ES, cek agreed directly */
extern const JoseWrapOps jose_ecdh_kw_ops;	/* ecdh.c: ECDH-ES+A*KW */
extern const JoseWrapOps jose_pbes2_ops;	/* pbes2.c */

/* How many keys may be tried for a token whose header this is (pbes2.c)? */
extern int	jose_pbes2_candidates(const JoseAlg *alg, const JoseObject *header);

/* RFC 3394 wrapping with a bare key, for ecdh.c and pbes2.c too (aes_kw.c). */
extern JoseError jose_aes_wrap(const char *cipher, const unsigned char *kek, const unsigned char *in, size_t len,
							   JoseBuf *out);
extern JoseError jose_aes_unwrap(const char *cipher, const unsigned char *kek, const unsigned char *in, size_t len,
								 JoseBuf *out);

/* A random key for enc, appended (content.c). */
extern JoseError jose_fresh_cek(const JoseEnc *enc, JoseBuf *cek);

/* Content encryption, RFC 7518 5 (content.c).  iv and tag are written by encrypt. */
extern JoseError jose_content_encrypt(const JoseEnc *enc, const unsigned char *cek,
									  const void *aad, size_t aad_len,
									  const void *plaintext, size_t len,
									  JoseBuf *iv, JoseBuf *ciphertext, JoseBuf *tag);
extern JoseError jose_content_decrypt(const JoseEnc *enc, const unsigned char *cek,
									  const void *aad, size_t aad_len,
									  const unsigned char *iv, size_t iv_len,
									  const unsigned char *ciphertext, size_t len,
									  const unsigned char *tag, size_t tag_len,
									  JoseBuf *plaintext);

/*
 * Compose a header's JSON: alg, enc, typ and kid first, then the caller's
 * members, then `members` (`,"name":value`...) as key management added them.
 * The caller's typ, kid and cty win over the defaults; its alg and enc must
 * agree.  The result is parsed again, so nothing we write would be refused.
 */
extern JoseError jose_header_write(const JoseAlg *alg, const JoseEnc *enc, const char *typ, const char *kid,
								   const char *header, const JoseBuf *members, JoseBuf *out);

#endif							/* JOSE_KEY_H */
