/*
 * header_test.c
 *		Headers, RFC 7515 4 and RFC 7516 4: how they are read, and that those we
 *		write we would read.
 */
#include <stdlib.h>

#include "tap.h"
#include "crypt.h"
#include "leaks.h"

static JoseError
parse_header(const char *text, bool jwe, JoseHeader *header)
{
	JoseBuf		b64 = {0};
	JoseError	err;

	jose_b64_append(&b64, text, strlen(text));
	err = jose_header_parse((char *) b64.data, b64.len, jwe, header);
	jose_buf_free(&b64);
	return err;
}

static JoseError
parse(const char *text, bool jwe)
{
	JoseHeader	header;
	JoseError	err = parse_header(text, jwe, &header);

	jose_header_free(&header);
	return err;
}

/* ---- reading ---- */

static void
test_members(void)
{
	JoseHeader	header;

	is_err(parse_header("{\"alg\":\"ES256\",\"kid\":\"k\\u0031\",\"typ\":\"JWT\",\"cty\":\"json\",\"other\":[1]}",
						false, &header), JOSE_OK, "a JWS header with what it may have");
	is_str(jose_alg_name(header.alg), "ES256", "alg");
	ok(header.enc == NULL, "no enc");
	is_str(header.kid, "k1", "kid, its escape undone");
	is_str(header.typ, "JWT", "typ");
	is_str(header.cty, "json", "cty");
	ok(header.b64, "the payload is encoded");
	ok(jose_object_get(header.object, "other") != NULL, "members we do not know are kept");
	jose_header_free(&header);
	jose_header_free(&header);
	ok(header.object == NULL, "a header can be freed twice");

	is_err(parse_header("{\"alg\":\"dir\",\"enc\":\"A256GCM\"}", true, &header), JOSE_OK, "a JWE header");
	is_str(jose_enc_name(header.enc), "A256GCM", "enc");
	ok(header.kid == NULL && header.typ == NULL && header.cty == NULL, "absent members are NULL");
	jose_header_free(&header);
}

