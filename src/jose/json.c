/*
 * json.c
 *		Headers and keys as flat member lists, over PostgreSQL's JSON lexer
 *		(common/jsonapi.h), which serves in the server and outside it alike.
 *		The only file of the core that knows PostgreSQL.
 *
 * Where the lexer allocates it uses palloc, in the server as outside: what it
 * hands us is freed here with pfree, and in the server nothing of ours is
 * allocated in its memory contexts.
 */
#ifdef FRONTEND
#include "postgres_fe.h"
#else
#include "postgres.h"
#endif

#include "common/jsonapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include <openssl/crypto.h>

#include "compat.h"
#include "json.h"

/* What the lexer's callbacks share. */
typedef struct Collector
{
	JsonLexContext *lex;
	JoseObject *object;
	int			level;			/* how deep we are; members are at 1 */
	JoseMember *current;		/* member whose value is being read, or NULL */
	JoseError	error;
} Collector;

/*
 * The lexer's callbacks need not be able to report an error (compat.h): one
 * that fails leaves it in the collector, and later ones do nothing.
 */

static JoseJsonType
type_of(JsonTokenType token)
{
	switch (token)
	{
		case JSON_TOKEN_STRING:
			return JOSE_JSON_STRING;
		case JSON_TOKEN_NUMBER:
			return JOSE_JSON_NUMBER;
		case JSON_TOKEN_TRUE:
		case JSON_TOKEN_FALSE:
			return JOSE_JSON_BOOL;
		case JSON_TOKEN_OBJECT_START:
			return JOSE_JSON_OBJECT;
		case JSON_TOKEN_ARRAY_START:
			return JOSE_JSON_ARRAY;
		default:
			return JOSE_JSON_NULL;
	}
}

/* A copy the core owns; NULL for want of memory. */
static char *
copy_string(const char *from)
{
	size_t		size = strlen(from) + 1;
	char	   *copy = malloc(size);

	if (copy != NULL)
		memcpy(copy, from, size);
	return copy;
}

static bool
add_member(Collector *c, const char *name)
{
	JoseObject *object = c->object;
	JoseMember *member;

	if (object->count == object->cap)
	{
		int			cap = object->cap > 0 ? object->cap * 2 : 8;
		JoseMember *members = realloc(object->members, sizeof(JoseMember) * cap);

		if (members == NULL)
			return false;
		object->members = members;
		object->cap = cap;
	}
	member = &object->members[object->count];
	memset(member, 0, sizeof(*member));
	if (name != NULL)
	{
		member->name = copy_string(name);
		if (member->name == NULL)
			return false;
	}
	object->count++;
	c->current = member;

	/* on entry to a member or element, the lexer stands on its value */
	member->type = type_of(c->lex->token_type);
	member->raw = c->lex->token_start;
	return true;
}

static void
begin_member(Collector *c, const char *name)
{
	if (c->error != JOSE_OK)
		return;
	if (c->object->count >= JOSE_MAX_MEMBERS)
		c->error = JOSE_ERR_TOO_LARGE;
	else if (name != NULL && jose_object_get(c->object, name) != NULL)
		c->error = JOSE_ERR_JSON_DUPLICATE;
	else if (!add_member(c, name))
		c->error = JOSE_ERR_MEMORY;
}

static void
end_member(Collector *c)
{
	if (c->current == NULL)
		return;
	c->current->raw_len = c->lex->prev_token_terminator - c->current->raw;
	c->current = NULL;
}

static JSON_ACTION_RESULT
on_nest(void *state)
{
	((Collector *) state)->level++;
	JSON_ACTION_DONE;
}

static JSON_ACTION_RESULT
on_unnest(void *state)
{
	((Collector *) state)->level--;
	JSON_ACTION_DONE;
}

static JSON_ACTION_RESULT
on_field_start(void *state, char *name, bool isnull)
{
	Collector  *c = state;

	if (c->level == 1)
		begin_member(c, name);
	OPENSSL_cleanse(name, strlen(name));
	pfree(name);
	JSON_ACTION_DONE;
}

static JSON_ACTION_RESULT
on_field_end(void *state, char *name, bool isnull)
{
	Collector  *c = state;

	/* name was freed at the field's start; it must not be looked at here */
	if (c->level == 1)
		end_member(c);
	JSON_ACTION_DONE;
}

static JSON_ACTION_RESULT
on_element_start(void *state, bool isnull)
{
	Collector  *c = state;

	if (c->level == 1)
		begin_member(c, NULL);
	JSON_ACTION_DONE;
}

static JSON_ACTION_RESULT
on_element_end(void *state, bool isnull)
{
	Collector  *c = state;

	if (c->level == 1)
		end_member(c);
	JSON_ACTION_DONE;
}

static JSON_ACTION_RESULT
on_scalar(void *state, char *token, JsonTokenType type)
{
	Collector  *c = state;

	if (c->level == 1 && c->current != NULL && type == JSON_TOKEN_STRING)
	{
		c->current->string = copy_string(token);
		if (c->current->string == NULL && c->error == JOSE_OK)
			c->error = JOSE_ERR_MEMORY;
	}
	OPENSSL_cleanse(token, strlen(token));
	pfree(token);
	JSON_ACTION_DONE;
}

/*
 * Bounded nesting, so that the parser's recursion is: strings are skipped,
 * brackets counted, and whether they match is left to the parser.
 */
