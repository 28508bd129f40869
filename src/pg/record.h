/*
 * record.h
 *		Rows of composite types: their columns, and new ones.
 */
#ifndef OAUTH_JWT_RECORD_H
#define OAUTH_JWT_RECORD_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "fmgr.h"

/* The column of that name; raises 42703 if there is none, or of another type. */
extern AttrNumber column_number(TupleDesc desc, const char *name, Oid type);

/* A column as it is in the row; raises 42703 as well. */
extern Datum record_column(HeapTupleHeader record, const char *name, Oid type, bool *isnull);

/* One of a type of variable length, detoasted; 0 where it is null. */
extern Datum record_value(HeapTupleHeader record, const char *name, Oid type);

/* A text, NULL where it is null. */
extern text *record_text(HeapTupleHeader record, const char *name);

/* The row, of that many columns, that the function called returns: of a composite type, or of its OUT parameters. */
extern Datum result_row(FunctionCallInfo fcinfo, int count, Datum *values, bool *nulls);

#endif							/* OAUTH_JWT_RECORD_H */