static void
test_refused(void)
{
	static const struct
	{
		const char *text;
		bool		jwe;
		JoseError	err;
	}			cases[] = {
		/* RFC 7515 4.1.1 */
		{"{}", false, JOSE_ERR_HEADER},
		{"{\"alg\":256}", false, JOSE_ERR_HEADER},
		{"{\"alg\":null}", false, JOSE_ERR_HEADER},
		{"{\"alg\":[\"HS256\"]}", false, JOSE_ERR_HEADER},
		{"{\"alg\":{\"alg\":\"HS256\"}}", false, JOSE_ERR_HEADER},
		{"{\"alg\":\"\"}", false, JOSE_ERR_ALG_UNKNOWN},
		{"{\"alg\":\"hs256\"}", false, JOSE_ERR_ALG_UNKNOWN},
		{"{\"alg\":\"HS256 \"}", false, JOSE_ERR_ALG_UNKNOWN},
		{"{\"alg\":\"RSA1_5\",\"enc\":\"A256GCM\"}", true, JOSE_ERR_ALG_UNKNOWN},
		/* a JWS is no JWE, nor the reverse: RFC 7516 9 */
		{"{\"alg\":\"dir\",\"enc\":\"A256GCM\"}", false, JOSE_ERR_ALG_UNKNOWN},
		{"{\"alg\":\"HS256\",\"enc\":\"A256GCM\"}", true, JOSE_ERR_ALG_UNKNOWN},
		/* RFC 7516 4.1.2 */
		{"{\"alg\":\"dir\"}", true, JOSE_ERR_HEADER},
		{"{\"alg\":\"dir\",\"enc\":1}", true, JOSE_ERR_HEADER},
		{"{\"alg\":\"dir\",\"enc\":\"a256gcm\"}", true, JOSE_ERR_ENC_UNKNOWN},
		{"{\"alg\":\"dir\",\"enc\":\"none\"}", true, JOSE_ERR_ENC_UNKNOWN},
		/* RFC 7516 4.1.3: compression, by choice */
		{"{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"zip\":\"DEF\"}", true, JOSE_ERR_ZIP},
		{"{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"zip\":null}", true, JOSE_ERR_ZIP},
		{"{\"alg\":\"HS256\",\"zip\":\"DEF\"}", false, JOSE_OK},
		/* RFC 7515 4.1.4, 4.1.9 and 4.1.10 */
		{"{\"alg\":\"HS256\",\"kid\":1}", false, JOSE_ERR_HEADER},
		{"{\"alg\":\"HS256\",\"kid\":null}", false, JOSE_ERR_HEADER},
		{"{\"alg\":\"HS256\",\"typ\":[\"JWT\"]}", false, JOSE_ERR_HEADER},
		{"{\"alg\":\"HS256\",\"cty\":true}", false, JOSE_ERR_HEADER},
		/* not an object, or not a good one: json_test has the rest */
		{"[\"alg\",\"HS256\"]", false, JOSE_ERR_JSON},
		{"\"HS256\"", false, JOSE_ERR_JSON},
		{"", false, JOSE_ERR_JSON},
		{"{\"alg\":\"HS256\"", false, JOSE_ERR_JSON},
		{"{\"alg\":\"HS256\",\"alg\":\"HS256\"}", false, JOSE_ERR_JSON_DUPLICATE},
		{"{\"alg\":\"HS256\",\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", false, JOSE_ERR_JSON_DEPTH},
		/* never looked at */
		{"{\"alg\":\"HS256\",\"jku\":1,\"jwk\":2,\"x5u\":3,\"x5c\":4,\"x5t\":5,\"x5t#S256\":6}", false, JOSE_OK}
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_err(parse(cases[i].text, cases[i].jwe), cases[i].err, cases[i].text);
}

/* RFC 7515 4.1.11, RFC 7516 4.1.13 and RFC 7797 3 and 6 */
static void
test_crit(void)
{
	static const struct
	{
		const char *members;
		bool		jwe;
		JoseError	err;
	}			cases[] = {
		{"\"crit\":[\"b64\"],\"b64\":true", false, JOSE_OK},
		{"\"crit\":[\"b64\"],\"b64\":false", false, JOSE_OK},
		{"\"b64\":false,\"crit\":[\"\\u0062\\u00364\"]", false, JOSE_OK},
		{"\"b64\":true", false, JOSE_OK},
		{"\"b64\":false", false, JOSE_ERR_CRIT},
		{"\"crit\":[\"b64\"]", false, JOSE_ERR_CRIT},
		{"\"crit\":[],\"b64\":true", false, JOSE_ERR_CRIT},
		{"\"crit\":[]", false, JOSE_ERR_CRIT},
		{"\"crit\":[\"b64\",\"b64\"],\"b64\":true", false, JOSE_ERR_CRIT},
		{"\"crit\":[\"b64\",\"exp\"],\"b64\":true,\"exp\":1", false, JOSE_ERR_CRIT},
		{"\"crit\":[\"exp\"],\"exp\":1", false, JOSE_ERR_CRIT},
		{"\"crit\":[\"http://example.com/UNDEFINED\"],\"http://example.com/UNDEFINED\":true", false, JOSE_ERR_CRIT},
		{"\"crit\":[\"alg\"]", false, JOSE_ERR_CRIT},
		{"\"crit\":[\"crit\"]", false, JOSE_ERR_CRIT},
		{"\"crit\":[\"kid\"],\"kid\":\"k\"", false, JOSE_ERR_CRIT},
		{"\"crit\":[\"B64\"],\"B64\":true", false, JOSE_ERR_CRIT},
		{"\"crit\":[\"\"],\"\":true", false, JOSE_ERR_CRIT},
		{"\"crit\":\"b64\",\"b64\":true", false, JOSE_ERR_CRIT},
		{"\"crit\":{\"b64\":true},\"b64\":true", false, JOSE_ERR_CRIT},
		{"\"crit\":null", false, JOSE_ERR_CRIT},
		{"\"crit\":false", false, JOSE_ERR_CRIT},
		{"\"crit\":[1],\"b64\":true", false, JOSE_ERR_CRIT},
		{"\"crit\":[null],\"b64\":true", false, JOSE_ERR_CRIT},
		{"\"crit\":[[\"b64\"]],\"b64\":true", false, JOSE_ERR_CRIT},
		{"\"crit\":[{\"b64\":1}],\"b64\":true", false, JOSE_ERR_CRIT},
		{"\"crit\":[\"b64\"],\"b64\":\"true\"", false, JOSE_ERR_HEADER},
		{"\"crit\":[\"b64\"],\"b64\":0", false, JOSE_ERR_HEADER},
		{"\"crit\":[\"b64\"],\"b64\":null", false, JOSE_ERR_HEADER},
		/* RFC 7797 is about signatures */
		{"\"crit\":[\"b64\"],\"b64\":true", true, JOSE_ERR_CRIT},
		{"\"crit\":[\"b64\"],\"b64\":false", true, JOSE_ERR_CRIT},
		{"\"crit\":[]", true, JOSE_ERR_CRIT},
		{"\"crit\":[\"zip\"]", true, JOSE_ERR_CRIT},
		{"\"crit\":[\"enc\"]", true, JOSE_ERR_CRIT}
	};
	char		text[256];
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		snprintf(text, sizeof(text), "{\"alg\":\"%s\",%s%s}", cases[i].jwe ? "dir" : "HS256",
				 cases[i].jwe ? "\"enc\":\"A256GCM\"," : "", cases[i].members);
		is_err(parse(text, cases[i].jwe), cases[i].err, text);
	}
}

