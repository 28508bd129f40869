/*
 * form.h
 *		application/x-www-form-urlencoded, as requests bring it.
 *
 * RFC 6749 appendix B: names and values are UTF-8, each byte but the unreserved
 * ones percent-encoded, and a space may be a plus.  What is malformed is NULL,
 * for the caller to refuse: nothing of it is guessed at.
 */
#ifndef OAUTH_JWT_FORM_H
#define OAUTH_JWT_FORM_H

#include "utils/jsonb.h"

/*
 * {"name": "value", "repeated": ["a", "b"]} in the database's encoding, without the
 * parameters that have no value.  NULL: malformed, longer than 64 kB, more than 200
 * parameters, or a character that the encoding lacks.
 */
extern Jsonb *form_parse(const char *form, size_t len);

/* One name or value, NUL-terminated, in the database's encoding; NULL: malformed. */
extern char *form_decode(const char *part, int len);

#endif							/* OAUTH_JWT_FORM_H */
