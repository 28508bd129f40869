/*
 * jose.h
 *		The public face of the JOSE core: keys, signatures and encryption as
 *		RFC 7515 to 7519 define them, in compact form only.
 *
 * The core knows libc, OpenSSL and PostgreSQL's JSON lexer, and nothing else
 * of the server: it reports by return code, allocates with malloc, and keeps
 * no state of its own between calls.  What it allocates, its caller frees with
 * the function named beside it; every such function accepts NULL or a zeroed
 * structure, and cleanses before it frees.
 *
 * A function that returns JoseError leaves its outputs freeable (usually
 * empty) on failure.  Lengths are in bytes.  Strings handed out end in NUL.
 */
#ifndef JOSE_H
#define JOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bounds.  A token's own bound is the caller's (oauth_jwt.max_token_size). */
#define JOSE_MAX_HEADER			16384	/* a header's JSON text */
#define JOSE_MAX_DEPTH			16		/* nesting of headers, JWKs and JWKSs */
#define JOSE_MAX_KEY_TEXT		65536	/* one key's text, in any form */
#define JOSE_MAX_KEYSET_TEXT	524288	/* a JWKS's text */
#define JOSE_MAX_KEYS			64		/* keys in a JWKS */
#define JOSE_MAX_CANDIDATES		8		/* keys tried when no kid selects one */
#define JOSE_MIN_RSA_BITS		2048	/* RFC 7518 3.3 */
#define JOSE_MAX_RSA_BITS		8192	/* time is cubic in this */
#define JOSE_MIN_PBES2_COUNT	1000	/* RFC 7518 4.8.1.2 */
#define JOSE_MAX_PBES2_COUNT	1000000 /* half a second, not an hour */
#define JOSE_MAX_PBES2_TOTAL	2000000 /* over all passwords tried for a token */

typedef enum JoseError
{
	JOSE_OK = 0,

	/* the moment: the same may succeed at another */
	JOSE_ERR_MEMORY,			/* malloc failed */
	JOSE_ERR_STACK,				/* the caller has left too little of it */
	JOSE_ERR_CANCELLED,			/* the caller's stop callback said so */

	/* the machine */
	JOSE_ERR_INTERNAL,			/* OpenSSL failed where it should not */

	/* form */
	JOSE_ERR_TOO_LARGE,			/* over one of the bounds above */
	JOSE_ERR_PARTS,				/* not the number of parts the form has */
	JOSE_ERR_BASE64,			/* not canonical, unpadded base64url */
	JOSE_ERR_JSON,				/* not JSON in UTF-8, or not an object */
	JOSE_ERR_JSON_DUPLICATE,	/* a member name occurs twice */
	JOSE_ERR_JSON_DEPTH,		/* nested deeper than JOSE_MAX_DEPTH */
	JOSE_ERR_HEADER,			/* a header member is missing or mistyped */
	JOSE_ERR_CRIT,				/* crit is malformed or not understood */
	JOSE_ERR_ZIP,				/* compressed: not supported, by choice */
	JOSE_ERR_PAYLOAD,			/* payload cannot be carried in this form */

	/* algorithms */
	JOSE_ERR_ALG_UNKNOWN,		/* alg names no algorithm of the registry */
	JOSE_ERR_ENC_UNKNOWN,		/* enc names none */
	JOSE_ERR_ALG_NOT_ALLOWED,	/* the caller did not allow this alg */
	JOSE_ERR_ENC_NOT_ALLOWED,	/* ... or this enc */
	JOSE_ERR_PBES2_COUNT,		/* p2c out of bounds */

	/* keys */
	JOSE_ERR_KEY_FORMAT,		/* neither a JWK, a JWKS, PEM nor a secret */
	JOSE_ERR_KEY_MEMBER,		/* a JWK member is missing or mistyped */
	JOSE_ERR_KEY_TYPE,			/* kty or crv is not supported */
	JOSE_ERR_KEY_INVALID,		/* not a point of its curve, halves differ, ... */
	JOSE_ERR_KEY_WEAK,			/* RSA under 2048 bits or exponent too small */
	JOSE_ERR_KEY_SHORT,			/* HMAC key shorter than its hash */
	JOSE_ERR_KEY_EMPTY,			/* zero-length secret */
	JOSE_ERR_KEY_NOT_SECRET,	/* a public key's text offered as a secret */
	JOSE_ERR_KEY_PASSPHRASE,	/* encrypted PEM */
	JOSE_ERR_KEY_ALG,			/* the key is of another algorithm */
	JOSE_ERR_KEY_USE,			/* use or key_ops forbid it */
	JOSE_ERR_KEY_PRIVATE,		/* needs the private half, has the public */
	JOSE_ERR_KEY_NOT_FOUND,		/* no key of the set fits */

	/* the answer */
	JOSE_ERR_SIGNATURE,			/* does not verify */
	JOSE_ERR_DECRYPT,			/* does not decrypt; never says why */

	JOSE_ERR_COUNT				/* not an error: how many there are */
} JoseError;

