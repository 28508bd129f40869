/*
 * signing.c
 *		From jsonb to what is signed: compact text, the added claims, the key.
 */
#include "postgres.h"

#include "access/xact.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/json.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "error.h"
#include "guc.h"
#include "object.h"
#include "random.h"
#include "scoped.h"
#include "signing.h"
#include "verify.h"

/* jsonb's text has a space after each colon and comma; a token has none to spare. */
static void
squeeze(char *json)
{
	char	   *to = json;
	bool		in_string = false;

	for (; *json != '\0'; json++)
	{
		if (!in_string && *json == ' ')
			continue;
		if (*json == '"')
			in_string = !in_string;
		*to++ = *json;
		if (*json == '\\')
			*to++ = *++json;
	}
	*to = '\0';
}

char *
json_text(const Jsonb *value)
{
	char	   *json;

	if (value == NULL)
		return NULL;
	json = JsonbToCString(NULL, (JsonbContainer *) &value->root, VARSIZE(value));
	squeeze(json);
	return pg_server_to_any(json, (int) strlen(json), PG_UTF8);
}

/* A key that is too short is so for an algorithm. */
pg_noreturn static void
raise_key(JwtCode code, const JoseAlg *alg)
{
	jwt_raise(code, code == JOSE_ERR_KEY_SHORT ?
			  psprintf("%s needs %d bytes.", jose_alg_name(alg), jose_alg_min_secret(alg)) : NULL);
}

static const JoseAlg *
named_algorithm(const char *name, JoseOp op)
{
	const JoseAlg *alg = jose_alg_by_name(name);

	if (alg == NULL || jose_alg_is_signature(alg) != (op == JOSE_OP_SIGN))
		jwt_raise(JOSE_ERR_ALG_UNKNOWN, NULL);
	return alg;
}

/*
 * The first key that stands for an algorithm it may be used with; where none
 * does, why the first of them may not, and *alg is the one it stands for, if any.
 */
static JwtCode
choose_any(JoseKeySet *set, JoseOp op, const char *kid, JoseKey **key, const JoseAlg **alg)
{
	JwtCode		why = JOSE_ERR_KEY_NOT_FOUND;
	int			i;

	for (i = 0; i < set->count && why != JOSE_OK; i++)
	{
		JoseKey    *candidate = set->keys[i];
		const char *own = jose_key_kid(candidate);
		const JoseAlg *stands_for;
		JwtCode		code;

		if (set->is_set && kid != NULL && (own == NULL || strcmp(own, kid) != 0))
			continue;
		stands_for = jose_key_default_alg(candidate, op);
		code = stands_for == NULL ? JOSE_ERR_KEY_ALG : jose_key_fits(candidate, stands_for, op, guc_jose_flags());
		if (code != JOSE_OK && why != JOSE_ERR_KEY_NOT_FOUND)
			continue;
		why = code;
		*key = candidate;
		*alg = stands_for;
	}
	return why;
}

/* In UTF-8, as keys have theirs. */
static char *
kid_of(const Jsonb *header)
{
	char	   *kid = json_member(header, "kid");

	return kid != NULL ? pg_server_to_any(kid, (int) strlen(kid), PG_UTF8) : NULL;
}

void
choose_key(JoseKeySet *set, JoseOp op, const char *algorithm, const Jsonb *header,
		   JoseKey **key, const JoseAlg **alg)
{
	char	   *kid = kid_of(header);
	int			pos = 0;
	JwtCode		code;

	*alg = NULL;
	if (header != NULL && !JB_ROOT_IS_OBJECT(header))
		jwt_raise(JOSE_ERR_HEADER, "header is not a JSON object.");
	if (algorithm == NULL)
		algorithm = json_member(header, "alg");
	if (algorithm != NULL)
	{
		*alg = named_algorithm(algorithm, op);
		code = jose_keyset_next(set, *alg, op, kid, guc_jose_flags(), &pos, key);
	}
	else
		code = choose_any(set, op, kid, key, alg);
	if (code != JOSE_OK)
		raise_key(code, *alg);
}

