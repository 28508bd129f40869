/*
 * json_test.c
 *		The JSON of headers and keys: RFC 8259, and RFC 7515 4's rule that a
 *		member's name occurs once.
 */
#include <stdlib.h>
#include <time.h>

#include "tap.h"
#include "crypt.h"
#include "leaks.h"

extern size_t __sanitizer_get_current_allocated_bytes(void);	/* of AddressSanitizer */

static JoseError
parse_bytes(const char *text, size_t len)
{
	JoseObject *object = NULL;
	JoseError	err = jose_object_parse(text, len, &object);

	if (err != JOSE_OK && object != NULL)
		err = JOSE_ERR_COUNT;	/* no caller expects this */
	jose_object_free(object);
	return err;
}

static JoseError
parse_text(const char *text)
{
	return parse_bytes(text, strlen(text));
}

/* ---- what comes out ---- */

static void
is_member(const JoseMember *member, const char *name, JoseJsonType type, const char *string, const char *raw)
{
	ok(strcmp(member->name, name) == 0 && member->type == type &&
	   (string == NULL ? member->string == NULL :
		member->string != NULL && strcmp(member->string, string) == 0) &&
	   member->raw_len == strlen(raw) && memcmp(member->raw, raw, member->raw_len) == 0,
	   "member \"%s\" is %s", name, raw);
}

static void
test_members(void)
{
	static const char text[] =
		" { \"string\" : \"value\" ,\n\t\"escaped\\u0020name\":\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\te\\u00e9\\ud83d\\ude00\","
		"\"zero\":0,\"number\":-1.5e+3,\"yes\":true,\"no\":false,\"nothing\":null,"
		"\"empty\":\"\",\"\":\"nameless\","
		"\"array\":[1, [2], {\"a\":3}],\"object\": {\"alg\":{\"alg\":[]}, \"x\": 1} } \r\n";
	JoseObject *object = object_of(text);
	const JoseMember *m = object->members;

	ok(object->count == 11, "eleven members");
	is_member(&m[0], "string", JOSE_JSON_STRING, "value", "\"value\"");
	is_member(&m[1], "escaped name", JOSE_JSON_STRING,
			  "a\"b\\c/d\b\f\n\r\te\xc3\xa9\xf0\x9f\x98\x80",
			  "\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\te\xc3\xa9\xf0\x9f\x98\x80\"");
	is_member(&m[2], "zero", JOSE_JSON_NUMBER, NULL, "0");
	is_member(&m[3], "number", JOSE_JSON_NUMBER, NULL, "-1.5e+3");
	is_member(&m[4], "yes", JOSE_JSON_BOOL, NULL, "true");
	is_member(&m[5], "no", JOSE_JSON_BOOL, NULL, "false");
	is_member(&m[6], "nothing", JOSE_JSON_NULL, NULL, "null");
	is_member(&m[7], "empty", JOSE_JSON_STRING, "", "\"\"");
	is_member(&m[8], "", JOSE_JSON_STRING, "nameless", "\"nameless\"");
	is_member(&m[9], "array", JOSE_JSON_ARRAY, NULL, "[1, [2], {\"a\":3}]");
	is_member(&m[10], "object", JOSE_JSON_OBJECT, NULL, "{\"alg\":{\"alg\":[]}, \"x\": 1}");

	ok(jose_object_get(object, "x") == NULL && jose_object_get(object, "alg") == NULL,
	   "members of members are not members");
	ok(jose_object_get(object, "") == &m[8], "the empty name is a name");
	ok(jose_object_get(object, "String") == NULL, "names are case-sensitive");
	jose_object_free(object);
}

