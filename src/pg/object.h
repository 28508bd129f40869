/*
 * object.h
 *		JSON objects as jsonb: their members, and new ones.
 */
#ifndef OAUTH_JWT_OBJECT_H
#define OAUTH_JWT_OBJECT_H

#include "utils/array.h"
#include "utils/jsonb.h"

#include "compat.h"

/* A string member, palloc'd; NULL where the object is NULL or none, and where it has no such string. */
extern char *json_member(const Jsonb *object, const char *name);

/* Strings in the database's encoding; they must outlive the value. */
extern JsonbValue string_value(const char *string);
extern JsonbValue text_value(const text *string);

/* The next member, or element: an array of texts. */
extern void push_texts(JsonbInState *state, ArrayType *texts);

/* A member of an object being built. */
extern void push_name(JsonbInState *state, const char *name);
extern void push_string(JsonbInState *state, const char *name, const char *string);
extern void push_text(JsonbInState *state, const char *name, const text *string);

#endif							/* OAUTH_JWT_OBJECT_H */
