/*
 * verify.c
 *		The checks of a signed token, in order, up to its claims; claims.c has
 *		those of the claims.
 *
 * With a key at hand nothing of the payload is looked at before the signature
 * has been verified.  With jwt.issuers the payload's iss must be read first,
 * since it picks the keys; it decides nothing else.
 */
#include "postgres.h"

#include "access/xact.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "claimsjson.h"
#include "compat.h"
#include "guc.h"
#include "headercache.h"
#include "scoped.h"
#include "tokencache.h"
#include "verify.h"

/* In the token cache, tokens of jwt.issuers stand under no key's serial. */
#define NO_SERIAL	((uint64) 0)

/* ---- the checks before the claims ---- */

static JwtCode
check_form(Verification *v)
{
	if (v->len > (Size) guc_max_token_size)
		return JOSE_ERR_TOO_LARGE;
	if (jose_split(v->token, v->len, 3, &v->parts) == JOSE_OK)
	{
		v->detail = "three parts";
		return JOSE_OK;
	}
	return jose_split(v->token, v->len, 5, &v->parts) == JOSE_OK ? JWT_ERR_NOT_SIGNED : JOSE_ERR_PARTS;
}

static JwtCode
check_header(Verification *v)
{
	JwtCode		code = headercache_get(v->parts.part[0], v->parts.len[0], &v->header);

	if (code != JOSE_OK)
		return code;
	/* RFC 7797 7: b64 has no place in a JWT */
	if (!v->header->b64)
		return JOSE_ERR_CRIT;
	v->alg = v->header->alg;
	v->typ = v->header->typ;
	if (v->explaining)
		v->detail = psprintf("alg %s%s", jose_alg_name(v->alg), v->header->kid != NULL ? ", with a kid" : ", no kid");
	return JOSE_OK;
}

static void
take_issuer(Verification *v, const TrustedIssuer *trusted)
{
	v->trusted = trusted;
	v->set = trusted->keys;
	v->key_serial = trusted->serial;
	v->algs = trusted->algs & (v->options.algs != 0 ? v->options.algs : ~(JoseAlgSet) 0);
	v->leeway = v->options.has_leeway ? v->options.leeway : trusted->leeway;
}

/* The issuer's row, for verifications without a key. */
static JwtCode
check_trust(Verification *v)
{
	JsonbValue	value;
	const TrustedIssuer *trusted;
	char	   *iss;

	if (claims_get(v->claims, "iss", &value) == NULL)
	{
		v->detail = "The token has no iss claim.";
		return JWT_ERR_ISSUER_UNKNOWN;
	}
	if (value.type != jbvString)
	{
		v->detail = "iss is not a string.";
		return JWT_ERR_CLAIM_INVALID;
	}
	iss = pnstrdup(value.val.string.val, value.val.string.len);
	trusted = trust_get(pg_server_to_any(iss, (int) strlen(iss), PG_UTF8));
	if (trusted == NULL)
	{
		v->detail = psprintf("jwt.issuers has no enabled row for \"%s\".", pnstrdup(iss, pg_mbcliplen(iss, (int) strlen(iss), 200)));
		return JWT_ERR_ISSUER_UNKNOWN;
	}
	take_issuer(v, trusted);
	if (v->explaining)
		v->detail = "its row in jwt.issuers is enabled";
	return JOSE_OK;
}

/* The parsed key of the argument, before anything else: a bad key is bad for every token. */
static JwtCode
take_key(Verification *v)
{
	ParsedKey  *parsed;
	JwtCode		code = keycache_get(v->key_form, v->key, v->last_key, &parsed);

	if (code != JOSE_OK)
		return code;
	v->set = parsed->set;
	v->key_serial = parsed->serial;
	v->algs = v->options.algs != 0 ? v->options.algs : parsed->verify_algs;
	v->leeway = v->options.has_leeway ? v->options.leeway : guc_leeway * USECS_PER_SEC;
	return JOSE_OK;
}

/*
 * An issuer's terms are jwt.issuers', which is its owner's: whoever brings no
 * token of the issuer's own does not learn them from a refusal.
 */
static bool
hides_terms(const Verification *v)
{
	return v->key == NULL && !v->for_log && !trust_shows_terms();
}