static void
test_strings(void)
{
	JoseObject *object = object_of("{\"s\":\"t\",\"n\":1,\"z\":null,\"a\":[\"t\"],\"o\":{\"s\":\"t\"}}");
	const char *value = "unset";

	ok(jose_object_string(object, "s", &value), "a string is one");
	is_str(value, "t", "... and is handed out");
	ok(jose_object_string(object, "absent", &value) && value == NULL, "an absent one is no error, and NULL");
	ok(!jose_object_string(object, "n", &value), "a number is none");
	ok(!jose_object_string(object, "z", &value), "null is none");
	ok(!jose_object_string(object, "a", &value), "an array of one string is none");
	ok(!jose_object_string(object, "o", &value), "an object is none");
	jose_object_free(object);
}

static void
test_arrays(void)
{
	static const char text[] = "[\"a\",\"a\",1,{\"b\":2},[\"c\"]]";
	JoseObject *array;

	is_err(jose_array_parse(text, strlen(text), &array), JOSE_OK, "an array");
	ok(array->count == 5, "five elements, of which two are alike");
	ok(array->members[0].name == NULL, "elements have no names");
	is_str(array->members[1].string, "a", "a string element");
	ok(array->members[3].type == JOSE_JSON_OBJECT && array->members[3].raw_len == strlen("{\"b\":2}"),
	   "an object element, whole");
	ok(jose_object_get(array, "b") == NULL, "an element's member is not found by name");
	jose_object_free(array);

	is_err(jose_array_parse("[]", 2, &array), JOSE_OK, "an empty array");
	ok(array->count == 0, "... has no elements");
	jose_object_free(array);
	is_err(jose_array_parse("{}", 2, &array), JOSE_ERR_JSON, "an object is no array");
	ok(array == NULL, "... and nothing is handed out");
	is_err(jose_array_parse("[1,]", 4, &array), JOSE_ERR_JSON, "a comma too many");
	jose_object_free(NULL);
}

/* leaks.h hides the lexer's copies from LeakSanitizer: of good text none may stay. */
static void
test_nothing_stays(void)
{
	static const char text[] = "{\"a\":\"b\",\"\\u0063\":[\"d\",{\"e\":\"f\"}],\"g\":{\"h\":\"\\u0069\"},\"j\":1}";
	size_t		before = __sanitizer_get_current_allocated_bytes();

	is_err(parse_text(text), JOSE_OK, "parsed and freed");
	ok(__sanitizer_get_current_allocated_bytes() == before, "... to the last byte");
}

/* ---- what does not come in ---- */

static void
test_syntax(void)
{
	static const char *const texts[] = {
		"", " ", "{", "}", "{}}", "{}{}", "{} x", "[]", "\"a\"", "1", "null", "true",
		"{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}", "{'a':1}", "{\"a\":1 \"b\":2}", "{\"a\" 1}",
		"{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":1e}", "{\"a\":0x1}", "{\"a\":NaN}",
		"{\"a\":Infinity}", "{\"a\":True}", "{\"a\":undefined}", "{\"a\":\"b}", "{\"a\":\"\\x41\"}",
		"{\"a\":\"\\u12\"}", "{\"a\":\"\\u12G4\"}", "{\"a\":\"tab\there\"}", "{\"a\":\"line\nhere\"}",
		"{\"a\":1}//", "/**/{\"a\":1}", "{\"a\":[1}", "{\"a\":{1]}", "]", "{]", "{\"a\":[}]}", "\f{}", "\v{}"
	};
	size_t		i;

	is_err(parse_text("{}"), JOSE_OK, "the empty object is an object");
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		is_err(parse_text(texts[i]), JOSE_ERR_JSON, texts[i][strcspn(texts[i], "\n")] == '\0' ?
			   texts[i] : "a control character in a string");
}

/*
 * Attack: text that another reader of the same header understands otherwise,
 * because it repairs, skips or cuts where we would not.
 */
