/*
 * session.c
 *		Where the session's claims live: in a setting, oauth_jwt.session.
 *
 * A setting follows SAVEPOINT, ROLLBACK and SET LOCAL, ends with its
 * transaction, and reaches parallel workers; a static variable does none of
 * it.  What a setting does not do by itself is resist forgery.  So: it is
 * PGC_SUSET, it can be read by superusers only, and its check hook takes a
 * value from session_set and session_set_login alone, or from the leader of a parallel query while
 * its worker starts.  SET, set_config, PGOPTIONS, ALTER ROLE and DATABASE, a
 * function's SET clause, a configuration file, and a placeholder set before
 * the library was loaded all end at that hook, a superuser's too.
 *
 * A session that began with a token (the validator) has that token's claims as
 * the value that RESET and DISCARD ALL come back to.
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "claimsjson.h"
#include "compat.h"
#include "error.h"
#include "guc.h"
#include "session.h"
#include "sessionclaims.h"
#include "sessiontrust.h"
#include "trustfile.h"

#define SETTING		"oauth_jwt.session"
#define NEVER		PG_UINT64_MAX

static char *session_value = NULL;	/* guc.c's */
SessionState session_state = {NULL, 0, DT_NOBEGIN};	/* claims: the assigned value's extra */

static bool defining = false;	/* in DefineCustomStringVariable */
static bool setting = false;	/* in session_set or session_set_login */

/* Of the tables of issuers and keys: how often, and up to which the session has been held against them. */
static uint64 changes = 0;
static uint64 seen_changes = NEVER;
static TimestampTz stands_until = DT_NOBEGIN;	/* without a change: a retired key's time passes */

/* ---- the setting's hooks ---- */

static void *
allocate_extra(Size size)
{
	return session_malloc(size);
}

static void *
allocate_lasting(Size size)
{
	return MemoryContextAlloc(TopMemoryContext, size);
}

static bool
check_session(char **newval, void **extra, GucSource source)
{
	/* a worker may find a value of its role's or database's as it loads the library, before the leader's */
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
	if (*extra != NULL)
		return true;
	/* guc.c's own message would show the claims */
	GUC_check_errcode(ERRCODE_OUT_OF_MEMORY);
	GUC_check_errmsg("out of memory");
	return false;
}

static void
assign_session(const char *newval, void *extra)
{
	session_state.claims = extra;
	session_state.generation++;
	session_state.good_at = DT_NOBEGIN;
	seen_changes = NEVER;
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
set_value(const char *value, GucSource source, GucAction action)
{
	setting = true;
	PG_TRY();
	{
		(void) set_config_option(SETTING, value, PGC_SUSET, source, action, true, ERROR, false);
	}
	PG_FINALLY();
	{
		setting = false;
	}
	PG_END_TRY();
}

/* ---- a session that began with a token ---- */

/* Who has logged in, in UTF-8.  The leader's alone: no worker sets a session. */
static bool logged_in = false;
static char *login_issuer = NULL;
static char *login_subject = NULL;	/* NULL: the token named none */

static char *
keep_utf8(const text *value)
{
	char	   *copy;

	if (value == NULL)
		return NULL;
	copy = text_to_cstring(value);
	return MemoryContextStrdup(TopMemoryContext, copy);
}

/*
 * PGC_S_OVERRIDE makes it what RESET and DISCARD ALL come back to.  Nothing of
 * it is in the database's encoding yet, but in UTF-8.
 */
void
session_set_login(const char *value, const SessionClaims *claims)
{
	set_value(value, PGC_S_OVERRIDE, GUC_ACTION_SET);
	login_issuer = keep_utf8(SESSION_PART(claims, issuer));
	login_subject = keep_utf8(SESSION_PART(claims, subject));
	logged_in = true;
}

static bool
claim_is(const Jsonb *claims, const char *name, const char *utf8)
{
	JsonbValue	value;
	char	   *own;

	if (utf8 == NULL || claims_get(claims, name, &value) == NULL || value.type != jbvString)
		return false;
	own = pnstrdup(value.val.string.val, value.val.string.len);
	return strcmp(pg_server_to_any(own, value.val.string.len, PG_UTF8), utf8) == 0;
}

/* Whoever has logged in may come with a fresher or a narrower token, and not as somebody else. */
static void
check_same_person(const Jsonb *claims)
{
	if (!logged_in || guc_allow_login_switch)
		return;
	if (!claim_is(claims, "iss", login_issuer) || !claim_is(claims, "sub", login_subject))
		jwt_raise(JWT_ERR_SESSION_LOGIN, NULL);
}

void
session_set(const Jsonb *claims, const TrustedIssuer *trusted, int64 leeway, const char *key,
			uint64 before, bool is_local)
{
	TimestampTz until = trusted->good_until;

	check_same_person(claims);
	set_value(session_write(claims, &trusted->roles_claim, leeway, key, false), PGC_S_SESSION,
			  is_local ? GUC_ACTION_LOCAL : GUC_ACTION_SET);
	seen_changes = before;
	stands_until = until;
}

void
session_clear(void)
{
	/* what RESET would come to: a log-in's claims, or none */
	set_value(NULL, PGC_S_SESSION, GUC_ACTION_SET);
}

/* ---- migration: claims that PostgREST, or anybody, set ---- */

static SessionClaims *fallback = NULL;
static char *fallback_value = NULL;
static uint64 fallback_generation = 0;

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
		fallback = session_read_claims(claims, allocate_lasting);
	}
	fallback_value = MemoryContextStrdup(TopMemoryContext, value);
	return fallback;
}