/* "HS256, HS384" */
static char *
alg_names(JoseAlgSet algs)
{
	char	   *names = pstrdup("");
	const JoseAlg *alg;
	int			i;

	for (i = 0; (alg = jose_alg_at(i)) != NULL; i++)
	{
		if (algs & jose_alg_bit(alg))
			names = psprintf("%s%s%s", names, names[0] != '\0' ? ", " : "", jose_alg_name(alg));
	}
	return names[0] != '\0' ? names : "none";
}

static JwtCode
check_algorithm(Verification *v)
{
	bool		allowed = (v->algs & jose_alg_bit(v->alg)) != 0;

	/* without keys no algorithm is allowed, but keys are what is missing */
	if (!allowed && v->set->count == 0)
	{
		v->detail = "There is no usable key.";
		return JOSE_ERR_KEY_NOT_FOUND;
	}
	if ((!allowed || v->explaining) && hides_terms(v))
		v->detail = psprintf(allowed ? "%s" : "The token says %s.", jose_alg_name(v->alg));
	else if (!allowed)
		v->detail = psprintf("The token says %s; allowed: %s.", jose_alg_name(v->alg), alg_names(v->algs));
	else if (v->explaining)
		v->detail = psprintf("%s; allowed: %s", jose_alg_name(v->alg), alg_names(v->algs));
	return allowed ? JOSE_OK : JOSE_ERR_ALG_NOT_ALLOWED;
}

static JwtCode
check_key(Verification *v)
{
	JoseKey    *key;
	int			pos = 0;
	JwtCode		code = jose_keyset_next(v->set, v->alg, JOSE_OP_VERIFY, v->header->kid,
										guc_jose_flags(), &pos, &key);

	if (code == JOSE_ERR_KEY_SHORT)
		v->detail = psprintf("%s needs %d bytes.", jose_alg_name(v->alg), jose_alg_min_secret(v->alg));
	else if (code == JOSE_OK && v->explaining && !hides_terms(v))
		v->detail = psprintf("%s, %d bits", jose_key_type(key), jose_key_bits(key));
	else if (code == JOSE_ERR_KEY_NOT_FOUND && v->set->is_set)
		v->detail = psprintf("The set has %d usable %s%s.", v->set->count, v->set->count == 1 ? "key" : "keys",
							 v->header->kid != NULL ? ", none with the token's kid and algorithm" : "");
	return code;
}

JwtCode
verify_signature(const Verification *v, const JoseParts *parts, const JoseHeader *header, JoseKey **by)
{
	unsigned char *signature = palloc(JOSE_B64_DECODED_MAX(parts->len[2]));
	size_t		len;

	if (!jose_b64_decode(parts->part[2], parts->len[2], signature, &len))
		return JOSE_ERR_BASE64;
	return jose_keyset_verify(v->set, v->alg, header->kid, guc_jose_flags(),
							  parts->part[0], parts->len[0] + 1 + parts->len[1], signature, len, by);
}

static JwtCode
check_signature(Verification *v)
{
	JwtCode		code = verify_signature(v, &v->parts, v->header, NULL);

	if (code == JOSE_OK)
		v->detail = "valid";
	return code;
}

static JwtCode
check_claims_form(Verification *v)
{
	unsigned char *json = palloc(JOSE_B64_DECODED_MAX(v->parts.len[1]) + 1);
	size_t		len;
	JwtCode		code;

	if (!jose_b64_decode(v->parts.part[1], v->parts.len[1], json, &len))
		return JOSE_ERR_BASE64;
	json[len] = '\0';
	code = claims_parse((const char *) json, len, &v->claims);
	if (code == JOSE_OK)
		v->detail = "a JSON object";
	return code;
}

/* RFC 7519 7.2, with the key in hand */
static const VerifyCheck key_checks[] = {
	{"form", check_form},
	{"header", check_header},
	{"algorithm", check_algorithm},
	{"key", check_key},
	{"signature", check_signature},
	{"claims", check_claims_form},
	{NULL, NULL}
};

/* The same, the keys picked by the iss claim */
static const VerifyCheck trust_checks[] = {
	{"form", check_form},
	{"header", check_header},
	{"claims", check_claims_form},
	{"trusted issuer", check_trust},
	{"algorithm", check_algorithm},
	{"key", check_key},
	{"signature", check_signature},
	{NULL, NULL}
};

static JwtCode
run_checks(Verification *v, const VerifyCheck *checks)
{
	for (; checks->name != NULL; checks++)
	{
		JwtCode		code;

		v->detail = NULL;
		code = checks->run(v);
		if (code != JOSE_OK && code != JWT_NOT_ASKED)
			return code;
	}
	return JOSE_OK;
}

