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

Datum
routine_call(Oid schema, const char *name, int nargs, const NullableDatum *args)
{
	LOCAL_FCINFO(fcinfo, FUNC_MAX_ARGS);
	FmgrInfo	function;
	Datum		result;

	fmgr_info(routine_by_name(schema, name), &function);
	InitFunctionCallInfoData(*fcinfo, &function, nargs, InvalidOid, NULL, NULL);
	memcpy(fcinfo->args, args, nargs * sizeof(NullableDatum));
	result = FunctionCallInvoke(fcinfo);
	return fcinfo->isnull ? (Datum) 0 : result;
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
	Datum		response = (Datum) 0;

	statement_select(&statement, args, &response);
	return response;
}
