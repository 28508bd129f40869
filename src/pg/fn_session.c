/*
 * fn_session.c
 *		SQL face: jwt.set_session and the accessors that policies call for every
 *		row.
 *
 * An accessor copies its value once a query and then returns the copy, as long
 * as the session's generation stands: a row costs two comparisons, so
 * owner = jwt.subject() needs no sub-select around it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "compat.h"
#include "error.h"
#include "guc.h"
#include "scoped.h"
#include "session.h"
#include "sessionclaims.h"
#include "sessiontrust.h"
#include "verify.h"

PG_FUNCTION_INFO_V1(jwt_set_session);
PG_FUNCTION_INFO_V1(jwt_clear_session);
PG_FUNCTION_INFO_V1(jwt_claims);
PG_FUNCTION_INFO_V1(jwt_claim);
PG_FUNCTION_INFO_V1(jwt_subject);
PG_FUNCTION_INFO_V1(jwt_user_id);
PG_FUNCTION_INFO_V1(jwt_issuer);
PG_FUNCTION_INFO_V1(jwt_client_id);
PG_FUNCTION_INFO_V1(jwt_audience);
PG_FUNCTION_INFO_V1(jwt_scopes);
PG_FUNCTION_INFO_V1(jwt_has_scope);
PG_FUNCTION_INFO_V1(jwt_has_any_scope);
PG_FUNCTION_INFO_V1(jwt_has_role);

/* ---- setting ---- */

Datum
jwt_set_session(PG_FUNCTION_ARGS)
{
	Verification v = {0};
	uint64		changes = session_changes();
	text	   *token;
	JwtCode		code;

	/* no token is no log-in: silence here would leave another's session in place */
	if (PG_ARGISNULL(0))
		jwt_raise(JOSE_ERR_PARTS, "The token is null.");
	token = PG_GETARG_TEXT_PP(0);
	v.token = VARDATA_ANY(token);
	v.len = VARSIZE_ANY_EXHDR(token);
	code = verify_run(&v);
	if (code != JOSE_OK)
		jwt_raise(code, v.detail);
	session_set(v.claims, v.trusted, v.leeway, sessiontrust_key(&v), changes,
				PG_ARGISNULL(1) || PG_GETARG_BOOL(1));
	PG_RETURN_DATUM(datumCopy(JsonbPGetDatum(v.claims), false, -1));
}

Datum
jwt_clear_session(PG_FUNCTION_ARGS)
{
	session_clear();
	PG_RETURN_VOID();
}

/* ---- what an accessor keeps between rows ---- */

typedef struct Kept
{
	uint64		generation;		/* of the session that copy is from */
	void	   *copy;			/* NULL: not copied yet, or no such claim */
	text	   *name;			/* jwt_claim: of which claim, the first that was asked for */
} Kept;

/* The session, and this call site's memory of it, emptied when the session has changed. */
static const SessionClaims *
session_of(FunctionCallInfo fcinfo, Kept **kept)
{
	uint64		generation;
	const SessionClaims *session = session_get(&generation);

	*kept = fcinfo->flinfo->fn_extra;
	if (*kept == NULL)
	{
		*kept = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Kept));
		fcinfo->flinfo->fn_extra = *kept;
		(*kept)->generation = generation;
	}
	else if ((*kept)->generation != generation)
	{
		/* a caller may still hold the old copy: it goes with the query */
		memset(*kept, 0, sizeof(Kept));
		(*kept)->generation = generation;
	}
	return session;
}

static void *
copy_varlena(FunctionCallInfo fcinfo, const void *value)
{
	return memcpy(MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, VARSIZE_ANY(value)), value, VARSIZE_ANY(value));
}

/*
 * The copy, if it is this session's and this statement has found the session
 * good: what all rows but a query's first take.
 */
static inline void *
kept_copy(FunctionCallInfo fcinfo)
{
	const Kept *kept = fcinfo->flinfo->fn_extra;

	if (kept == NULL || kept->generation != session_state.generation ||
		GetCurrentStatementStartTimestamp() != session_state.good_at)
		return NULL;
	return kept->copy;
}

/* One of the ready-made values, on a query's first row. */
static pg_noinline Datum
first_part(FunctionCallInfo fcinfo, size_t member)
{
	Kept	   *kept;
	const SessionClaims *session = session_of(fcinfo, &kept);
	uint32		offset;

	if (session == NULL)
		PG_RETURN_NULL();
	offset = *(const uint32 *) ((const char *) session + member);
	if (offset == 0)
		PG_RETURN_NULL();
	if (kept->copy == NULL)
		kept->copy = copy_varlena(fcinfo, (const char *) session + offset);
	PG_RETURN_POINTER(kept->copy);
}

static inline Datum
part(FunctionCallInfo fcinfo, size_t member)
{
	void	   *copy = kept_copy(fcinfo);

	return copy != NULL ? PointerGetDatum(copy) : first_part(fcinfo, member);
}

