/*
 * cachestats.h
 *		What jwt.cache_stats() shows of each cache.
 */
#ifndef OAUTH_JWT_CACHESTATS_H
#define OAUTH_JWT_CACHESTATS_H

typedef struct CacheStats
{
	int64		entries;
	int64		bytes;
	int64		limit_bytes;
	int64		hits;
	int64		misses;
	int64		evictions;
} CacheStats;

#endif							/* OAUTH_JWT_CACHESTATS_H */
