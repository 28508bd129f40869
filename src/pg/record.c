/*
 * record.c
 *		Rows of composite types: their columns, and new ones.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "utils/lsyscache.h"

#include "record.h"

Datum
record_column(HeapTupleHeader record, const char *name)
{
	bool		isnull;
	Datum		value = GetAttributeByName(record, name, &isnull);

	return isnull ? (Datum) 0 : PointerGetDatum(PG_DETOAST_DATUM_PACKED(value));
}

Datum
record_int8(HeapTupleHeader record, const char *name)
{
	bool		isnull;
	Datum		value = GetAttributeByName(record, name, &isnull);

	if (isnull)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", name)));
	return value;
}

Datum
result_row(FunctionCallInfo fcinfo, int count, Datum *values, bool *nulls)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE || desc->natts != count)
		elog(ERROR, "the result of %s has not the columns it had", get_func_name(fcinfo->flinfo->fn_oid));
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}
