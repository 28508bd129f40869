/*
 * claims.c
 *		The checks of a token's claims, RFC 7519 4.1, and its typ, RFC 8725 3.11.
 *
 * Times are compared as the exact numbers they are, never as floating point:
 * the bounds are computed once a statement and kept.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "verify.h"

#define SHOWN				120 /* bytes of a claim that a message shows */

JsonbValue *
claims_get(const Jsonb *claims, const char *name, JsonbValue *value)
{
	JsonbValue *found = getKeyJsonValueFromContainer((JsonbContainer *) &claims->root, name,
													 (int) strlen(name), value);

	return found == NULL || found->type == jbvNull ? NULL : found;
}

/* ---- times ---- */

/*
 * A moment as the number of seconds since 1970, kept from one call to the
 * next: a statement asks for the same few again and again.
 */
typedef struct Moment
{
	int64		microseconds;
	Numeric		seconds;		/* NULL: none yet */
} Moment;

static Moment moment_expired;	/* exp at or before it is over */
static Moment moment_future;	/* nbf and iat after it are to come */
static Moment moment_too_old;	/* iat before it is too old */
static Moment moment_last;		/* LAST_SECOND */

static Numeric
seconds_at(Moment *moment, int64 microseconds)
{
	MemoryContext old;

	if (moment->seconds != NULL && moment->microseconds == microseconds)
		return moment->seconds;
	if (moment->seconds != NULL)
		pfree(moment->seconds);
	moment->seconds = NULL;
	old = MemoryContextSwitchTo(TopMemoryContext);
	moment->seconds = int64_div_fast_to_numeric(microseconds, 6);
	MemoryContextSwitchTo(old);
	moment->microseconds = microseconds;
	return moment->seconds;
}

static int
compare(Numeric a, Numeric b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(a), NumericGetDatum(b)));
}

/*
 * A NumericDate, RFC 7519 2: a number, whole or not.  *time is NULL where the
 * claim is absent; null is no absence here, or a token without an end could
 * look as if it had one.
 */
static JwtCode
get_time(Verification *v, const char *name, Numeric *time)
{
	JsonbValue	value;

	*time = NULL;
	if (getKeyJsonValueFromContainer((JsonbContainer *) &v->claims->root, name,
									 (int) strlen(name), &value) == NULL)
		return JOSE_OK;
	if (value.type != jbvNumeric)
	{
		v->detail = psprintf("%s is not a number.", name);
		return JWT_ERR_CLAIM_INVALID;
	}
	if (compare(value.val.numeric, seconds_at(&moment_last, LAST_SECOND * USECS_PER_SEC)) > 0)
	{
		v->detail = psprintf("%s lies beyond the year 9999.", name);
		return JWT_ERR_CLAIM_INVALID;
	}
	*time = value.val.numeric;
	return JOSE_OK;
}

/* "3 minutes" */
static char *
duration(int64 microseconds)
{
	int64		seconds = (microseconds < 0 ? -microseconds : microseconds) / USECS_PER_SEC;
	static const struct
	{
		int64		length;
		const char *name;
	}			units[] = {
		{SECS_PER_DAY, "day"}, {SECS_PER_HOUR, "hour"}, {SECS_PER_MINUTE, "minute"}, {1, "second"}
	};
	int			i = 0;
	int64		n;

	while (i < 3 && seconds < units[i].length)
		i++;
	n = seconds / units[i].length;
	return psprintf(INT64_FORMAT " %s%s", n, units[i].name, n == 1 ? "" : "s");
}

/* "2026-11-23 22:00:00+00, 3 minutes ago" */
static char *
describe_time(Verification *v, Numeric time)
{
	Numeric		zero = int64_to_numeric(0);
	int64		seconds;
	TimestampTz stamp;
	int64		distance;

	if (compare(time, zero) < 0)
		return pstrdup("before 1970");
	seconds = DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(time)));
	stamp = seconds * USECS_PER_SEC - UNIX_EPOCH_OFFSET;
	distance = stamp - v->now;
	if (distance < 0)
		return psprintf("%s, %s ago", timestamptz_to_str(stamp), duration(distance));
	return psprintf("%s, in %s", timestamptz_to_str(stamp), duration(distance));
}

static int64
unix_now(const Verification *v)
{
	return v->now + UNIX_EPOCH_OFFSET;
}

