/*
 * error.h
 *		One code per cause, from the core's and from the claims; error.c gives
 *		each its SQLSTATE, message and hint.
 */
#ifndef OAUTH_JWT_ERROR_H
#define OAUTH_JWT_ERROR_H

#include "compat.h"
#include "jose/jose.h"

/* A JoseError, or one of these, which begin where those end. */
typedef int JwtCode;

enum
{
	JWT_ERR_EXPIRED = JOSE_ERR_COUNT,
	JWT_ERR_NOT_YET_VALID,
	JWT_ERR_ISSUED_IN_FUTURE,
	JWT_ERR_TOO_OLD,
	JWT_ERR_ISSUER,
	JWT_ERR_ISSUER_UNKNOWN,
	JWT_ERR_AUDIENCE,
	JWT_ERR_SUBJECT,
	JWT_ERR_TYPE,
	JWT_ERR_CLAIM_MISSING,
	JWT_ERR_CLAIM_INVALID,
	JWT_ERR_SCOPE,
	JWT_ERR_ROLE,
	JWT_ERR_CLAIMS_FORM,
	JWT_ERR_NOT_SIGNED,
	JWT_ERR_OPTION,
	JWT_ERR_SESSION_EXPIRED,
	JWT_ERR_SESSION_USER_ID,
	JWT_ERR_SESSION_REVOKED,
	JWT_ERR_SESSION_LOGIN,
	JWT_ERR_NO_SIGNING_KEY,
	JWT_ERR_TRUST_ROW,
	JWT_ERR_TOO_MANY_KEYS,
	JWT_ERR_MASTER_KEY,
	JWT_ERR_SEALED_KEY,
	JWT_ERR_TRUST_FILE,
	JWT_ERR_COUNT
};

/* What a person reads of a code.  Static strings. */
extern const char *jwt_error_message(JwtCode code);

/* Raise it; detail and its like may be NULL and are never a token or a secret. */
pg_noreturn extern void jwt_raise(JwtCode code, const char *detail);

/* Raise unless it is JOSE_OK. */
extern void jwt_check(JwtCode code);

/* What is wrong with JSON that should have been a key is the key's fault, not a token's. */
extern JwtCode jwt_code_of_key(JwtCode code);

/* Raise what says nothing of the token or the key: memory, the stack, a statement that was cancelled. */
extern void jwt_check_passing(JwtCode code);

/* Is it JOSE_OK?  Raises in the same cases. */
extern bool jwt_succeeded(JwtCode code);

/*
 * Asked by the core in the midst of long work, by OpenSSL too while it searches
 * for primes: neither must be jumped out of.  They return JOSE_ERR_CANCELLED,
 * and jwt_raise raises the error that is due.
 */
extern bool is_interrupted(void);

#endif							/* OAUTH_JWT_ERROR_H */
