/*
 * fn_endpoint.c
 *		SQL face: call an endpoint's function by the name that oauth.endpoints has.
 *
 * EXECUTE would plan the call anew for every request; this looks the name up in
 * the system's caches.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(oauth_call_endpoint);

#define ENDPOINT_ARGS	3

/* oauth.NAME(oauth.request, oauth.issuers, jsonb), the types being this call's own. */
static Oid
endpoint_function(FmgrInfo *call, Name name)
{
	Oid			types[ENDPOINT_ARGS];
	Oid			function;
	int			i;

	for (i = 0; i < ENDPOINT_ARGS; i++)
		types[i] = get_fn_expr_argtype(call, i + 1);
	function = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
							   NameGetDatum(name),
							   PointerGetDatum(buildoidvector(types, ENDPOINT_ARGS)),
							   ObjectIdGetDatum(get_namespace_oid("oauth", false)));
	if (!OidIsValid(function))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
						errmsg("the endpoint has no function \"%s\"", NameStr(*name))));
	return function;
}

/* function, request, issuer, parameters; none is NULL */
Datum
oauth_call_endpoint(PG_FUNCTION_ARGS)
{
	Oid			function = endpoint_function(fcinfo->flinfo, PG_GETARG_NAME(0));

	PG_RETURN_DATUM(OidFunctionCall3(function, PG_GETARG_DATUM(1), PG_GETARG_DATUM(2), PG_GETARG_DATUM(3)));
}
