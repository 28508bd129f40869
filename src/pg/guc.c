/*
 * guc.c
 *		The settings.  Those that decide what is trusted are a superuser's.
 */
#include "postgres.h"

#include "utils/guc.h"

#include "error.h"
#include "guc.h"

char	   *guc_master_key_file = NULL;
bool		guc_allow_short_hmac_keys = false;
bool		guc_trust_request_claims = false;
bool		guc_allow_login_switch = false;
char	   *guc_trust_file = NULL;
char	   *guc_login_audience = NULL;
char	   *guc_login_scope = NULL;
char	   *guc_login_identity = NULL;
int			guc_max_token_size = 65536;
int			guc_leeway = 0;
int			guc_password_cost = 15;

/* What log-ins with a token are held against: the same for everybody, so none of it is a session's. */
static void
define_for_login(void)
{
	DefineCustomStringVariable("oauth_jwt.trust_file",
							   "File from which log-ins with a token learn whom to trust.",
							   "jwt.export_trust() writes it. A relative path lies in the data directory.",
							   &guc_trust_file, "oauth_jwt_trust.json", PGC_SIGHUP, GUC_SUPERUSER_ONLY,
							   NULL, NULL, NULL);
	DefineCustomStringVariable("oauth_jwt.login_audience",
							   "Audience that a token must be for to log in.",
							   "Beside what jwt.issuers asks. Empty: that alone, and it must ask for one.",
							   &guc_login_audience, "", PGC_SIGHUP, 0,
							   NULL, NULL, NULL);
	DefineCustomStringVariable("oauth_jwt.login_scope",
							   "Scopes that a token must have to log in.",
							   "Empty: those of the line in pg_hba.conf, which clients also ask for.",
							   &guc_login_scope, "", PGC_SIGHUP, 0,
							   NULL, NULL, NULL);
	DefineCustomStringVariable("oauth_jwt.login_identity",
							   "Claim that says who logs in.",
							   "It is what pg_ident.conf maps to roles.",
							   &guc_login_identity, "sub", PGC_SIGHUP, 0,
							   NULL, NULL, NULL);
	DefineCustomBoolVariable("oauth_jwt.allow_login_switch",
							 "Lets jwt.set_session replace a log-in's claims by another subject's.",
							 "For the roles of programs that log in with a token and then act for their users.",
							 &guc_allow_login_switch, false, PGC_SUSET, 0,
							 NULL, NULL, NULL);
}

void
guc_define(void)
{
	define_for_login();
	DefineCustomStringVariable("oauth_jwt.master_key_file",
							   "File whose first line encrypts stored private keys; its lines decrypt them.",
							   "It must lie outside the data directory. Empty: private keys are stored as they are.",
							   &guc_master_key_file, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY,
							   NULL, NULL, NULL);
	DefineCustomBoolVariable("oauth_jwt.allow_short_hmac_keys",
							 "Accepts shared secrets shorter than RFC 7518 3.2 allows.",
							 "For tokens of other systems only: short secrets are guessed offline.",
							 &guc_allow_short_hmac_keys, false, PGC_SUSET, 0,
							 NULL, NULL, NULL);
	DefineCustomBoolVariable("oauth_jwt.trust_request_claims",
							 "Lets the accessors fall back to request.jwt.claims where no session is set.",
							 "Any user can set request.jwt.claims: for migration only.",
							 &guc_trust_request_claims, false, PGC_SUSET, 0,
							 NULL, NULL, NULL);
	DefineCustomIntVariable("oauth_jwt.max_token_size",
							"Longest token that is looked at.", NULL,
							&guc_max_token_size, 65536, 256, 16 * 1024 * 1024, PGC_SUSET, GUC_UNIT_BYTE,
							NULL, NULL, NULL);
	DefineCustomIntVariable("oauth_jwt.leeway",
							"Clock difference allowed for exp, nbf and iat where no other is given.", NULL,
							&guc_leeway, 0, 0, 3600, PGC_SUSET, GUC_UNIT_S,
							NULL, NULL, NULL);
	DefineCustomIntVariable("oauth_jwt.password_cost",
							"Cost of new password hashes: scrypt's N is two to this power.",
							"Each step doubles time and memory; 15 takes 32 MB. Passwords are hashed anew at the next log-in.",
							&guc_password_cost, 15, 10, 18, PGC_SUSET, 0,
							NULL, NULL, NULL);
}

void
guc_check_token_size(size_t len)
{
	if (len > (size_t) guc_max_token_size)
		jwt_raise(JOSE_ERR_TOO_LARGE, NULL);
}

unsigned
guc_jose_flags(void)
{
	return guc_allow_short_hmac_keys ? JOSE_ALLOW_SHORT_HMAC : 0;
}