/* RFC 7519 4.1.4: the current time must be before exp */
static JwtCode
check_expiration(Verification *v)
{
	Numeric		exp;
	JwtCode		code = get_time(v, "exp", &exp);
	bool		over;

	if (code != JOSE_OK)
		return code;
	if (exp == NULL)
	{
		v->detail = "the token has no exp, so it never expires";
		return JWT_NOT_ASKED;
	}
	over = compare(exp, seconds_at(&moment_expired, unix_now(v) - v->leeway)) <= 0;
	if (over)
		v->detail = psprintf("It expired at %s.", describe_time(v, exp));
	else if (v->explaining)
		v->detail = describe_time(v, exp);
	return over ? JWT_ERR_EXPIRED : JOSE_OK;
}

static JwtCode
check_begun(Verification *v, const char *name, const char *sentence, JwtCode refusal)
{
	Numeric		time;
	JwtCode		code = get_time(v, name, &time);
	bool		ahead;

	if (code != JOSE_OK)
		return code;
	if (time == NULL)
	{
		if (v->explaining)
			v->detail = psprintf("the token has no %s", name);
		return JWT_NOT_ASKED;
	}
	ahead = compare(time, seconds_at(&moment_future, unix_now(v) + v->leeway)) > 0;
	if (ahead)
		v->detail = psprintf("%s %s.", sentence, describe_time(v, time));
	else if (v->explaining)
		v->detail = describe_time(v, time);
	return ahead ? refusal : JOSE_OK;
}

/* RFC 7519 4.1.5 */
static JwtCode
check_not_before(Verification *v)
{
	return check_begun(v, "nbf", "Valid from", JWT_ERR_NOT_YET_VALID);
}

/* RFC 7519 4.1.6, and no issuer writes tokens in the future */
static JwtCode
check_issued_at(Verification *v)
{
	return check_begun(v, "iat", "Issued at", JWT_ERR_ISSUED_IN_FUTURE);
}

static JwtCode
check_max_age(Verification *v)
{
	Numeric		iat;
	JwtCode		code;

	if (!v->options.has_max_age)
		return JWT_NOT_ASKED;
	code = get_time(v, "iat", &iat);
	if (code != JOSE_OK)
		return code;
	if (iat == NULL)
	{
		v->detail = "max_age needs the iat claim.";
		return JWT_ERR_CLAIM_MISSING;
	}
	if (compare(iat, seconds_at(&moment_too_old, unix_now(v) - v->options.max_age - v->leeway)) >= 0)
		return JOSE_OK;
	v->detail = psprintf("Issued at %s; allowed: %s.", describe_time(v, iat), duration(v->options.max_age));
	return JWT_ERR_TOO_OLD;
}

/* ---- strings ---- */

static bool
equals(const JsonbValue *value, const char *string)
{
	return value->type == jbvString && (size_t) value->val.string.len == strlen(string) &&
		memcmp(value->val.string.val, string, value->val.string.len) == 0;
}

/* A claim for a message: quoted, cut to size. */
static char *
shown(const JsonbValue *value)
{
	int			len;

	if (value == NULL)
		return "none";
	if (value->type != jbvString)
		return "something that is not a string";
	len = pg_mbcliplen(value->val.string.val, value->val.string.len, SHOWN);
	return psprintf("\"%s\"%s", pnstrdup(value->val.string.val, len),
					len < value->val.string.len ? "..." : "");
}

/* RFC 7519 4.1.1 */
static JwtCode
check_issuer(Verification *v)
{
	JsonbValue	value;
	JsonbValue *iss = claims_get(v->claims, "iss", &value);

	if (v->options.issuer == NULL)
	{
		if (v->explaining)
			v->detail = psprintf("the token says %s", shown(iss));
		return JWT_NOT_ASKED;
	}
	if (iss != NULL && equals(iss, v->options.issuer))
	{
		v->detail = "as asked for";
		return JOSE_OK;
	}
	v->detail = psprintf("The token says %s; expected: \"%s\".", shown(iss), v->options.issuer);
	return JWT_ERR_ISSUER;
}

static bool
is_listed(const JsonbValue *value, const TextList *list)
{
	int			i;

	for (i = 0; i < list->count; i++)
	{
		if (equals(value, list->items[i]))
			return true;
	}
	return false;
}

/* RFC 7519 4.1.3: a string, or an array of strings, of which one must be listed */
static bool
audience_meets(const Jsonb *claims, const TextList *accepted)
{
	JsonbValue	value;
	JsonbIterator *it;
	JsonbIteratorToken token;
	bool		meets = false;

	if (claims_get(claims, "aud", &value) == NULL)
		return false;
	if (value.type != jbvBinary)
		return is_listed(&value, accepted);
	it = JsonbIteratorInit(value.val.binary.data);
	if (JsonbIteratorNext(&it, &value, true) != WJB_BEGIN_ARRAY)
		return false;
	while ((token = JsonbIteratorNext(&it, &value, true)) == WJB_ELEM)
	{
		/* one that is not a string spoils the lot */
		if (value.type != jbvString)
			return false;
		meets = meets || is_listed(&value, accepted);
	}
	return meets;
}

