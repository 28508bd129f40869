/*
 * signing.h
 *		What the functions that make tokens share.
 */
#ifndef OAUTH_JWT_SIGNING_H
#define OAUTH_JWT_SIGNING_H

#include "utils/jsonb.h"

#include "jose/jose.h"

/* A jsonb as compact JSON in UTF-8; NULL stays NULL. */
extern char *json_text(const Jsonb *value);

/*
 * The key of a set that signs or encrypts, and the algorithm: the one named, or
 * the header's, or the one the key stands for.  Raises when none fits.
 */
extern void choose_key(JoseKeySet *set, JoseOp op, const char *algorithm, const Jsonb *header,
					   JoseKey **key, const JoseAlg **alg);

/*
 * The claims as compact JSON in UTF-8, palloc'd, with what is ours added: iat and exp
 * where lifetime (microseconds) is not negative, iss where issuer (in the database's
 * encoding) is not NULL, and jti where asked for and missing.  Raises where they are no
 * object, a time is no number, or exp or iss contradicts what is added.
 */
extern char *claims_text(const Jsonb *claims, int64 lifetime, const char *issuer, bool with_jti);

/* A text of it; raises where it is longer than verification allows. */
extern Datum signed_token(const JoseBuf *token);

#endif							/* OAUTH_JWT_SIGNING_H */