static bool
depth_in_bounds(const char *json, size_t len)
{
	int			depth = 0;
	bool		in_string = false;
	size_t		i;

	for (i = 0; i < len; i++)
	{
		char		c = json[i];

		if (in_string)
		{
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		}
		else if (c == '"')
			in_string = true;
		else if (c == '{' || c == '[')
		{
			if (++depth > JOSE_MAX_DEPTH)
				return false;
		}
		else if (c == '}' || c == ']')
			depth--;
	}
	return true;
}

/*
 * In the server the lexer puts an escape in the database's encoding, or fails
 * to, and what we read is UTF-8; so of those beyond ASCII it gets to see none.
 */
static bool
without_escapes(JoseObject *object, const char **json, size_t *len)
{
	if (memchr(*json, '\\', *len) == NULL)
		return true;
	jose_json_write_out(&object->text, *json, *len);
	*json = (const char *) object->text.data;
	*len = object->text.len;
	return !object->text.failed;
}

/* ---- parsing ---- */

#ifndef FRONTEND

/* Why did the lexer raise an error?  There is nothing else that it could. */
static JoseError
raised(void)
{
	switch (geterrcode())
	{
		case ERRCODE_OUT_OF_MEMORY:
			return JOSE_ERR_MEMORY;
		case ERRCODE_STATEMENT_TOO_COMPLEX:
			return JOSE_ERR_STACK;
		default:
			return JOSE_ERR_INTERNAL;
	}
}

#endif

/*
 * In the server the lexer raises an error when memory or the stack comes to
 * its end.  Left to itself it would jump over everything on the way here, and
 * what the core has allocated, keys among it, would stay for good.
 */
static bool
lex_and_parse(Collector *c, const char *json, size_t len, JsonSemAction *actions)
{
#ifdef FRONTEND
	c->lex = make_json_lexer(json, len);
	return pg_parse_json(c->lex, actions) == JSON_SUCCESS;
#else
	MemoryContext context = CurrentMemoryContext;
	volatile bool parsed = false;

	PG_TRY();
	{
		c->lex = make_json_lexer(json, len);
		parsed = pg_parse_json(c->lex, actions) == JSON_SUCCESS;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		c->error = raised();
		FlushErrorState();
	}
	PG_END_TRY();
	return parsed;
#endif
}

static bool
run_parser(Collector *c, const char *json, size_t len)
{
	JsonSemAction actions = {
		.semstate = c,
		.object_start = on_nest,
		.object_end = on_unnest,
		.array_start = on_nest,
		.array_end = on_unnest,
		.object_field_start = on_field_start,
		.object_field_end = on_field_end,
		.array_element_start = on_element_start,
		.array_element_end = on_element_end,
		.scalar = on_scalar
	};
	bool		parsed = lex_and_parse(c, json, len, &actions);

	if (c->lex == NULL)
		return false;

	/* the lexer's scratch buffer has held every string, the secret ones too */
	if (c->lex->strval != NULL && c->lex->strval->data != NULL)
		OPENSSL_cleanse(c->lex->strval->data, c->lex->strval->maxlen);
	free_json_lexer(c->lex);
	return parsed;
}

static JoseError
parse(const char *json, size_t len, char opening, JoseObject **out)
{
	Collector	c = {0};
	size_t		i = 0;

	*out = NULL;
	while (i < len && strchr(" \t\r\n", json[i]) != NULL && json[i] != '\0')
		i++;
	if (i == len || json[i] != opening)
		return JOSE_ERR_JSON;
	if (len > JOSE_MAX_KEYSET_TEXT)
		return JOSE_ERR_TOO_LARGE;
	/* RFC 7515 2, RFC 8259 8.1: UTF-8, and no NUL hidden in it */
	if (memchr(json, '\0', len) != NULL ||
		pg_encoding_verifymbstr(PG_UTF8, json, (int) len) != (int) len)
		return JOSE_ERR_JSON;
	if (!depth_in_bounds(json, len))
		return JOSE_ERR_JSON_DEPTH;

	c.object = calloc(1, sizeof(JoseObject));
	if (c.object == NULL)
		return JOSE_ERR_MEMORY;
	if (!without_escapes(c.object, &json, &len))
		c.error = JOSE_ERR_MEMORY;
	else if (!run_parser(&c, json, len) && c.error == JOSE_OK)
		c.error = JOSE_ERR_JSON;
	if (c.error != JOSE_OK)
	{
		jose_object_free(c.object);
		return c.error;
	}
	*out = c.object;
	return JOSE_OK;
}

JoseError
jose_object_parse(const char *json, size_t len, JoseObject **object)
{
	return parse(json, len, '{', object);
}

JoseError
jose_array_parse(const char *json, size_t len, JoseObject **array)
{
	return parse(json, len, '[', array);
}

void
jose_object_free(JoseObject *object)
{
	int			i;

	if (object == NULL)
		return;
	for (i = 0; i < object->count; i++)
	{
		JoseMember *member = &object->members[i];

		free(member->name);
		if (member->string != NULL)
			OPENSSL_cleanse(member->string, strlen(member->string));
		free(member->string);
	}
	free(object->members);
	jose_buf_free(&object->text);
	free(object);
}

const JoseMember *
jose_object_get(const JoseObject *object, const char *name)
{
	int			i;

	for (i = 0; i < object->count; i++)
	{
		if (object->members[i].name != NULL && strcmp(object->members[i].name, name) == 0)
			return &object->members[i];
	}
	return NULL;
}

/*
 * The string called name: *value is NULL when there is no such member.  False
 * when there is one that is not a string.
 */
bool
jose_object_string(const JoseObject *object, const char *name, const char **value)
{
	const JoseMember *member = jose_object_get(object, name);

	*value = member != NULL ? member->string : NULL;
	return member == NULL || member->type == JOSE_JSON_STRING;
}