/* Does it say nothing of the token and the key, and is not to be remembered of them? */
static inline bool
jose_error_is_passing(int err)
{
	return err == JOSE_ERR_MEMORY || err == JOSE_ERR_STACK || err == JOSE_ERR_CANCELLED;
}

/* ------------------------------------------------------------------------
 * Buffers (buf.c)
 *
 * A growing byte buffer.  An append that fails for want of memory sets
 * `failed`, later ones do nothing, and the last caller asks once.  Cleansed
 * when freed and when moved, so that a secret may live in it.
 * ------------------------------------------------------------------------ */
typedef struct JoseBuf
{
	unsigned char *data;		/* NUL after the last byte once appended to */
	size_t		len;
	size_t		cap;
	bool		failed;
} JoseBuf;

extern void jose_buf_append(JoseBuf *buf, const void *data, size_t len);
extern void jose_buf_puts(JoseBuf *buf, const char *str);
extern unsigned char *jose_buf_grow(JoseBuf *buf, size_t len);
extern void jose_buf_reset(JoseBuf *buf);
extern void jose_buf_free(JoseBuf *buf);

/* ------------------------------------------------------------------------
 * base64url without padding (b64.c), RFC 7515 2
 * ------------------------------------------------------------------------ */
#define JOSE_B64_LEN(n)			(((n) * 4 + 2) / 3)
#define JOSE_B64_DECODED_MAX(n) ((n) / 4 * 3 + 2)

/* A character of base64 (RFC 4648 4) as base64url (5) spells it. */
static inline char
jose_b64_url(char c)
{
	return c == '+' ? '-' : c == '/' ? '_' : c;
}

extern void jose_b64_append(JoseBuf *buf, const void *data, size_t len);
extern bool jose_b64_decode(const char *text, size_t len, unsigned char *out, size_t *outlen);
extern JoseError jose_b64_decode_buf(const char *text, size_t len, JoseBuf *out);

/* ------------------------------------------------------------------------
 * Algorithms (alg.c), RFC 7518, 8037, 8812, 9864
 * ------------------------------------------------------------------------ */
typedef struct JoseAlg JoseAlg; /* a signature or key-management algorithm */
typedef struct JoseEnc JoseEnc; /* a content-encryption algorithm */

typedef uint64_t JoseAlgSet;	/* bit i: the registry's row i */

typedef enum JoseOp
{
	JOSE_OP_SIGN,
	JOSE_OP_VERIFY,
	JOSE_OP_ENCRYPT,
	JOSE_OP_DECRYPT
} JoseOp;

extern const JoseAlg *jose_alg_by_name(const char *name);
extern const JoseAlg *jose_alg_at(int i);	/* NULL past the end */
extern const char *jose_alg_name(const JoseAlg *alg);
extern bool jose_alg_is_signature(const JoseAlg *alg);
extern JoseAlgSet jose_alg_bit(const JoseAlg *alg);
extern int	jose_alg_min_secret(const JoseAlg *alg);	/* bytes; 0: not HMAC */

