/*
 * sessionclaims.c
 *		The session's claims, taken apart once so that no row pays for it.
 *
 * The setting's text is a JSON object: the claims as they were verified, the
 * path of the roles and the leeway as the issuer's row had them then, and the
 * thumbprint of the key.  It travels to parallel workers as text, and each
 * takes it apart for itself.
 */
#include "postgres.h"

#include "access/tupmacs.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "claimsjson.h"
#include "compat.h"
#include "error.h"
#include "jose/hex.h"
#include "sessionclaims.h"
#include "verify.h"

/* How a log-in's begins. */
#define LOGIN	"{\"login\": true, "

/* JSON in UTF-8 as JSON in ASCII: other characters occur in strings only, where they can be escaped. */
static char *
ascii_of(const char *json)
{
	StringInfoData out;
	const unsigned char *p = (const unsigned char *) json;

	initStringInfo(&out);
	for (; *p != '\0'; p += pg_utf_mblen(p))
	{
		pg_wchar	c = *p < 0x80 ? *p : utf8_to_unicode(p);

		if (c < 0x80)
			appendStringInfoChar(&out, (char) c);
		else if (c < 0x10000)
			appendStringInfo(&out, "\\u%04x", c);
		else
			appendStringInfo(&out, "\\u%04x\\u%04x", 0xD800 + ((c - 0x10000) >> 10), 0xDC00 + ((c - 0x10000) & 0x3FF));
	}
	return out.data;
}

char *
session_write(const Jsonb *claims, const TextList *roles_claim, int64 leeway, const char *key, bool login)
{
	StringInfoData out;
	int			i;

	initStringInfo(&out);
	appendStringInfo(&out, "%s\"leeway\": " INT64_FORMAT ", \"key\": \"%s\", \"roles\": [",
					 login ? LOGIN : "{", leeway, key);
	for (i = 0; i < roles_claim->count; i++)
	{
		appendStringInfoString(&out, i > 0 ? ", " : "");
		escape_json(&out, roles_claim->items[i]);
	}
	appendStringInfoString(&out, "], \"claims\": ");
	(void) JsonbToCString(&out, (JsonbContainer *) &claims->root, VARSIZE(claims));
	appendStringInfoChar(&out, '}');
	return login ? ascii_of(out.data) : out.data;
}

/* ---- taking claims apart ---- */

static text *
text_of(const JsonbValue *value)
{
	return cstring_to_text_with_len(value->val.string.val, value->val.string.len);
}

/* A claim that is a string or absent; anything else is malformed. */
static text *
string_claim(const Jsonb *claims, const char *name)
{
	JsonbValue	value;

	if (claims_get(claims, name, &value) == NULL)
		return NULL;
	if (value.type != jbvString)
		jwt_raise(JWT_ERR_CLAIM_INVALID, psprintf("%s is not a string.", name));
	return text_of(&value);
}

static ArrayType *
array_of(Datum *items, int count)
{
	return construct_array(items, count, TEXTOID, -1, false, TYPALIGN_INT);
}

static void
add_item(Datum **items, int *count, int *cap, text *item)
{
	if (*count == *cap)
	{
		*cap = *cap > 0 ? *cap * 2 : 8;
		*items = *items == NULL ? palloc(sizeof(Datum) * *cap) : repalloc(*items, sizeof(Datum) * *cap);
	}
	(*items)[(*count)++] = PointerGetDatum(item);
}

/* RFC 6749 3.3: names with single spaces between them */
static ArrayType *
split_scope(const char *names, int len)
{
	Datum	   *items = NULL;
	int			count = 0;
	int			cap = 0;
	int			start = 0;
	int			i;

	for (i = 0; i <= len; i++)
	{
		if (i < len && names[i] != ' ')
			continue;
		if (i > start)
			add_item(&items, &count, &cap, cstring_to_text_with_len(names + start, i - start));
		start = i + 1;
	}
	return array_of(items, count);
}

pg_noreturn static void
raise_not_list(const char *name)
{
	jwt_raise(JWT_ERR_CLAIM_INVALID, psprintf("%s is neither a string nor a list of strings.", name));
}

/* A string, or an array of strings, as a text array. */
static ArrayType *
list_of(const JsonbValue *value, const char *name, bool split)
{
	JsonbIterator *it;
	JsonbValue	item;
	Datum	   *items = NULL;
	int			count = 0;
	int			cap = 0;

	if (value->type == jbvString && split)
		return split_scope(value->val.string.val, value->val.string.len);
	if (value->type == jbvString)
	{
		add_item(&items, &count, &cap, text_of(value));
		return array_of(items, count);
	}
	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		raise_not_list(name);
	it = JsonbIteratorInit(value->val.binary.data);
	(void) JsonbIteratorNext(&it, &item, true);
	while (JsonbIteratorNext(&it, &item, true) == WJB_ELEM)
	{
		if (item.type != jbvString)
			raise_not_list(name);
		add_item(&items, &count, &cap, text_of(&item));
	}
	return array_of(items, count);
}