static void
test_encoding(void)
{
	static const struct
	{
		const char *text;
		size_t		len;
		const char *name;
	}			refused[] = {
#define TEXT(t) t, sizeof(t) - 1
		{TEXT("\xef\xbb\xbf{\"a\":1}"), "a byte order mark"},
		{TEXT("{\"a\":\"\xff\"}"), "an octet that is never UTF-8"},
		{TEXT("{\"a\":\"\x80\"}"), "a continuation alone"},
		{TEXT("{\"a\":\"\xc3\"}"), "a lead alone"},
		{TEXT("{\"a\":\"\xe2\x82\"}"), "three octets less one"},
		{TEXT("{\"a\":\"\xc0\xaf\"}"), "overlong: two octets for a slash"},
		{TEXT("{\"a\":\"\xc1\xa1\"}"), "overlong: two octets for a letter"},
		{TEXT("{\"a\":\"\xe0\x80\xaf\"}"), "overlong: three octets"},
		{TEXT("{\"a\":\"\xf0\x80\x80\xaf\"}"), "overlong: four octets"},
		{TEXT("{\"a\":\"\xed\xa0\x80\"}"), "a surrogate written out"},
		{TEXT("{\"a\":\"\xf4\x90\x80\x80\"}"), "above U+10FFFF"},
		{TEXT("{\"\xc1\xa1\":1}"), "an overlong name"},
		{TEXT("{\"a\":\"b\0c\"}"), "a NUL in a string"},
		{TEXT("{\"a\":1}\0"), "a NUL after the end"},
		{TEXT("{\"a\":1}\0,\"b\":2}"), "a NUL, and more"},
		{TEXT("{\"a\":\"\\u0000\"}"), "an escaped NUL in a value"},
		{TEXT("{\"a\\u0000b\":1}"), "an escaped NUL in a name"},
		{TEXT("{\"a\":\"\\ud800\"}"), "a high surrogate alone"},
		{TEXT("{\"a\":\"\\udc00\"}"), "a low surrogate alone"},
		{TEXT("{\"a\":\"\\ud800\\ud800\"}"), "two high surrogates"},
		{TEXT("{\"a\":\"\\ud800x\"}"), "a high surrogate before a letter"},
		{TEXT("{\"a\":\"\\ud800\\n\"}"), "a high surrogate before an escape"},
		{TEXT("{\"\\ud800\":1}"), "a surrogate in a name"},
		{TEXT("{\xc2\xa0\"a\":1}"), "a space that JSON does not know"},
		{TEXT("{\"a\":[\"\xff\"]}"), "invalid UTF-8 deeper down"}
#undef TEXT
	};
	size_t		i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		is_err(parse_bytes(refused[i].text, refused[i].len), JOSE_ERR_JSON, refused[i].name);
	is_err(parse_text("{\"\xc3\xa9\":\"\xf4\x8f\xbf\xbf\"}"), JOSE_OK, "UTF-8 up to U+10FFFF is welcome");
}

/* Attack: two members of one name, the one for the checker, the other for the user. */
static void
test_duplicates(void)
{
	is_err(parse_text("{\"a\":1,\"a\":1}"), JOSE_ERR_JSON_DUPLICATE, "twice the same");
	is_err(parse_text("{\"a\":1,\"b\":2,\"a\":3}"), JOSE_ERR_JSON_DUPLICATE, "with another between");
	is_err(parse_text("{\"a\":1,\"\\u0061\":2}"), JOSE_ERR_JSON_DUPLICATE, "once escaped");
	is_err(parse_text("{\"\\u0061\":1,\"a\":2}"), JOSE_ERR_JSON_DUPLICATE, "once escaped, first");
	is_err(parse_text("{\"/\":1,\"\\/\":2}"), JOSE_ERR_JSON_DUPLICATE, "an escape of another kind");
	is_err(parse_text("{\"\":1,\"\":2}"), JOSE_ERR_JSON_DUPLICATE, "twice no name");
	is_err(parse_text("{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}"), JOSE_ERR_JSON_DUPLICATE,
		   "a pair of surrogates and what it stands for");
	is_err(parse_text("{\"a\":1,\"A\":2}"), JOSE_OK, "another case is another name");
	is_err(parse_text("{\"a\":{\"a\":1},\"b\":{\"a\":1}}"), JOSE_OK, "names are of their own object");
}

/* ---- bounds ---- */