extern const JoseEnc *jose_enc_by_name(const char *name);
extern const JoseEnc *jose_enc_at(int i);
extern const char *jose_enc_name(const JoseEnc *enc);
extern JoseAlgSet jose_enc_bit(const JoseEnc *enc);
extern int	jose_enc_key_bits(const JoseEnc *enc);

/* ------------------------------------------------------------------------
 * Keys (key.c, jwk.c, keygen.c, pem.c), RFC 7517, 7638, 8037
 *
 * A JoseKey keeps OpenSSL contexts for the algorithm it was last used with,
 * so it is not const where it works, and belongs to one thread.
 * ------------------------------------------------------------------------ */
typedef struct JoseKey JoseKey;

typedef struct JoseKeySet
{
	JoseKey   **keys;
	int			count;
	bool		is_set;			/* came as a JWKS: kid selects */
	int			skipped;		/* keys of the JWKS not understood: RFC 7517 5 */
} JoseKeySet;

/* flags */
#define JOSE_ALLOW_SHORT_HMAC	0x01	/* for tokens of other systems */

extern JoseError jose_key_from_jwk(const char *json, size_t len, JoseKey **key);
extern JoseError jose_key_from_pem(const char *pem, size_t len, JoseKey **key);
extern JoseError jose_key_from_secret(const void *secret, size_t len, JoseKey **key);
extern JoseError jose_keyset_from_json(const char *json, size_t len, JoseKeySet **set);
extern JoseError jose_keyset_from_text(const char *text, size_t len, JoseKeySet **set);

/* The same; stop (NULL: never) is asked before each key of a JWKS, and ends in CANCELLED:
 * an RSA key that comes without its primes takes a third of a second. */
extern JoseError jose_keyset_from_json_unless(bool (*stop) (void), const char *json, size_t len, JoseKeySet **set);
extern JoseError jose_keyset_from_text_unless(bool (*stop) (void), const char *text, size_t len, JoseKeySet **set);

extern JoseError jose_keyset_add(JoseKeySet *set, JoseKey *key);	/* takes the key over */
extern JoseKeySet *jose_keyset_new(bool is_set);
extern void jose_keyset_free(JoseKeySet *set);
extern void jose_key_free(JoseKey *key);

extern JoseError jose_key_to_jwk(const JoseKey *key, bool with_private, JoseBuf *out);
extern JoseError jose_key_to_pem(const JoseKey *key, JoseBuf *out);
extern JoseError jose_key_thumbprint(const JoseKey *key, JoseBuf *out);

/* bits: 0 for the algorithm's usual size; curve: NULL likewise (EdDSA, ECDH-ES).
 * stop: asked now and then in a long search, may be NULL. */
extern JoseError jose_key_generate(const char *algorithm, int bits, const char *curve,
								   bool (*stop) (void), JoseKey **key);
extern JoseError jose_key_set_kid(JoseKey *key, const char *kid);
extern JoseError jose_key_set_alg(JoseKey *key, const char *alg);
extern void jose_key_set_sign_only(JoseKey *key);	/* use sig, where it says nothing */

extern const char *jose_key_kid(const JoseKey *key);	/* NULL: none */
extern const char *jose_key_type(const JoseKey *key);	/* "oct", "RSA", "EC", "OKP" */
extern const char *jose_key_alg(const JoseKey *key);	/* NULL: none */
extern bool jose_key_is_private(const JoseKey *key);	/* oct always is */
extern int	jose_key_bits(const JoseKey *key);
extern size_t jose_keyset_footprint(const JoseKeySet *set); /* bytes, an estimate */

/* The algorithms a key stands for when its user names none. */
extern JoseAlgSet jose_keyset_default_algs(const JoseKeySet *set, JoseOp op);
extern const JoseAlg *jose_key_default_alg(const JoseKey *key, JoseOp op);

