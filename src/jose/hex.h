/*
 * hex.h
 *		Hexadecimal digits.
 */
#ifndef JOSE_HEX_H
#define JOSE_HEX_H

/* -1: not a digit.  Of either case, whatever the locale. */
static inline int
jose_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Of two digits; -1: they are not. */
static inline int
jose_hex_byte(const char *digits)
{
	int			high = jose_hex_digit(digits[0]);
	int			low = high < 0 ? -1 : jose_hex_digit(digits[1]);

	return low < 0 ? -1 : high << 4 | low;
}

#endif							/* JOSE_HEX_H */
