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

static bool
converts_back(const char *utf8)
{
	char	   *own = pg_any_to_server(utf8, (int) strlen(utf8), PG_UTF8);

	return own == utf8 || strcmp(pg_server_to_any(own, (int) strlen(own), PG_UTF8), utf8) == 0;
}

/* Of \uXXXX, which jsonb_in has accepted.  sscanf would measure the rest of the text each time. */
static pg_wchar
escaped_code(const char *hex)
{
	char		digits[5] = {hex[0], hex[1], hex[2], hex[3], '\0'};

	return (pg_wchar) strtoul(digits, NULL, 16);
}

#define ESCAPE_LEN	6

/* Of a \uXXXX that begins there; 0: none does. */
static pg_wchar
unicode_escape(const char *json)
{
	if (json[0] != '\\' || json[1] != 'u' || strspn(json + 2, "0123456789abcdefABCDEF") < 4)
		return 0;
	return escaped_code(json + 2);
}

/*
 * Does the database's encoding keep all of this JSON apart, which jsonb_in has
 * accepted?  EUC_JP has one character for U+00A6 and U+FFE4, and whose sub has
 * the one would be whose sub has the other.
 */
static bool
is_kept_apart(const char *json)
{
	if (GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII)
		return true;
	if (!converts_back(json))
		return false;
	for (; *json != '\0'; json++)
	{
		unsigned char utf8[MAX_MULTIBYTE_CHAR_LEN + 1] = {0};
		pg_wchar	code;

		if (*json != '\\' || *++json != 'u')
			continue;
		code = escaped_code(json + 1);
		/* of pairs, which jsonb_in takes whole, no encoding makes two the same */
		if (is_utf16_surrogate_first(code) || is_utf16_surrogate_second(code))
			continue;
		unicode_to_utf8(code, utf8);
		if (!converts_back((char *) utf8))
			return false;
	}
	return true;
}

/*
 * JSON with its escapes of other characters than ASCII's written out in UTF-8,
 * for SQL_ASCII, in which jsonb_in takes such bytes and not such escapes.  What
 * is no such escape, or half of a pair, stays for jsonb_in to judge.
 */
static char *
unescaped(const char *json)
{
	char	   *out = palloc(strlen(json) + 1);
	char	   *to = out;

	while (*json != '\0')
	{
		pg_wchar	code = unicode_escape(json);
		pg_wchar	low = is_utf16_surrogate_first(code) ? unicode_escape(json + ESCAPE_LEN) : 0;
		int			taken = ESCAPE_LEN;

		if (is_utf16_surrogate_second(low))
		{
			code = surrogate_pair_to_codepoint(code, low);
			taken *= 2;
		}
		if (code >= 0x80 && !is_utf16_surrogate_first(code) && !is_utf16_surrogate_second(code))
		{
			unicode_to_utf8(code, (unsigned char *) to);
			to += pg_utf_mblen((unsigned char *) to);
			json += taken;
			continue;
		}
		/* an escape of another kind is two characters, of which the second begins none */
		if (*json == '\\' && json[1] != '\0')
			*to++ = *json++;
		*to++ = *json++;
	}
	*to = '\0';
	return out;
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
	volatile bool parsed = true;
	Datum		volatile datum = (Datum) 0;

	*claims = flatclaims_read(json, len);
	if (*claims != NULL)
		return JOSE_OK;
	/* a NUL would end the text early */
	if (memchr(json, '\0', len) != NULL || has_huge_number(json))
		return JWT_ERR_CLAIMS_FORM;
	PG_TRY();
	{
		char	   *own = pg_any_to_server(json, (int) len, PG_UTF8);

		if (GetDatabaseEncoding() == PG_SQL_ASCII)
		{
			(void) pg_verify_mbstr(PG_UTF8, json, (int) len, false);
			own = unescaped(json);
		}
		datum = DirectFunctionCall1(jsonb_in, CStringGetDatum(own));
		parsed = is_kept_apart(json);
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
