/*
 * b64_test.c
 *		base64url, RFC 7515 2 and appendix C, RFC 4648 10; and the buffers that
 *		everything is written into.
 */
#include <stdlib.h>

#include "tap.h"
#include "crypt.h"

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
check_pair(const void *bytes, size_t len, const char *text, const char *name)
{
	JoseBuf		encoded = {0};
	JoseBuf		decoded = {0};

	jose_b64_append(&encoded, bytes, len);
	is_mem(encoded.data, encoded.len, text, strlen(text), name);
	ok(jose_b64_decode_buf(text, strlen(text), &decoded) == JOSE_OK, "%s, back", name);
	is_mem(decoded.data, decoded.len, bytes, len, "... to the same bytes");
	jose_buf_free(&encoded);
	jose_buf_free(&decoded);
}

static void
test_vectors(void)
{
	static const unsigned char c[] = {3, 236, 255, 224, 193};

	check_pair("", 0, "", "RFC 4648 10: nothing");
	check_pair("f", 1, "Zg", "RFC 4648 10: f");
	check_pair("fo", 2, "Zm8", "RFC 4648 10: fo");
	check_pair("foo", 3, "Zm9v", "RFC 4648 10: foo");
	check_pair("foob", 4, "Zm9vYg", "RFC 4648 10: foob");
	check_pair("fooba", 5, "Zm9vYmE", "RFC 4648 10: fooba");
	check_pair("foobar", 6, "Zm9vYmFy", "RFC 4648 10: foobar");
	check_pair(c, sizeof(c), "A-z_4ME", "RFC 7515 C");
	check_pair("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}", 30,
			   "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9", "RFC 7515 A.1.1");
}

/* Every length up to 200, bytes that walk through all values. */
static void
test_round_trips(void)
{
	unsigned char bytes[200];
	int			bad = 0;
	size_t		len;
	size_t		i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char) (i * 167 + 13);
	for (len = 0; len <= sizeof(bytes); len++)
	{
		JoseBuf		text = {0};
		JoseBuf		back = {0};

		jose_b64_append(&text, bytes, len);
		if (text.len != JOSE_B64_LEN(len) || text.data[text.len] != '\0' ||
			strspn((char *) text.data, alphabet) != text.len ||
			jose_b64_decode_buf((char *) text.data, text.len, &back) != JOSE_OK ||
			back.len != len || memcmp(back.data, bytes, len) != 0 ||
			back.len > JOSE_B64_DECODED_MAX(text.len))
			bad++;
		jose_buf_free(&text);
		jose_buf_free(&back);
	}
	ok(bad == 0, "lengths 0 to 200 come back as they were");
}

/* Does decoding say yes exactly where encoding writes just this text? */
static bool
is_canonical(const char *text, size_t len)
{
	unsigned char out[8];
	size_t		outlen;
	JoseBuf		again = {0};
	bool		decoded = jose_b64_decode(text, len, out, &outlen);
	bool		same = true;

	if (decoded)
	{
		jose_b64_append(&again, out, outlen);
		same = again.len == len && memcmp(again.data, text, len) == 0;
		jose_buf_free(&again);
	}
	else
		same = outlen == 0;
	return same;
}

/*
 * Attack: a second spelling of a token, which a list of revoked tokens or a
 * cache keyed by the token's text does not know.  There is none: over all
 * pairs of octets, and over all octets at each place of three and four.
 */
static void
test_one_spelling(void)
{
	int			accepted = 0;
	int			bad = 0;
	int			a;
	int			b;
	int			place;

	for (a = 0; a < 256; a++)
	{
		for (b = 0; b < 256; b++)
		{
			char		text[2] = {(char) a, (char) b};
			unsigned char out[8];
			size_t		outlen;

			accepted += jose_b64_decode(text, 2, out, &outlen);
			bad += !is_canonical(text, 2);
		}
	}
	ok(bad == 0, "two characters: what is accepted is what would be written");
	ok(accepted == 256, "... and that is one text for each octet");

	accepted = bad = 0;
	for (a = 0; a < 256; a++)
	{
		for (place = 0; place < 7; place++)
		{
			char		text[4] = {'A', 'A', 'A', 'A'};
			size_t		len = place < 4 ? 4 : 3;
			unsigned char out[8];
			size_t		outlen;

			text[place < 4 ? place : place - 4] = (char) a;
			accepted += jose_b64_decode(text, len, out, &outlen);
			bad += !is_canonical(text, len);
		}
	}
	ok(bad == 0, "three and four characters: likewise");
	ok(accepted == 6 * 64 + 16, "... the third of three has two bits to spare");
}

