/*
 * tap.h
 *		TAP in a page, for the unit tests of the JOSE core.  A test program
 *		includes it once, calls ok() and its kin, and returns done_testing().
 */
#ifndef UNIT_TAP_H
#define UNIT_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "jose.h"

static int	tap_run = 0;
static int	tap_failed = 0;

__attribute__((format(printf, 2, 3))) __attribute__((unused))
static int
ok(int passed, const char *fmt,...)
{
	va_list		args;

	printf("%sok %d - ", passed ? "" : "not ", ++tap_run);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	if (!passed)
		tap_failed++;
	return passed;
}

/* Are two error codes the same?  Prints both when not. */
__attribute__((unused))
static int
is_err(int got, int expected, const char *name)
{
	int			passed = ok(got == expected, "%s", name);

	if (!passed)
		printf("#   got JoseError %d, expected %d\n", got, expected);
	return passed;
}

__attribute__((unused))
static int
is_str(const char *got, const char *expected, const char *name)
{
	int			passed = ok(got && expected && strcmp(got, expected) == 0, "%s", name);

	if (!passed)
		printf("#   got %s\n#   expected %s\n", got ? got : "NULL", expected ? expected : "NULL");
	return passed;
}

__attribute__((unused))
static int
is_mem(const void *got, size_t got_len, const void *expected, size_t expected_len, const char *name)
{
	int			passed = ok(got_len == expected_len &&
							(got_len == 0 || memcmp(got, expected, got_len) == 0), "%s", name);

	if (!passed)
		printf("#   got %zu bytes, expected %zu\n", got_len, expected_len);
	return passed;
}

__attribute__((unused))
static int
done_testing(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed == 0 ? 0 : 1;
}

#endif							/* UNIT_TAP_H */
