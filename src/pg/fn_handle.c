/*
 * fn_handle.c
 *		SQL face: oauth.handle, the one entrance of the authorization server, and
 *		oauth.serve, the same for a gateway.  It finds the issuer and the endpoint,
 *		takes the parameters apart, and hands over.
 *
 * Every request comes by here, so it is in C: in PL/pgSQL its expressions took a
 * fifth of a token's time.  What a refusal looks like, SQL says (handle.sql).
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "compat.h"
#include "form.h"
#include "object.h"
#include "record.h"
#include "routine.h"
#include "rows.h"
#include "scoped.h"
#include "statement.h"
#include "texts.h"

PG_FUNCTION_INFO_V1(oauth_handle);
PG_FUNCTION_INFO_V1(oauth_serve);

#define REQUEST_MEMBERS	8
#define FORM_TYPE	"application/x-www-form-urlencoded"

/* What handle knows of a request so far. */
typedef struct Call
{
	Oid			schema;			/* ours */
	HeapTupleHeader request;	/* an oauth.request */
	Datum		issuer;			/* an oauth.issuers; 0: none yet */
	/* of the row of oauth.endpoints */
	char	   *kind;			/* NULL: none yet */
	NameData	function;
	ArrayType  *methods;
	Jsonb	   *parameters;
} Call;

static bool
equals(const text *value, const char *string)
{
	return value != NULL && VARSIZE_ANY_EXHDR(value) == strlen(string) &&
		memcmp(VARDATA_ANY(value), string, strlen(string)) == 0;
}

/* ---- refusals ---- */

/* oauth.refuse(kind, issuer, error, description, status, allow) */
static Datum
refuse(const Call *call, const char *error, const char *description, int status, Datum allow)
{
	const NullableDatum args[6] = {
		routine_text(call->kind),
		routine_argument(call->issuer),
		routine_text(error),
		routine_text(description),
		{Int32GetDatum(status), false},
		routine_argument(allow)
	};

	return routine_call(call->schema, "refuse", lengthof(args), args);
}

static Datum
refuse_request(const Call *call, const char *description, int status)
{
	return refuse(call, "invalid_request", description, status, (Datum) 0);
}

static Datum
refuse_unexpected(const Call *call)
{
	return refuse(call, "server_error", "The server met an unexpected condition.", 500, (Datum) 0);
}

/* RFC 9110 15.5.6 */
static Datum
refuse_method(const Call *call)
{
	return refuse(call, "invalid_request", "The endpoint does not take this method.", 405, PointerGetDatum(call->methods));
}

/* A setting that the operator has to mend, who is told by the log. */
static Datum
refuse_setting(const Call *call, const char *name, const char *set_by, const char *needed)
{
	ereport(LOG, (errmsg("oauth.handle: called while %s is \"%s\"", name, GetConfigOption(name, false, false)),
				  errhint("Set %s of the role that calls it to \"%s\".", set_by, needed)));
	return refuse_unexpected(call);
}

/*
 * A code used twice, a token revoked, a failure counted: each is seen in what others
 * have committed meanwhile.  Above READ COMMITTED it would not be, and those who race
 * would fail uncounted.
 */
static Datum
refuse_isolation(const Call *call)
{
	return refuse_setting(call, "transaction_isolation", "default_transaction_isolation", "read committed");
}

/* Off, the first use of each pattern in PL/pgSQL would take its backslashes out. */
static bool
strings_conform(void)
{
	return strcmp(GetConfigOption("standard_conforming_strings", false, false), "on") == 0;
}

static Datum
refuse_strings(const Call *call)
{
	return refuse_setting(call, "standard_conforming_strings", "standard_conforming_strings", "on");
}

/* ---- issuer and endpoint ---- */

/*
 * The only one where none is named.  Not SELECT i: if an operator adds a column of
 * that name, it is the column, and read as a row it would crash.
 */
