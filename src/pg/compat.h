/*
 * compat.h
 *		What differs between PostgreSQL 15 and 19, in one place.
 */
#ifndef OAUTH_JWT_COMPAT_H
#define OAUTH_JWT_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "oauth_jwt needs PostgreSQL 15 or later"
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#define session_malloc(size)	guc_malloc(LOG, size)
#else
/* guc.c frees an extra with free() before 16 */
#define session_malloc(size)	malloc(size)
#endif

#if PG_VERSION_NUM >= 180000
#define primary_key_index(rel)	RelationGetPrimaryKeyIndex(rel, false)
#else
#define primary_key_index(rel)	RelationGetPrimaryKeyIndex(rel)
#endif

#endif							/* OAUTH_JWT_COMPAT_H */
