/*
 * routine.h
 *		Functions of the schema oauth that C calls: what is no matter of speed, SQL says.
 */
#ifndef OAUTH_JWT_ROUTINE_H
#define OAUTH_JWT_ROUTINE_H

#include "access/htup.h"
#include "utils/jsonb.h"

/* An argument that is passed by reference; 0 is NULL. */
static inline NullableDatum
routine_argument(Datum value)
{
	return (NullableDatum) {value, value == (Datum) 0};
}

/* A text of this string, NULL where there is none, and a row. */
extern NullableDatum routine_text(const char *string);
extern NullableDatum routine_record(HeapTupleHeader record);

/*
 * What the extension's function of this name, which has it alone, returns to these
 * arguments, in CurrentMemoryContext.  Raises 42883 where there is none, and where it returns NULL.
 */
extern Datum routine_call(Oid schema, const char *name, int nargs, const NullableDatum *args);

/* The same; 0 where it is NULL. */
extern Datum routine_call_or_null(Oid schema, const char *name, int nargs, const NullableDatum *args);

/*
 * The oauth.response of the function that a row of oauth.endpoints or oauth.grant_types
 * names, never a request: NAME(records ..., parameters), of these very types.  Raises as routine_call.
 */
extern Datum routine_serve(Oid schema, const NameData *name, const HeapTupleHeader *records, int count, Jsonb *parameters);

/* The oauth.response of an OAuth error (RFC 6749 5.2), with status 400. */
extern Datum error_response(const char *error, const char *description);

#endif							/* OAUTH_JWT_ROUTINE_H */