static JoseError
parse_nested(int depth, const char *open, const char *close)
{
	JoseBuf		text = {0};
	JoseError	err;
	int			i;

	jose_buf_puts(&text, "{\"a\":");
	for (i = 1; i < depth; i++)
		jose_buf_puts(&text, open);
	jose_buf_puts(&text, "1");
	for (i = 1; i < depth; i++)
		jose_buf_puts(&text, close);
	jose_buf_puts(&text, "}");
	err = parse_bytes((char *) text.data, text.len);
	jose_buf_free(&text);
	return err;
}

/* Attack: so many brackets that a recursive parser runs out of stack. */
static void
test_depth(void)
{
	is_err(parse_nested(JOSE_MAX_DEPTH, "[", "]"), JOSE_OK, "the greatest depth, arrays");
	is_err(parse_nested(JOSE_MAX_DEPTH + 1, "[", "]"), JOSE_ERR_JSON_DEPTH, "one more");
	is_err(parse_nested(JOSE_MAX_DEPTH, "{\"a\":", "}"), JOSE_OK, "the greatest depth, objects");
	is_err(parse_nested(JOSE_MAX_DEPTH + 1, "{\"a\":", "}"), JOSE_ERR_JSON_DEPTH, "one more");
	is_err(parse_nested(10000, "[", "]"), JOSE_ERR_JSON_DEPTH, "10,000 levels of arrays");
	is_err(parse_nested(10000, "{\"a\":", "}"), JOSE_ERR_JSON_DEPTH, "10,000 levels of objects");
	is_err(parse_nested(10000, "[", ""), JOSE_ERR_JSON_DEPTH, "10,000 never closed");
	is_err(parse_nested(10000, "[],", ""), JOSE_ERR_JSON, "10,000 closed at once: not deep, but no JSON");
	is_err(parse_text("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[\"}"), JOSE_OK, "brackets in a string are no depth");
	is_err(parse_text("{\"a\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[\"}"), JOSE_OK, "... nor behind an escaped quote");
	is_err(parse_text("{]]]]]]]]]]]]]]]]]]]]]][[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["), JOSE_ERR_JSON,
		   "closing ahead buys nothing");
}

static void
test_size(void)
{
	JoseBuf		text = {0};
	size_t		i;

	jose_buf_puts(&text, "{\"a\":\"");
	for (i = text.len; i < JOSE_MAX_KEYSET_TEXT - 2; i++)
		jose_buf_puts(&text, "x");
	jose_buf_puts(&text, "\"}");
	is_err(parse_bytes((char *) text.data, text.len), JOSE_OK, "as long as may be");
	jose_buf_puts(&text, " ");
	is_err(parse_bytes((char *) text.data, text.len), JOSE_ERR_TOO_LARGE, "a byte longer");
	jose_buf_free(&text);
}

static JoseError
parse_members(int count, bool named)
{
	JoseBuf		text = {0};
	JoseObject *object;
	char		member[32];
	JoseError	err;
	int			i;

	jose_buf_puts(&text, named ? "{" : "[");
	for (i = 0; i < count; i++)
	{
		snprintf(member, sizeof(member), "%s\"%x\"%s", i > 0 ? "," : "", i, named ? ":1" : "");
		jose_buf_puts(&text, member);
	}
	jose_buf_puts(&text, named ? "}" : "]");
	err = (named ? jose_object_parse : jose_array_parse) ((char *) text.data, text.len, &object);
	jose_object_free(object);
	jose_buf_free(&text);
	return err;
}

/*
 * Attack: as many members as fit, so that looking for duplicates compares
 * every pair of names: seconds, for half a megabyte from somebody's jwks_uri.
 */
