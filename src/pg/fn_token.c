/*
 * fn_token.c
 *		SQL face: the token endpoint (RFC 6749 3.2), which hands over to the grant's
 *		function.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "client.h"
#include "object.h"
#include "record.h"
#include "routine.h"
#include "rows.h"
#include "texts.h"

PG_FUNCTION_INFO_V1(oauth_serve_token);

/* The function that a row of oauth.grant_types names; NULL: the server does not know the type. */
static char *
grant_function(Oid schema, const char *grant_type)
{
	RowScan		rows;
	char	   *function = NULL;
	bool		isnull;

	rows_begin(&rows, get_relname_relid("grant_types", schema), "grant_type", cstring_to_text(grant_type));
	if (rows_next(&rows))
		function = pstrdup(NameStr(*DatumGetName(row_column(&rows, "function", NAMEOID, &isnull))));
	rows_end(&rows);
	return function;
}

static bool
may_use(HeapTupleHeader client, const char *grant_type)
{
	Datum		grant_types = record_value(client, "grant_types", TEXTARRAYOID);

	return grant_types != (Datum) 0 && texts_have(DatumGetArrayTypeP(grant_types), grant_type);
}

/* NAME(request, issuer, client, parameters) -> oauth.response */
static Datum
call_grant(Oid schema, const char *name, FunctionCallInfo fcinfo, Datum client)
{
	const NullableDatum args[4] = {fcinfo->args[0], fcinfo->args[1], routine_argument(client), fcinfo->args[2]};

	return routine_call(schema, name, lengthof(args), args);
}

/* request, issuer, parameters -> oauth.response */
Datum
oauth_serve_token(PG_FUNCTION_ARGS)
{
	Oid			schema = get_func_namespace(fcinfo->flinfo->fn_oid);
	Jsonb	   *parameters = PG_GETARG_JSONB_P(2);
	char	   *grant_type = json_member(parameters, "grant_type");
	char	   *function;
	Datum		client;
	Datum		refusal;

	if (grant_type == NULL)
		PG_RETURN_DATUM(error_response("invalid_request", "grant_type is missing."));
	client = client_authenticate(schema, PG_GETARG_HEAPTUPLEHEADER(0), PG_GETARG_HEAPTUPLEHEADER(1), parameters, &refusal);
	if (client == (Datum) 0)
		PG_RETURN_DATUM(refusal);
	function = grant_function(schema, grant_type);
	if (function == NULL)
		PG_RETURN_DATUM(error_response("unsupported_grant_type", "The server does not know this grant type."));
	if (!may_use(DatumGetHeapTupleHeader(client), grant_type))
		PG_RETURN_DATUM(error_response("unauthorized_client", "The client may not use this grant type."));
	PG_RETURN_DATUM(call_grant(schema, function, fcinfo, client));
}