/* RFC 8693 4.2 has scope; scp is what Microsoft and Okta write */
static ArrayType *
scopes_of(const Jsonb *claims)
{
	JsonbValue	value;

	if (claims_get(claims, "scope", &value) != NULL)
		return list_of(&value, "scope", true);
	if (claims_get(claims, "scp", &value) != NULL)
		return list_of(&value, "scp", true);
	return NULL;
}

static ArrayType *
audience_of(const Jsonb *claims)
{
	JsonbValue	value;

	return claims_get(claims, "aud", &value) == NULL ? NULL : list_of(&value, "aud", false);
}

/* The claim a path leads to; NULL where it leads nowhere. */
static JsonbValue *
walk(JsonbContainer *container, char **path, int count, JsonbValue *value)
{
	JsonbValue *found = getKeyJsonValueFromContainer(container, path[0], (int) strlen(path[0]), value);

	if (found == NULL || found->type == jbvNull)
		return NULL;
	if (count == 1)
		return found;
	if (found->type != jbvBinary || !JsonContainerIsObject(found->val.binary.data))
		return NULL;
	return walk(found->val.binary.data, path + 1, count - 1, value);
}

static ArrayType *
roles_of(const Jsonb *claims, const TextList *path)
{
	JsonbValue	value;

	if (path->count == 0 || walk((JsonbContainer *) &claims->root, path->items, path->count, &value) == NULL)
		return NULL;
	return list_of(&value, "the claim of the roles", false);
}

static bool
is_less(Datum a, Datum b)
{
	return DatumGetBool(DirectFunctionCall2(numeric_lt, a, b));
}

/*
 * A token's exp has been verified; that of request.jwt.claims has not, and
 * anything but a number that a clock can reach is no permission for ever.
 */
static TimestampTz
expiry_of(const Jsonb *claims, int64 leeway)
{
	JsonbValue	value;
	int64		seconds;

	if (getKeyJsonValueFromContainer((JsonbContainer *) &claims->root, "exp", 3, &value) == NULL)
		return DT_NOEND;
	if (value.type != jbvNumeric)
		jwt_raise(JWT_ERR_CLAIM_INVALID, "exp is not a number.");
	if (is_less(NumericGetDatum(int64_to_numeric(LAST_SECOND)), NumericGetDatum(value.val.numeric)))
		jwt_raise(JWT_ERR_CLAIM_INVALID, "exp lies beyond the year 9999.");
	if (is_less(NumericGetDatum(value.val.numeric), NumericGetDatum(int64_to_numeric(0))))
		return DT_NOBEGIN;
	/* rounded down: a session never outlives its token */
	seconds = DatumGetInt64(DirectFunctionCall1(numeric_int8,
												DirectFunctionCall1(numeric_floor, NumericGetDatum(value.val.numeric))));
	return seconds * USECS_PER_SEC - UNIX_EPOCH_OFFSET + leeway;
}

/* A UUID as RFC 9562 4 writes it; uuid_in would raise on anything else. */
static bool
parse_uuid(const text *subject, pg_uuid_t *uuid)
{
	const char *p = VARDATA_ANY(subject);
	int			byte;
	int			i;

	if (VARSIZE_ANY_EXHDR(subject) != 36)
		return false;
	for (i = 0; i < UUID_LEN; i++)
	{
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *p++ != '-')
			return false;
		byte = jose_hex_byte(p);
		if (byte < 0)
			return false;
		uuid->data[i] = (unsigned char) byte;
		p += 2;
	}
	return true;
}

/* ---- one chunk ---- */

typedef struct Part
{
	const void *data;			/* a varlena, or NULL */
	size_t		member;			/* where SessionClaims keeps its offset */
} Part;

#define PART(value, name)	{(value), offsetof(SessionClaims, name)}

