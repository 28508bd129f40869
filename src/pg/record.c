/*
 * record.c
 *		Rows of composite types: their columns, and new ones.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "record.h"

/* Reading it as another type than it has would crash. */
AttrNumber
column_number(TupleDesc desc, const char *name, Oid type)
{
	int			i;

	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		if (!column->attisdropped && column->atttypid == type && strcmp(NameStr(column->attname), name) == 0)
			return i + 1;
	}
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
					errmsg("column \"%s\" is missing in %s, or of another type", name, format_type_be_qualified(desc->tdtypeid)),
					errhint("Run ALTER EXTENSION oauth_jwt UPDATE.")));
}

Datum
record_column(HeapTupleHeader record, const char *name, Oid type, bool *isnull)
{
	TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(record), HeapTupleHeaderGetTypMod(record));
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(record), .t_data = record};
	Datum		value = heap_getattr(&tuple, column_number(desc, name, type), desc, isnull);

	ReleaseTupleDesc(desc);
	return value;
}

Datum
record_value(HeapTupleHeader record, const char *name, Oid type)
{
	bool		isnull;
	Datum		value = record_column(record, name, type, &isnull);

	return isnull ? (Datum) 0 : PointerGetDatum(PG_DETOAST_DATUM_PACKED(value));
}

text *
record_text(HeapTupleHeader record, const char *name)
{
	return (text *) DatumGetPointer(record_value(record, name, TEXTOID));
}

Datum
result_row(FunctionCallInfo fcinfo, int count, Datum *values, bool *nulls)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE || desc->natts != count)
		elog(ERROR, "the result of %s has not the columns it had", get_func_name(fcinfo->flinfo->fn_oid));
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}
