/*
 * headercache.h
 *		Parsed token headers: an issuer's tokens mostly begin with the same one.
 */
#ifndef OAUTH_JWT_HEADERCACHE_H
#define OAUTH_JWT_HEADERCACHE_H

#include "error.h"

/* The header of a signed token; good until the next call, in this memory context. */
extern JwtCode headercache_get(const char *b64, size_t len, const JoseHeader **header);

#endif							/* OAUTH_JWT_HEADERCACHE_H */
