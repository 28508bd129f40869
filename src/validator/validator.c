/*
 * validator.c
 *		The module that oauth_validator_libraries names (PostgreSQL 18 and
 *		later): log-ins with a token, OAUTHBEARER, RFC 7628.
 *
 * The line of pg_hba.conf says which issuer; the trust file (trustfile.c) says
 * what is asked of its tokens, and the same checks are made as of any other
 * token (verify.c).  What was verified is the session's from the start.
 *
 * Here no database is open: no table can be read, no SPI be used, and the
 * encoding is not known, so that all text is the bytes it came in, UTF-8.  And
 * there is nobody above to catch an error: validate catches all.  Refusals are
 * errors of the checks, caught like the others, so that the checks read as they
 * do everywhere; they go to the server's log, and to no client.
 */
#include "postgres.h"

#if PG_VERSION_NUM >= 180000

#include "libpq/libpq-be.h"
#include "libpq/oauth.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat.h"
#include "pg/error.h"
#include "pg/guc.h"
#include "pg/sessionclaims.h"
#include "pg/sessiontrust.h"
#include "pg/trustfile.h"

typedef struct LogIn
{
	const char *token;
	const char *role;			/* asked for by the client */
	const char *issuer;
	const char *audience;		/* these three: "" where there is none */
	const char *scope;
	const char *identity;
} LogIn;

/* ---- what the line of pg_hba.conf says ---- */

/* An option of the line, or the setting for all lines. */
static const char *
option(const ValidatorModuleState *state, const char *name, const char *setting)
{
	const char *value = line_option(state, name);

	if (value == NULL)
		value = setting;
	return value != NULL ? value : "";
}

/*
 * The issuer may be given by the address of its metadata: RFC 8414 3 puts the
 * well-known part before the issuer's path, OpenID Connect Discovery 4 after it.
 */
static const char *
issuer_of(const char *given)
{
	const char *part = strstr(given, "/.well-known/");
	const char *rest;

	if (part == NULL)
		return given;
	rest = strchr(part + strlen("/.well-known/"), '/');
	return psprintf("%.*s%s", (int) (part - given), given, rest != NULL ? rest : "");
}

/* What the client asks its issuer for is what we ask for, unless we are told otherwise. */
static const char *
scope_of(const ValidatorModuleState *state)
{
	const char *scope = option(state, "scope", guc_login_scope);

	if (scope[0] == '\0')
		scope = MyProcPort->hba->oauth_scope;
	return scope != NULL ? scope : "";
}

/* ---- the checks ---- */

/*
 * RFC 9068 4: a token for another audience, say an ID token or one for some
 * other service, is not to be accepted; so somebody must have said what ours is.
 */
static void
ask_for_audience(Verification *v, const LogIn *login, const TrustedIssuer *trusted)
{
	if (login->audience[0] != '\0')
	{
		v->options.audience.count = 1;
		v->options.audience.items = palloc(sizeof(char *));
		v->options.audience.items[0] = pstrdup(login->audience);
	}
	else if (trusted->audience.count == 0)
		jwt_raise(JWT_ERR_AUDIENCE, "Neither jwt.issuers nor oauth_jwt.login_audience says for which audience a log-in's token must be.");
}

/* RFC 9449 7.2, RFC 8705 3: one that is bound to its holder's key is worth nothing without the proof */
static void
check_unbound(const Verification *v)
{
	JsonbValue	value;

	if (claims_get(v->claims, "cnf", &value) != NULL)
		jwt_raise(JWT_ERR_CLAIM_INVALID, "The token is bound to a key (cnf), which a log-in cannot prove.");
}

static void
verify_token(const LogIn *login, Verification *v)
{
	static char *exp = "exp";
	const TrustedIssuer *trusted = trustfile_read(login->issuer);
	JwtCode		code;

	if (trusted == NULL)
		jwt_raise(JWT_ERR_ISSUER_UNKNOWN, psprintf("The trust file does not have \"%s\", which the line of pg_hba.conf names.", login->issuer));
	v->token = login->token;
	v->len = strlen(login->token);
	v->options.issuer = login->issuer;
	v->options.required.count = 1;
	v->options.required.items = &exp;
	ask_for_audience(v, login, trusted);
	code = verify_against(v, trusted);
	if (code != JOSE_OK)
		jwt_raise(code, v->detail);
	check_unbound(v);
}

/* RFC 6749 3.3: all that are named, with single spaces between them */
static void
check_scope(const LogIn *login, const SessionClaims *claims)
{
	const char *name = login->scope;

	while (*name != '\0')
	{
		size_t		len = strcspn(name, " ");

		if (len > 0 && !session_list_holds(SESSION_PART(claims, scopes), name, len))
			jwt_raise(JWT_ERR_SCOPE, psprintf("Missing: %.*s.", (int) len, name));
		name += len;
		name += strspn(name, " ");
	}
}

/*
 * A character that acts on a line or a terminal instead of being seen, where one
 * begins in UTF-8: C0, DEL or C1 (U+0080 to U+009F).
 */
