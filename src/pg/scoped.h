/*
 * scoped.h
 *		The core's malloc'd things, owned by a memory context: freed and cleansed
 *		when it is reset, by success and by ereport alike.
 */
#ifndef OAUTH_JWT_SCOPED_H
#define OAUTH_JWT_SCOPED_H

#include "jose/jose.h"

/* All in CurrentMemoryContext. */
extern JoseBuf *scoped_buf(void);
extern JoseHeader *scoped_header(void);
extern JoseKeySet **scoped_keyset(void);
extern JoseObject **scoped_object(void);

/* A text or a bytea of its bytes, as they are. */
extern Datum varlena_of(const JoseBuf *buf);

/* A text of the database's encoding from UTF-8, and the reverse (NUL-terminated). */
extern text *text_from_utf8(const void *utf8, size_t len);
extern char *text_to_utf8(const text *value, size_t *len);

#endif							/* OAUTH_JWT_SCOPED_H */
