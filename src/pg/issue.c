/*
 * issue.c
 *		A token that one of our own issuers signs, with the key it has stored.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "error.h"
#include "guc.h"
#include "issue.h"
#include "scoped.h"
#include "signing.h"
#include "trust.h"
#include "verify.h"

/* alg and kid are the stored key's: another kid would lead the token's readers astray. */
static void
check_header(const Jsonb *header)
{
	JsonbValue	value;

	if (header != NULL && JB_ROOT_IS_OBJECT(header) &&
		(claims_get(header, "alg", &value) != NULL || claims_get(header, "kid", &value) != NULL))
		jwt_raise(JOSE_ERR_HEADER, "alg and kid are the stored key's; jwt.issue(..., kid => ...) chooses one.");
}

/* The one its row names, unless somebody has changed the row by hand, and the key is none of that algorithm. */
static const JoseAlg *
stored_algorithm(const JoseKey *key)
{
	const JoseAlg *alg = jose_key_default_alg(key, JOSE_OP_SIGN);

	if (alg == NULL)
		jwt_raise(JWT_ERR_TRUST_ROW, "The key does not fit the algorithm that jwt.keys has for it.");
	return alg;
}

Datum
issue_token(const Jsonb *claims, const char *issuer, int64 lifetime, const char *kid,
			const char *type, const Jsonb *header)
{
	const TrustedIssuer *trusted;
	JoseKey    *key;
	JoseBuf    *token;
	char	   *payload;

	check_header(header);
	trusted = trust_signer(issuer, kid, &key);
	payload = claims_text(claims, lifetime == ISSUER_LIFETIME ? trusted->lifetime : lifetime,
						  pg_any_to_server(trusted->issuer, (int) strlen(trusted->issuer), PG_UTF8), true);
	token = scoped_buf();
	jwt_check(jose_jws_sign(key, stored_algorithm(key), guc_jose_flags(),
							json_text(header), type, payload, strlen(payload), token));
	return signed_token(token);
}