/* Every octet outside the alphabet, at every place of a longer text. */
static void
test_alphabet(void)
{
	int			wrong = 0;
	int			c;
	size_t		place;

	for (c = 0; c < 256; c++)
	{
		for (place = 0; place < 11; place++)
		{
			char		text[] = "AAAAAAAAAAA";
			unsigned char out[16];
			size_t		outlen;
			bool		known = c != 0 && strchr(alphabet, c) != NULL;

			text[place] = (char) c;
			/* the last of eleven must end in two zero bits */
			if (place == 10)
				known = known && (strchr(alphabet, c) - alphabet) % 4 == 0;
			wrong += jose_b64_decode(text, 11, out, &outlen) != known;
		}
	}
	ok(wrong == 0, "no octet outside the alphabet is accepted anywhere, none inside refused");
}

/* Attack: padding, the other alphabet, white space, lengths that cannot be. */
static void
test_refused(void)
{
	static const char *const texts[] = {
		"Zg==", "Zm8=", "Zg=", "=", "====", "Zm9v=", "Z", "Zm9vY", "A+z/4ME", "A-z/4ME", "Zm 9v",
		"Zm9v\n", "\nZm9v", "Zm9v ", "Zm\r\n9v", "Zm9v.", "Zm9v\t", "Zh", "Zm9", "Zm9vYh", "Zm\xc3\xa9v", "%5A"
	};
	size_t		i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
	{
		JoseBuf		out = {0};

		jose_buf_puts(&out, "kept");
		ok(jose_b64_decode_buf(texts[i], strlen(texts[i]), &out) == JOSE_ERR_BASE64 &&
		   out.len == 4 && strcmp((char *) out.data, "kept") == 0,
		   "refused, and the buffer stays as it was: vector %zu", i);
		jose_buf_free(&out);
	}
}

/* A length of 4n + 1 is refused for itself, not for what happens to stand behind it. */
static void
test_cut_inside(void)
{
	static const char text[] = "QQQQQQQQQQQQ";	/* no unused bit set, wherever it is cut */
	unsigned char out[JOSE_B64_DECODED_MAX(sizeof(text))];
	size_t		outlen;
	size_t		len;

	for (len = 1; len < sizeof(text) - 1; len += 4)
		ok(!jose_b64_decode(text, len, out, &outlen), "%zu characters of more are refused", len);
}

static void
test_null_inside(void)
{
	JoseBuf		out = {0};

	is_err(jose_b64_decode_buf("Zm9v\0Zg", 7, &out), JOSE_ERR_BASE64, "a NUL inside is refused");
	jose_buf_free(&out);
}

/* ---- buffers ---- */

static void
test_buffer_growth(void)
{
	JoseBuf		buf = {0};
	int			bad = 0;
	int			i;

	for (i = 0; i < 5000; i++)
	{
		unsigned char c = (unsigned char) i;

		jose_buf_append(&buf, &c, 1);
		bad += buf.data[buf.len] != '\0' || buf.cap <= buf.len;
	}
	for (i = 0; i < 5000; i++)
		bad += buf.data[i] != (unsigned char) i;
	ok(bad == 0 && buf.len == 5000 && !buf.failed, "five thousand appends, always ended by NUL");

	jose_buf_append(&buf, NULL, 0);
	ok(buf.len == 5000, "appending nothing adds nothing");
	jose_buf_free(&buf);
	ok(buf.data == NULL && buf.len == 0 && buf.cap == 0, "freed: as if new");
	jose_buf_free(&buf);
	ok(true, "... and can be freed again");
}

static void
test_buffer_reset(void)
{
	JoseBuf		buf = {0};
	unsigned char *before;

	jose_buf_reset(&buf);
	ok(buf.len == 0, "resetting an empty buffer is no fault");
	jose_buf_puts(&buf, "secret");
	before = buf.data;
	jose_buf_reset(&buf);
	ok(buf.len == 0 && buf.data == before, "reset keeps the memory");
	is_mem(before, 6, "\0\0\0\0\0\0", 6, "... and cleanses it");
	jose_buf_free(&buf);
}

/* One failure sticks until it is asked for: nothing half-written looks whole. */
static void
test_buffer_failure(void)
{
	JoseBuf		buf = {0};

	jose_buf_puts(&buf, "before");
	ok(jose_buf_grow(&buf, SIZE_MAX / 2) == NULL && buf.failed, "an impossible size fails");
	jose_buf_puts(&buf, "after");
	ok(buf.len == 6 && buf.failed, "... and nothing is appended after");
	jose_b64_append(&buf, "abc", 3);
	ok(buf.len == 6, "... in no way");
	is_err(jose_b64_decode_buf("Zm9v", 4, &buf), JOSE_ERR_MEMORY, "... and a decoder says so");
	jose_buf_reset(&buf);
	jose_buf_puts(&buf, "again");
	ok(!buf.failed && buf.len == 5, "reset makes it usable again");
	jose_buf_free(&buf);
}

int
main(void)
{
	test_vectors();
	test_round_trips();
	test_one_spelling();
	test_alphabet();
	test_refused();
	test_cut_inside();
	test_null_inside();
	test_buffer_growth();
	test_buffer_reset();
	test_buffer_failure();
	return done_testing();
}