static bool
find_issuer(Call *call)
{
	static Statement named = {
		.sql = "SELECT i.*::oauth.issuers FROM oauth.issuers AS i WHERE i.issuer OPERATOR(pg_catalog.=) $1 AND i.enabled",
		.nargs = 1,
		.types = {TEXTOID}
	};
	static Statement only = {
		.sql = "SELECT i.*::oauth.issuers FROM oauth.issuers AS i WHERE i.enabled AND NOT EXISTS ("
		"SELECT FROM oauth.issuers AS o WHERE o.enabled AND o.issuer_id OPERATOR(pg_catalog.<>) i.issuer_id)"
	};
	Datum		issuer = record_value(call->request, "issuer", TEXTOID);

	return statement_select(issuer != (Datum) 0 ? &named : &only, &issuer, &call->issuer);
}

/* Its row is the extension's own and nobody else's. */
static bool
find_endpoint(Call *call)
{
	text	   *path = record_text(call->request, "path");
	RowScan		rows;
	bool		found;
	bool		isnull;

	if (path == NULL)
		return false;
	rows_begin(&rows, get_relname_relid("endpoints", call->schema), "path", path);
	found = rows_next(&rows);
	if (found)
	{
		call->kind = TextDatumGetCString(row_column(&rows, "kind", TEXTOID, &isnull));
		call->methods = DatumGetArrayTypePCopy(row_column(&rows, "methods", TEXTARRAYOID, &isnull));
		call->function = *DatumGetName(row_column(&rows, "function", NAMEOID, &isnull));
	}
	rows_end(&rows);
	return found;
}

static bool
takes_method(const Call *call)
{
	text	   *method = record_text(call->request, "method");

	return method != NULL && texts_have(call->methods, text_to_cstring(method));
}

/* ---- parameters ---- */

/* The type alone, without its parameters and in any case (RFC 9110 8.3.1). */
static bool
is_form_type(const char *type)
{
	size_t		len = strcspn(type, ";");
	size_t		i;

	while (len > 0 && (type[len - 1] == ' ' || type[len - 1] == '\t'))
		len--;
	if (len != strlen(FORM_TYPE))
		return false;
	for (i = 0; i < len; i++)
	{
		if (pg_ascii_tolower((unsigned char) type[i]) != FORM_TYPE[i])
			return false;
	}
	return true;
}

static bool
brings_form(const Call *call)
{
	Datum		headers = record_value(call->request, "headers", JSONBOID);
	char	   *type = headers != (Datum) 0 ? json_member(DatumGetJsonbP(headers), "content-type") : NULL;

	return type != NULL && is_form_type(type);
}

/* The query of a GET, the form of a POST; NULL when it is malformed. */
static Jsonb *
read_parameters(const Call *call)
{
	text	   *method = record_text(call->request, "method");
	text	   *query = record_text(call->request, "query");
	bytea	   *body = (bytea *) DatumGetPointer(record_value(call->request, "body", BYTEAOID));
	size_t		len;
	char	   *utf8;

	if (equals(method, "GET") || equals(method, "HEAD"))
	{
		if (query == NULL)
			return form_parse("", 0);
		utf8 = text_to_utf8(query, &len);
		return form_parse(utf8, len);
	}
	if (body == NULL || VARSIZE_ANY_EXHDR(body) == 0)
		return form_parse("", 0);
	return brings_form(call) ? form_parse(VARDATA_ANY(body), VARSIZE_ANY_EXHDR(body)) : NULL;
}

/* RFC 6749 3.1 and 3.2: parameters are not repeated, but for these (RFC 8707 2). */
static bool
may_repeat(const JsonbValue *name)
{
	return (name->val.string.len == 8 &&
			(memcmp(name->val.string.val, "resource", 8) == 0 || memcmp(name->val.string.val, "audience", 8) == 0));
}

static bool
has_repeated(Jsonb *parameters)
{
	JsonbIterator *iterator = JsonbIteratorInit(&parameters->root);
	JsonbValue	value;
	JsonbIteratorToken token;
	bool		exempt = false;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			exempt = may_repeat(&value);
		else if (token == WJB_VALUE && value.type == jbvBinary && !exempt)
			return true;
	}
	return false;
}

/* ---- the endpoint ---- */