/* Every name of the specifications, present or not, is no extension. */
static void
test_crit_standard_names(void)
{
	static const char *const names[] = {
		"alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit",
		"enc", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c"
	};
	char		text[256];
	size_t		i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		snprintf(text, sizeof(text), "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"crit\":[\"%s\"]}", names[i]);
		is_err(parse(text, true), JOSE_ERR_CRIT, text);
	}
}

static void
test_b64(void)
{
	JoseHeader	header;

	parse_header("{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}", false, &header);
	ok(!header.b64, "b64 false: the payload is as it is");
	jose_header_free(&header);
	parse_header("{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":true}", false, &header);
	ok(header.b64, "b64 true: the payload is encoded");
	jose_header_free(&header);
}

static JoseError
parse_padded(size_t len)
{
	JoseBuf		text = {0};
	JoseError	err;

	jose_buf_puts(&text, "{\"alg\":\"HS256\",\"x\":\"");
	while (text.len < len - 2)
		jose_buf_puts(&text, "x");
	jose_buf_puts(&text, "\"}");
	err = parse((char *) text.data, false);
	jose_buf_free(&text);
	return err;
}

static void
test_form(void)
{
	JoseHeader	header;

	is_err(jose_header_parse("eyJhbGciOiJIUzI1NiJ9", 20, false, &header), JOSE_OK, "RFC 7797 4.1's header");
	jose_header_free(&header);
	is_err(jose_header_parse("eyJhbGciOiJIUzI1NiJ9=", 21, false, &header), JOSE_ERR_BASE64, "padded");
	jose_header_free(&header);
	is_err(jose_header_parse("eyJhbGciOiJIUzI1NiJ", 19, false, &header), JOSE_ERR_BASE64, "cut by a character");
	jose_header_free(&header);
	is_err(jose_header_parse("eyJhbGciOiJIUzI1", 16, false, &header), JOSE_ERR_JSON, "cut by four");
	jose_header_free(&header);
	is_err(jose_header_parse("", 0, false, &header), JOSE_ERR_JSON, "empty");
	jose_header_free(&header);
	is_err(parse_padded(JOSE_MAX_HEADER), JOSE_OK, "as long as may be");
	is_err(parse_padded(JOSE_MAX_HEADER + 1), JOSE_ERR_TOO_LARGE, "a byte longer");
}

