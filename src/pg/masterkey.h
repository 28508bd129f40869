/*
 * masterkey.h
 *		Private keys at rest, under a key from outside the database.
 */
#ifndef OAUTH_JWT_MASTERKEY_H
#define OAUTH_JWT_MASTERKEY_H

#include "jose/jose.h"

/*
 * What jwt.keys stores for a private JWK: a JWE bound to its issuer and kid,
 * or the JWK itself where no master key is configured.  Raises.
 */
extern void masterkey_seal(const char *jwk, size_t len, const char *issuer, const char *kid, JoseBuf *out);

/* The reverse; accepts a plain JWK as well, stored before there was a master key. */
extern void masterkey_unseal(const char *stored, size_t len, const char *issuer, const char *kid, JoseBuf *out);

#endif							/* OAUTH_JWT_MASTERKEY_H */