/* NAME(request, issuer, parameters) -> oauth.response */
static Datum
call_function(const Call *call)
{
	const HeapTupleHeader records[2] = {call->request, DatumGetHeapTupleHeader(call->issuer)};

	return routine_serve(call->schema, &call->function, records, lengthof(records), call->parameters);
}

/* oauth.record_failure(issuer, request, sqlstate) */
static void
record_failure(const Call *call, int sqlerrcode)
{
	/* copied: the server's log writes its own lines' SQLSTATE into the same buffer */
	const char *sqlstate = pstrdup(unpack_sql_state(sqlerrcode));
	const NullableDatum args[3] = {
		routine_argument(call->issuer),
		routine_record(call->request),
		routine_text(sqlstate)
	};

	ereport(LOG, (errmsg("oauth.handle: %s failed with SQLSTATE %s", text_to_cstring(record_text(call->request, "path")), sqlstate),
				  errhint("Call the endpoint's function by itself to see the error.")));
	routine_call(call->schema, "record_failure", lengthof(args), args);
}

/*
 * In a subtransaction: what the endpoint did not foresee is our error, undoes what it
 * did, and tells nothing.  Like PL/pgSQL's WHEN OTHERS it stops neither a cancellation
 * nor a failed assertion.
 */
static Datum
call_endpoint(Call *call)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile failure = NULL;
	volatile Datum response = 0;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		/* a STABLE one sees what there is by now too, not as the caller's statement began */
		PushActiveSnapshot(GetTransactionSnapshot());
		response = call_function(call);
		PopActiveSnapshot();
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		failure = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;

	if (failure == NULL)
		return response;
	if (failure->sqlerrcode == ERRCODE_QUERY_CANCELED || failure->sqlerrcode == ERRCODE_ASSERT_FAILURE)
		ReThrowError(failure);
	record_failure(call, failure->sqlerrcode);
	return refuse_unexpected(call);
}

static Datum
handle(HeapTupleHeader request, Oid schema)
{
	Call		call = {.schema = schema, .request = request};

	if (IsolationUsesXactSnapshot())
		return refuse_isolation(&call);
	if (!strings_conform())
		return refuse_strings(&call);
	if (!find_issuer(&call))
		return refuse_request(&call, "There is no such issuer.", 404);
	if (!find_endpoint(&call))
		return refuse_request(&call, "There is no such endpoint.", 404);
	if (!takes_method(&call))
		return refuse_method(&call);
	call.parameters = read_parameters(&call);
	if (call.parameters == NULL)
		return refuse_request(&call, "The parameters are not a well-formed form in UTF-8.", 400);
	if (has_repeated(call.parameters))
		return refuse_request(&call, "A parameter is repeated.", 400);
	return call_endpoint(&call);
}

/* oauth.request -> oauth.response */
Datum
oauth_handle(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(handle(PG_GETARG_HEAPTUPLEHEADER(0), get_func_namespace(fcinfo->flinfo->fn_oid)));
}

/* issuer, method, path, query, headers, body, remote_addr -> oauth.response */
Datum
oauth_serve(PG_FUNCTION_ARGS)
{
	Oid			schema = get_func_namespace(fcinfo->flinfo->fn_oid);
	Oid			type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("request"), ObjectIdGetDatum(schema));
	TupleDesc	desc = lookup_rowtype_tupdesc(type, -1);
	Datum		values[REQUEST_MEMBERS] = {0};
	bool		nulls[REQUEST_MEMBERS];
	HeapTuple	request;
	int			i;

	if (desc->natts != REQUEST_MEMBERS)
		elog(ERROR, "oauth.request has not the members it had");
	for (i = 0; i < REQUEST_MEMBERS; i++)
	{
		nulls[i] = i >= PG_NARGS() || PG_ARGISNULL(i);
		if (!nulls[i])
			values[i] = PG_GETARG_DATUM(i);
	}
	request = heap_form_tuple(desc, values, nulls);
	ReleaseTupleDesc(desc);
	PG_RETURN_DATUM(handle(DatumGetHeapTupleHeader(HeapTupleGetDatum(request)), schema));
}
