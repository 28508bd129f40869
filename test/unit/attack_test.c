/*
 * attack_test.c
 *		Attacks on a token's form: its algorithm's name, its header, its encoding,
 *		its parts, its kid.  Keys mistaken for others are in confusion_test.c,
 *		forged signatures in forgery_test.c, encryption in jwe_attack_test.c.
 *
 * Most tokens here bear a good signature, so that what refuses them is the
 * check in question and nothing after it.
 */
#include <stdlib.h>
#include <time.h>

#include "tap.h"
#include "crypt.h"
#include "leaks.h"
#include "token.h"

#define LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

static JoseKeySet *the_set;		/* the victim's secret */
static JoseKey *the_key;		/* the same, to sign with */

/* Verify a token with every algorithm allowed, as a careless caller might. */
static JoseError
verify(const char *token, size_t len)
{
	return verify_token(token, len, the_set, ALL_ALGS);
}

static JoseError
verify_header(const void *header, size_t len)
{
	JoseBuf		token = token_signed_by(the_key, "HS256", header, len, "e30");
	JoseError	err = verify((char *) token.data, token.len);

	jose_buf_free(&token);
	return err;
}

static void
is_header(const char *header, JoseError expected, const char *name)
{
	is_err(verify_header(header, strlen(header)), expected, name);
}

/* ---- alg none ---- */

/*
 * Attack: RFC 7515 A.5's unsecured token.  Whoever writes "none" into a header
 * needs no key, where a verifier believes it; filters for "none" are passed by
 * "None" (the bug of many libraries, 2015).
 */
static void
check_none(const char *alg)
{
	static const char *const signatures[] = {"", "AAAA", "e30"};
	char		header[64];
	JoseBuf		token = {0};
	int			accepted = 0;
	int			i;

	snprintf(header, sizeof(header), "{\"alg\":\"%s\"}", alg);
	accepted += verify_header(header, strlen(header)) != JOSE_ERR_ALG_UNKNOWN;
	for (i = 0; i < LENGTH(signatures); i++)
	{
		jose_buf_reset(&token);
		jose_b64_append(&token, header, strlen(header));
		jose_buf_puts(&token, ".e30.");
		jose_buf_puts(&token, signatures[i]);
		accepted += verify((char *) token.data, token.len) != JOSE_ERR_ALG_UNKNOWN;
	}
	/* and without the last dot */
	jose_buf_reset(&token);
	jose_b64_append(&token, header, strlen(header));
	jose_buf_puts(&token, ".e30");
	accepted += verify((char *) token.data, token.len) != JOSE_ERR_PARTS;
	jose_buf_free(&token);
	ok(accepted == 0, "alg \"%s\" is no algorithm, whatever the signature", alg);
}

static void
test_none(void)
{
	static const char *const others[] = {" none", "none ", "none\\u0020", "none\\n", "no", "nonee", "null", "", " "};
	int			bits;
	int			i;

	for (bits = 0; bits < 16; bits++)
	{
		char		alg[] = "none";

		for (i = 0; i < 4; i++)
		{
			if (bits & 1 << i)
				alg[i] ^= 0x20;
		}
		check_none(alg);
	}
	for (i = 0; i < LENGTH(others); i++)
		check_none(others[i]);
	is_header("{\"alg\":\"n\\u006fne\"}", JOSE_ERR_ALG_UNKNOWN, "escaped it is none still");
}

