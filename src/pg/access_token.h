/*
 * access_token.h
 *		An access token (RFC 9068), for every grant there is.
 */
#ifndef OAUTH_JWT_ACCESS_TOKEN_H
#define OAUTH_JWT_ACCESS_TOKEN_H

#include "access/htup.h"
#include "utils/array.h"

/* oauth.issued_token, in CurrentMemoryContext */
typedef struct AccessToken
{
	Datum		token;			/* a text: a JWT, or opaque where one of the resources wants it */
	int64		expires_in;		/* seconds */
	ArrayType  *scopes;			/* those that say something at the resources; NULL if none were given */
} AccessToken;

/*
 * For an oauth.clients of an oauth.issuers, by the authorization of an
 * oauth.token_families; NULL: the client acts for itself, and is its own subject.
 * scopes and resources may be NULL.  Raises 22004 where a row lacks what it needs, 22023
 * where the lifetime is none, and as issue_token.
 */
extern AccessToken access_token_issue(Oid schema, HeapTupleHeader issuer, HeapTupleHeader client, HeapTupleHeader family,
									  ArrayType *scopes, ArrayType *resources);

#endif							/* OAUTH_JWT_ACCESS_TOKEN_H */