/* Does this key fit this algorithm and operation?  kty, crv, alg, use, key_ops, size. */
extern JoseError jose_key_fits(const JoseKey *key, const JoseAlg *alg, JoseOp op, unsigned flags);

/* The next key of a set that fits, from *pos on; KEY_NOT_FOUND or why none fits. */
extern JoseError jose_keyset_next(const JoseKeySet *set, const JoseAlg *alg, JoseOp op,
								  const char *kid, unsigned flags, int *pos, JoseKey **key);

/* ------------------------------------------------------------------------
 * Headers (header.c), RFC 7515 4, RFC 7516 4
 * ------------------------------------------------------------------------ */
typedef struct JoseObject JoseObject;	/* json.h */

typedef struct JoseHeader
{
	const JoseAlg *alg;
	const JoseEnc *enc;			/* JWE only */
	const char *kid;			/* these three point into object; NULL: absent */
	const char *typ;
	const char *cty;
	bool		b64;			/* RFC 7797; true unless a critical b64 says false */
	JoseObject *object;			/* all members */
	JoseBuf		text;			/* the decoded JSON text */
} JoseHeader;

extern JoseError jose_header_parse(const char *b64, size_t len, bool jwe, JoseHeader *header);
extern void jose_header_free(JoseHeader *header);

/* Is a typ or cty equal to a media type, with or without "application/"?  RFC 7515 4.1.9 */
extern bool jose_media_type_equal(const char *a, const char *b);

/* ------------------------------------------------------------------------
 * JWS (jws.c), RFC 7515
 * ------------------------------------------------------------------------ */
typedef struct JoseParts
{
	const char *part[5];
	size_t		len[5];
} JoseParts;

/* Split into exactly n (3 or 5) parts; looks at dots only. */
extern JoseError jose_split(const char *token, size_t len, int n, JoseParts *parts);

/* Sign or verify bytes as they are.  Checks jose_key_fits first. */
extern JoseError jose_sign(JoseKey *key, const JoseAlg *alg, unsigned flags,
						   const void *message, size_t len, JoseBuf *signature);
extern JoseError jose_verify(JoseKey *key, const JoseAlg *alg, unsigned flags,
							 const void *message, size_t len,
							 const unsigned char *signature, size_t siglen);

/*
 * The same with the keys of a set that fit, at most JOSE_MAX_CANDIDATES of
 * them.  *by, unless NULL, becomes the one that verified it.
 */
extern JoseError jose_keyset_verify(const JoseKeySet *set, const JoseAlg *alg, const char *kid, unsigned flags,
									const void *message, size_t len,
									const unsigned char *signature, size_t siglen, JoseKey **by);

/* header: the caller's members as a JSON object, or NULL.  typ: the default, or NULL. */
extern JoseError jose_jws_sign(JoseKey *key, const JoseAlg *alg, unsigned flags,
							   const char *header, const char *typ,
							   const void *payload, size_t len, JoseBuf *token);

/* algs: 0 means the set's default ones.  On success *payload holds the bytes. */
extern JoseError jose_jws_verify(const char *token, size_t len, JoseKeySet *set, JoseAlgSet algs,
								 unsigned flags, JoseBuf *payload);

/* ------------------------------------------------------------------------
 * JWE (jwe.c), RFC 7516
 * ------------------------------------------------------------------------ */
extern JoseError jose_jwe_encrypt(JoseKey *key, const JoseAlg *alg, const JoseEnc *enc,
								  const char *header, const void *plaintext, size_t len,
								  JoseBuf *token);
extern JoseError jose_jwe_decrypt(const char *token, size_t len, JoseKeySet *set,
								  JoseAlgSet algs, JoseAlgSet encs, JoseBuf *plaintext);

/* The same; stop (NULL: never) is asked before each key that is tried, and ends in CANCELLED. */
extern JoseError jose_jwe_decrypt_unless(bool (*stop) (void), const char *token, size_t len, JoseKeySet *set,
										 JoseAlgSet algs, JoseAlgSet encs, JoseBuf *plaintext);

#endif							/* JOSE_H */
