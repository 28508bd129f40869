/*
 * credentials.h
 *		What a client authenticates with, and whether a secret is one of its own.
 */
#ifndef OAUTH_JWT_CREDENTIALS_H
#define OAUTH_JWT_CREDENTIALS_H

#include "access/htup.h"
#include "utils/array.h"
#include "utils/jsonb.h"

/* As oauth.client_credentials has them.  NULL: there is none; the rest is in CurrentMemoryContext. */
typedef struct Credentials
{
	const char *method;			/* of token_endpoint_auth_method (RFC 7591 2) */
	char	   *client_id;
	char	   *secret;			/* or the assertion */
	const char *fault;			/* why they cannot even be tried, whatever else there is */
} Credentials;

/*
 * Those of an oauth.request to an endpoint that takes a form by POST, and nothing in
 * the query, where it would end in logs (RFC 6749 3.2, RFC 7009 2.1, RFC 7662 2.1).
 */
extern void credentials_read(HeapTupleHeader request, const Jsonb *parameters, Credentials *presented);

/*
 * Whether it is the secret of one of these hashes, of which there may be none (NULL).
 * In constant time; whoever presents no secret (NULL) is compared too, and is none.
 */
extern bool credentials_is_one_of(const text *secret, ArrayType *hashes);

#endif							/* OAUTH_JWT_CREDENTIALS_H */