/* Attack: an alg that one layer reads as no algorithm and another as its default. */
static void
test_alg(void)
{
	is_header("{}", JOSE_ERR_HEADER, "alg missing");
	is_header("{\"Alg\":\"HS256\"}", JOSE_ERR_HEADER, "Alg is not alg");
	is_header("{\"ALG\":\"HS256\"}", JOSE_ERR_HEADER, "ALG is not alg");
	is_header("{\" alg\":\"HS256\"}", JOSE_ERR_HEADER, "nor with a space before");
	is_header("{\"alg\":256}", JOSE_ERR_HEADER, "a number");
	is_header("{\"alg\":0}", JOSE_ERR_HEADER, "zero");
	is_header("{\"alg\":null}", JOSE_ERR_HEADER, "null");
	is_header("{\"alg\":false}", JOSE_ERR_HEADER, "false");
	is_header("{\"alg\":[\"HS256\"]}", JOSE_ERR_HEADER, "an array");
	is_header("{\"alg\":[\"HS256\",\"none\"]}", JOSE_ERR_HEADER, "an array of two");
	is_header("{\"alg\":{\"HS256\":1}}", JOSE_ERR_HEADER, "an object");
	is_header("{\"alg\":\"HS256 \"}", JOSE_ERR_ALG_UNKNOWN, "a space after");
	is_header("{\"alg\":\"hs256\"}", JOSE_ERR_ALG_UNKNOWN, "small letters");
	is_header("{\"alg\":\"HS256\\u0000\"}", JOSE_ERR_JSON, "a NUL after");
	is_header("{\"alg\":\"HS256\",\"Alg\":\"none\"}", JOSE_OK, "another spelling beside it means nothing");
	is_header("{\"header\":{\"alg\":\"none\"},\"alg\":\"HS256\"}", JOSE_OK, "nor one deeper down");
}

/* ---- the header's JSON ---- */

/* Attack: two algs, the one for the filter in front, the other for the verifier behind. */
static void
test_duplicate_alg(void)
{
	is_header("{\"alg\":\"HS256\",\"alg\":\"none\"}", JOSE_ERR_JSON_DUPLICATE, "HS256, then none");
	is_header("{\"alg\":\"none\",\"alg\":\"HS256\"}", JOSE_ERR_JSON_DUPLICATE, "none, then HS256");
	is_header("{\"alg\":\"HS256\",\"alg\":\"HS256\"}", JOSE_ERR_JSON_DUPLICATE, "twice the same");
	is_header("{\"alg\":\"HS256\",\"\\u0061lg\":\"none\"}", JOSE_ERR_JSON_DUPLICATE, "the second escaped");
	is_header("{\"\\u0061lg\":\"none\",\"alg\":\"HS256\"}", JOSE_ERR_JSON_DUPLICATE, "the first escaped");
	is_header("{\"\\u0061\\u006c\\u0067\":\"HS256\"}", JOSE_OK, "escaped, and one: it is alg");
	is_header("{\"alg\":\"HS256\",\"kid\":\"a\",\"kid\":\"b\"}", JOSE_ERR_JSON_DUPLICATE, "two kids");
	is_header("{\"alg\":\"HS256\",\"x\":1,\"x\":1}", JOSE_ERR_JSON_DUPLICATE, "two of anything");
}

/* Attack: octets that a lenient decoder drops, repairs or cuts at. */
static void
test_encoding(void)
{
	static const struct
	{
		const char *header;
		size_t		len;
		const char *name;
	}			cases[] = {
#define TEXT(t) t, sizeof(t) - 1
		{TEXT("\xef\xbb\xbf{\"alg\":\"HS256\"}"), "a byte order mark"},
		{TEXT("{\"alg\":\"HS256\",\"kid\":\"\xff\"}"), "invalid UTF-8"},
		{TEXT("{\"\xc1\xa1lg\":\"HS256\"}"), "alg with an overlong a"},
		{TEXT("{\"alg\":\"HS256\",\"kid\":\"\xc0\xaf\"}"), "an overlong slash"},
		{TEXT("{\"alg\":\"HS256\",\"kid\":\"\\ud800\"}"), "a lone surrogate, escaped"},
		{TEXT("{\"alg\":\"HS256\",\"kid\":\"\xed\xa0\x80\"}"), "a lone surrogate, written out"},
		{TEXT("{\"alg\":\"HS256\",\"kid\":\"\\u0000\"}"), "an escaped NUL"},
		{TEXT("{\"alg\":\"HS256\",\"kid\\u0000\":\"a\"}"), "an escaped NUL in a name"},
		{TEXT("{\"alg\":\"HS256\"}\0"), "a NUL at the end"},
		{TEXT("{\"alg\":\"HS256\"}\0{\"alg\":\"none\"}"), "a NUL and another header"},
		{TEXT("{\"alg\":\"HS256\"}{\"alg\":\"none\"}"), "two headers"},
		{TEXT("{\"alg\":\"HS256\"} x"), "something after"},
		{TEXT("{\"alg\":\"HS256\",}"), "a comma too many"},
		{TEXT("{alg:\"HS256\"}"), "a name without quotes"},
		{TEXT("{'alg':'HS256'}"), "single quotes"},
		{TEXT("{\"alg\":\"HS256\"/*c*/}"), "a comment"},
		{TEXT("[{\"alg\":\"HS256\"}]"), "an array"},
		{TEXT("\"HS256\""), "a string"},
		{TEXT("{\0\"\0a\0l\0g\0\"\0:\0\"\0H\0S\0002\0005\0006\0\"\0}\0"), "UTF-16"},
		{TEXT(""), "nothing"}
#undef TEXT
	};
	int			i;

	for (i = 0; i < LENGTH(cases); i++)
		is_err(verify_header(cases[i].header, cases[i].len), JOSE_ERR_JSON, cases[i].name);
}