/* What verification would refuse is not signed. */
static void
check_times(const Jsonb *claims)
{
	static const char *const names[] = {"exp", "nbf", "iat"};
	JsonbValue	value;
	int			i;

	for (i = 0; i < (int) lengthof(names); i++)
	{
		if (getKeyJsonValueFromContainer((JsonbContainer *) &claims->root, names[i],
										 (int) strlen(names[i]), &value) != NULL &&
			value.type != jbvNumeric)
			jwt_raise(JWT_ERR_CLAIM_INVALID, psprintf("%s is not a number.", names[i]));
	}
}

static bool
has_claim(const Jsonb *claims, const char *name)
{
	JsonbValue	value;

	return getKeyJsonValueFromContainer((JsonbContainer *) &claims->root, name,
										(int) strlen(name), &value) != NULL;
}

static void
begin_claim(StringInfo json, const char *name)
{
	/* an object just opened needs no comma */
	if (json->data[json->len - 1] != '{')
		appendStringInfoChar(json, ',');
	escape_json(json, name);
	appendStringInfoChar(json, ':');
}

/* RFC 7519 4.1.7, as a random UUID */
static void
add_jti(StringInfo json)
{
	unsigned char r[16];

	random_bytes(r, sizeof(r));
	r[6] = (r[6] & 0x0f) | 0x40;
	r[8] = (r[8] & 0x3f) | 0x80;
	begin_claim(json, "jti");
	appendStringInfo(json, "\"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x\"",
					 r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7],
					 r[8], r[9], r[10], r[11], r[12], r[13], r[14], r[15]);
}

static void
add_times(StringInfo json, const Jsonb *claims, int64 lifetime)
{
	int64		now = GetCurrentStatementStartTimestamp() + UNIX_EPOCH_OFFSET;

	if (has_claim(claims, "exp"))
		jwt_raise(JWT_ERR_CLAIM_INVALID, "The claims have an exp already; leave out one of them and expires_in.");
	if (!has_claim(claims, "iat"))
	{
		begin_claim(json, "iat");
		appendStringInfo(json, INT64_FORMAT, now / USECS_PER_SEC);
	}
	begin_claim(json, "exp");
	appendStringInfo(json, INT64_FORMAT, (now + lifetime) / USECS_PER_SEC);
}

/* iss is ours to say; a caller that says the same is not contradicted. */
static void
add_issuer(StringInfo json, const Jsonb *claims, const char *issuer)
{
	char	   *given = json_member(claims, "iss");

	if (given != NULL && strcmp(given, issuer) == 0)
		return;
	if (has_claim(claims, "iss"))
		jwt_raise(JWT_ERR_ISSUER, "The claims name another issuer than the one that signs.");
	begin_claim(json, "iss");
	escape_json(json, issuer);
}

char *
claims_text(const Jsonb *claims, int64 lifetime, const char *issuer, bool with_jti)
{
	StringInfoData json;
	char	   *own;

	if (!JB_ROOT_IS_OBJECT(claims))
		jwt_raise(JWT_ERR_CLAIMS_FORM, NULL);
	check_times(claims);
	initStringInfo(&json);
	own = JsonbToCString(NULL, (JsonbContainer *) &claims->root, VARSIZE(claims));
	squeeze(own);
	appendBinaryStringInfo(&json, own, (int) strlen(own) - 1);	/* all but the last brace */
	if (issuer != NULL)
		add_issuer(&json, claims, issuer);
	if (lifetime >= 0)
		add_times(&json, claims, lifetime);
	if (with_jti && !has_claim(claims, "jti"))
		add_jti(&json);
	appendStringInfoChar(&json, '}');
	return pg_server_to_any(json.data, json.len, PG_UTF8);
}

Datum
signed_token(const JoseBuf *token)
{
	guc_check_token_size(token->len);
	return varlena_of(token);
}