/* RFC 7515 4.1.9 and 4.1.10 */
static void
test_media_types(void)
{
	static const struct
	{
		const char *a;
		const char *b;
		bool		equal;
	}			cases[] = {
		{"JWT", "JWT", true},
		{"JWT", "jwt", true},
		{"at+jwt", "application/at+jwt", true},
		{"application/at+jwt", "Application/AT+JWT", true},
		{"at+jwt", "jwt", false},
		{"JWT", "JWT ", false},
		{"JWT", "", false},
		{"text/jwt", "jwt", false},
		{"text/jwt", "application/jwt", false},
		{"application/x;part=\"1/2\"", "x;part=\"1/2\"", false},
		{"application/x;part=\"1/2\"", "APPLICATION/x;part=\"1/2\"", true},
		{"application/", "application/", true},
		{"\xc9", "\xe9", false},
		{"@[`{", "`{@[", false},
		{"application", "application/", false}
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		ok(jose_media_type_equal(cases[i].a, cases[i].b) == cases[i].equal &&
		   jose_media_type_equal(cases[i].b, cases[i].a) == cases[i].equal,
		   "%s and %s are %s", cases[i].a, cases[i].b, cases[i].equal ? "one" : "two");
	}
}

/* ---- writing ---- */

static void
is_written(const char *alg, const char *enc, const char *typ, const char *kid, const char *callers,
		   const char *members, JoseError err, const char *expected)
{
	JoseBuf		extra = {0};
	JoseBuf		out = {0};
	JoseError	got;

	if (members != NULL)
		jose_buf_puts(&extra, members);
	got = jose_header_write(alg_of(alg), enc != NULL ? enc_of(enc) : NULL, typ, kid, callers,
							members != NULL ? &extra : NULL, &out);
	is_err(got, err, callers != NULL ? callers : "no members of the caller's");
	if (err == JOSE_OK)
		is_str((char *) out.data, expected, "... written so");
	jose_buf_free(&extra);
	jose_buf_free(&out);
}

static void
test_writing(void)
{
	is_written("HS256", NULL, NULL, NULL, NULL, NULL, JOSE_OK, "{\"alg\":\"HS256\"}");
	is_written("HS256", NULL, "JWT", "k", NULL, NULL, JOSE_OK,
			   "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k\"}");
	is_written("HS256", NULL, "JWT", "a\"b\n", NULL, NULL, JOSE_OK,
			   "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"a\\\"b\\u000a\"}");
	is_written("dir", "A128GCM", NULL, NULL, NULL, NULL, JOSE_OK, "{\"alg\":\"dir\",\"enc\":\"A128GCM\"}");
	is_written("dir", "A128GCM", NULL, NULL, "{\"cty\":\"JWT\"}", ",\"p2c\":1", JOSE_OK,
			   "{\"alg\":\"dir\",\"enc\":\"A128GCM\",\"cty\":\"JWT\",\"p2c\":1}");
	is_written("HS256", NULL, "JWT", "k", "{}", NULL, JOSE_OK,
			   "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k\"}");

	/* the caller's typ and kid win */
	is_written("HS256", NULL, "JWT", "k", "{\"typ\":\"at+jwt\"}", NULL, JOSE_OK,
			   "{\"alg\":\"HS256\",\"kid\":\"k\",\"typ\":\"at+jwt\"}");
	is_written("HS256", NULL, "JWT", "k", "{\"kid\":\"mine\",\"x\":{\"y\" : [1]}}", NULL, JOSE_OK,
			   "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"mine\",\"x\":{\"y\" : [1]}}");

	/* its alg and enc must agree, however they are spelled */
	is_written("HS256", NULL, NULL, NULL, "{\"alg\":\"HS256\"}", NULL, JOSE_OK, "{\"alg\":\"HS256\"}");
	is_written("HS256", NULL, NULL, NULL, "{\"\\u0061lg\":\"HS\\u0032\\u00356\"}", NULL, JOSE_OK, "{\"alg\":\"HS256\"}");
	is_written("HS256", NULL, NULL, NULL, "{\"alg\":\"none\"}", NULL, JOSE_ERR_HEADER, NULL);
	is_written("HS256", NULL, NULL, NULL, "{\"alg\":null}", NULL, JOSE_ERR_HEADER, NULL);
	is_written("dir", "A128GCM", NULL, NULL, "{\"enc\":\"A128GCM\"}", NULL, JOSE_OK,
			   "{\"alg\":\"dir\",\"enc\":\"A128GCM\"}");
	is_written("dir", "A128GCM", NULL, NULL, "{\"enc\":\"A256GCM\"}", NULL, JOSE_ERR_HEADER, NULL);
}

