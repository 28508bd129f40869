/*
 * json.h
 *		A JSON object as a flat list of its members, as headers and keys need it.
 */
#ifndef JOSE_JSON_H
#define JOSE_JSON_H

#include "jose.h"

typedef enum JoseJsonType
{
	JOSE_JSON_NULL,
	JOSE_JSON_BOOL,
	JOSE_JSON_NUMBER,
	JOSE_JSON_STRING,
	JOSE_JSON_ARRAY,
	JOSE_JSON_OBJECT
} JoseJsonType;

/* Members of an object, elements of an array: each name is compared with all before it. */
#define JOSE_MAX_MEMBERS	256

/* A member of an object, or an element of an array (name is then NULL). */
typedef struct JoseMember
{
	char	   *name;			/* de-escaped; never holds a NUL of its own */
	JoseJsonType type;
	char	   *string;			/* a string's value, de-escaped; else NULL */
	const char *raw;			/* the value as written, but for escapes (see below) */
	size_t		raw_len;
} JoseMember;

struct JoseObject
{
	JoseMember *members;
	int			count;
	int			cap;
	JoseBuf		text;			/* the parsed text, where it had escapes */
};

/*
 * Parse one object or one array.  text must outlive the result, whose `raw`
 * points into it, or into a copy in which jose_json_write_out has been at work.
 * Refused: invalid UTF-8, a byte order mark, lone surrogates, \u0000, duplicate
 * names (compared de-escaped), nesting over JOSE_MAX_DEPTH, more than
 * JOSE_MAX_MEMBERS, anything after the value.  Free with jose_object_free, which
 * cleanses.
 */
extern JoseError jose_object_parse(const char *text, size_t len, JoseObject **object);
extern JoseError jose_array_parse(const char *text, size_t len, JoseObject **array);
extern void jose_object_free(JoseObject *object);

extern const JoseMember *jose_object_get(const JoseObject *object, const char *name);

/* A member's string, NULL where absent; false when it is not a string. */
extern bool jose_object_string(const JoseObject *object, const char *name, const char **value);

/* Append text as a JSON string, quotes included. */
extern void jose_json_quote(JoseBuf *buf, const char *text);

/*
 * Append JSON with its \uXXXX of characters beyond ASCII written out in UTF-8.
 * What is no such escape, or half of a pair, stays as it is, for a parser to judge.
 */
extern void jose_json_write_out(JoseBuf *buf, const char *json, size_t len);

#endif							/* JOSE_JSON_H */
