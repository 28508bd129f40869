/*
 * fn_form.c
 *		SQL face: application/x-www-form-urlencoded, both ways.
 *
 * RFC 6749 appendix B: names and values are UTF-8, each byte but the unreserved
 * ones percent-encoded, and a space may be a plus.  What is malformed is NULL,
 * for the caller to refuse: nothing of it is guessed at.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"

#include "compat.h"
#include "scoped.h"

#define MAX_FORM		65536
#define MAX_PARAMETERS	200

PG_FUNCTION_INFO_V1(oauth_parse_form);
PG_FUNCTION_INFO_V1(oauth_form_encode);

typedef struct Parameter
{
	char	   *name;
	char	   *value;
	bool		written;
} Parameter;

static int
hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The database's encoding from UTF-8; NULL when it has no such character. */
static char *
from_utf8(char *utf8, int len)
{
	int			encoding = GetDatabaseEncoding();
	Oid			conversion;
	char	   *own;
	int			size = len * MAX_CONVERSION_GROWTH + 1;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
		return utf8;
	conversion = FindDefaultConversionProc(PG_UTF8, encoding);
	if (!OidIsValid(conversion))
		return NULL;
	own = palloc(size);
	if (pg_do_encoding_conversion_buf(conversion, PG_UTF8, encoding, (unsigned char *) utf8, len,
									  (unsigned char *) own, size, true) != len)
		return NULL;
	return own;
}

/* One name or value, NUL-terminated; NULL when malformed. */
static char *
decode_part(const char *part, int len)
{
	char	   *out = palloc(len + 1);
	int			n = 0;
	int			i;

	for (i = 0; i < len; i++)
	{
		if (part[i] == '%')
		{
			int			high = i + 2 < len ? hex_digit((unsigned char) part[i + 1]) : -1;
			int			low = i + 2 < len ? hex_digit((unsigned char) part[i + 2]) : -1;

			if (high < 0 || low < 0)
				return NULL;
			out[n++] = (char) (high << 4 | low);
			i += 2;
		}
		else
			out[n++] = part[i] == '+' ? ' ' : part[i];
	}
	out[n] = '\0';
	/* stops at the first byte that is no UTF-8, and at NUL */
	return pg_encoding_verifymbstr(PG_UTF8, out, n) == n ? from_utf8(out, n) : NULL;
}

/* How many parameters have a value; -1 when the form is malformed. */
static int
decode_form(const char *form, int len, Parameter *parameters)
{
	const char *end = form + len;
	int			n = 0;
	int			seen = 0;

	while (form < end)
	{
		const char *stop = memchr(form, '&', end - form);
		const char *equals;

		if (stop == NULL)
			stop = end;
		equals = memchr(form, '=', stop - form);
		if (stop > form)
		{
			const char *value = equals != NULL ? equals + 1 : stop;
			Parameter	parameter = {
				.name = decode_part(form, (int) ((equals != NULL ? equals : stop) - form)),
				.value = decode_part(value, (int) (stop - value)),
				.written = false
			};

			if (parameter.name == NULL || parameter.value == NULL || ++seen > MAX_PARAMETERS)
				return -1;
			/* RFC 6749 3.1: without a value it is as if it had not been sent */
			if (parameter.value[0] != '\0')
				parameters[n++] = parameter;
		}
		form = stop < end ? stop + 1 : end;
	}
	return n;
}

static void
write_values(StringInfo json, Parameter *parameters, int n, int first)
{
	bool		repeated = false;
	int			start = json->len;
	int			i;

	appendStringInfoChar(json, '[');
	for (i = first; i < n; i++)
	{
		if (parameters[i].written || strcmp(parameters[i].name, parameters[first].name) != 0)
			continue;
		parameters[i].written = true;
		if (i > first)
		{
			repeated = true;
			appendStringInfoChar(json, ',');
		}
		escape_json(json, parameters[i].value);
	}
	if (repeated)
		appendStringInfoChar(json, ']');
	else
		json->data[start] = ' ';
}

/* form -> {"name": "value", "repeated": ["a", "b"]}; NULL when malformed */
Datum
oauth_parse_form(PG_FUNCTION_ARGS)
{
	bytea	   *form = PG_GETARG_BYTEA_PP(0);
	Parameter  *parameters = palloc(sizeof(Parameter) * MAX_PARAMETERS);
	StringInfoData json;
	int			n;
	int			i;

	if (VARSIZE_ANY_EXHDR(form) > MAX_FORM)
		PG_RETURN_NULL();
	n = decode_form(VARDATA_ANY(form), (int) VARSIZE_ANY_EXHDR(form), parameters);
	if (n < 0)
		PG_RETURN_NULL();

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	for (i = 0; i < n; i++)
	{
		if (parameters[i].written)
			continue;
		if (json.len > 1)
			appendStringInfoChar(&json, ',');
		escape_json(&json, parameters[i].name);
		appendStringInfoChar(&json, ':');
		write_values(&json, parameters, n, i);
	}
	appendStringInfoChar(&json, '}');
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)));
}

/* All but RFC 3986 2.3's unreserved characters become %XX: good in a query and in a form. */
Datum
oauth_form_encode(PG_FUNCTION_ARGS)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t		len;
	char	   *utf8 = text_to_utf8(PG_GETARG_TEXT_PP(0), &len);
	text	   *out = palloc(VARHDRSZ + len * 3);
	char	   *to = VARDATA(out);
	size_t		i;

	for (i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char) utf8[i];

		if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			c == '-' || c == '.' || c == '_' || c == '~')
		{
			*to++ = (char) c;
			continue;
		}
		*to++ = '%';
		*to++ = hex[c >> 4];
		*to++ = hex[c & 15];
	}
	SET_VARSIZE(out, to - (char *) out);
	PG_RETURN_TEXT_P(out);
}
