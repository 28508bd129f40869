/*
 * sessiontrust.c
 *		What a session rests on, named so that it can be looked for again: the
 *		issuer, by iss, and the key, by its thumbprint (RFC 7638).
 *
 * A kid would not do.  Tokens need not have one, and another key may bear it.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "error.h"
#include "guc.h"
#include "headercache.h"
#include "scoped.h"
#include "sessiontrust.h"
#include "trustfile.h"

/* ---- which key was it? ---- */

/*
 * One of the set has verified the token, perhaps long ago (tokencache.c).  As a
 * rule only one can have; where several can, the signature tells again.
 */
static JoseKey *
find_key(const Verification *v)
{
	const JoseHeader *header;
	JoseParts	parts;
	JoseKey    *key;
	JoseKey    *another;
	int			pos = 0;

	jwt_check(jose_split(v->token, v->len, 3, &parts));
	jwt_check(headercache_get(parts.part[0], parts.len[0], &header));
	jwt_check(jose_keyset_next(v->set, v->alg, JOSE_OP_VERIFY, header->kid, guc_jose_flags(), &pos, &key));
	if (jose_keyset_next(v->set, v->alg, JOSE_OP_VERIFY, header->kid, guc_jose_flags(), &pos, &another) != JOSE_OK)
		return key;
	jwt_check(verify_signature(v, &parts, header, &key));
	return key;
}

const char *
sessiontrust_key(const Verification *v)
{
	JoseKey    *key = find_key(v);
	int			i;

	for (i = 0; i < v->set->count; i++)
	{
		if (v->set->keys[i] == key)
			return trust_thumbprint(v->trusted, i);
	}
	jwt_raise(JOSE_ERR_KEY_NOT_FOUND, NULL);
}

/* ---- is it still there? ---- */

TimestampTz
sessiontrust_check(const SessionClaims *session)
{
	/* both are there: without iss no token is verified against jwt.issuers */
	char	   *issuer = text_to_cstring(SESSION_PART(session, issuer));
	char	   *key = text_to_cstring(SESSION_PART(session, key));
	char	   *utf8 = pg_server_to_any(issuer, (int) strlen(issuer), PG_UTF8);
	const TrustedIssuer *trusted = session->login ? trustfile_read(utf8) : trust_get(utf8);
	int			i;

	if (trusted == NULL)
		jwt_raise(JWT_ERR_SESSION_REVOKED, "Its issuer is not trusted any more.");
	for (i = 0; i < trusted->keys->count; i++)
	{
		if (strcmp(trust_thumbprint(trusted, i), key) == 0)
			return trusted->good_until;
	}
	jwt_raise(JWT_ERR_SESSION_REVOKED, "The key that verified it does not verify any more.");
}
