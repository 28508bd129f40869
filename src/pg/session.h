/*
 * session.h
 *		The claims of the session's verified token.
 */
#ifndef OAUTH_JWT_SESSION_H
#define OAUTH_JWT_SESSION_H

#include "datatype/timestamp.h"
#include "utils/array.h"
#include "utils/jsonb.h"
#include "utils/uuid.h"

#include "trust.h"

/*
 * Everything the accessors return, ready made.  One chunk without pointers: it
 * is the extra of a setting, which guc.c copies by address and frees whole.
 * An offset of 0 means NULL.
 */
typedef struct SessionClaims
{
	TimestampTz expires_at;		/* DT_NOEND: never; leeway included */
	bool		has_user_id;	/* sub is a UUID */
	bool		login;			/* the log-in's: the trust file says whether they stand */
	int			encoding;		/* of all texts here */
	pg_uuid_t	user_id;
	uint32		claims;			/* Jsonb */
	uint32		subject;		/* text */
	uint32		issuer;
	uint32		client_id;
	uint32		audience;		/* text[] */
	uint32		scopes;
	uint32		roles;
	uint32		key;			/* text, the thumbprint of the key that verified the token */
	uint32		size;
} SessionClaims;

#define SESSION_PART(session, member) \
	((session)->member == 0 ? NULL : (const void *) ((const char *) (session) + (session)->member))

extern void session_define(void);

/*
 * Make verified claims the session's: to the transaction's end, or beyond it.
 * changes is what session_changes said before they were verified.
 */
extern void session_set(const Jsonb *claims, const TrustedIssuer *trusted, int64 leeway, const char *key,
						uint64 changes, bool is_local);

/* End what session_set began; a log-in's claims are then the session's again. */
extern void session_clear(void);

/*
 * Make verified claims the session's for all its time: value is what
 * session_write made of them, as a log-in's, and claims what session_read made
 * of that.  While the client logs in, and not later.
 */
extern void session_set_login(const char *value, const SessionClaims *claims);

/* How often the tables of issuers and keys may have changed; and that they have. */
extern uint64 session_changes(void);
extern void session_trust_changed(void);

/*
 * What the setting holds now.  For reading only, where a row is not to pay for
 * a call; everybody else asks session_get.
 */
typedef struct SessionState
{
	const SessionClaims *claims;	/* NULL: no session */
	uint64		generation;		/* changes whenever claims does */
	TimestampTz good_at;		/* the start of the statement that found them good */
} SessionState;

extern SessionState session_state __attribute__((visibility("hidden")));

/*
 * The session's claims, NULL when there are none; raises when they have
 * expired, or their issuer or key is trusted no more.  *generation changes whenever they do.
 */
extern const SessionClaims *session_get(uint64 *generation);

#endif							/* OAUTH_JWT_SESSION_H */
