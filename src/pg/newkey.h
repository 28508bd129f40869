/*
 * newkey.h
 *		Making a key from SQL, interruptibly.
 */
#ifndef OAUTH_JWT_NEWKEY_H
#define OAUTH_JWT_NEWKEY_H

#include "jose/jose.h"

/*
 * A fresh private key in a scoped set.  kid NULL: the thumbprint (RFC 7638),
 * or for a shared secret, of which nothing is to be told, a random name.
 */
extern JoseKey *new_key(const char *algorithm, int bits, const char *curve, const char *kid, JoseKeySet **set);

/* Give a key that kid, or where it is NULL the name described above. */
extern void name_key(JoseKey *key, const char *kid);

/* UTF-8 JSON of our own writing as jsonb. */
extern Datum jsonb_of_utf8(const JoseBuf *json);

#endif							/* OAUTH_JWT_NEWKEY_H */
