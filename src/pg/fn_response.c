/*
 * fn_response.c
 *		SQL face: an answer in JSON.
 */
#include "postgres.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "object.h"
#include "record.h"

PG_FUNCTION_INFO_V1(oauth_json_response);

/* Headers are objects of one member, in an array, so that one can come twice. */
static void
push_header(JsonbInState *state, const char *name, const char *value)
{
	push_jsonb(state, WJB_BEGIN_OBJECT, NULL);
	push_string(state, name, value);
	push_jsonb(state, WJB_END_OBJECT, NULL);
}

/* Its type, and the headers given; where there are none, those of oauth.no_store (RFC 6749 5.1). */
static Datum
headers_of(FunctionCallInfo fcinfo, int arg)
{
	JsonbInState state = {0};
	Datum		headers;

	push_jsonb(&state, WJB_BEGIN_ARRAY, NULL);
	push_header(&state, "Content-Type", "application/json");
	if (PG_ARGISNULL(arg))
	{
		push_header(&state, "Cache-Control", "no-store");
		push_header(&state, "Pragma", "no-cache");
	}
	push_jsonb(&state, WJB_END_ARRAY, NULL);
	headers = JsonbPGetDatum(JsonbValueToJsonb(state.result));
	return PG_ARGISNULL(arg) ? headers : DirectFunctionCall2(jsonb_concat, headers, PG_GETARG_DATUM(arg));
}

/* In UTF-8 (RFC 8259 8.1). */
static Datum
bytes_of(Jsonb *body)
{
	char	   *json = JsonbToCString(NULL, &body->root, VARSIZE(body));
	char	   *utf8 = pg_server_to_any(json, (int) strlen(json), PG_UTF8);

	return PointerGetDatum(cstring_to_text(utf8));
}

/* body, headers, status -> oauth.response */
Datum
oauth_json_response(PG_FUNCTION_ARGS)
{
	Datum		values[3] = {0};
	bool		nulls[3] = {PG_ARGISNULL(2), false, PG_ARGISNULL(0)};

	if (!nulls[0])
		values[0] = PG_GETARG_DATUM(2);
	values[1] = headers_of(fcinfo, 1);
	if (!nulls[2])
		values[2] = bytes_of(PG_GETARG_JSONB_P(0));
	PG_RETURN_DATUM(result_row(fcinfo, lengthof(values), values, nulls));
}
