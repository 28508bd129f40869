/*
 * flatclaims.c
 *		Reads the claims that nearly all tokens have: one object, its members
 *		strings, whole numbers, booleans, null and lists of strings.
 *
 * jsonb_in takes more than half of what a token costs beyond its signature.
 * A second parser of JSON could be a second opinion of it, so this one has
 * none: whatever it is not sure of it leaves to jsonb_in, bad JSON too.  It
 * knows no escapes, no character beyond ASCII, no fraction, exponent or sign,
 * no nesting, no white space but blanks, and no member twice.
 * test/sql/flatclaims.sql holds it against jsonb_in.
 */
#include "postgres.h"

#include "utils/numeric.h"

#include "flatclaims.h"

#define MAX_MEMBERS		24
#define MAX_ITEMS		24		/* of all lists together */
#define MAX_DIGITS		18		/* fits an int64 */

typedef struct Reader
{
	const char *p;
	const char *end;
	int			members;
	int			items;
	JsonbPair	member[MAX_MEMBERS];	/* in jsonb's order */
	JsonbValue	item[MAX_ITEMS];
} Reader;

static void
skip_blanks(Reader *r)
{
	while (r->p < r->end && *r->p == ' ')
		r->p++;
}

static bool
at(const Reader *r, char c)
{
	return r->p < r->end && *r->p == c;
}

static bool
take(Reader *r, char c)
{
	if (!at(r, c))
		return false;
	r->p++;
	return true;
}

/* The same in every encoding a database can have, and in JSON itself. */
static bool
is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

static bool
read_string(Reader *r, JsonbValue *value)
{
	const char *start;

	if (!take(r, '"'))
		return false;
	start = r->p;
	while (r->p < r->end && is_plain(*r->p))
		r->p++;
	value->type = jbvString;
	value->val.string.val = unconstify(char *, start);
	value->val.string.len = (int) (r->p - start);
	return take(r, '"');
}

static bool
read_number(Reader *r, JsonbValue *value)
{
	const char *start = r->p;
	int64		number = 0;

	for (; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++)
	{
		if (r->p - start == MAX_DIGITS)
			return false;
		number = number * 10 + (*r->p - '0');
	}
	/* RFC 8259 6: no leading zeros */
	if (r->p == start || (*start == '0' && r->p - start > 1))
		return false;
	value->type = jbvNumeric;
	value->val.numeric = int64_to_numeric(number);
	return true;
}

static bool
read_word(Reader *r, const char *word)
{
	size_t		len = strlen(word);

	if ((size_t) (r->end - r->p) < len || memcmp(r->p, word, len) != 0)
		return false;
	r->p += len;
	return true;
}

static bool
read_list(Reader *r, JsonbValue *value)
{
	int			first = r->items;

	r->p++;
	do
	{
		skip_blanks(r);
		if (r->items == MAX_ITEMS || !read_string(r, &r->item[r->items++]))
			return false;
		skip_blanks(r);
	} while (take(r, ','));
	value->type = jbvArray;
	value->val.array.nElems = r->items - first;
	value->val.array.elems = &r->item[first];
	value->val.array.rawScalar = false;
	return take(r, ']');
}

static bool
read_value(Reader *r, JsonbValue *value)
{
	if (at(r, '"'))
		return read_string(r, value);
	if (at(r, '['))
		return read_list(r, value);
	if (at(r, 't') || at(r, 'f'))
	{
		value->type = jbvBool;
		value->val.boolean = *r->p == 't';
		return read_word(r, value->val.boolean ? "true" : "false");
	}
	if (at(r, 'n'))
	{
		value->type = jbvNull;
		return read_word(r, "null");
	}
	return read_number(r, value);
}

/* jsonb's own order: shorter names first */
static int
compare_names(const JsonbValue *a, const JsonbValue *b)
{
	if (a->val.string.len != b->val.string.len)
		return a->val.string.len < b->val.string.len ? -1 : 1;
	return memcmp(a->val.string.val, b->val.string.val, a->val.string.len);
}

/* Put a member in its place; false: there is one of that name. */
static bool
insert(Reader *r, const JsonbPair *pair)
{
	int			place = r->members;

	for (; place > 0; place--)
	{
		int			order = compare_names(&r->member[place - 1].key, &pair->key);

		if (order == 0)
			return false;
		if (order < 0)
			break;
		r->member[place] = r->member[place - 1];
	}
	r->member[place] = *pair;
	r->members++;
	return true;
}

static bool
read_member(Reader *r)
{
	JsonbPair	pair = {.order = 0};

	skip_blanks(r);
	if (r->members == MAX_MEMBERS || !read_string(r, &pair.key))
		return false;
	skip_blanks(r);
	if (!take(r, ':'))
		return false;
	skip_blanks(r);
	if (!read_value(r, &pair.value))
		return false;
	skip_blanks(r);
	return insert(r, &pair);
}

static bool
read_object(Reader *r)
{
	skip_blanks(r);
	if (!take(r, '{'))
		return false;
	do
	{
		if (!read_member(r))
			return false;
	} while (take(r, ','));
	if (!take(r, '}'))
		return false;
	skip_blanks(r);
	return r->p == r->end;
}

Jsonb *
flatclaims_read(const char *json, size_t len)
{
	Reader		r;
	JsonbValue	object;

	r.p = json;
	r.end = json + len;
	r.members = 0;
	r.items = 0;
	if (!read_object(&r))
		return NULL;
	object.type = jbvObject;
	object.val.object.nPairs = r.members;
	object.val.object.pairs = r.member;
	return JsonbValueToJsonb(&object);
}
