/*
 * fn_event.c
 *		SQL face: a line of the audit trail.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"

#include "statement.h"

PG_FUNCTION_INFO_V1(oauth_record_event);

/* issuer_id, event, client_id, subject, remote_addr, detail */
Datum
oauth_record_event(PG_FUNCTION_ARGS)
{
	static Statement insert = {
		.sql = "INSERT INTO oauth.audit (issuer_id, event, client_id, subject, remote_addr, detail) VALUES ($1, $2, $3, $4, $5, $6)",
		.nargs = 6,
		.types = {INT8OID, TEXTOID, TEXTOID, TEXTOID, INETOID, JSONBOID}
	};
	Datum		values[STATEMENT_ARGS];
	char		nulls[STATEMENT_ARGS];
	int			i;

	for (i = 0; i < insert.nargs; i++)
	{
		values[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	statement_execute(&insert, values, nulls);
	PG_RETURN_VOID();
}
