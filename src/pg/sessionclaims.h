/*
 * sessionclaims.h
 *		From the setting's text to the claims in their accessors' types.
 */
#ifndef OAUTH_JWT_SESSIONCLAIMS_H
#define OAUTH_JWT_SESSIONCLAIMS_H

#include "session.h"

/*
 * The setting's text for verified claims; palloc'd.  A log-in's is pure ASCII:
 * it is written in UTF-8, before the database and its encoding are known.
 */
extern char *session_write(const Jsonb *claims, const TextList *roles_claim, int64 leeway, const char *key, bool login);

/* The reverse, in one chunk from the given allocator; NULL when that fails. */
extern SessionClaims *session_read(const char *value, void *(*allocate) (Size size));

/* What request.jwt.claims holds, likewise: no envelope, roles in "role" or "roles". */
extern SessionClaims *session_read_claims(const Jsonb *claims, void *(*allocate) (Size size));

/* Is that one of the items of a text[] of ours (no nulls, one dimension, NULL: none)? */
extern bool session_list_holds(const ArrayType *list, const char *item, Size len);

#endif							/* OAUTH_JWT_SESSIONCLAIMS_H */
