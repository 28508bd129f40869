/*
 * object.c
 *		JSON objects as jsonb: their members, and new ones.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "object.h"
#include "verify.h"

char *
json_member(const Jsonb *object, const char *name)
{
	JsonbValue	value;

	if (object == NULL || !JB_ROOT_IS_OBJECT(object) ||
		claims_get(object, name, &value) == NULL || value.type != jbvString)
		return NULL;
	return pnstrdup(value.val.string.val, value.val.string.len);
}

static JsonbValue
value_of(const char *string, int len)
{
	JsonbValue	value = {.type = jbvString};

	value.val.string.val = (char *) string;
	value.val.string.len = len;
	return value;
}

JsonbValue
string_value(const char *string)
{
	return value_of(string, (int) strlen(string));
}

JsonbValue
text_value(const text *string)
{
	return value_of(VARDATA_ANY(string), (int) VARSIZE_ANY_EXHDR(string));
}

void
push_texts(JsonbInState *state, ArrayType *texts)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	int			i;

	deconstruct_array(texts, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	push_jsonb(state, WJB_BEGIN_ARRAY, NULL);
	for (i = 0; i < count; i++)
	{
		JsonbValue	value = {.type = jbvNull};

		if (!nulls[i])
			value = text_value(DatumGetTextPP(elements[i]));
		push_jsonb(state, WJB_ELEM, &value);
	}
	push_jsonb(state, WJB_END_ARRAY, NULL);
}

void
push_name(JsonbInState *state, const char *name)
{
	JsonbValue	value = string_value(name);

	push_jsonb(state, WJB_KEY, &value);
}

static void
push_member(JsonbInState *state, const char *name, JsonbValue value)
{
	push_name(state, name);
	push_jsonb(state, WJB_VALUE, &value);
}

void
push_string(JsonbInState *state, const char *name, const char *string)
{
	push_member(state, name, string_value(string));
}

void
push_text(JsonbInState *state, const char *name, const text *string)
{
	push_member(state, name, text_value(string));
}
