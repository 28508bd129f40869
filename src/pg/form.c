/*
 * form.c
 *		application/x-www-form-urlencoded, as requests bring it.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"

#include "form.h"
#include "jose/hex.h"

#define MAX_FORM		65536
#define MAX_PARAMETERS	200

typedef struct Parameter
{
	char	   *name;
	char	   *value;
	bool		written;
} Parameter;

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

char *
form_decode(const char *part, int len)
{
	char	   *out = palloc(len + 1);
	int			n = 0;
	int			i;

	for (i = 0; i < len; i++)
	{
		if (part[i] == '%')
		{
			int			byte = i + 2 < len ? jose_hex_byte(part + i + 1) : -1;

			if (byte < 0)
				return NULL;
			out[n++] = (char) byte;
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
				.name = form_decode(form, (int) ((equals != NULL ? equals : stop) - form)),
				.value = form_decode(value, (int) (stop - value)),
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

Jsonb *
form_parse(const char *form, size_t len)
{
	Parameter  *parameters = palloc(sizeof(Parameter) * MAX_PARAMETERS);
	StringInfoData json;
	int			n;
	int			i;

	if (len > MAX_FORM)
		return NULL;
	n = decode_form(form, (int) len, parameters);
	if (n < 0)
		return NULL;

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
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)));
}
