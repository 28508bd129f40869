/*
 * session.c
 *		Where the session's claims live: in a setting, oauth_jwt.session.
 *
 * A setting follows SAVEPOINT, ROLLBACK and SET LOCAL, ends with its
 * transaction, and reaches parallel workers; a static variable does none of
 * it.  What a setting does not do by itself is resist forgery.  So: it is
 * PGC_SUSET, it can be read by superusers only, and its check hook takes a
 * value from session_set alone, or from the leader of a parallel query while
 * its worker starts.  SET, set_config, PGOPTIONS, ALTER ROLE and DATABASE, a
 * function's SET clause, a configuration file, and a placeholder set before
 * the library was loaded all end at that hook, a superuser's too.
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "mb/pg_wchar.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "compat.h"
#include "error.h"
#include "guc.h"
#include "session.h"
#include "sessionclaims.h"
#include "verify.h"

#define SETTING		"oauth_jwt.session"

static char *session_value = NULL;	/* guc.c's; never looked at */
SessionState session_state = {NULL, 0}; /* claims: the assigned value's extra */

static bool defining = false;	/* in DefineCustomStringVariable */
static bool setting = false;	/* in session_set */

/* ---- the setting's hooks ---- */

static void *
allocate_extra(Size size)
{
	return session_malloc(size);
}

static bool
check_session(char **newval, void **extra, GucSource source)
{
	bool		from_leader = InitializingParallelWorker && !defining;

	if (*newval == NULL || **newval == '\0')
		return true;
	if (!setting && !from_leader)
	{
		GUC_check_errcode(ERRCODE_INSUFFICIENT_PRIVILEGE);
		GUC_check_errmsg("the session's claims cannot be set by hand");
		GUC_check_errhint("Call jwt.set_session with a token.");
		return false;
	}
	*extra = session_read(*newval, allocate_extra);
	return *extra != NULL;
}

static void
assign_session(const char *newval, void *extra)
{
	session_state.claims = extra;
	session_state.generation++;
}

void
session_define(void)
{
	defining = true;
	DefineCustomStringVariable(SETTING,
							   "Claims of the session's verified token.",
							   "Set by jwt.set_session, and by nothing else.",
							   &session_value, "", PGC_SUSET,
							   GUC_SUPERUSER_ONLY | GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE,
							   check_session, assign_session, NULL);
	defining = false;
}

/* ---- setting it ---- */

static void
set_value(const char *value, GucAction action)
{
	setting = true;
	PG_TRY();
	{
		(void) set_config_option(SETTING, value, PGC_SUSET, PGC_S_SESSION, action, true, ERROR, false);
	}
	PG_FINALLY();
	{
		setting = false;
	}
	PG_END_TRY();
}

void
session_set(const Jsonb *claims, const TextList *roles_claim, int64 leeway, bool is_local)
{
	set_value(session_write(claims, roles_claim, leeway), is_local ? GUC_ACTION_LOCAL : GUC_ACTION_SET);
}

void
session_clear(void)
{
	set_value("", GUC_ACTION_SET);
}

/* ---- migration: claims that PostgREST, or anybody, set ---- */

static SessionClaims *fallback = NULL;
static char *fallback_value = NULL;
static uint64 fallback_generation = 0;

static void *
allocate_fallback(Size size)
{
	return MemoryContextAlloc(TopMemoryContext, size);
}

static void
forget_fallback(void)
{
	if (fallback != NULL)
		pfree(fallback);
	if (fallback_value != NULL)
		pfree(fallback_value);
	fallback = NULL;
	fallback_value = NULL;
	fallback_generation++;
}

/* What request.jwt.claims says, taken apart when it changes. */
static const SessionClaims *
request_claims(void)
{
	const char *value = GetConfigOption("request.jwt.claims", true, false);
	Jsonb	   *claims;
	JwtCode		code;

	if (value == NULL)
		value = "";
	if (fallback_value != NULL && strcmp(fallback_value, value) == 0)
		return fallback;

	forget_fallback();
	if (*value != '\0')
	{
		code = claims_parse(value, strlen(value), &claims);
		if (code != JOSE_OK)
			jwt_raise(code, "request.jwt.claims is read, since oauth_jwt.trust_request_claims is on.");
		fallback = session_read_claims(claims, allocate_fallback);
	}
	fallback_value = MemoryContextStrdup(TopMemoryContext, value);
	return fallback;
}

/* ---- reading it ---- */

const SessionClaims *
session_get(uint64 *generation)
{
	const SessionClaims *session = session_state.claims;

	*generation = session_state.generation;
	if (session == NULL && guc_trust_request_claims)
	{
		session = request_claims();
		/* apart from every generation of the setting's own */
		*generation = PG_UINT64_MAX - fallback_generation;
	}
	if (session != NULL && GetCurrentStatementStartTimestamp() >= session->expires_at)
		jwt_raise(JWT_ERR_SESSION_EXPIRED, NULL);
	return session;
}
