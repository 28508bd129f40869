/*
 * fn_form.c
 *		SQL face: application/x-www-form-urlencoded, both ways, and a client's
 *		Authorization: Basic, whose halves are encoded so.
 *
 * RFC 6749 appendix B: names and values are UTF-8, each byte but the unreserved
 * ones percent-encoded, and a space may be a plus.  What is malformed is NULL,
 * for the caller to refuse: nothing of it is guessed at.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"

#include "compat.h"
#include "error.h"
#include "jose/hex.h"
#include "scoped.h"

#define MAX_FORM		65536
#define MAX_BASIC		65536	/* no web server lets a longer header pass */
#define MAX_PARAMETERS	200

PG_FUNCTION_INFO_V1(oauth_parse_form);
PG_FUNCTION_INFO_V1(oauth_form_encode);
PG_FUNCTION_INFO_V1(oauth_basic_credentials);

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

/*
 * The bytes in base64 (RFC 4648 4) after "Basic" and blanks; NULL when it is
 * something else, or not canonical.
 */
static JoseBuf *
decode_basic(const char *header, size_t len)
{
	static const char scheme[] = "basic ";
	size_t		begin = sizeof(scheme) - 1;
	JoseBuf    *encoded = scoped_buf();
	JoseBuf    *pair = scoped_buf();
	size_t		i;

	if (len < begin || len > MAX_BASIC || pg_strncasecmp(header, scheme, begin) != 0)
		return NULL;
	while (begin < len && header[begin] == ' ')
		begin++;
	while (len > begin && header[len - 1] == ' ')
		len--;
	for (i = 0; i < 2 && len > begin && header[len - 1] == '='; i++)
		len--;

	/* the core knows the URL's alphabet; there the other's characters are none */
	for (i = begin; i < len; i++)
	{
		char		c = header[i];

		if (c == '-' || c == '_')
			return NULL;
		c = jose_b64_url(c);
		jose_buf_append(encoded, &c, 1);
	}
	if (encoded->failed)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
	return jwt_succeeded(jose_b64_decode_buf((const char *) encoded->data, encoded->len, pair)) ? pair : NULL;
}

/* One half in ASCII, decoded; NULL when it is malformed or empty. */
static Datum
credential(const char *part, size_t len, bool *isnull)
{
	char	   *value;
	size_t		i;

	*isnull = true;
	for (i = 0; i < len; i++)
	{
		if ((unsigned char) part[i] < 0x20 || (unsigned char) part[i] > 0x7e || part[i] == '&' || part[i] == '=')
			return (Datum) 0;
	}
	value = decode_part(part, (int) len);
	if (value == NULL || *value == '\0')
		return (Datum) 0;
	*isnull = false;
	return CStringGetTextDatum(value);
}

/* {client_id, client_secret} (RFC 6749 2.3.1); of what is malformed, {NULL,NULL} */
Datum
oauth_basic_credentials(PG_FUNCTION_ARGS)
{
	text	   *header = PG_GETARG_TEXT_PP(0);
	JoseBuf    *pair = decode_basic(VARDATA_ANY(header), VARSIZE_ANY_EXHDR(header));
	const char *name = pair != NULL ? (const char *) pair->data : NULL;
	const char *colon = pair != NULL ? memchr(name, ':', pair->len) : NULL;
	Datum		parts[2] = {0};
	bool		nulls[2] = {true, true};
	int			size = 2;
	int			lower = 1;

	if (colon != NULL)
	{
		parts[0] = credential(name, colon - name, &nulls[0]);
		parts[1] = credential(colon + 1, name + pair->len - (colon + 1), &nulls[1]);
	}
	/* without a name the secret is nobody's */
	nulls[1] |= nulls[0];
	PG_RETURN_ARRAYTYPE_P(construct_md_array(parts, nulls, 1, &size, &lower, TEXTOID, -1, false, TYPALIGN_INT));
}