Datum
jwt_claims(PG_FUNCTION_ARGS)
{
	return part(fcinfo, offsetof(SessionClaims, claims));
}

Datum
jwt_subject(PG_FUNCTION_ARGS)
{
	return part(fcinfo, offsetof(SessionClaims, subject));
}

Datum
jwt_issuer(PG_FUNCTION_ARGS)
{
	return part(fcinfo, offsetof(SessionClaims, issuer));
}

Datum
jwt_client_id(PG_FUNCTION_ARGS)
{
	return part(fcinfo, offsetof(SessionClaims, client_id));
}

Datum
jwt_audience(PG_FUNCTION_ARGS)
{
	return part(fcinfo, offsetof(SessionClaims, audience));
}

Datum
jwt_scopes(PG_FUNCTION_ARGS)
{
	return part(fcinfo, offsetof(SessionClaims, scopes));
}

Datum
jwt_user_id(PG_FUNCTION_ARGS)
{
	const SessionClaims *session;
	Kept	   *kept;

	if (kept_copy(fcinfo) != NULL)
		PG_RETURN_POINTER(kept_copy(fcinfo));
	session = session_of(fcinfo, &kept);
	if (session == NULL || session->subject == 0)
		PG_RETURN_NULL();
	if (!session->has_user_id)
		jwt_raise(JWT_ERR_SESSION_USER_ID, NULL);
	if (kept->copy == NULL)
		kept->copy = memcpy(MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, UUID_LEN), &session->user_id, UUID_LEN);
	PG_RETURN_POINTER(kept->copy);
}

/* ---- one claim by name ---- */

static bool
is_same_text(const text *a, const text *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

/* What ->> gives for that member of the claims, in the current memory context; NULL where it is absent. */
static void *
claim_text(const SessionClaims *session, const text *name)
{
	LOCAL_FCINFO(call, 2);
	Datum		value;

	InitFunctionCallInfoData(*call, NULL, 2, InvalidOid, NULL, NULL);
	call->args[0].value = PointerGetDatum(SESSION_PART(session, claims));
	call->args[0].isnull = false;
	call->args[1].value = PointerGetDatum(name);
	call->args[1].isnull = false;
	value = jsonb_object_field_text(call);
	return call->isnull ? NULL : DatumGetPointer(value);
}

static void
keep_claim(FunctionCallInfo fcinfo, Kept *kept, const SessionClaims *session, const text *name)
{
	MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

	kept->copy = claim_text(session, name);
	kept->name = copy_varlena(fcinfo, name);
	MemoryContextSwitchTo(old);
}

Datum
jwt_claim(PG_FUNCTION_ARGS)
{
	Kept	   *kept;
	const SessionClaims *session = session_of(fcinfo, &kept);
	const text *name;
	void	   *value;

	if (session == NULL || PG_ARGISNULL(0))
		PG_RETURN_NULL();
	name = PG_GETARG_TEXT_PP(0);
	if (kept->name == NULL)
		keep_claim(fcinfo, kept, session, name);
	/* names that differ from row to row are not kept: all of them would stay to the query's end */
	value = is_same_text(kept->name, name) ? kept->copy : claim_text(session, name);
	if (value == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(value);
}

/* ---- predicates: false rather than null, for policies ---- */

static bool
array_holds(const ArrayType *array, const text *wanted)
{
	return session_list_holds(array, VARDATA_ANY(wanted), VARSIZE_ANY_EXHDR(wanted));
}

Datum
jwt_has_scope(PG_FUNCTION_ARGS)
{
	uint64		generation;
	const SessionClaims *session = session_get(&generation);

	if (session == NULL || PG_ARGISNULL(0))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(array_holds(SESSION_PART(session, scopes), PG_GETARG_TEXT_PP(0)));
}

Datum
jwt_has_any_scope(PG_FUNCTION_ARGS)
{
	uint64		generation;
	const SessionClaims *session = session_get(&generation);
	Datum	   *wanted;
	bool	   *nulls;
	int			count;
	int			i;

	if (session == NULL || PG_ARGISNULL(0))
		PG_RETURN_BOOL(false);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT, &wanted, &nulls, &count);
	for (i = 0; i < count; i++)
	{
		if (!nulls[i] && array_holds(SESSION_PART(session, scopes), DatumGetTextPP(wanted[i])))
			PG_RETURN_BOOL(true);
	}
	PG_RETURN_BOOL(false);
}

Datum
jwt_has_role(PG_FUNCTION_ARGS)
{
	uint64		generation;
	const SessionClaims *session = session_get(&generation);

	if (session == NULL || PG_ARGISNULL(0))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(array_holds(SESSION_PART(session, roles), PG_GETARG_TEXT_PP(0)));
}
