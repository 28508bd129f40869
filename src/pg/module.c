/*
 * module.c
 *		Where the library is loaded.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "compat.h"
#include "guc.h"
#include "session.h"
#include "trust.h"

MODULE_MAGIC("oauth_jwt", OAUTH_JWT_VERSION);

void		_PG_init(void);

void
_PG_init(void)
{
	guc_define();
	session_define();
	MarkGUCPrefixReserved("oauth_jwt");
	trust_register(session_trust_changed);
}
