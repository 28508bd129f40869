/*
 * client.h
 *		Who is the client?  RFC 6749 2.3, RFC 7523 2.2.
 */
#ifndef OAUTH_JWT_CLIENT_H
#define OAUTH_JWT_CLIENT_H

#include "access/htup.h"
#include "utils/jsonb.h"

/*
 * The authenticated client of an oauth.request to an oauth.issuers, as an oauth.clients
 * in CurrentMemoryContext.  0: there is none, and *refusal is the oauth.response that
 * says so; what oauth.refuse_client counts and records of a failure it has.
 */
extern Datum client_authenticate(Oid schema, HeapTupleHeader request, HeapTupleHeader issuer,
								 Jsonb *parameters, Datum *refusal);

#endif							/* OAUTH_JWT_CLIENT_H */
