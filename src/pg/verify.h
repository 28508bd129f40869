/*
 * verify.h
 *		A verification: what is asked of a token, and what came of it.
 */
#ifndef OAUTH_JWT_VERIFY_H
#define OAUTH_JWT_VERIFY_H

#include "datatype/timestamp.h"
#include "utils/jsonb.h"

#include "error.h"
#include "keycache.h"
#include "trust.h"

/* Microseconds from 1970, where tokens count from (RFC 7519 2), to PostgreSQL's epoch. */
#define UNIX_EPOCH_OFFSET	((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

/* The end of the year 9999; RFC 7519 gives no bound, and no clock goes further. */
#define LAST_SECOND			INT64CONST(253402300799)

typedef struct VerifyOptions
{
	JoseAlgSet	algs;			/* 0: those the key stands for */
	TextList	audience;		/* count 0: not asked */
	TextList	required;
	const char *issuer;			/* NULL: not asked, and so on */
	const char *subject;
	const char *type;
	bool		has_max_age;
	bool		has_leeway;
	int64		max_age;		/* microseconds */
	int64		leeway;
} VerifyOptions;

typedef struct Verification
{
	/* given */
	VerifyOptions options;
	const char *token;			/* not NUL-terminated */
	Size		len;
	const struct varlena *key;	/* NULL: the issuer's keys, from jwt.issuers */
	KeyForm		key_form;
	uint64	   *last_key;		/* see keycache_get */
	bool		explaining;		/* say more than the refusal needs */
	bool		for_log;		/* to the server's log alone, so that nothing need be hidden; and no table be read */

	/* found on the way */
	TimestampTz now;			/* the statement's start */
	int64		leeway;			/* the one in force */
	JoseParts	parts;
	const JoseHeader *header;
	const TrustedIssuer *trusted;	/* NULL: key given */
	JoseKeySet *set;
	uint64		key_serial;
	JoseAlgSet	algs;			/* allowed */
	const JoseAlg *alg;			/* the token's */
	const char *typ;			/* the token's; NULL: none */
	Jsonb	   *claims;

	/* what the last check has to say: a sentence, or NULL */
	const char *detail;
} Verification;

/* A check that was not asked for; its detail says what the token has. */
#define JWT_NOT_ASKED	(-1)

typedef struct VerifyCheck
{
	const char *name;
	JwtCode		(*run) (Verification *v);
} VerifyCheck;

/* The checks of the claims, in their order; ends in a NULL name (claims.c). */
extern const VerifyCheck claim_checks[];

/*
 * Has a key of v->set signed these parts?  *by, unless NULL, becomes that key;
 * the parts and the header are given, since a token seen before has none in v.
 */
extern JwtCode verify_signature(const Verification *v, const JoseParts *parts, const JoseHeader *header, JoseKey **by);

/* Verify; JOSE_OK leaves the claims in v->claims, good until the next verification. */
extern JwtCode verify_run(Verification *v);

/* The same against an issuer at hand: no table is read, and nothing of the payload before the signature is verified. */
extern JwtCode verify_against(Verification *v, const TrustedIssuer *trusted);

/* Called for each check: ok is NULL where it was not made. */
typedef void (*VerifyReport) (void *arg, const char *check, const bool *ok, const char *detail);
extern void verify_explain(Verification *v, VerifyReport report, void *arg);

/* A top-level member: NULL when absent or JSON null. */
extern JsonbValue *claims_get(const Jsonb *claims, const char *name, JsonbValue *value);

#endif							/* OAUTH_JWT_VERIFY_H */
