/*
 * fn_client.c
 *		SQL face: the client of a request, and what it authenticates with.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "client.h"
#include "credentials.h"
#include "record.h"

PG_FUNCTION_INFO_V1(oauth_presented_credentials);
PG_FUNCTION_INFO_V1(oauth_is_one_of);
PG_FUNCTION_INFO_V1(oauth_authenticate_client);

/* request, parameters -> oauth.client_credentials */
Datum
oauth_presented_credentials(PG_FUNCTION_ARGS)
{
	Credentials presented;
	Datum		values[4];
	bool		nulls[4];
	int			i;

	credentials_read(PG_GETARG_HEAPTUPLEHEADER(0), PG_GETARG_JSONB_P(1), &presented);
	for (i = 0; i < 4; i++)
	{
		const char *members[] = {presented.method, presented.client_id, presented.secret, presented.fault};

		nulls[i] = members[i] == NULL;
		values[i] = nulls[i] ? (Datum) 0 : CStringGetTextDatum(members[i]);
	}
	PG_RETURN_DATUM(result_row(fcinfo, 4, values, nulls));
}

/* secret, hashes */
Datum
oauth_is_one_of(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(credentials_is_one_of(PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0),
										 PG_ARGISNULL(1) ? NULL : PG_GETARG_ARRAYTYPE_P(1)));
}

/* request, issuer, parameters -> oauth.client_authentication */
Datum
oauth_authenticate_client(PG_FUNCTION_ARGS)
{
	Datum		values[2] = {0};
	bool		nulls[2];

	/* not STRICT: to whom looks for a refusal, NULL would be none */
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("request, issuer and parameters must not be null")));
	values[0] = client_authenticate(get_func_namespace(fcinfo->flinfo->fn_oid), PG_GETARG_HEAPTUPLEHEADER(0),
									PG_GETARG_HEAPTUPLEHEADER(1), PG_GETARG_JSONB_P(2), &values[1]);
	nulls[0] = values[0] == (Datum) 0;
	nulls[1] = !nulls[0];
	PG_RETURN_DATUM(result_row(fcinfo, 2, values, nulls));
}
