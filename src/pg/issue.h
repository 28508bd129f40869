/*
 * issue.h
 *		A token that one of our own issuers signs, with the key it has stored.
 */
#ifndef OAUTH_JWT_ISSUE_H
#define OAUTH_JWT_ISSUE_H

#include "utils/jsonb.h"

#define ISSUER_LIFETIME	((int64) -1)	/* the one that jwt.issuers has */

/*
 * A text: the claims with iss, iat, exp and jti added, as a JWS in compact form.
 * issuer, kid (NULL: the only one, the newest key) and type are in UTF-8, lifetime in
 * microseconds, header may be NULL.  Raises where claims or header contradict what is
 * added, and where no key signs.
 */
extern Datum issue_token(const Jsonb *claims, const char *issuer, int64 lifetime, const char *kid,
						 const char *type, const Jsonb *header);

#endif							/* OAUTH_JWT_ISSUE_H */
