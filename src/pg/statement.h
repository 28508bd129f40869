/*
 * statement.h
 *		A statement of our own through SPI, planned once in a session.
 *
 * A function in PL/pgSQL costs as much again, most of it for its pinned search_path.
 * Here nothing pins it: all names in a statement are qualified, operators too.
 */
#ifndef OAUTH_JWT_STATEMENT_H
#define OAUTH_JWT_STATEMENT_H

#include "executor/spi.h"

#define STATEMENT_ARGS	6

typedef struct Statement
{
	const char *sql;
	int			nargs;
	Oid			types[STATEMENT_ARGS];
	SPIPlanPtr	plan;			/* NULL before its first use */
} Statement;

/*
 * The columns of the first row, none of a type that is passed by value, copied to
 * CurrentMemoryContext; 0 where one is null.  false: there is no row.  The statement
 * casts a table's column to the type that it is read as: an operator may have made it
 * another one.
 */
extern bool statement_row(Statement *statement, Datum *args, const char *nulls, Datum *values, int count);

/* The one column of the first row; false: no row, or a null. */
extern bool statement_select(Statement *statement, Datum *args, Datum *value);

/* For what it does; nulls as SPI_execute_plan has them. */
extern void statement_execute(Statement *statement, Datum *args, const char *nulls);

#endif							/* OAUTH_JWT_STATEMENT_H */
