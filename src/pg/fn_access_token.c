/*
 * fn_access_token.c
 *		SQL face: an access token.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "access_token.h"
#include "record.h"

PG_FUNCTION_INFO_V1(oauth_issue_access_token);

/* Without a row, or with one of a family that is not there, the client acts for itself. */
static HeapTupleHeader
family_argument(FunctionCallInfo fcinfo, int arg)
{
	HeapTupleHeader family = PG_ARGISNULL(arg) ? NULL : PG_GETARG_HEAPTUPLEHEADER(arg);
	bool		isnull = true;

	if (family != NULL)
		record_column(family, "family_id", UUIDOID, &isnull);
	return isnull ? NULL : family;
}

/* issuer, client, family, scopes, resources -> oauth.issued_token */
Datum
oauth_issue_access_token(PG_FUNCTION_ARGS)
{
	AccessToken issued;
	Datum		values[3];
	bool		nulls[3] = {false};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("issuer and client must not be null")));
	issued = access_token_issue(get_func_namespace(fcinfo->flinfo->fn_oid),
								PG_GETARG_HEAPTUPLEHEADER(0), PG_GETARG_HEAPTUPLEHEADER(1),
								family_argument(fcinfo, 2),
								PG_ARGISNULL(3) ? NULL : PG_GETARG_ARRAYTYPE_P(3),
								PG_ARGISNULL(4) ? NULL : PG_GETARG_ARRAYTYPE_P(4));
	values[0] = issued.token;
	values[1] = DirectFunctionCall1(int84, Int64GetDatum(issued.expires_in));
	values[2] = PointerGetDatum(issued.scopes);
	nulls[2] = issued.scopes == NULL;
	PG_RETURN_DATUM(result_row(fcinfo, lengthof(values), values, nulls));
}
