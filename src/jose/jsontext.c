/*
 * jsontext.c
 *		JSON as text: strings quoted, and escapes written out.
 */
#include <stdio.h>
#include <string.h>

#include "hex.h"
#include "json.h"

void
jose_json_quote(JoseBuf *buf, const char *text)
{
	const char *p;

	jose_buf_append(buf, "\"", 1);
	for (p = text; *p != '\0'; p++)
	{
		unsigned char c = (unsigned char) *p;
		char		escape[8];

		if (c == '"' || c == '\\')
		{
			escape[0] = '\\';
			escape[1] = (char) c;
			jose_buf_append(buf, escape, 2);
		}
		else if (c < 0x20)
		{
			snprintf(escape, sizeof(escape), "\\u%04x", c);
			jose_buf_append(buf, escape, 6);
		}
		else
			jose_buf_append(buf, p, 1);
	}
	jose_buf_append(buf, "\"", 1);
}

/* ---- escapes ---- */

#define ESCAPE_LEN	6

/* Of a \uXXXX that begins there; 0: none does. */
static uint32_t
escaped_code(const char *p, const char *end)
{
	uint32_t	code = 0;
	int			i;

	if (end - p < ESCAPE_LEN || p[0] != '\\' || p[1] != 'u')
		return 0;
	for (i = 2; i < ESCAPE_LEN; i++)
	{
		int			digit = jose_hex_digit(p[i]);

		if (digit < 0)
			return 0;
		code = code << 4 | (uint32_t) digit;
	}
	return code;
}

/* RFC 8259 7: beyond U+FFFF, two of them make a character (UTF-16) */
static bool
is_high_half(uint32_t code)
{
	return code >= 0xd800 && code < 0xdc00;
}

static bool
is_low_half(uint32_t code)
{
	return code >= 0xdc00 && code < 0xe000;
}

/*
 * The character beyond ASCII that an escape, or a pair of them, stands for, and
 * their length; 0: there is none.
 */
static uint32_t
escaped_character(const char *p, const char *end, size_t *len)
{
	uint32_t	code = escaped_code(p, end);
	uint32_t	low;

	*len = ESCAPE_LEN;
	if (!is_high_half(code))
		return code < 0x80 || is_low_half(code) ? 0 : code;
	low = escaped_code(p + ESCAPE_LEN, end);
	*len = 2 * ESCAPE_LEN;
	return is_low_half(low) ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00) : 0;
}

/* RFC 3629 3, from U+0080 on */
static void
append_utf8(JoseBuf *buf, uint32_t c)
{
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
	unsigned char utf8[4];
	size_t		len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	size_t		i;

	for (i = len - 1; i > 0; i--, c >>= 6)
		utf8[i] = (unsigned char) (0x80 | (c & 0x3f));
	utf8[0] = (unsigned char) (first[len] | c);
	jose_buf_append(buf, utf8, len);
}

void
jose_json_write_out(JoseBuf *buf, const char *json, size_t len)
{
	const char *end = json + len;
	const char *backslash;

	while ((backslash = memchr(json, '\\', (size_t) (end - json))) != NULL)
	{
		size_t		taken;
		uint32_t	character = escaped_character(backslash, end, &taken);

		jose_buf_append(buf, json, (size_t) (backslash - json));
		if (character != 0)
			append_utf8(buf, character);
		else
		{
			/* an escape of another kind is two characters, of which the second begins none */
			taken = end - backslash < 2 ? 1 : 2;
			jose_buf_append(buf, backslash, taken);
		}
		json = backslash + taken;
	}
	jose_buf_append(buf, json, (size_t) (end - json));
}
