/*
 * client.c
 *		Who is the client?  RFC 6749 2.3, RFC 7523 2.2.
 *
 * Every token request comes by here.  How a failure is counted and answered, and what
 * an assertion must be, SQL says (client_authentication.sql).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "client.h"
#include "credentials.h"
#include "object.h"
#include "record.h"
#include "routine.h"
#include "statement.h"

#define JWT_BEARER	"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* A client that says who it is. */
typedef struct Caller
{
	Oid			schema;			/* ours */
	HeapTupleHeader request;
	HeapTupleHeader issuer;
	Jsonb	   *parameters;
	Credentials presented;
	Datum		client;			/* an oauth.clients; 0: none that is enabled */
	ArrayType  *secrets;		/* hashes of those that have not expired */
} Caller;

static bool
presents(const Caller *caller, const char *method)
{
	return strcmp(caller->presented.method, method) == 0;
}

/* RFC 7521 4.2: client_id may be left out; the assertion names the client. */
static char *
asserted_client(const Caller *caller)
{
	NullableDatum token = routine_text(caller->presented.secret);
	Datum		claims = routine_call_or_null(caller->schema, "unverified_claims", 1, &token);

	return claims != (Datum) 0 ? json_member(DatumGetJsonbP(claims), "sub") : NULL;
}

/* The secrets of a client that is unknown are looked for too: finding none takes as long as finding a wrong one. */
static void
find_client(Caller *caller)
{
	static Statement find = {
		.sql = "SELECT (SELECT c.*::oauth.clients FROM oauth.clients AS c"
		" WHERE c.issuer_id OPERATOR(pg_catalog.=) $1 AND c.client_id OPERATOR(pg_catalog.=) $2 AND c.enabled),"
		" ARRAY(SELECT s.secret_hash::pg_catalog.bytea FROM oauth.client_secrets AS s"
		" WHERE s.issuer_id OPERATOR(pg_catalog.=) $1 AND s.client_id OPERATOR(pg_catalog.=) $2"
		" AND (s.expires_at IS NULL OR s.expires_at OPERATOR(pg_catalog.>) pg_catalog.statement_timestamp()))",
		.nargs = 2,
		.types = {INT8OID, TEXTOID}
	};
	const char *client_id = caller->presented.client_id;
	bool		isnull;
	Datum		args[2] = {
		record_column(caller->issuer, "issuer_id", INT8OID, &isnull),
		client_id != NULL ? CStringGetTextDatum(client_id) : (Datum) 0
	};
	const char	nulls[2] = {isnull ? 'n' : ' ', client_id == NULL ? 'n' : ' '};
	Datum		found[2];

	statement_row(&find, args, nulls, found, lengthof(found));
	caller->client = found[0];
	caller->secrets = DatumGetArrayTypeP(found[1]);
}

/* RFC 7523 3 */
static bool
is_assertion(const Caller *caller)
{
	char	   *type = json_member(caller->parameters, "client_assertion_type");
	NullableDatum args[3] = {
		routine_record(caller->issuer),
		routine_argument(caller->client),
		routine_text(caller->presented.secret)
	};

	if (type == NULL || strcmp(type, JWT_BEARER) != 0 || caller->client == (Datum) 0)
		return false;
	return DatumGetBool(routine_call(caller->schema, "is_client_assertion", lengthof(args), args));
}

static bool
is_proven(const Caller *caller)
{
	const char *secret = caller->presented.secret;

	if (presents(caller, "client_secret_basic") || presents(caller, "client_secret_post"))
		return credentials_is_one_of(secret != NULL ? cstring_to_text(secret) : NULL, caller->secrets);
	if (presents(caller, "private_key_jwt"))
		return is_assertion(caller);
	return presents(caller, "none");
}

/* As it is registered, and no other way (RFC 7591 2). */
static bool
is_registered(const Caller *caller)
{
	text	   *method;

	if (caller->client == (Datum) 0)
		return false;
	method = record_text(DatumGetHeapTupleHeader(caller->client), "token_endpoint_auth_method");
	return method != NULL && presents(caller, text_to_cstring(method));
}

/* oauth.refuse_client(request, issuer, client, method) */
static Datum
refuse(const Caller *caller)
{
	NullableDatum args[4] = {
		routine_record(caller->request),
		routine_record(caller->issuer),
		routine_argument(caller->client),
		routine_text(caller->presented.method)
	};

	return routine_call(caller->schema, "refuse_client", lengthof(args), args);
}

Datum
client_authenticate(Oid schema, HeapTupleHeader request, HeapTupleHeader issuer, Jsonb *parameters, Datum *refusal)
{
	Caller		caller = {.schema = schema, .request = request, .issuer = issuer, .parameters = parameters};
	bool		proven;

	credentials_read(request, parameters, &caller.presented);
	if (caller.presented.fault != NULL)
	{
		*refusal = error_response("invalid_request", caller.presented.fault);
		return (Datum) 0;
	}
	if (presents(&caller, "private_key_jwt") && caller.presented.client_id == NULL)
		caller.presented.client_id = asserted_client(&caller);

	find_client(&caller);
	proven = is_proven(&caller);	/* whoever it is, so that it takes as long */
	if (proven && is_registered(&caller))
		return caller.client;
	*refusal = refuse(&caller);
	return (Datum) 0;
}