/* Attack: thousands of levels, as many as a header holds, to run a parser out of stack. */
static void
test_depth(void)
{
	static const struct
	{
		int			levels;
		const char *open;
		const char *close;
	}			cases[] = {{8000, "[", "]"}, {2500, "{\"a\":", "}"}, {16000, "[", ""}, {2000, "{\"alg\":", ""}};
	int			i;
	int			j;

	for (i = 0; i < LENGTH(cases); i++)
	{
		JoseBuf		header = {0};

		jose_buf_puts(&header, "{\"alg\":\"HS256\",\"x\":");
		for (j = 0; j < cases[i].levels; j++)
			jose_buf_puts(&header, cases[i].open);
		for (j = 0; j < cases[i].levels; j++)
			jose_buf_puts(&header, cases[i].close);
		is_err(verify_header(header.data, header.len), JOSE_ERR_JSON_DEPTH, "thousands of levels");
		jose_buf_free(&header);
	}
}

/* ---- crit ---- */

/*
 * Attack: mark as critical what the verifier does not heed, so that a token
 * holds less than its issuer thinks; RFC 7515 4.1.11 has the list.
 */
static void
test_crit(void)
{
	is_header("{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}", JOSE_ERR_CRIT, "an unknown extension");
	is_header("{\"alg\":\"HS256\",\"crit\":[]}", JOSE_ERR_CRIT, "an empty list");
	is_header("{\"alg\":\"HS256\",\"crit\":[\"b64\",\"b64\"],\"b64\":true}", JOSE_ERR_CRIT, "twice the same");
	is_header("{\"alg\":\"HS256\",\"crit\":[\"alg\"]}", JOSE_ERR_CRIT, "a standard member");
	is_header("{\"alg\":\"HS256\",\"crit\":[\"b64\",\"alg\"],\"b64\":true}", JOSE_ERR_CRIT, "... among others");
	is_header("{\"alg\":\"HS256\",\"crit\":\"b64\",\"b64\":true}", JOSE_ERR_CRIT, "a string");
	is_header("{\"alg\":\"HS256\",\"crit\":{\"b64\":true},\"b64\":true}", JOSE_ERR_CRIT, "an object");
	is_header("{\"alg\":\"HS256\",\"crit\":true}", JOSE_ERR_CRIT, "true");
	is_header("{\"alg\":\"HS256\",\"crit\":null}", JOSE_ERR_CRIT, "null");
	is_header("{\"alg\":\"HS256\",\"crit\":[true],\"true\":1}", JOSE_ERR_CRIT, "a list of no strings");
	is_header("{\"alg\":\"HS256\",\"crit\":[\"b64\"]}", JOSE_ERR_CRIT, "a member that is absent");
	is_header("{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"B64\":true}", JOSE_ERR_CRIT, "... but for another spelling");
	is_header("{\"alg\":\"HS256\",\"Crit\":[\"exp\"]}", JOSE_OK, "Crit is not crit");
}

/*
 * Attack: RFC 7797 8.  b64 false without crit verifies differently in systems
 * that know it and in those that do not.
 */
