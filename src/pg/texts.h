/*
 * texts.h
 *		Arrays of texts.
 */
#ifndef OAUTH_JWT_TEXTS_H
#define OAUTH_JWT_TEXTS_H

#include "utils/array.h"

/* Whether this string, in the database's encoding, is one of them; none of them may be null. */
extern bool texts_have(ArrayType *texts, const char *string);

#endif							/* OAUTH_JWT_TEXTS_H */
