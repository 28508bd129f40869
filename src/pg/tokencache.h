/*
 * tokencache.h
 *		Tokens this backend has verified, with their claims.
 */
#ifndef OAUTH_JWT_TOKENCACHE_H
#define OAUTH_JWT_TOKENCACHE_H

#include "utils/jsonb.h"

#include "cachestats.h"
#include "jose/jose.h"

typedef struct VerifiedToken
{
	const JoseAlg *alg;
	const char *typ;			/* NULL: the header had none */
	Jsonb	   *claims;
	uint64		issuer_serial;	/* the issuer's, where jwt.issuers gave the keys */
} VerifiedToken;

/*
 * What is known of exactly these bytes, verified with exactly this key (its
 * serial) under these flags; NULL if nothing.  Good until the next store.
 */
extern const VerifiedToken *tokencache_get(const char *token, Size len, uint64 key_serial, unsigned flags);

extern void tokencache_put(const char *token, Size len, uint64 key_serial, unsigned flags,
						   const VerifiedToken *verified);

extern void tokencache_stats(CacheStats *stats);

#endif							/* OAUTH_JWT_TOKENCACHE_H */
