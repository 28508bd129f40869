/*
 * options.c
 *		SQL arguments into what a verification asks.  What is wrong with them is
 *		the caller's mistake, not the token's, so it is raised even by jwt.check.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/primnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "interval.h"
#include "options.h"

static TextList
read_list(Datum array, bool isnull, const char *name)
{
	TextList	list = {0, NULL};
	Datum	   *items;
	bool	   *nulls;
	int			i;

	if (isnull)
		return list;
	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls, &list.count);
	list.items = palloc(sizeof(char *) * (list.count + 1));
	for (i = 0; i < list.count; i++)
	{
		if (nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("%s must not contain nulls", name)));
		list.items[i] = TextDatumGetCString(items[i]);
	}
	return list;
}

JoseAlgSet
options_algorithms(Datum array, bool isnull, bool signatures)
{
	TextList	names = read_list(array, isnull, "algorithms");
	JoseAlgSet	set = 0;
	int			i;

	for (i = 0; i < names.count; i++)
	{
		const JoseAlg *alg = jose_alg_by_name(names.items[i]);

		if (alg == NULL || jose_alg_is_signature(alg) != signatures)
			jwt_raise(JOSE_ERR_ALG_UNKNOWN, psprintf("algorithms names \"%s\".", names.items[i]));
		set |= jose_alg_bit(alg);
	}
	return set;
}

JoseAlgSet
options_encryptions(Datum array, bool isnull)
{
	TextList	names = read_list(array, isnull, "encryptions");
	JoseAlgSet	set = 0;
	int			i;

	for (i = 0; i < names.count; i++)
	{
		const JoseEnc *enc = jose_enc_by_name(names.items[i]);

		if (enc == NULL)
			jwt_raise(JOSE_ERR_ENC_UNKNOWN, psprintf("encryptions names \"%s\".", names.items[i]));
		set |= jose_enc_bit(enc);
	}
	return set;
}

static const char *
read_text(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(arg));
}

/* An interval that must not be negative; false when it is null. */
static bool
read_span(FunctionCallInfo fcinfo, int arg, const char *name, int64 *microseconds)
{
	if (PG_ARGISNULL(arg))
		return false;
	*microseconds = interval_microseconds(PG_GETARG_INTERVAL_P(arg));
	/* a century, so that no sum with it overflows */
	if (*microseconds < 0 || *microseconds > 36525 * USECS_PER_DAY)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s must lie between 0 and 100 years", name)));
	return true;
}

/* Empty, it is more likely a list that was not filled than a wish to be everybody. */
static TextList
read_audience(FunctionCallInfo fcinfo, int arg)
{
	TextList	audience = read_list(fcinfo->args[arg].value, PG_ARGISNULL(arg), "audience");

	if (!PG_ARGISNULL(arg) && audience.count == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("audience must not be empty"),
						errhint("Leave it out, or NULL, for aud not to be looked at.")));
	return audience;
}

void
options_read(FunctionCallInfo fcinfo, int first, VerifyOptions *options)
{
	options->algs = options_algorithms(fcinfo->args[first].value, PG_ARGISNULL(first), true);
	options->issuer = read_text(fcinfo, first + 1);
	options->audience = read_audience(fcinfo, first + 2);
	options->subject = read_text(fcinfo, first + 3);
	options->type = read_text(fcinfo, first + 4);
	options->required = read_list(fcinfo->args[first + 5].value, PG_ARGISNULL(first + 5), "required_claims");
	options->has_max_age = read_span(fcinfo, first + 6, "max_age", &options->max_age);
	options->has_leeway = read_span(fcinfo, first + 7, "leeway", &options->leeway);
}

/*
 * Parameters don't count: PL/pgSQL keeps a call from one execution to the
 * next, and gives them other values.
 */
bool
options_are_constant(FunctionCallInfo fcinfo, int first)
{
	FuncExpr   *call = (FuncExpr *) fcinfo->flinfo->fn_expr;
	int			arg;

	if (call == NULL || !IsA(call, FuncExpr) || list_length(call->args) != fcinfo->nargs)
		return false;
	for (arg = first; arg < fcinfo->nargs; arg++)
	{
		if (!IsA(list_nth(call->args, arg), Const))
			return false;
	}
	return true;
}
