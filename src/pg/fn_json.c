/*
 * fn_json.c
 *		SQL face: a JSON object of what there is.
 *
 * jsonb_strip_nulls(jsonb_build_object(...)) says the same in ten times the time:
 * for each name and value it asks the catalog how its type is written.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "object.h"

PG_FUNCTION_INFO_V1(oauth_json_of);

static JsonbValue
integer_value(int64 integer)
{
	JsonbValue	value = {.type = jbvNumeric};

	value.val.numeric = int64_to_numeric(integer);
	return value;
}

static JsonbValue
boolean_value(bool boolean)
{
	JsonbValue	value = {.type = jbvBool};

	value.val.boolean = boolean;
	return value;
}

static bool
is_null(Jsonb *value)
{
	JsonbValue	scalar;

	return JB_ROOT_IS_SCALAR(value) && JsonbExtractScalar(&value->root, &scalar) && scalar.type == jbvNull;
}

static void
push_value(JsonbInState *state, Oid type, Datum datum)
{
	JsonbValue	value;

	switch (type)
	{
		case TEXTOID:
			value = text_value(DatumGetTextPP(datum));
			break;
		case UNKNOWNOID:		/* a literal */
			value = string_value(DatumGetCString(datum));
			break;
		case UUIDOID:
			value = string_value(DatumGetCString(DirectFunctionCall1(uuid_out, datum)));
			break;
		case BOOLOID:
			value = boolean_value(DatumGetBool(datum));
			break;
		case INT4OID:
			value = integer_value(DatumGetInt32(datum));
			break;
		case INT8OID:
			value = integer_value(DatumGetInt64(datum));
			break;
		case JSONBOID:
			value.type = jbvBinary;
			value.val.binary.data = &DatumGetJsonbP(datum)->root;
			value.val.binary.len = VARSIZE(DatumGetJsonbP(datum)) - VARHDRSZ;
			break;
		case TEXTARRAYOID:
			push_texts(state, DatumGetArrayTypeP(datum));
			return;
		default:
			ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
							errmsg("a member cannot be of type %s", format_type_be(type)),
							errhint("Cast it to text or jsonb.")));
	}
	push_jsonb(state, WJB_VALUE, &value);
}

static JsonbValue
name_value(Oid type, Datum datum)
{
	switch (type)
	{
		case TEXTOID:
			return text_value(DatumGetTextPP(datum));
		case UNKNOWNOID:
			return string_value(DatumGetCString(datum));
		default:
			ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
							errmsg("the name of a member is not text")));
	}
}

/* name, value, name, value ... -> an object without the members that are NULL or null */
Datum
oauth_json_of(PG_FUNCTION_ARGS)
{
	JsonbInState state = {0};
	int			arg;

	if (PG_NARGS() % 2 != 0 || get_fn_expr_variadic(fcinfo->flinfo))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("names and values are given in turn")));

	push_jsonb(&state, WJB_BEGIN_OBJECT, NULL);
	for (arg = 0; arg < PG_NARGS(); arg += 2)
	{
		Oid			type = get_fn_expr_argtype(fcinfo->flinfo, arg + 1);
		JsonbValue	name;

		if (PG_ARGISNULL(arg))
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("a member has no name")));
		if (PG_ARGISNULL(arg + 1) || (type == JSONBOID && is_null(PG_GETARG_JSONB_P(arg + 1))))
			continue;
		name = name_value(get_fn_expr_argtype(fcinfo->flinfo, arg), PG_GETARG_DATUM(arg));
		push_jsonb(&state, WJB_KEY, &name);
		push_value(&state, type, PG_GETARG_DATUM(arg + 1));
	}
	push_jsonb(&state, WJB_END_OBJECT, NULL);
	PG_RETURN_JSONB_P(JsonbValueToJsonb(state.result));
}
