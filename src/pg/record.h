/*
 * record.h
 *		Rows of composite types: their columns, and new ones.
 */
#ifndef OAUTH_JWT_RECORD_H
#define OAUTH_JWT_RECORD_H

#include "access/htup.h"
#include "fmgr.h"

/* A column of a type of variable length, such as text, detoasted; 0 where it is null. */
extern Datum record_column(HeapTupleHeader record, const char *name);

/* The same as a text, NULL where it is null. */
#define record_text(record, name)	((text *) DatumGetPointer(record_column(record, name)))

/* A bigint column that is not null, as a Datum; raises where it is. */
extern Datum record_int8(HeapTupleHeader record, const char *name);

/* A row of the composite type, of that many columns, that the function called returns. */
extern Datum result_row(FunctionCallInfo fcinfo, int count, Datum *values, bool *nulls);

#endif							/* OAUTH_JWT_RECORD_H */
