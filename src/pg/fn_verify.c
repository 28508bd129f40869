/*
 * fn_verify.c
 *		SQL face: jwt.verify, jwt.check and jwt.explain, each with a key as
 *		jsonb, with a key as text, and with the keys of jwt.issuers.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/tuplestore.h"

#include "callsite.h"
#include "compat.h"
#include "options.h"
#include "record.h"
#include "verify.h"

PG_FUNCTION_INFO_V1(jwt_verify_jsonb);
PG_FUNCTION_INFO_V1(jwt_verify_text);
PG_FUNCTION_INFO_V1(jwt_verify_trusted);
PG_FUNCTION_INFO_V1(jwt_check_jsonb);
PG_FUNCTION_INFO_V1(jwt_check_text);
PG_FUNCTION_INFO_V1(jwt_check_trusted);
PG_FUNCTION_INFO_V1(jwt_explain_jsonb);
PG_FUNCTION_INFO_V1(jwt_explain_text);
PG_FUNCTION_INFO_V1(jwt_explain_trusted);

/* Options that the query writes out are the same for every row: read them once. */
static void
read_options(FunctionCallInfo fcinfo, int first, CallSite *site, VerifyOptions *options)
{
	MemoryContext old;

	if (!site->has_options && options_are_constant(fcinfo, first))
	{
		old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
		options_read(fcinfo, first, &site->options);
		MemoryContextSwitchTo(old);
		site->has_options = true;
	}
	if (site->has_options)
		*options = site->options;
	else
		options_read(fcinfo, first, options);
}

/* Arguments: token, key where one is given, then the options. */
static void
begin(FunctionCallInfo fcinfo, bool has_key, KeyForm form, Verification *v)
{
	CallSite   *site = call_site(fcinfo);
	text	   *token = PG_GETARG_TEXT_PP(0);

	memset(v, 0, sizeof(*v));
	v->token = VARDATA_ANY(token);
	v->len = VARSIZE_ANY_EXHDR(token);
	if (has_key)
	{
		/* a null key must not fall through to the keys of jwt.issuers */
		if (PG_ARGISNULL(1))
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("key must not be null")));
		v->key = PG_GETARG_VARLENA_PP(1);
		v->key_form = form;
		v->last_key = &site->key_serial;
	}
	read_options(fcinfo, has_key ? 2 : 1, site, &v->options);
}

/* ---- verify: the claims, or an error ---- */

static Datum
verify(FunctionCallInfo fcinfo, bool has_key, KeyForm form)
{
	Verification v;
	JwtCode		code;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	begin(fcinfo, has_key, form, &v);
	code = verify_run(&v);
	if (code != JOSE_OK)
		jwt_raise(code, v.detail);
	/* the claims may be the cache's own */
	return datumCopy(JsonbPGetDatum(v.claims), false, -1);
}

Datum
jwt_verify_jsonb(PG_FUNCTION_ARGS)
{
	return verify(fcinfo, true, KEY_FORM_JSONB);
}

Datum
jwt_verify_text(PG_FUNCTION_ARGS)
{
	return verify(fcinfo, true, KEY_FORM_TEXT);
}

Datum
jwt_verify_trusted(PG_FUNCTION_ARGS)
{
	return verify(fcinfo, false, KEY_FORM_TEXT);
}

/* ---- check: the same as a row ---- */

static Datum
check(FunctionCallInfo fcinfo, bool has_key, KeyForm form)
{
	Verification v;
	JwtCode		code;
	Datum		values[3] = {0};
	bool		nulls[3] = {false, true, true};

	if (PG_ARGISNULL(0))
	{
		values[0] = BoolGetDatum(false);
		values[2] = CStringGetTextDatum("token is null");
		nulls[2] = false;
		return result_row(fcinfo, lengthof(values), values, nulls);
	}
	begin(fcinfo, has_key, form, &v);
	code = verify_run(&v);
	jwt_check_passing(code);
	values[0] = BoolGetDatum(code == JOSE_OK);
	if (code == JOSE_OK)
	{
		values[1] = JsonbPGetDatum(v.claims);
		nulls[1] = false;
	}
	else
	{
		values[2] = CStringGetTextDatum(jwt_error_message(code));
		nulls[2] = false;
	}
	return result_row(fcinfo, lengthof(values), values, nulls);
}

Datum
jwt_check_jsonb(PG_FUNCTION_ARGS)
{
	return check(fcinfo, true, KEY_FORM_JSONB);
}

Datum
jwt_check_text(PG_FUNCTION_ARGS)
{
	return check(fcinfo, true, KEY_FORM_TEXT);
}

Datum
jwt_check_trusted(PG_FUNCTION_ARGS)
{
	return check(fcinfo, false, KEY_FORM_TEXT);
}

/* ---- explain: a row for each check ---- */

static void
report_row(void *arg, const char *name, const bool *ok, const char *detail)
{
	ReturnSetInfo *rsinfo = arg;
	Datum		values[3];
	bool		nulls[3] = {false, ok == NULL, detail == NULL};

	values[0] = CStringGetTextDatum(name);
	values[1] = BoolGetDatum(ok != NULL && *ok);
	values[2] = detail != NULL ? CStringGetTextDatum(detail) : (Datum) 0;
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static Datum
explain(FunctionCallInfo fcinfo, bool has_key, KeyForm form)
{
	Verification v;
	bool		ok = false;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
	{
		report_row(fcinfo->resultinfo, "form", &ok, "the token is null");
		return (Datum) 0;
	}
	begin(fcinfo, has_key, form, &v);
	verify_explain(&v, report_row, fcinfo->resultinfo);
	return (Datum) 0;
}

Datum
jwt_explain_jsonb(PG_FUNCTION_ARGS)
{
	return explain(fcinfo, true, KEY_FORM_JSONB);
}

Datum
jwt_explain_text(PG_FUNCTION_ARGS)
{
	return explain(fcinfo, true, KEY_FORM_TEXT);
}

Datum
jwt_explain_trusted(PG_FUNCTION_ARGS)
{
	return explain(fcinfo, false, KEY_FORM_TEXT);
}
