/*
 * trust.h
 *		jwt.issuers and jwt.keys as this backend sees them.
 */
#ifndef OAUTH_JWT_TRUST_H
#define OAUTH_JWT_TRUST_H

#include "cachestats.h"
#include "jose/jose.h"

#define TRUST_THUMBPRINT	44		/* SHA-256 in base64url, and its NUL */

typedef struct TextList
{
	int			count;
	char	  **items;
} TextList;

typedef struct TrustedIssuer
{
	uint64		serial;			/* names this state of the issuer's keys, for ever */
	char	   *issuer;
	bool		enabled;
	bool		own;			/* its shared secrets sign, too */
	JoseKeySet *keys;			/* what verifies: foreign, next, active, retired */
	char		(*thumbprints)[TRUST_THUMBPRINT]; /* of keys, each empty until asked for */
	JoseKeySet *signers;		/* what signs, newest first; NULL until asked for */
	JoseAlgSet	algs;
	TextList	audience;		/* count 0: not looked at */
	char	   *type;			/* NULL: any */
	TextList	required;
	TextList	roles_claim;	/* a path */
	int64		leeway;			/* microseconds */
	int64		lifetime;		/* microseconds */
	int64		good_until;		/* TimestampTz: then a retired key is no longer good */
	struct MemoryContextData *context;
	Size		bytes;
} TrustedIssuer;

/* changed is called whenever the tables may have changed; it must not read them there and then. */
extern void trust_register(void (*changed) (void));

/* Take in what other sessions have committed. */
extern void trust_accept_changes(void);

/* RFC 7638, of keys->keys[i] */
extern const char *trust_thumbprint(const TrustedIssuer *trusted, int i);

/* NULL: not trusted, or not enabled.  Good until the next call. */
extern const TrustedIssuer *trust_get(const char *issuer);

/* The key that signs for an issuer (NULL: the only one), of that kid if given.  Raises. */
extern const TrustedIssuer *trust_signer(const char *issuer, const char *kid, JoseKey **key);

/* May the current user see an issuer's terms? */
extern bool trust_shows_terms(void);

extern void trust_stats(CacheStats *stats);

#endif							/* OAUTH_JWT_TRUST_H */
