/*
 * trustfile.h
 *		Whom log-ins trust: what jwt.export_trust() wrote of jwt.issuers and
 *		jwt.keys, for where no table can be read.
 */
#ifndef OAUTH_JWT_TRUSTFILE_H
#define OAUTH_JWT_TRUSTFILE_H

#include "trust.h"

/* An issuer of the file; NULL: it has no such.  All of it lives in CurrentMemoryContext.  Raises. */
extern const TrustedIssuer *trustfile_read(const char *issuer);

/* Changes whenever another file stands in its place. */
extern uint64 trustfile_serial(void);

/* Replace the file, if the document is one.  Raises. */
extern void trustfile_write(const char *document, size_t len);

#endif							/* OAUTH_JWT_TRUSTFILE_H */