/* What we would not read we do not write. */
static void
test_writing_refused(void)
{
	JoseBuf		longest = {0};
	JoseBuf		out = {0};

	is_written("HS256", NULL, NULL, NULL, "{\"crit\":[\"exp\"],\"exp\":1}", NULL, JOSE_ERR_CRIT, NULL);
	is_written("HS256", NULL, NULL, NULL, "{\"b64\":false}", NULL, JOSE_ERR_CRIT, NULL);
	is_written("HS256", NULL, NULL, NULL, "{\"kid\":1}", NULL, JOSE_ERR_HEADER, NULL);
	is_written("HS256", NULL, NULL, NULL, "{\"typ\":null}", NULL, JOSE_ERR_HEADER, NULL);
	is_written("HS256", NULL, NULL, NULL, "{\"x\":1,\"x\":2}", NULL, JOSE_ERR_JSON_DUPLICATE, NULL);
	is_written("HS256", NULL, NULL, NULL, "[]", NULL, JOSE_ERR_JSON, NULL);
	is_written("HS256", NULL, NULL, NULL, "", NULL, JOSE_ERR_JSON, NULL);
	is_written("HS256", NULL, NULL, NULL, "{\"x\":1", NULL, JOSE_ERR_JSON, NULL);
	is_written("dir", "A128GCM", NULL, NULL, "{\"zip\":\"DEF\"}", NULL, JOSE_ERR_ZIP, NULL);
	/* a member that key management adds too */
	is_written("dir", "A128GCM", NULL, NULL, "{\"p2c\":1}", ",\"p2c\":2", JOSE_ERR_JSON_DUPLICATE, NULL);

	jose_buf_puts(&longest, "{\"x\":\"");
	while (longest.len < JOSE_MAX_HEADER)
		jose_buf_puts(&longest, "x");
	jose_buf_puts(&longest, "\"}");
	is_err(parse((char *) longest.data, false), JOSE_ERR_TOO_LARGE, "a header too long to read");
	is_err(jose_header_write(alg_of("HS256"), NULL, NULL, NULL, (char *) longest.data, NULL, &out),
		   JOSE_ERR_TOO_LARGE, "... is too long to write");
	jose_buf_reset(&out);
	is_err(jose_header_write(alg_of("HS256"), NULL, NULL, (char *) longest.data, NULL, NULL, &out),
		   JOSE_ERR_TOO_LARGE, "so is a key's kid");
	jose_buf_free(&out);
	jose_buf_free(&longest);
}

int
main(void)
{
	test_members();
	test_refused();
	test_crit();
	test_crit_standard_names();
	test_b64();
	test_form();
	test_media_types();
	test_writing();
	test_writing_refused();
	return done_testing();
}
