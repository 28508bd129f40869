/*
 * statement.c
 *		A statement of our own through SPI, planned once in a session.
 */
#include "postgres.h"

#include "utils/datum.h"

#include "statement.h"

static void
execute(Statement *statement, Datum *args, const char *nulls, int expected)
{
	int			result;

	if (statement->plan == NULL)
	{
		SPIPlanPtr	plan = SPI_prepare(statement->sql, statement->nargs, statement->types);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
		statement->plan = plan;
	}
	result = SPI_execute_plan(statement->plan, args, nulls, false, 1);
	if (result != expected)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
}

bool
statement_row(Statement *statement, Datum *args, const char *nulls, Datum *values, int count)
{
	MemoryContext context = CurrentMemoryContext;
	bool		found;
	int			i;

	SPI_connect();
	execute(statement, args, nulls, SPI_OK_SELECT);
	found = SPI_processed > 0;
	for (i = 0; i < count; i++)
	{
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		isnull = true;
		Datum		value = found ? SPI_getbinval(SPI_tuptable->vals[0], desc, i + 1, &isnull) : (Datum) 0;

		values[i] = (Datum) 0;
		if (!isnull)
		{
			MemoryContext spi = MemoryContextSwitchTo(context);

			values[i] = datumCopy(value, false, TupleDescAttr(desc, i)->attlen);
			MemoryContextSwitchTo(spi);
		}
	}
	SPI_finish();
	return found;
}

bool
statement_select(Statement *statement, Datum *args, Datum *value)
{
	return statement_row(statement, args, NULL, value, 1) && *value != (Datum) 0;
}

void
statement_execute(Statement *statement, Datum *args, const char *nulls)
{
	SPI_connect();
	execute(statement, args, nulls, SPI_OK_INSERT);
	SPI_finish();
}
