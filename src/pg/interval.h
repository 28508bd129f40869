/*
 * interval.h
 *		Intervals as a number of microseconds.
 */
#ifndef OAUTH_JWT_INTERVAL_H
#define OAUTH_JWT_INTERVAL_H

#include "datatype/timestamp.h"

/* A month is 30 days; what overflows becomes the largest number of its sign. */
extern int64 interval_microseconds(const Interval *span);

#endif							/* OAUTH_JWT_INTERVAL_H */
