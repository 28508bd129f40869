/*
 * routine.h
 *		Functions of the schema oauth that C calls: what is no matter of speed, SQL says.
 */
#ifndef OAUTH_JWT_ROUTINE_H
#define OAUTH_JWT_ROUTINE_H

/* The extension's function of this name, which has it alone; raises 42883 where there is none. */
extern Oid routine_by_name(Oid schema, const char *name);

/* An argument that is passed by reference; 0 is NULL. */
static inline NullableDatum
routine_argument(Datum value)
{
	return (NullableDatum) {value, value == (Datum) 0};
}

/* What it returns to these arguments, in CurrentMemoryContext; raises where that is NULL. */
extern Datum routine_call(Oid schema, const char *name, int nargs, const NullableDatum *args);

/* The same; 0 where it is NULL. */
extern Datum routine_call_or_null(Oid schema, const char *name, int nargs, const NullableDatum *args);

/* The oauth.response of an OAuth error (RFC 6749 5.2), with status 400. */
extern Datum error_response(const char *error, const char *description);

#endif							/* OAUTH_JWT_ROUTINE_H */
