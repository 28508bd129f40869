/*
 * compat.h
 *		What differs between PostgreSQL 15 and 19, in one place.
 *
 * Everything else is written for the newest version and looks the same for all.
 */
#ifndef OAUTH_JWT_COMPAT_H
#define OAUTH_JWT_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "oauth_jwt needs PostgreSQL 15 or later"
#endif

/* The lexer's callbacks return nothing before 16. */
#if PG_VERSION_NUM >= 160000
#define JSON_ACTION_RESULT	JsonParseErrorType
#define JSON_ACTION_DONE	return JSON_SUCCESS
#else
#define JSON_ACTION_RESULT	void
#define JSON_ACTION_DONE	return
#endif

#if PG_VERSION_NUM >= 170000
#define make_json_lexer(json, len) \
	makeJsonLexContextCstringLen(NULL, (char *) (json), len, PG_UTF8, true)
#define free_json_lexer(lex)	freeJsonLexContext(lex)
#else
#define make_json_lexer(json, len) \
	makeJsonLexContextCstringLen((char *) (json), (int) (len), PG_UTF8, true)
#define free_json_lexer(lex) \
	do { \
		if ((lex)->strval != NULL) \
		{ \
			pfree((lex)->strval->data); \
			pfree((lex)->strval); \
		} \
		pfree(lex); \
	} while (0)
#endif

#ifndef FRONTEND

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#define session_malloc(size)	guc_malloc(LOG, size)
#else
/* guc.c frees an extra with free() before 16 */
#define session_malloc(size)	malloc(size)
#endif

/* pg_attribute_noreturn() went when this came, in 18. */
#ifndef pg_noreturn
#define pg_noreturn		_Noreturn
#endif

#if PG_VERSION_NUM >= 180000
#define primary_key_index(rel)	RelationGetPrimaryKeyIndex(rel, false)
#define MODULE_MAGIC(name_, version_)	PG_MODULE_MAGIC_EXT(.name = name_, .version = version_)
#else
#define primary_key_index(rel)	RelationGetPrimaryKeyIndex(rel)
#define MODULE_MAGIC(name_, version_)	PG_MODULE_MAGIC
#endif

/* The state of a jsonb being built; 19 has it so. */
#if PG_VERSION_NUM >= 190000
#define push_jsonb(state, token, value)	pushJsonbValue(state, token, value)
#else
typedef struct JsonbInState
{
	struct JsonbValue *result;
	struct JsonbParseState *parseState;
} JsonbInState;
#define push_jsonb(state, token, value) \
	((state)->result = pushJsonbValue(&(state)->parseState, token, value))
#endif

/* A line of pg_hba.conf has options of its validator's from 19 on. */
#if PG_VERSION_NUM >= 190000
#define register_line_options(state, count, names)	RegisterOAuthHBAOptions(state, count, names)
#define line_option(state, name)	GetOAuthHBAOption(state, name)
#else
#define register_line_options(state, count, names)	((void) (names))
#define line_option(state, name)	((const char *) NULL)
#endif

#endif							/* FRONTEND */

#endif							/* OAUTH_JWT_COMPAT_H */
