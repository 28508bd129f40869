/*
 * rows.h
 *		Rows of the extension's own tables, read as catalogs are: by index, with the
 *		latest committed snapshot, without SPI.  No plan, no privilege and no
 *		search_path of the caller's plays a part.
 *
 * Only for tables that stay where the extension made them: not for those of oauth
 * that an operator may distribute by issuer_id.
 */
#ifndef OAUTH_JWT_ROWS_H
#define OAUTH_JWT_ROWS_H

#include "access/genam.h"
#include "access/htup.h"
#include "utils/rel.h"

typedef struct RowScan
{
	Relation	rel;
	SysScanDesc scan;
	HeapTuple	tuple;
} RowScan;

/*
 * All rows whose column, which is text COLLATE "C" and the first of the primary key,
 * has this value in the database's encoding; with NULL all there are.
 */
extern void rows_begin(RowScan *rows, Oid relid, const char *column, text *value);

/* The next one, into rows->tuple, which is good until the one after it; false: no more. */
extern bool rows_next(RowScan *rows);

extern void rows_end(RowScan *rows);

/* A column of the row; raises 42703 if the table has none of that name and type. */
extern Datum row_column(RowScan *rows, const char *name, Oid type, bool *isnull);

#endif							/* OAUTH_JWT_ROWS_H */
