/*
 * interval.h
 *		Intervals as a number of microseconds.
 */
#ifndef OAUTH_JWT_INTERVAL_H
#define OAUTH_JWT_INTERVAL_H

#include "datatype/timestamp.h"

/* A month is 30 days; what overflows becomes the largest number of its sign. */
extern int64 interval_microseconds(const Interval *span);

/* The same of a lifetime that a token is to have; raises where it is not positive, or over 100 years. */
extern int64 interval_lifetime(const Interval *span);

#endif							/* OAUTH_JWT_INTERVAL_H */
