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