static void
test_b64(void)
{
	is_header("{\"alg\":\"HS256\",\"b64\":false}", JOSE_ERR_CRIT, "b64 false, not critical");
	is_header("{\"alg\":\"HS256\",\"b64\":false,\"crit\":[]}", JOSE_ERR_CRIT, "... and crit empty");
	is_header("{\"alg\":\"HS256\",\"b64\":\"false\",\"crit\":[\"b64\"]}", JOSE_ERR_HEADER, "b64 a string");
	is_header("{\"alg\":\"HS256\",\"b64\":0,\"crit\":[\"b64\"]}", JOSE_ERR_HEADER, "b64 a number");
	is_header("{\"alg\":\"HS256\",\"b64\":null}", JOSE_ERR_HEADER, "b64 null");
}

/* ---- base64url ---- */

/*
 * Attack: another spelling of a good token, to pass a list of revoked ones.
 * In each part: padding, the other alphabet, white space, unused bits.
 */
static void
test_base64(void)
{
	static const char good[] = "eyJhbGciOiJIUzI1NiJ9.JC4wMg.5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ";	/* RFC 7797 4.1 */
	static const char *const added[] = {"=", "==", " ", "\n", "\t", "+", "/", "\r\n", "%3D", "*"};
	int			accepted = 0;
	size_t		at;
	int			i;

	is_err(verify(good, strlen(good)), JOSE_OK, "the good token");
	for (at = 0; at <= strlen(good); at++)
	{
		for (i = 0; i < LENGTH(added); i++)
		{
			JoseBuf		token = {0};

			jose_buf_append(&token, good, at);
			jose_buf_puts(&token, added[i]);
			jose_buf_puts(&token, good + at);
			accepted += verify((char *) token.data, token.len) == JOSE_OK;
			jose_buf_free(&token);
		}
	}
	ok(accepted == 0, "nothing can be added anywhere");

	/* 32 octets of MAC leave 2 bits unused in the last character, 'Q' */
	for (i = 0; i < 3; i++)
	{
		JoseBuf		token = {0};

		jose_buf_puts(&token, good);
		token.data[token.len - 1] = (unsigned char) "RST"[i];
		is_err(verify((char *) token.data, token.len), JOSE_ERR_BASE64, "unused bits of the MAC set");
		jose_buf_free(&token);
	}

	/* '-' and '_' are the first to go where two alphabets meet */
	for (at = 0; at < strlen(good); at++)
	{
		JoseBuf		token = {0};

		if (good[at] != '-' && good[at] != '_')
			continue;
		jose_buf_puts(&token, good);
		token.data[at] = good[at] == '-' ? '+' : '/';
		is_err(verify((char *) token.data, token.len), JOSE_ERR_BASE64, "a character of the other alphabet");
		jose_buf_free(&token);
	}
}

/* Signed so by its issuer, a payload in a second spelling is refused still. */
static void
test_signed_base64(void)
{
	static const char *const payloads[] = {"e30=", "e31", "e3", "e3 0", "e30\n", "e+/A", "e"};
	int			i;

	for (i = 0; i < LENGTH(payloads); i++)
	{
		JoseBuf		token = token_signed_with(OCT, "{\"alg\":\"HS256\"}", payloads[i]);

		ok(verify((char *) token.data, token.len) == JOSE_ERR_BASE64, "a payload spelled wrongly, signed: %d", i);
		jose_buf_free(&token);
	}
}

/* ---- parts ---- */

/* Attack: a token of the wrong number of parts, read over its end or beyond. */
static void
test_parts(void)
{
	static const char head[] = "eyJhbGciOiJIUzI1NiJ9";
	JoseBuf		token = {0};
	int			parts;

	for (parts = 1; parts <= 6; parts++)
	{
		JoseBuf		plaintext = {0};
		JoseError	jwe;
		int			i;

		jose_buf_reset(&token);
		jose_buf_puts(&token, head);
		for (i = 1; i < parts; i++)
			jose_buf_puts(&token, ".AAAA");
		jwe = jose_jwe_decrypt((char *) token.data, token.len, the_set, 0, 0, &plaintext);
		ok(verify((char *) token.data, token.len) == (parts == 3 ? JOSE_ERR_SIGNATURE : JOSE_ERR_PARTS) &&
		   jwe == (parts == 5 ? JOSE_ERR_ALG_UNKNOWN : JOSE_ERR_PARTS), "%d parts", parts);
		jose_buf_free(&plaintext);
	}
	is_err(verify("", 0), JOSE_ERR_PARTS, "nothing");
	jose_buf_free(&token);
}