/* ---- is it still good? ---- */

uint64
session_changes(void)
{
	return changes;
}

/* Called wherever invalidations are taken in: the tables are read later, by a reader of the session. */
void
session_trust_changed(void)
{
	changes++;
	session_state.good_at = DT_NOBEGIN;
}

/*
 * Once a statement: has it expired, and, if anything about issuers or keys has
 * changed since it was last held against them, or a retired key's time has
 * passed, does what it rests on stand?
 * A value that comes from the leader of a parallel query, or back with a
 * ROLLBACK, has not been held against anything here.
 */
static pg_noinline void
check_good(const SessionClaims *session, TimestampTz now)
{
	uint64		before;

	if (now >= session->expires_at)
		jwt_raise(JWT_ERR_SESSION_EXPIRED, NULL);
	trust_accept_changes();
	before = session->login ? trustfile_serial() : changes;
	if (seen_changes != before || now >= stands_until)
		stands_until = sessiontrust_check(session);
	seen_changes = before;
	/* unless more came in meanwhile, which the next reader looks at */
	if (session->login || changes == before)
		session_state.good_at = now;
}

/* ---- reading it ---- */

/*
 * A log-in's claims were taken apart in UTF-8.  Where the database has another
 * encoding than that (SQL_ASCII has none), they are taken apart again, once.
 */
static const SessionClaims *
in_own_encoding(const SessionClaims *session)
{
	static SessionClaims *converted = NULL;
	int			encoding = GetDatabaseEncoding();

	if (session->encoding == encoding || encoding == PG_UTF8)
		return session;
	if (converted != NULL)
		pfree(converted);
	converted = NULL;
	session_state.claims = converted = session_read(session_value, allocate_lasting);
	return converted;
}

const SessionClaims *
session_get(uint64 *generation)
{
	const SessionClaims *session = session_state.claims;

	*generation = session_state.generation;
	if (session != NULL)
	{
		TimestampTz now = GetCurrentStatementStartTimestamp();

		if (session_state.good_at != now)
		{
			session = in_own_encoding(session);
			check_good(session, now);
		}
		return session;
	}
	if (!guc_trust_request_claims)
		return NULL;
	session = request_claims();
	/* apart from every generation of the setting's own */
	*generation = PG_UINT64_MAX - fallback_generation;
	if (session != NULL && GetCurrentStatementStartTimestamp() >= session->expires_at)
		jwt_raise(JWT_ERR_SESSION_EXPIRED, NULL);
	return session;
}
