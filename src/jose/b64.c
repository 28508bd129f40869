/*
 * b64.c
 *		base64url without padding (RFC 7515 2), strictly: one encoding for each
 *		byte string, so that two spellings of a token cannot both be right.
 */
#include <string.h>

#include "jose.h"

static const char encode_table[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#define BAD 0xff

/* RFC 4648 5; every other character, '=' and white space included, is BAD */
/* *INDENT-OFF* */
static const unsigned char decode_table[256] = {
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, 62, BAD, BAD,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, BAD, BAD, BAD, BAD, 63,
	BAD, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD
};
/* *INDENT-ON* */

void
jose_b64_append(JoseBuf *buf, const void *data, size_t len)
{
	const unsigned char *in = data;
	unsigned char *out = jose_buf_grow(buf, JOSE_B64_LEN(len));

	if (out == NULL)
		return;
	for (; len >= 3; len -= 3, in += 3)
	{
		*out++ = encode_table[in[0] >> 2];
		*out++ = encode_table[(in[0] & 0x03) << 4 | in[1] >> 4];
		*out++ = encode_table[(in[1] & 0x0f) << 2 | in[2] >> 6];
		*out++ = encode_table[in[2] & 0x3f];
	}
	if (len == 0)
		return;
	*out++ = encode_table[in[0] >> 2];
	if (len == 1)
		*out = encode_table[(in[0] & 0x03) << 4];
	else
	{
		*out++ = encode_table[(in[0] & 0x03) << 4 | in[1] >> 4];
		*out = encode_table[(in[1] & 0x0f) << 2];
	}
}

/*
 * Decode into out, which has room for JOSE_B64_DECODED_MAX(len) bytes.  False
 * when text is not what jose_b64_append would have written: a character of
 * another alphabet, a length of 4n + 1, or unused bits that are not zero.
 */
bool
jose_b64_decode(const char *text, size_t len, unsigned char *out, size_t *outlen)
{
	const unsigned char *in = (const unsigned char *) text;
	unsigned char *start = out;
	unsigned char bad = 0;

	*outlen = 0;
	if (len % 4 == 1)
		return false;
	for (; len >= 4; len -= 4, in += 4)
	{
		unsigned char a = decode_table[in[0]];
		unsigned char b = decode_table[in[1]];
		unsigned char c = decode_table[in[2]];
		unsigned char d = decode_table[in[3]];

		/* only BAD has the top bit, so one test at the end serves all */
		bad |= a | b | c | d;
		*out++ = (unsigned char) (a << 2 | b >> 4);
		*out++ = (unsigned char) (b << 4 | c >> 2);
		*out++ = (unsigned char) (c << 6 | d);
	}
	if (len > 0)
	{
		unsigned char a = decode_table[in[0]];
		unsigned char b = decode_table[in[1]];
		unsigned char c = len == 3 ? decode_table[in[2]] : 0;
		unsigned char unused = len == 3 ? c & 0x03 : b & 0x0f;

		bad |= a | b | c;
		if (unused != 0)
			bad = BAD;
		*out++ = (unsigned char) (a << 2 | b >> 4);
		if (len == 3)
			*out++ = (unsigned char) (b << 4 | c >> 2);
	}
	if (bad & 0x80)
		return false;
	*outlen = (size_t) (out - start);
	return true;
}

/* The same, appended to a buffer, which stays as it was on failure. */
JoseError
jose_b64_decode_buf(const char *text, size_t len, JoseBuf *out)
{
	size_t		before = out->len;
	size_t		decoded = 0;
	unsigned char *room = jose_buf_grow(out, JOSE_B64_DECODED_MAX(len));
	bool		good;

	if (room == NULL)
		return JOSE_ERR_MEMORY;
	good = jose_b64_decode(text, len, room, &decoded);
	out->len = before + (good ? decoded : 0);
	out->data[out->len] = '\0';
	return good ? JOSE_OK : JOSE_ERR_BASE64;
}