static char *
list_names(const TextList *list)
{
	char	   *names = pstrdup("");
	int			i;

	for (i = 0; i < list->count && strlen(names) < 2 * SHOWN; i++)
		names = psprintf("%s%s\"%s\"", names, i > 0 ? ", " : "", list->items[i]);
	return names;
}

static char *
shown_audience(const Jsonb *claims)
{
	JsonbValue	value;
	JsonbValue *aud = claims_get(claims, "aud", &value);

	return aud != NULL && aud->type == jbvBinary ? "a list" : shown(aud);
}

static JwtCode
check_audience_list(Verification *v, const TextList *accepted)
{
	if (audience_meets(v->claims, accepted))
	{
		v->detail = "as asked for";
		return JOSE_OK;
	}
	v->detail = psprintf("The token says %s; expected: %s.", shown_audience(v->claims), list_names(accepted));
	return JWT_ERR_AUDIENCE;
}

static JwtCode
check_audience(Verification *v)
{
	const TextList *trusted = v->trusted != NULL ? &v->trusted->audience : NULL;
	JwtCode		code = JWT_NOT_ASKED;

	if (trusted != NULL && trusted->count > 0)
		code = check_audience_list(v, trusted);
	if (code <= JOSE_OK && v->options.audience.count > 0)
		code = check_audience_list(v, &v->options.audience);
	if (code == JWT_NOT_ASKED && v->explaining)
		v->detail = psprintf("the token says %s", shown_audience(v->claims));
	return code;
}

/* RFC 7519 4.1.2.  Who it is stays out of the message: it is personal. */
static JwtCode
check_subject(Verification *v)
{
	JsonbValue	value;
	JsonbValue *sub = claims_get(v->claims, "sub", &value);

	if (sub != NULL && sub->type != jbvString)
	{
		v->detail = "sub is not a string.";
		return JWT_ERR_CLAIM_INVALID;
	}
	if (v->options.subject == NULL)
	{
		if (v->explaining)
			v->detail = sub != NULL ? "the token has one" : "the token has none";
		return JWT_NOT_ASKED;
	}
	if (sub == NULL || !equals(sub, v->options.subject))
		return JWT_ERR_SUBJECT;
	v->detail = "as asked for";
	return JOSE_OK;
}

static JwtCode
check_one_type(Verification *v, const char *expected)
{
	if (v->typ != NULL && jose_media_type_equal(v->typ, expected))
	{
		v->detail = "as asked for";
		return JOSE_OK;
	}
	v->detail = psprintf("Expected: \"%s\".", expected);
	return JWT_ERR_TYPE;
}

/* RFC 7515 4.1.9, RFC 8725 3.11 */
static JwtCode
check_type(Verification *v)
{
	JwtCode		code = JWT_NOT_ASKED;

	if (v->trusted != NULL && v->trusted->type != NULL)
		code = check_one_type(v, v->trusted->type);
	if (code <= JOSE_OK && v->options.type != NULL)
		code = check_one_type(v, v->options.type);
	return code;
}

static JwtCode
check_list_present(Verification *v, const TextList *required)
{
	JsonbValue	value;
	int			i;

	for (i = 0; i < required->count; i++)
	{
		if (claims_get(v->claims, required->items[i], &value) == NULL)
		{
			v->detail = psprintf("Missing: %s.", required->items[i]);
			return JWT_ERR_CLAIM_MISSING;
		}
	}
	v->detail = "all there";
	return JOSE_OK;
}

static JwtCode
check_required(Verification *v)
{
	JwtCode		code = JWT_NOT_ASKED;

	if (v->trusted != NULL && v->trusted->required.count > 0)
		code = check_list_present(v, &v->trusted->required);
	if (code <= JOSE_OK && v->options.required.count > 0)
		code = check_list_present(v, &v->options.required);
	return code;
}

const VerifyCheck claim_checks[] = {
	{"expiration", check_expiration},
	{"not before", check_not_before},
	{"issued at", check_issued_at},
	{"max age", check_max_age},
	{"issuer", check_issuer},
	{"audience", check_audience},
	{"subject", check_subject},
	{"type", check_type},
	{"required claims", check_required},
	{NULL, NULL}
};
