/*
 * fn_trustfile.c
 *		SQL face: what jwt.export_trust needs from C.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "interval.h"
#include "scoped.h"
#include "trustfile.h"

PG_FUNCTION_INFO_V1(jwt_seconds);
PG_FUNCTION_INFO_V1(jwt_write_trust_file);

/* span -> numeric */
Datum
jwt_seconds(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(int64_div_fast_to_numeric(interval_microseconds(PG_GETARG_INTERVAL_P(0)), 6));
}

/* document -> void */
Datum
jwt_write_trust_file(PG_FUNCTION_ARGS)
{
	size_t		len;
	char	   *document = text_to_utf8(PG_GETARG_TEXT_PP(0), &len);

	/* it says who logs in to all databases, so a database's owner is not enough */
	if (!superuser())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to write the trust file"),
						errdetail("It says whose tokens log in to this server: a superuser writes it.")));
	trustfile_write(document, len);
	PG_RETURN_VOID();
}
