/*
 * sessiontrust.h
 *		What a session rests on: an issuer that is trusted, and a key of its.
 */
#ifndef OAUTH_JWT_SESSIONTRUST_H
#define OAUTH_JWT_SESSIONTRUST_H

#include "session.h"
#include "verify.h"

/* The thumbprint of the key that verified this token, right after it did. */
extern const char *sessiontrust_key(const Verification *v);

/* Raises unless the issuer is still trusted, with that key.  Until when that stands if nothing changes. */
extern TimestampTz sessiontrust_check(const SessionClaims *session);

#endif							/* OAUTH_JWT_SESSIONTRUST_H */
