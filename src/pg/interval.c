/*
 * interval.c
 *		Intervals as a number of microseconds.
 */
#include "postgres.h"

#include "common/int.h"
#include "utils/timestamp.h"

#include "interval.h"

int64
interval_microseconds(const Interval *span)
{
	int64		days = span->day + (int64) span->month * DAYS_PER_MONTH;
	int64		result;

	if (pg_mul_s64_overflow(days, USECS_PER_DAY, &result) ||
		pg_add_s64_overflow(result, span->time, &result))
		return days < 0 ? PG_INT64_MIN : PG_INT64_MAX;
	return result;
}

int64
interval_lifetime(const Interval *span)
{
	int64		lifetime = interval_microseconds(span);

	if (lifetime <= 0 || lifetime > 36525 * USECS_PER_DAY)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("expires_in must be positive and at most 100 years")));
	return lifetime;
}
