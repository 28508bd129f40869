/*
 * fn_form.c
 *		SQL face: application/x-www-form-urlencoded, both ways.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "form.h"
#include "scoped.h"

PG_FUNCTION_INFO_V1(oauth_parse_form);
PG_FUNCTION_INFO_V1(oauth_form_encode);

/* form -> {"name": "value", "repeated": ["a", "b"]}; NULL when malformed */
Datum
oauth_parse_form(PG_FUNCTION_ARGS)
{
	bytea	   *form = PG_GETARG_BYTEA_PP(0);
	Jsonb	   *parameters = form_parse(VARDATA_ANY(form), VARSIZE_ANY_EXHDR(form));

	if (parameters == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(parameters);
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
