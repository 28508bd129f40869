/*
 * flatclaims.h
 *		The claims that nearly all tokens have, read faster than jsonb_in does.
 */
#ifndef OAUTH_JWT_FLATCLAIMS_H
#define OAUTH_JWT_FLATCLAIMS_H

#include "utils/jsonb.h"

/*
 * What jsonb_in would make of the text, byte for byte, in the current memory
 * context; NULL: it is not that simple, ask jsonb_in.  json needs no NUL.
 */
extern Jsonb *flatclaims_read(const char *json, size_t len);

#endif							/* OAUTH_JWT_FLATCLAIMS_H */
