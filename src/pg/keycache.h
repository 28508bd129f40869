/*
 * keycache.h
 *		Keys given as arguments, parsed once a backend.
 */
#ifndef OAUTH_JWT_KEYCACHE_H
#define OAUTH_JWT_KEYCACHE_H

#include "fmgr.h"

#include "cachestats.h"
#include "error.h"

typedef enum KeyForm
{
	KEY_FORM_JSONB,				/* a JWK or JWKS */
	KEY_FORM_TEXT				/* PEM, a JWK or JWKS as text, or a shared secret */
} KeyForm;

typedef struct ParsedKey
{
	uint64		serial;			/* never used again for another key */
	JoseKeySet *set;
	JoseAlgSet	verify_algs;	/* what the set stands for when nobody names algorithms */
} ParsedKey;

/*
 * The parsed form of a key argument (a detoasted varlena of its form).  The
 * result is good until the next call: nothing evicts in between.
 *
 * last, unless NULL, is the caller's own memory of the key it used last, 0 at
 * first: the same key again is then found without hashing it.
 */
extern JwtCode keycache_get(KeyForm form, const struct varlena *key, uint64 *last, ParsedKey **parsed);

/* The keys of a jsonb argument; raises. */
extern JoseKeySet *keycache_argument(FunctionCallInfo fcinfo, int arg);

/* The next serial, for keys that come from elsewhere (trust.c). */
extern uint64 keycache_next_serial(void);

extern void keycache_stats(CacheStats *stats);

#endif							/* OAUTH_JWT_KEYCACHE_H */
