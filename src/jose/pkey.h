/*
 * pkey.h
 *		What rsa.c, ec.c, okp.c and rsa_oaep.c share in handling OpenSSL's keys:
 *		numbers in and out, generation that can be stopped, kept contexts.
 */
#ifndef JOSE_PKEY_H
#define JOSE_PKEY_H

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "key.h"

/* A number of a key, in memory that is cleansed when freed; NULL: not there. */
extern BIGNUM *jose_pkey_number(const EVP_PKEY *pkey, const char *param);

/* Bytes, big-endian, as such a number; NULL: no memory. */
extern BIGNUM *jose_number_from_bytes(const unsigned char *data, size_t len);

/* Append `,"name":"..."`; len pads with zero octets, 0 writes the fewest. */
extern JoseError jose_jwk_write_number(JoseBuf *out, const char *name, const BIGNUM *number, size_t len);

/*
 * Why OpenSSL failed: for err, unless it says that memory was short, or that
 * something within it failed.  What is wrong with a key is remembered, and
 * memory may be there next time.  Empties the error queue.
 */
extern JoseError jose_openssl_failed(JoseError err);

/* The same for what OpenSSL refuses with a reason: without one it has failed. */
extern JoseError jose_openssl_refused(JoseError err);

/* Make a key of its parts; KEY_INVALID when OpenSSL refuses them. */
extern JoseError jose_pkey_build(const char *type, OSSL_PARAM_BLD *parts, bool is_private, EVP_PKEY **pkey);

/* Run a prepared generation, asking stop (may be NULL) as it goes. */
extern JoseError jose_pkey_generate(EVP_PKEY_CTX *ctx, bool (*stop) (void), EVP_PKEY **pkey);

/*
 * The context kept for this algorithm, or a new one after init and configure.
 * NULL: OpenSSL would not.
 */
typedef int (*JosePkeyInit) (EVP_PKEY_CTX *ctx);
typedef bool (*JosePkeyConfigure) (EVP_PKEY_CTX *ctx, const EVP_MD *md);

extern EVP_PKEY_CTX *jose_prepare(JosePrepared *kept, const JoseAlg *alg, EVP_PKEY *pkey,
								  JosePkeyInit init, JosePkeyConfigure configure);

/* The hash of a message, after jose_prepare; digest has room for EVP_MAX_MD_SIZE bytes. */
extern JoseError jose_digest(const JosePrepared *prepared, const void *message, size_t len,
							 unsigned char *digest, size_t *digest_len);

#endif							/* JOSE_PKEY_H */
