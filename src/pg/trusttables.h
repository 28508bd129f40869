/*
 * trusttables.h
 *		The rows of jwt.issuers and jwt.keys.  All of it raises on rows that
 *		cannot be used, and allocates in CurrentMemoryContext but for what it
 *		says it keeps.
 */
#ifndef OAUTH_JWT_TRUSTTABLES_H
#define OAUTH_JWT_TRUSTTABLES_H

#include "trust.h"

/* May it be one of the two?  Before they have been looked up, any may be. */
extern bool trusttables_has(Oid relid);

/* May the current user read jwt.issuers?  The owner, and whoever was granted it. */
extern bool trusttables_may_read_terms(void);

/* Look the two up again: they may have been dropped and made anew. */
extern void trusttables_forget(void);

/* The issuer's terms, into trusted->context, and its foreign keys; false: no such row. */
extern bool trusttables_read_issuer(TrustedIssuer *trusted, const char *issuer);

/* Adds our own keys, of every state that verifies. */
extern void trusttables_read_keys(TrustedIssuer *trusted);

/* The active keys that sign, the one activated last in front; the caller frees them. */
extern JoseKeySet *trusttables_read_signers(const TrustedIssuer *trusted);

/* The issuer that signs when nobody names one: the only one with an active key that does, or NULL. */
extern char *trusttables_only_signer(void);

#endif							/* OAUTH_JWT_TRUSTTABLES_H */