static SessionClaims *
assemble(const SessionClaims *fixed, const Part *parts, int count, void *(*allocate) (Size size))
{
	Size		size = MAXALIGN(sizeof(SessionClaims));
	SessionClaims *session;
	int			i;

	for (i = 0; i < count; i++)
		size += parts[i].data != NULL ? MAXALIGN(VARSIZE_ANY(parts[i].data)) : 0;
	session = allocate(size);
	if (session == NULL)
		return NULL;
	memset(session, 0, size);
	*session = *fixed;
	session->size = (uint32) size;
	size = MAXALIGN(sizeof(SessionClaims));
	for (i = 0; i < count; i++)
	{
		if (parts[i].data == NULL)
			continue;
		*(uint32 *) ((char *) session + parts[i].member) = (uint32) size;
		memcpy((char *) session + size, parts[i].data, VARSIZE_ANY(parts[i].data));
		size += MAXALIGN(VARSIZE_ANY(parts[i].data));
	}
	return session;
}

static SessionClaims *
build(const Jsonb *claims, const TextList *roles_claim, int64 leeway, const text *key, bool login,
	  void *(*allocate) (Size size))
{
	SessionClaims fixed = {0};
	text	   *subject = string_claim(claims, "sub");
	text	   *client_id = string_claim(claims, "client_id");
	Part		parts[] = {
		PART(claims, claims),
		PART(subject, subject),
		PART(string_claim(claims, "iss"), issuer),
		/* OpenID Connect Core 2 has azp where RFC 9068 2.2 has client_id */
		PART(client_id != NULL ? client_id : string_claim(claims, "azp"), client_id),
		PART(audience_of(claims), audience),
		PART(scopes_of(claims), scopes),
		PART(roles_of(claims, roles_claim), roles),
		PART(key, key)
	};

	fixed.login = login;
	fixed.encoding = GetDatabaseEncoding();
	fixed.expires_at = expiry_of(claims, leeway);
	fixed.has_user_id = subject != NULL && parse_uuid(subject, &fixed.user_id);
	return assemble(&fixed, parts, lengthof(parts), allocate);
}

/* ---- the setting's text ---- */

static TextList
read_path(const Jsonb *envelope)
{
	TextList	path = {0, NULL};
	JsonbValue	value;
	JsonbIterator *it;

	if (claims_get(envelope, "roles", &value) == NULL || value.type != jbvBinary)
		return path;
	path.items = palloc(sizeof(char *) * (JsonContainerSize(value.val.binary.data) + 1));
	it = JsonbIteratorInit(value.val.binary.data);
	(void) JsonbIteratorNext(&it, &value, true);
	while (JsonbIteratorNext(&it, &value, true) == WJB_ELEM)
		path.items[path.count++] = pnstrdup(value.val.string.val, value.val.string.len);
	return path;
}

/* A log-in's is a token's text still, with all that this database may have against it. */
static Jsonb *
read_envelope(const char *setting, bool login)
{
	Jsonb	   *envelope;

	if (!login)
		return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(setting)));
	jwt_check(claims_parse(setting, strlen(setting), &envelope));
	return envelope;
}

SessionClaims *
session_read(const char *setting, void *(*allocate) (Size size))
{
	bool		login = strncmp(setting, LOGIN, strlen(LOGIN)) == 0;
	Jsonb	   *envelope = read_envelope(setting, login);
	TextList	path = read_path(envelope);
	JsonbValue	leeway;
	JsonbValue	key;
	JsonbValue	claims;

	if (claims_get(envelope, "leeway", &leeway) == NULL || leeway.type != jbvNumeric ||
		claims_get(envelope, "key", &key) == NULL || key.type != jbvString ||
		claims_get(envelope, "claims", &claims) == NULL || claims.type != jbvBinary)
		jwt_raise(JWT_ERR_CLAIMS_FORM, NULL);
	return build(JsonbValueToJsonb(&claims), &path,
				 DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(leeway.val.numeric))),
				 text_of(&key),
				 login, allocate);
}

SessionClaims *
session_read_claims(const Jsonb *claims, void *(*allocate) (Size size))
{
	char	   *names[2] = {"roles", "role"};
	JsonbValue	value;
	TextList	path = {1, names};

	if (claims_get(claims, "roles", &value) == NULL)
		path.items = names + 1;
	return build(claims, &path, 0, NULL, false, allocate);
}

/* ---- lists ---- */

bool
session_list_holds(const ArrayType *list, const char *wanted, Size len)
{
	const char *item;
	int			count;
	int			i;

	if (list == NULL || ARR_NDIM(list) == 0)
		return false;
	item = ARR_DATA_PTR(list);
	count = ARR_DIMS(list)[0];
	for (i = 0; i < count; i++)
	{
		if (VARSIZE_ANY_EXHDR(item) == len && memcmp(VARDATA_ANY(item), wanted, len) == 0)
			return true;
		item = (const char *) att_align_nominal(item + VARSIZE_ANY(item), TYPALIGN_INT);
	}
	return false;
}
