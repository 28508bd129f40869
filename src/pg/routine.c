/*
 * routine.c
 *		Functions of the schema oauth that C calls.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "routine.h"
#include "statement.h"

Oid
routine_by_name(Oid schema, const char *name)
{
	return LookupFuncName(list_make2(makeString(get_namespace_name(schema)), makeString(pstrdup(name))), -1, NULL, false);
}

/* With other arguments than the function takes it would read what is not there. */
static Datum
call(Oid schema, const char *name, int nargs, const NullableDatum *args, bool *isnull)
{
	LOCAL_FCINFO(fcinfo, FUNC_MAX_ARGS);
	FmgrInfo	function;
	Datum		result;
	int			i;

	fmgr_info(routine_by_name(schema, name), &function);
	if (function.fn_nargs != nargs)
		elog(ERROR, "function %s has not the arguments it had", name);
	*isnull = true;
	for (i = 0; i < nargs; i++)
	{
		if (function.fn_strict && args[i].isnull)
			return (Datum) 0;
	}
	InitFunctionCallInfoData(*fcinfo, &function, nargs, InvalidOid, NULL, NULL);
	memcpy(fcinfo->args, args, nargs * sizeof(NullableDatum));
	result = FunctionCallInvoke(fcinfo);
	*isnull = fcinfo->isnull;
	return result;
}

Datum
routine_call(Oid schema, const char *name, int nargs, const NullableDatum *args)
{
	bool		isnull;
	Datum		result = call(schema, name, nargs, args, &isnull);

	if (isnull)
		elog(ERROR, "function %s returned NULL", name);
	return result;
}

Datum
routine_call_or_null(Oid schema, const char *name, int nargs, const NullableDatum *args)
{
	bool		isnull;
	Datum		result = call(schema, name, nargs, args, &isnull);

	return isnull ? (Datum) 0 : result;
}

Datum
error_response(const char *error, const char *description)
{
	static Statement statement = {
		.sql = "SELECT oauth.error_response($1, $2)",
		.nargs = 2,
		.types = {TEXTOID, TEXTOID}
	};
	Datum		args[2] = {CStringGetTextDatum(error), CStringGetTextDatum(description)};
	Datum		response;

	if (!statement_select(&statement, args, &response))
		elog(ERROR, "function error_response returned NULL");
	return response;
}