static bool
is_control(const char *p)
{
	unsigned char c = (unsigned char) p[0];
	unsigned char next = c == 0xC2 ? (unsigned char) p[1] : 0;

	return c < 0x20 || c == 0x7F || (next >= 0x80 && next < 0xA0);
}

/* Who it is, for the log, SYSTEM_USER and pg_ident.conf. */
static char *
identity_of(const LogIn *login, const Verification *v)
{
	JsonbValue	value;
	char	   *identity;
	char	   *p;

	if (claims_get(v->claims, login->identity, &value) == NULL)
		jwt_raise(JWT_ERR_CLAIM_MISSING, psprintf("Missing: %s, which says who logs in.", login->identity));
	if (value.type != jbvString || value.val.string.len == 0)
		jwt_raise(JWT_ERR_CLAIM_INVALID, psprintf("%s, which says who logs in, is not a string.", login->identity));
	/* it is logged, where a line's end would begin a line of its holder's choice */
	identity = pnstrdup(value.val.string.val, value.val.string.len);
	for (p = identity; *p != '\0'; p++)
	{
		if (is_control(p))
			jwt_raise(JWT_ERR_CLAIM_INVALID, psprintf("%s, which says who logs in, has control characters.", login->identity));
	}
	return identity;
}

/* The server leaves the choice of role to us: then the token must name it. */
static void
check_role(const LogIn *login, const SessionClaims *claims)
{
	if (MyProcPort->hba->oauth_skip_usermap &&
		!session_list_holds(SESSION_PART(claims, roles), login->role, strlen(login->role)))
		jwt_raise(JWT_ERR_ROLE, NULL);
}

/* Raises unless the token is good for this log-in.  The result's parts are the caller's. */
static void
log_in(const LogIn *login, MemoryContext caller, ValidatorModuleResult *result)
{
	Verification v = {0};
	const SessionClaims *claims;
	char	   *session;

	verify_token(login, &v);
	/* the server logs who it is, even if what follows refuses them */
	result->authn_id = MemoryContextStrdup(caller, identity_of(login, &v));
	session = session_write(v.claims, &v.trusted->roles_claim, v.leeway, sessiontrust_key(&v), true);
	claims = session_read(session, palloc);
	check_scope(login, claims);
	check_role(login, claims);
	session_set_login(session, claims);
	result->authorized = true;
}

/* ---- the callback ---- */

/* The detail may quote a claim: a line of the log stays one, and is read as it stands. */
static char *
printable(char *text)
{
	char	   *p;

	for (p = text; *p != '\0'; p++)
	{
		if (!is_control(p))
			continue;
		/* to some terminals the second byte of a C1 character is one by itself */
		if (IS_HIGHBIT_SET(*p))
			*p++ = '?';
		*p = '?';
	}
	return text;
}

/* Into the log.  Was it the token's fault, or whoever set this up, and not the machine's? */
static bool
report(const ErrorData *error)
{
	const char *sqlstate = unpack_sql_state(error->sqlerrcode);
	bool		is_ours = strncmp(sqlstate, "JW", 2) == 0;

	ereport(COMMERROR,
			(errcode(error->sqlerrcode),
			 errmsg("log-in with a token refused: %s (%s)", error->message, sqlstate),
			 is_ours && error->detail != NULL ? errdetail_internal("%s", printable(error->detail)) : 0,
			 is_ours && error->hint != NULL ? errhint("%s", error->hint) : 0));
	return is_ours;
}

/* Room for the file; and no usual size, for which the server keeps a deleted context's memory all session long. */
#define LOGIN_BLOCK		(32 * 1024)

static bool
validate(const ValidatorModuleState *state, const char *token, const char *role, ValidatorModuleResult *result)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "oauth_jwt log-in", 0, LOGIN_BLOCK, ALLOCSET_DEFAULT_MAXSIZE);
	volatile bool done = true;

	result->authorized = false;
	PG_TRY();
	{
		LogIn		login;

		MemoryContextSwitchTo(context);
		login.token = token;
		login.role = role;
		login.issuer = issuer_of(MyProcPort->hba->oauth_issuer);
		login.audience = option(state, "audience", guc_login_audience);
		login.scope = scope_of(state);
		login.identity = option(state, "identity", guc_login_identity);
		log_in(&login, caller, result);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		done = report(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return done;
}

static void
startup(ValidatorModuleState *state)
{
	static const char *names[] = {"audience", "scope", "identity"};

	register_line_options(state, lengthof(names), names);
}

/* Nothing to shut down: what the session needs stays, and it runs after each log-in. */
static const OAuthValidatorCallbacks callbacks = {
	PG_OAUTH_VALIDATOR_MAGIC,
	.startup_cb = startup,
	.validate_cb = validate
};

const OAuthValidatorCallbacks *
_PG_oauth_validator_module_init(void)
{
	return &callbacks;
}

#endif							/* PG_VERSION_NUM >= 180000 */
