/*
 * access_token.c
 *		An access token (RFC 9068), for every grant there is.
 *
 * What not every token needs, an opaque form, a user's authorization, claims of the
 * operator's own, SQL does (issue.sql).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "access_token.h"
#include "compat.h"
#include "interval.h"
#include "issue.h"
#include "object.h"
#include "record.h"
#include "routine.h"
#include "scoped.h"
#include "statement.h"

#define LARGE_CLAIMS	3072	/* 4 kB in base64url */

/* A token to be issued. */
typedef struct Issue
{
	Oid			schema;			/* ours */
	HeapTupleHeader issuer;		/* an oauth.issuers */
	Datum		issuer_id;
	HeapTupleHeader client;		/* an oauth.clients */
	HeapTupleHeader family;		/* an oauth.token_families; NULL: the client acts for itself */
	ArrayType  *scopes;			/* may be NULL */
	ArrayType  *audience;
	bool		opaque;
	const Interval *lifetime;
	int64		microseconds;	/* the same */
} Issue;

/* Of a row that a table has; raises where one made by hand leaves it out. */
static Datum
not_null(HeapTupleHeader record, const char *name, Oid type)
{
	bool		isnull;
	Datum		value = record_column(record, name, type, &isnull);

	if (isnull)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", name)));
	return value;
}

/* ---- audience and terms ---- */

/* Those of the request; where it names none, what oauth.default_resource says (RFC 9068 3). */
static void
choose_audience(Issue *issue, ArrayType *resources)
{
	Datum		only;

	if (resources != NULL && ArrayGetNItems(ARR_NDIM(resources), ARR_DIMS(resources)) > 0)
	{
		const NullableDatum args[3] = {
			{issue->issuer_id, false},
			routine_argument(PointerGetDatum(resources)),
			routine_argument(PointerGetDatum(issue->scopes))
		};

		issue->audience = resources;
		issue->scopes = DatumGetArrayTypeP(routine_call(issue->schema, "scopes_at", lengthof(args), args));
		return;
	}
	only = record_value(issue->issuer, "default_resource", TEXTOID);
	if (only == (Datum) 0)
		only = not_null(issue->issuer, "issuer", TEXTOID);
	issue->audience = construct_array(&only, 1, TEXTOID, -1, false, TYPALIGN_INT);
}

/* The strictest of the resources': opaque if one wants that, and the shortest lifetime. */
static void
take_terms(Issue *issue, Datum resource)
{
	static Statement find = {
		.sql = "SELECT r.access_token_format::pg_catalog.text, r.access_token_lifetime::pg_catalog.interval FROM oauth.resources AS r"
		" WHERE r.issuer_id OPERATOR(pg_catalog.=) $1 AND r.resource OPERATOR(pg_catalog.=) $2",
		.nargs = 2,
		.types = {INT8OID, TEXTOID}
	};
	Datum		args[2] = {issue->issuer_id, resource};
	Datum		terms[2];

	if (!statement_row(&find, args, NULL, terms, lengthof(terms)))
		return;
	issue->opaque |= terms[0] != (Datum) 0 && strcmp(TextDatumGetCString(terms[0]), "opaque") == 0;
	if (terms[1] != (Datum) 0 &&
		(issue->lifetime == NULL || DatumGetBool(DirectFunctionCall2(interval_lt, terms[1], IntervalPGetDatum(issue->lifetime)))))
		issue->lifetime = DatumGetIntervalP(terms[1]);
}

static void
choose_terms(Issue *issue)
{
	Datum	   *resources;
	int			count;
	int			i;

	deconstruct_array(issue->audience, TEXTOID, -1, false, TYPALIGN_INT, &resources, NULL, &count);
	for (i = 0; i < count; i++)
		take_terms(issue, resources[i]);
	if (issue->lifetime == NULL)
		issue->lifetime = DatumGetIntervalP(not_null(issue->issuer, "access_token_lifetime", INTERVALOID));
	issue->microseconds = interval_lifetime(issue->lifetime);
}

/* ---- claims ---- */

/* aud is a string where there is one (RFC 7519 4.1.3) */
static void
push_audience(JsonbInState *state, ArrayType *audience)
{
	Datum	   *resources;
	int			count;

	deconstruct_array(audience, TEXTOID, -1, false, TYPALIGN_INT, &resources, NULL, &count);
	if (count == 1)
	{
		push_text(state, "aud", DatumGetTextPP(resources[0]));
		return;
	}
	push_name(state, "aud");
	push_texts(state, audience);
}

