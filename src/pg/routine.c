/*
 * routine.c
 *		Functions of the schema oauth that C calls.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "routine.h"
#include "statement.h"

NullableDatum
routine_text(const char *string)
{
	return routine_argument(string != NULL ? CStringGetTextDatum(string) : (Datum) 0);
}

NullableDatum
routine_record(HeapTupleHeader record)
{
	return routine_argument(HeapTupleHeaderGetDatum(record));
}

/* An operator may have made others of its name, with other arguments; the extension's is the one. */
static Oid
routine_by_name(Oid schema, const char *name)
{
	CatCList   *all = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(name));
	Oid			found = InvalidOid;
	int			i;

	for (i = 0; i < all->n_members; i++)
	{
		Form_pg_proc function = (Form_pg_proc) GETSTRUCT(&all->members[i]->tuple);

		if (function->pronamespace == schema &&
			(!OidIsValid(found) || OidIsValid(getExtensionOfObject(ProcedureRelationId, function->oid))))
			found = function->oid;
	}
	ReleaseSysCacheList(all);
	if (!OidIsValid(found))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
						errmsg("there is no function %s.%s", get_namespace_name(schema), name)));
	return found;
}

/* The one that takes these types. */
static Oid
routine_by_types(Oid schema, const NameData *name, const Oid *types, int count)
{
	Oid			found = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, NameGetDatum(name),
										PointerGetDatum(buildoidvector(types, count)), ObjectIdGetDatum(schema));

	if (!OidIsValid(found))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
						errmsg("there is no function %s.%s of an endpoint or a grant", get_namespace_name(schema), NameStr(*name))));
	return found;
}

/* With other arguments than the function takes it would read what is not there. */
static Datum
call_or_null(Oid oid, const char *name, int nargs, const NullableDatum *args, bool *isnull)
{
	LOCAL_FCINFO(fcinfo, FUNC_MAX_ARGS);
	FmgrInfo	function;
	Datum		result;
	int			i;

	fmgr_info(oid, &function);
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

static Datum
call(Oid oid, const char *name, int nargs, const NullableDatum *args)
{
	bool		isnull;
	Datum		result = call_or_null(oid, name, nargs, args, &isnull);

	if (isnull)
		elog(ERROR, "function %s returned NULL", name);
	return result;
}

Datum
routine_call(Oid schema, const char *name, int nargs, const NullableDatum *args)
{
	return call(routine_by_name(schema, name), name, nargs, args);
}

Datum
routine_call_or_null(Oid schema, const char *name, int nargs, const NullableDatum *args)
{
	bool		isnull;
	Datum		result = call_or_null(routine_by_name(schema, name), name, nargs, args, &isnull);

	return isnull ? (Datum) 0 : result;
}

Datum
routine_serve(Oid schema, const NameData *name, const HeapTupleHeader *records, int count, Jsonb *parameters)
{
	Oid			types[FUNC_MAX_ARGS];
	NullableDatum args[FUNC_MAX_ARGS];
	int			i;

	for (i = 0; i < count; i++)
	{
		types[i] = HeapTupleHeaderGetTypeId(records[i]);
		args[i] = routine_record(records[i]);
	}
	types[count] = JSONBOID;
	args[count] = routine_argument(JsonbPGetDatum(parameters));
	return call(routine_by_types(schema, name, types, count + 1), NameStr(*name), count + 1, args);
}

/* With a plan that is kept: called like the others, an SQL function is planned anew each time. */
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
