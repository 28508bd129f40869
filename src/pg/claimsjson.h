/*
 * claimsjson.h
 *		JSON that others wrote, as jsonb.
 */
#ifndef OAUTH_JWT_CLAIMSJSON_H
#define OAUTH_JWT_CLAIMSJSON_H

#include "utils/jsonb.h"

#include "error.h"

/* Parse a JSON object, UTF-8, NUL-terminated: CLAIMS_FORM when it is not one, or not one to hold. */
extern JwtCode claims_parse(const char *json, size_t len, Jsonb **claims);

#endif							/* OAUTH_JWT_CLAIMSJSON_H */
