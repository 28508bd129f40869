/*
 * claimsjson.c
 *		From a token's JSON to jsonb: what is not a JSON object in UTF-8 that this
 *		database can hold, all of it and unmistakably, is refused.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "claimsjson.h"
#include "compat.h"
#include "flatclaims.h"
#include "jose/json.h"
#include "scoped.h"

#define MAX_EXPONENT_DIGITS	3

/* Errors that mean that the text is not JSON we can hold. */
static bool
is_data_error(int sqlerrcode)
{
	return ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_DATA_EXCEPTION ||
		ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_PROGRAM_LIMIT_EXCEEDED;
}

/*
 * Has any number an exponent of four digits or more?  A jsonb keeps 1e99999 in
 * a few bytes and writes it as 100,000, so a small token would fill the memory
 * of whoever looks at its claims.  RFC 8259 6: numbers may be bounded; those
 * that other readers know end at 1e308.
 */
static bool
has_huge_number(const char *json)
{
	bool		in_string = false;

	for (; *json != '\0'; json++)
	{
		const char *digits = json + 1;

		if (*json == '"')
			in_string = !in_string;
		else if (*json == '\\' && json[1] != '\0')
			json++;
		if (in_string || (*json != 'e' && *json != 'E'))
			continue;
		digits += *digits == '+' || *digits == '-';
		digits += strspn(digits, "0");
		if (strspn(digits, "0123456789") > MAX_EXPONENT_DIGITS)
			return true;
	}
	return false;
}

/*
 * The JSON in the database's encoding; NULL when that does not keep all of it
 * apart: EUC_JP has one character for U+00A6 and U+FFE4, and whose sub has the
 * one would be whose sub has the other.  So that this is true of escapes too,
 * and because SQL_ASCII takes their bytes and not them, they are written out.
 */
static char *
in_own_encoding(const char *json, size_t len)
{
	JoseBuf    *utf8;
	const char *written;
	char	   *own;

	if (GetDatabaseEncoding() == PG_UTF8)
		return pg_any_to_server(json, (int) len, PG_UTF8);
	utf8 = scoped_buf();
	jose_json_write_out(utf8, json, len);
	if (utf8->failed)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
	written = (const char *) utf8->data;
	own = pg_any_to_server(written, (int) utf8->len, PG_UTF8);
	if (own == written || strcmp(pg_server_to_any(own, (int) strlen(own), PG_UTF8), written) == 0)
		return own;
	return NULL;
}

/*
 * jsonb_in raises where a caller of jwt.check wants to be told.  It reads its
 * argument and allocates, and touches nothing else, so an error in it can be
 * caught without a subtransaction; any error but one about the data goes on.
 */
JwtCode
claims_parse(const char *json, size_t len, Jsonb **claims)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool parsed = false;
	Datum		volatile datum = (Datum) 0;

	*claims = flatclaims_read(json, len);
	if (*claims != NULL)
		return JOSE_OK;
	/* a NUL would end the text early */
	if (memchr(json, '\0', len) != NULL || has_huge_number(json))
		return JWT_ERR_CLAIMS_FORM;
	PG_TRY();
	{
		char	   *own = in_own_encoding(json, len);

		parsed = own != NULL;
		if (parsed)
			datum = DirectFunctionCall1(jsonb_in, CStringGetDatum(own));
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (!is_data_error(error->sqlerrcode))
			PG_RE_THROW();
		FlushErrorState();
		FreeErrorData(error);
		parsed = false;
	}
	PG_END_TRY();

	if (!parsed || !JB_ROOT_IS_OBJECT(DatumGetJsonbP(datum)))
		return JWT_ERR_CLAIMS_FORM;
	*claims = DatumGetJsonbP(datum);
	return JOSE_OK;
}