/* Attack: 100,000 dots, for a splitter that allocates for each, or starts anew at each. */
static void
test_dots(void)
{
	JoseBuf		token = {0};
	JoseBuf		plaintext = {0};
	clock_t		begun = clock();
	double		seconds;
	int			i;

	memset(jose_buf_grow(&token, 100000), '.', 100000);
	for (i = 0; i < 100; i++)
	{
		if (verify((char *) token.data, token.len) != JOSE_ERR_PARTS ||
			jose_jwe_decrypt((char *) token.data, token.len, the_set, 0, 0, &plaintext) != JOSE_ERR_PARTS)
			break;
	}
	seconds = (double) (clock() - begun) / CLOCKS_PER_SEC;
	ok(i == 100, "100,000 dots are no token");
	if (!ok(seconds < 0.5, "... found out 200 times in half a second"))
		printf("#   %.2f s\n", seconds);
	jose_buf_free(&token);
	jose_buf_free(&plaintext);
}

/* ---- kid ---- */

/* Attack: a kid that somebody opens, runs, formats or looks up. */
static void
test_kid(void)
{
	static const char *const kids[] = {
		"", "../../../../../../dev/null", "/etc/passwd", "file:///dev/null", "' OR '1'='1", "x'; DROP TABLE jwt.keys; --",
		"$(touch /tmp/owned)", "`id`", "|id", "%s%s%s%s%n", "%n", "\\u202e", "a\\nb", "\\\\", "${jndi:ldap://127.0.0.1/}", "*"
	};
	JoseKeySet *set = set_of("{\"keys\":[{\"kty\":\"oct\",\"kid\":\"good\",\"k\":\"" SECRET "\"}]}");
	char		header[256];
	int			i;

	for (i = 0; i < LENGTH(kids); i++)
	{
		JoseBuf		token;

		snprintf(header, sizeof(header), "{\"alg\":\"HS256\",\"kid\":\"%s\"}", kids[i]);
		token = token_signed_with(OCT, header, "e30");
		is_err(verify_token((char *) token.data, token.len, set, ALL_ALGS), JOSE_ERR_KEY_NOT_FOUND, header);
		jose_buf_free(&token);
	}
	jose_keyset_free(set);
}

/* Attack: a kid of a megabyte, parsed, copied and compared for each key. */
static void
test_long_kid(void)
{
	JoseBuf		header = {0};

	jose_buf_puts(&header, "{\"alg\":\"HS256\",\"kid\":\"");
	memset(jose_buf_grow(&header, 1 << 20), 'k', 1 << 20);
	jose_buf_puts(&header, "\"}");
	is_err(verify_header(header.data, header.len), JOSE_ERR_TOO_LARGE, "a kid of a megabyte");
	jose_buf_free(&header);
}

/* Attack: a JWKS of 10,000 keys, and tokens whose kid none of them has. */
static void
test_many_keys(void)
{
	JoseBuf		json = {0};
	JoseKeySet *set;
	clock_t		begun;
	double		seconds;
	int			i;

	jose_buf_puts(&json, "{\"keys\":[");
	for (i = 0; i < 10000; i++)
		jose_buf_puts(&json, i > 0 ? "," OCT : OCT);
	jose_buf_puts(&json, "]}");
	begun = clock();
	is_err(jose_keyset_from_json((char *) json.data, json.len, &set), JOSE_ERR_TOO_LARGE, "10,000 keys");
	is_err(jose_keyset_from_text((char *) json.data, json.len, &set), JOSE_ERR_TOO_LARGE, "... as text");
	seconds = (double) (clock() - begun) / CLOCKS_PER_SEC;
	if (!ok(seconds < 0.5, "... refused soon"))
		printf("#   %.2f s\n", seconds);
	jose_buf_free(&json);
}

int
main(void)
{
	the_set = set_of(OCT);
	the_key = key_of(OCT);
	test_none();
	test_alg();
	test_duplicate_alg();
	test_encoding();
	test_depth();
	test_crit();
	test_b64();
	test_base64();
	test_signed_base64();
	test_parts();
	test_dots();
	test_kid();
	test_long_kid();
	test_many_keys();
	queue_is_empty();
	jose_keyset_free(the_set);
	jose_key_free(the_key);
	return done_testing();
}
