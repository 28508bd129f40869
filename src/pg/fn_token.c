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

/* The function that a row of oauth.grant_types names; false: the server does not know the type. */
static bool
find_grant(Oid schema, const char *grant_type, NameData *function)
{
	RowScan		rows;
	bool		found;
	bool		isnull;

	rows_begin(&rows, get_relname_relid("grant_types", schema), "grant_type", cstring_to_text(grant_type));
	found = rows_next(&rows);
	if (found)
		*function = *DatumGetName(row_column(&rows, "function", NAMEOID, &isnull));
	rows_end(&rows);
	return found;
}

static bool
may_use(HeapTupleHeader client, const char *grant_type)
{
	Datum		grant_types = record_value(client, "grant_types", TEXTARRAYOID);

	return grant_types != (Datum) 0 && texts_have(DatumGetArrayTypeP(grant_types), grant_type);
}

/* request, issuer, parameters -> oauth.response */
Datum
oauth_serve_token(PG_FUNCTION_ARGS)
{
	Oid			schema = get_func_namespace(fcinfo->flinfo->fn_oid);
	HeapTupleHeader request = PG_GETARG_HEAPTUPLEHEADER(0);
	HeapTupleHeader issuer = PG_GETARG_HEAPTUPLEHEADER(1);
	Jsonb	   *parameters = PG_GETARG_JSONB_P(2);
	char	   *grant_type = json_member(parameters, "grant_type");
	HeapTupleHeader records[3] = {request, issuer};
	NameData	function;
	Datum		client;
	Datum		refusal;

	if (grant_type == NULL)
		PG_RETURN_DATUM(error_response("invalid_request", "grant_type is missing."));
	client = client_authenticate(schema, request, issuer, parameters, &refusal);
	if (client == (Datum) 0)
		PG_RETURN_DATUM(refusal);
	if (!find_grant(schema, grant_type, &function))
		PG_RETURN_DATUM(error_response("unsupported_grant_type", "The server does not know this grant type."));
	records[2] = DatumGetHeapTupleHeader(client);
	if (!may_use(records[2], grant_type))
		PG_RETURN_DATUM(error_response("unauthorized_client", "The client may not use this grant type."));
	/* NAME(request, issuer, client, parameters) */
	PG_RETURN_DATUM(routine_serve(schema, &function, records, lengthof(records), parameters));
}