static void
test_many_members(void)
{
	clock_t		begun = clock();
	double		seconds;

	is_err(parse_members(JOSE_MAX_MEMBERS, true), JOSE_OK, "as many members as may be");
	is_err(parse_members(JOSE_MAX_MEMBERS + 1, true), JOSE_ERR_TOO_LARGE, "one more");
	is_err(parse_members(50000, true), JOSE_ERR_TOO_LARGE, "50,000 members");
	seconds = (double) (clock() - begun) / CLOCKS_PER_SEC;
	if (!ok(seconds < 1, "... refused soon"))
		printf("#   %.1f s\n", seconds);
	is_err(parse_members(JOSE_MAX_MEMBERS, false), JOSE_OK, "as many elements as may be");
	is_err(parse_members(JOSE_MAX_MEMBERS + 1, false), JOSE_ERR_TOO_LARGE, "one more");
}

/* ---- writing ---- */

/* Every octet that a C string can hold comes back through the parser. */
static void
test_quote(void)
{
	char		all[128];
	JoseBuf		text = {0};
	JoseObject *object;
	int			i;

	for (i = 1; i < 128; i++)
		all[i - 1] = (char) i;
	all[127] = '\0';
	jose_buf_puts(&text, "{\"a\":");
	jose_json_quote(&text, all);
	jose_buf_puts(&text, "}");
	object = object_of((char *) text.data);
	is_str(object->members[0].string, all, "all of ASCII comes back");
	jose_object_free(object);
	jose_buf_reset(&text);

	jose_json_quote(&text, "a\"b\\c\n\x01/\xc3\xa9");
	is_str((char *) text.data, "\"a\\\"b\\\\c\\u000a\\u0001/\xc3\xa9\"", "escapes where they must be, else none");
	jose_buf_reset(&text);
	jose_json_quote(&text, "");
	is_str((char *) text.data, "\"\"", "nothing, quoted");
	jose_buf_free(&text);
}

/* ---- escapes written out ---- */

static void
test_write_out(void)
{
	static const struct
	{
		const char *json;
		const char *expected;	/* NULL: the same */
	}			cases[] = {
		{"", NULL},
		{"no escape", NULL},
		{"\\u00e9", "\xc3\xa9"},
		{"a\\u00E9b\\n", "a\xc3\xa9" "b\\n"},
		{"\\u0080\\u07ff", "\xc2\x80\xdf\xbf"},
		{"\\u0800\\ud7ff\\ue000\\uffff", "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"},
		{"\\ud800\\udc00\\udbff\\udfff", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
		/* ASCII, where a quote or a NUL would become another thing */
		{"\\u0000\\u0022\\u005c\\u007f", NULL},
		/* halves of pairs */
		{"\\ud800", NULL},
		{"\\udc00\\ud800", NULL},
		{"\\ud800x\\udc00", NULL},
		{"\\ud800\\u00e9", "\\ud800\xc3\xa9"},
		{"\\ud800\\ud800\\udc00", "\\ud800\xf0\x90\x80\x80"},
		{"\\ud800\\u0041", NULL},
		/* a backslash that is escaped itself begins no escape */
		{"\\\\u00e9", NULL},
		{"\\\\\\u00e9", "\\\\\xc3\xa9"},
		/* cut, or none at all */
		{"\\", NULL},
		{"x\\", NULL},
		{"\\u", NULL},
		{"\\u00e", NULL},
		{"\\ud800\\udc0", NULL},
		{"\\u00g9", NULL},
		{"\\u 0e9", NULL},
		{"\\U00e9", NULL}
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const char *expected = cases[i].expected != NULL ? cases[i].expected : cases[i].json;
		size_t		len = strlen(cases[i].json);
		char	   *json = malloc(len > 0 ? len : 1);	/* the sanitizer sees what is read beyond it */
		JoseBuf		out = {0};

		memcpy(json, cases[i].json, len);
		jose_json_write_out(&out, json, len);
		is_mem(out.data, out.len, expected, strlen(expected), cases[i].json);
		jose_buf_free(&out);
		free(json);
	}
}

int
main(void)
{
	test_members();
	test_strings();
	test_arrays();
	test_nothing_stays();
	test_syntax();
	test_encoding();
	test_duplicates();
	test_depth();
	test_size();
	test_many_members();
	test_quote();
	test_write_out();
	return done_testing();
}
