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
statement_select(Statement *statement, Datum *args, Datum *value)
{
	MemoryContext context = CurrentMemoryContext;
	bool		isnull = true;

	SPI_connect();
	execute(statement, args, NULL, SPI_OK_SELECT);
	if (SPI_processed > 0)
	{
		TupleDesc	desc = SPI_tuptable->tupdesc;
		Datum		found = SPI_getbinval(SPI_tuptable->vals[0], desc, 1, &isnull);

		if (!isnull)
		{
			MemoryContext spi = MemoryContextSwitchTo(context);

			*value = datumCopy(found, TupleDescAttr(desc, 0)->attbyval, TupleDescAttr(desc, 0)->attlen);
			MemoryContextSwitchTo(spi);
		}
	}
	SPI_finish();
	return !isnull;
}

void
statement_execute(Statement *statement, Datum *args, const char *nulls)
{
	SPI_connect();
	execute(statement, args, nulls, SPI_OK_INSERT);
	SPI_finish();
}
