/*
 * module.c
 *		Where the library is loaded.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "guc.h"
#include "session.h"
#include "trust.h"

#if PG_VERSION_NUM >= 180000
PG_MODULE_MAGIC_EXT(.name = "oauth_jwt", .version = OAUTH_JWT_VERSION);
#else
PG_MODULE_MAGIC;
#endif

void		_PG_init(void);

void
_PG_init(void)
{
	guc_define();
	session_define();
	MarkGUCPrefixReserved("oauth_jwt");
	trust_register(session_trust_changed);
}