/* ---- tokens verified before ---- */

/*
 * Has this backend verified these bytes with this key?  The algorithm must
 * still be allowed, the issuer still trusted with the same keys; the claims
 * are checked by the caller as always.
 */
static bool
recall(Verification *v)
{
	const VerifiedToken *known = tokencache_get(v->token, v->len, v->key != NULL ? v->key_serial : NO_SERIAL,
												guc_jose_flags());

	if (known == NULL || v->len > (Size) guc_max_token_size)
		return false;
	v->claims = known->claims;
	v->alg = known->alg;
	v->typ = known->typ;
	if (v->key == NULL && (check_trust(v) != JOSE_OK || v->key_serial != known->issuer_serial))
		return false;
	return (v->algs & jose_alg_bit(v->alg)) != 0;
}

static void
remember(Verification *v)
{
	VerifiedToken known = {
		.alg = v->alg,
		.typ = v->typ,
		.claims = v->claims,
		.issuer_serial = v->key_serial
	};

	tokencache_put(v->token, v->len, v->key != NULL ? v->key_serial : NO_SERIAL, guc_jose_flags(), &known);
}

JwtCode
verify_run(Verification *v)
{
	JwtCode		code = JOSE_OK;

	v->now = GetCurrentStatementStartTimestamp();
	if (v->key != NULL)
		code = take_key(v);
	if (code != JOSE_OK)
		return code;
	if (!recall(v))
	{
		code = run_checks(v, v->key != NULL ? key_checks : trust_checks);
		if (code != JOSE_OK)
			return code;
		remember(v);
	}
	return run_checks(v, claim_checks);
}

JwtCode
verify_against(Verification *v, const TrustedIssuer *trusted)
{
	JwtCode		code;

	/* not the statement's start: a client that logs in takes its time */
	v->now = GetCurrentTimestamp();
	v->for_log = true;
	take_issuer(v, trusted);
	code = run_checks(v, key_checks);
	return code == JOSE_OK ? run_checks(v, claim_checks) : code;
}

/* ---- explaining ---- */

#define NOT_CHECKED	"not checked, since an earlier check failed"

static void
report_check(Verification *v, const VerifyCheck *check, VerifyReport report, void *arg, JwtCode code)
{
	bool		ok = code == JOSE_OK;
	const char *detail = v->detail;

	jwt_check_passing(code);
	if (code == JWT_NOT_ASKED && detail == NULL)
		detail = "not asked for";
	if (code > 0)
		detail = detail != NULL ? psprintf("%s: %s", jwt_error_message(code), detail) : jwt_error_message(code);
	report(arg, check->name, code == JWT_NOT_ASKED ? NULL : &ok, detail);
}

/* Each check with its outcome; after a failure those that depend on it are not made. */
static JwtCode
explain_token(Verification *v, VerifyReport report, void *arg)
{
	const VerifyCheck *check = v->key != NULL ? key_checks : trust_checks;
	JwtCode		code = JOSE_OK;

	for (; check->name != NULL; check++)
	{
		v->detail = NULL;
		if (code != JOSE_OK)
		{
			report(arg, check->name, NULL, NOT_CHECKED);
			continue;
		}
		code = check->run(v);
		report_check(v, check, report, arg, code);
	}
	return code;
}

void
verify_explain(Verification *v, VerifyReport report, void *arg)
{
	const VerifyCheck *check;
	JwtCode		code = JOSE_OK;
	bool		hidden;

	v->explaining = true;
	v->now = GetCurrentStatementStartTimestamp();
	v->leeway = v->options.has_leeway ? v->options.leeway : guc_leeway * USECS_PER_SEC;
	if (v->key != NULL)
		code = take_key(v);
	jwt_check_passing(code);
	if (code != JOSE_OK)
	{
		bool		ok = false;

		report(arg, "key", &ok, jwt_error_message(code));
		return;
	}
	code = explain_token(v, report, arg);

	/* what an unverified token claims still tells why it would be refused, and on what terms */
	hidden = code != JOSE_OK && v->trusted != NULL && hides_terms(v);
	if (v->claims == NULL && (v->parts.len[1] == 0 || check_claims_form(v) != JOSE_OK))
		return;
	for (check = claim_checks; check->name != NULL; check++)
	{
		v->detail = NULL;
		if (hidden)
			report(arg, check->name, NULL, NOT_CHECKED);
		else
			report_check(v, check, report, arg, check->run(v));
	}
}
