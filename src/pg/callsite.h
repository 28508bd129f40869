/*
 * callsite.h
 *		What one call in one query keeps from row to row: the key it used last,
 *		and the options that the query writes out.
 */
#ifndef OAUTH_JWT_CALLSITE_H
#define OAUTH_JWT_CALLSITE_H

#include "fmgr.h"

#include "verify.h"

typedef struct CallSite
{
	uint64		key_serial;		/* for keycache_get; 0: none yet */
	bool		has_options;	/* all constant, and read */
	VerifyOptions options;
} CallSite;

/* It lives as long as the call's FmgrInfo, in fn_extra. */
static inline CallSite *
call_site(FunctionCallInfo fcinfo)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;

	if (flinfo->fn_extra == NULL)
		flinfo->fn_extra = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(CallSite));
	return flinfo->fn_extra;
}

#endif							/* OAUTH_JWT_CALLSITE_H */