/* RFC 6749 3.3; left out where it would be empty */
static void
push_scope(JsonbInState *state, ArrayType *scopes)
{
	StringInfoData scope;
	Datum	   *elements;
	int			count;
	int			i;

	if (scopes == NULL)
		return;
	deconstruct_array(scopes, TEXTOID, -1, false, TYPALIGN_INT, &elements, NULL, &count);
	initStringInfo(&scope);
	for (i = 0; i < count; i++)
	{
		text	   *element = DatumGetTextPP(elements[i]);

		if (i > 0)
			appendStringInfoChar(&scope, ' ');
		appendBinaryStringInfo(&scope, VARDATA_ANY(element), (int) VARSIZE_ANY_EXHDR(element));
	}
	if (scope.len > 0)
		push_string(state, "scope", scope.data);
}

static Jsonb *
concatenated(Jsonb *left, Jsonb *right)
{
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(left), JsonbPGetDatum(right)));
}

/* RFC 9068 2.2.1; its sub is the user */
static Jsonb *
add_family_claims(const Issue *issue, Jsonb *claims)
{
	const NullableDatum args[2] = {
		routine_record(issue->client),
		routine_record(issue->family)
	};

	return concatenated(claims, DatumGetJsonbP(routine_call(issue->schema, "family_claims", lengthof(args), args)));
}

/* The operator's own, none of which stands in for one of ours. */
static Jsonb *
add_custom_claims(const Issue *issue, Jsonb *claims)
{
	Datum		client_id = record_value(issue->client, "client_id", TEXTOID);
	Datum		subject = issue->family != NULL ? record_value(issue->family, "subject", TEXTOID) : client_id;
	const NullableDatum args[4] = {
		routine_record(issue->issuer),
		routine_argument(subject),
		routine_argument(client_id),
		routine_argument(PointerGetDatum(issue->scopes))
	};

	return concatenated(DatumGetJsonbP(routine_call(issue->schema, "custom_claims", lengthof(args), args)), claims);
}

static Jsonb *
claims_of(const Issue *issue)
{
	text	   *client_id = DatumGetTextPP(not_null(issue->client, "client_id", TEXTOID));
	JsonbInState state = {0};
	Jsonb	   *claims;

	push_jsonb(&state, WJB_BEGIN_OBJECT, NULL);
	push_text(&state, "sub", client_id);
	push_audience(&state, issue->audience);
	push_text(&state, "client_id", client_id);
	push_scope(&state, issue->scopes);
	push_jsonb(&state, WJB_END_OBJECT, NULL);
	claims = JsonbValueToJsonb(state.result);

	if (issue->family != NULL)
		claims = add_family_claims(issue, claims);
	if (record_text(issue->issuer, "claims_function") != NULL)
		claims = add_custom_claims(issue, claims);
	return claims;
}

/* ---- the token ---- */

static Datum
opaque_token(const Issue *issue, Jsonb *claims)
{
	const NullableDatum args[3] = {
		routine_record(issue->issuer),
		routine_argument(JsonbPGetDatum(claims)),
		routine_argument(IntervalPGetDatum(issue->lifetime))
	};

	return routine_call(issue->schema, "issue_opaque_token", lengthof(args), args);
}

static void
warn_of_large_claims(const Issue *issue, Jsonb *claims)
{
	const NullableDatum args[2] = {
		routine_record(issue->client),
		routine_argument(JsonbPGetDatum(claims))
	};

	routine_call(issue->schema, "warn_of_large_claims", lengthof(args), args);
}

static Datum
jwt_token(const Issue *issue, Jsonb *claims)
{
	char	   *issuer = text_to_utf8(DatumGetTextPP(not_null(issue->issuer, "issuer", TEXTOID)), NULL);

	if (VARSIZE(claims) > LARGE_CLAIMS)
		warn_of_large_claims(issue, claims);
	return issue_token(claims, issuer, issue->microseconds, NULL, "at+jwt", NULL);
}

AccessToken
access_token_issue(Oid schema, HeapTupleHeader issuer, HeapTupleHeader client, HeapTupleHeader family,
				   ArrayType *scopes, ArrayType *resources)
{
	Issue		issue = {.schema = schema, .issuer = issuer, .client = client, .family = family, .scopes = scopes};
	AccessToken issued;
	Jsonb	   *claims;

	issue.issuer_id = not_null(issuer, "issuer_id", INT8OID);
	choose_audience(&issue, resources);
	choose_terms(&issue);
	claims = claims_of(&issue);

	issued.token = issue.opaque ? opaque_token(&issue, claims) : jwt_token(&issue, claims);
	issued.expires_in = issue.microseconds / USECS_PER_SEC;
	issued.scopes = issue.scopes;
	return issued;
}
