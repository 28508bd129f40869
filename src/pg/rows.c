/*
 * rows.c
 *		Rows of the extension's own tables, read as catalogs are.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "compat.h"
#include "record.h"
#include "rows.h"

void
rows_begin(RowScan *rows, Oid relid, const char *column, text *value)
{
	ScanKeyData key;

	rows->rel = table_open(relid, AccessShareLock);
	/* COLLATE "C" is what ScanKeyInit assumes */
	if (value != NULL)
		ScanKeyInit(&key, get_attnum(relid, column), BTEqualStrategyNumber, F_TEXTEQ, PointerGetDatum(value));
	rows->scan = systable_beginscan(rows->rel, primary_key_index(rows->rel), value != NULL,
									NULL, value != NULL ? 1 : 0, &key);
}

bool
rows_next(RowScan *rows)
{
	rows->tuple = systable_getnext(rows->scan);
	return HeapTupleIsValid(rows->tuple);
}

void
rows_end(RowScan *rows)
{
	systable_endscan(rows->scan);
	table_close(rows->rel, AccessShareLock);
}

Datum
row_column(RowScan *rows, const char *name, Oid type, bool *isnull)
{
	TupleDesc	desc = RelationGetDescr(rows->rel);

	return heap_getattr(rows->tuple, column_number(desc, name, type), desc, isnull);
}
