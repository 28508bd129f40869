/*
 * jwks_test.c
 *		Key sets, RFC 7517 5, and keys as text: which keys come in, which one a
 *		token's kid selects, and for what a text is taken.
 */
#include <stdlib.h>

#include "tap.h"
#include "crypt.h"
#include "leaks.h"

#define OCT		"{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}"
#define KEY(members, k) "{\"kty\":\"oct\"," members "\"k\":\"" k "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLQ\"}"
#define EC_MEMBERS "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
				"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define EC		"{" EC_MEMBERS "}"

#define LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

static JoseError
read_set(const char *json)
{
	JoseKeySet *set;
	JoseError	err = jose_keyset_from_json(json, strlen(json), &set);

	if ((set == NULL) == (err == JOSE_OK))
		bail("key set and error disagree", json);
	jose_keyset_free(set);
	return err;
}

/* ---- what comes in ---- */

static void
test_form(void)
{
	static const struct
	{
		const char *json;
		JoseError	err;
	}			cases[] = {
		{"{\"keys\":[]}", JOSE_OK},
		{"{\"keys\":[" OCT "]}", JOSE_OK},
		{"{\"keys\":[" OCT "," EC "],\"other\":1}", JOSE_OK},
		{OCT, JOSE_OK},
		{"{}", JOSE_ERR_KEY_MEMBER},
		{"{\"keys\":null}", JOSE_ERR_KEY_MEMBER},
		{"{\"keys\":{}}", JOSE_ERR_KEY_MEMBER},
		{"{\"keys\":" OCT "}", JOSE_ERR_KEY_MEMBER},
		{"{\"keys\":\"\"}", JOSE_ERR_KEY_MEMBER},
		{"{\"keys\":[1]}", JOSE_ERR_KEY_MEMBER},
		{"{\"keys\":[" OCT ",null]}", JOSE_ERR_KEY_MEMBER},
		{"{\"keys\":[[" OCT "]]}", JOSE_ERR_KEY_MEMBER},
		{"[" OCT "]", JOSE_ERR_JSON},
		{"{\"keys\":[" OCT "]", JOSE_ERR_JSON},
		{"{\"keys\":[],\"keys\":[" OCT "]}", JOSE_ERR_JSON_DUPLICATE},
		{"{\"keys\":[],\"k\\u0065ys\":[" OCT "]}", JOSE_ERR_JSON_DUPLICATE},
		{"", JOSE_ERR_JSON}
	};
	int			i;

	for (i = 0; i < LENGTH(cases); i++)
		is_err(read_set(cases[i].json), cases[i].err, cases[i].json);
}

/* Attack: one text that is a key to one reader and a set of other keys to another. */
static void
test_key_and_set(void)
{
	is_err(read_set("{\"keys\":[" OCT "]," EC_MEMBERS "}"), JOSE_ERR_KEY_FORMAT, "a key and a set at once");
	is_err(read_set("{" EC_MEMBERS ",\"keys\":[" OCT "]}"), JOSE_ERR_KEY_FORMAT, "... in the other order");
	is_err(read_set("{\"kty\":null,\"keys\":[" OCT "]}"), JOSE_ERR_KEY_FORMAT, "... the key of no type");
	is_err(read_set("{" EC_MEMBERS ",\"keys\":[]}"), JOSE_ERR_KEY_FORMAT, "... the set empty");
}

/* RFC 7517 5: keys of unknown type, lacking members or out of range are left out */
static void
test_skipped(void)
{
	JoseKeySet *set = set_of("{\"keys\":[" EC ","
							 "{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"pub\":\"AAAA\"},"
							 "{\"kty\":\"EC\",\"crv\":\"P-192\",\"x\":\"AAAA\",\"y\":\"AAAA\"},"
							 "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"},"
							 "{\"kty\":\"RSA\"},"
							 "{\"kty\":\"oct\",\"k\":\"\"},"
							 "{\"kty\":\"oct\",\"k\":\"AAAA\",\"k\":\"BBBB\"},"
							 "{\"keys\":[" OCT "]},"
							 "{}," OCT "]}");

	ok(set->is_set, "a set is one");
	ok(set->count == 2, "two of ten keys are understood");
	ok(set->skipped == 8, "... and eight counted as left out");
	is_str(jose_key_type(set->keys[0]), "EC", "the first");
	is_str(jose_key_type(set->keys[1]), "oct", "the last");
	jose_keyset_free(set);

	set = set_of(OCT);
	ok(!set->is_set && set->count == 1, "a single key is no set");
	jose_keyset_free(set);
	is_err(read_set("{\"kty\":\"AKP\"}"), JOSE_ERR_KEY_TYPE, "... and is not left out, but refused");
	jose_keyset_free(NULL);
}

static JoseError
read_many(int count, const char *key)
{
	JoseBuf		json = {0};
	JoseError	err;
	int			i;

	jose_buf_puts(&json, "{\"keys\":[");
	for (i = 0; i < count; i++)
	{
		jose_buf_puts(&json, i > 0 ? "," : "");
		jose_buf_puts(&json, key);
	}
	jose_buf_puts(&json, "]}");
	err = read_set((char *) json.data);
	jose_buf_free(&json);
	return err;
}

static void
test_count(void)
{
	JoseKeySet *set = jose_keyset_new(true);
	JoseError	err = JOSE_OK;
	int			i;

	is_err(read_many(JOSE_MAX_KEYS, EC), JOSE_OK, "as many keys as may be");
	is_err(read_many(JOSE_MAX_KEYS + 1, EC), JOSE_ERR_TOO_LARGE, "one more");
	is_err(read_many(JOSE_MAX_KEYS + 1, "{}"), JOSE_ERR_TOO_LARGE, "one more, though none is understood");
	is_err(read_many(10000, "{}"), JOSE_ERR_TOO_LARGE, "10,000 of nothing");
	is_err(read_many(10000, EC), JOSE_ERR_TOO_LARGE, "10,000 keys");

	for (i = 0; i < JOSE_MAX_KEYS && err == JOSE_OK; i++)
		err = jose_keyset_add(set, key_of(OCT));
	is_err(err, JOSE_OK, "keys are added up to the bound");
	is_err(jose_keyset_add(set, key_of(OCT)), JOSE_ERR_TOO_LARGE, "... and no further");
	ok(set->count == JOSE_MAX_KEYS, "... which changes nothing");
	ok(jose_keyset_footprint(set) > JOSE_MAX_KEYS * 64, "a full set has a footprint");
	jose_keyset_free(set);
}

/* ---- which key ---- */

/* The secret's first letter of each key that is handed out, in order; then the error. */
static void
is_order(const JoseKeySet *set, const char *alg, const char *kid, const char *letters, JoseError last)
{
	char		got[16];
	int			count = 0;
	int			pos = 0;
	JoseKey    *key;
	JoseError	err;

	while ((err = jose_keyset_next(set, alg_of(alg), JOSE_OP_VERIFY, kid, 0, &pos, &key)) == JOSE_OK && count < 15)
	{
		JoseBuf		first = {0};

		jose_b64_append(&first, key->secret, 3);
		got[count++] = (char) first.data[0];
		jose_buf_free(&first);
	}
	got[count] = '\0';
	is_str(got, letters, kid != NULL ? kid : "no kid");
	is_err(err, last, "... and then none");
	ok(key == NULL, "... and NULL");
}

static void
test_selection(void)
{
	JoseKeySet *set = set_of("{\"keys\":["
							 KEY("\"kid\":\"one\",", "A") ","
							 KEY("\"kid\":\"two\",", "B") ","
							 KEY("", "C") ","
							 KEY("\"kid\":\"two\",", "D") ","
							 KEY("\"kid\":\"two\",\"alg\":\"HS512\",", "E") ","
							 KEY("\"kid\":\"\",", "F") ","
							 KEY("\"kid\":\"sign\",\"key_ops\":[\"sign\"],", "G") "]}");

	/* the end tells why what came after the last did not fit */
	is_order(set, "HS256", NULL, "ABCDF", JOSE_ERR_KEY_USE);
	is_order(set, "HS256", "one", "A", JOSE_ERR_KEY_NOT_FOUND);
	is_order(set, "HS256", "two", "BD", JOSE_ERR_KEY_ALG);
	is_order(set, "HS256", "", "F", JOSE_ERR_KEY_NOT_FOUND);
	is_order(set, "HS256", "three", "", JOSE_ERR_KEY_NOT_FOUND);
	is_order(set, "HS256", "ONE", "", JOSE_ERR_KEY_NOT_FOUND);
	is_order(set, "HS256", "one ", "", JOSE_ERR_KEY_NOT_FOUND);
	is_order(set, "HS256", "on", "", JOSE_ERR_KEY_NOT_FOUND);
	/* where the kid's key does not fit, the answer says why */
	is_order(set, "HS256", "sign", "", JOSE_ERR_KEY_USE);
	is_order(set, "RS256", "one", "", JOSE_ERR_KEY_ALG);
	is_order(set, "HS512", "one", "", JOSE_ERR_KEY_SHORT);
	jose_keyset_free(set);

	/* a single key has been chosen already: kid is a hint */
	set = set_of(KEY("\"kid\":\"one\",", "A"));
	is_order(set, "HS256", "other", "A", JOSE_ERR_KEY_NOT_FOUND);
	is_order(set, "HS256", NULL, "A", JOSE_ERR_KEY_NOT_FOUND);
	jose_keyset_free(set);

	set = set_of("{\"keys\":[]}");
	is_order(set, "HS256", NULL, "", JOSE_ERR_KEY_NOT_FOUND);
	jose_keyset_free(set);
}

/* ---- keys as text ---- */

static JoseError
read_bytes(const void *text, size_t len, const char **type)
{
	JoseKeySet *set;
	JoseError	err = jose_keyset_from_text(text, len, &set);

	if ((set == NULL) == (err == JOSE_OK))
		bail("key set and error disagree", text);
	*type = set == NULL ? NULL : set->is_set ? "set" : jose_key_type(set->keys[0]);
	jose_keyset_free(set);
	return err;
}

static void
is_text(const char *text, JoseError err, const char *type)
{
	const char *got;

	is_err(read_bytes(text, strlen(text), &got), err, strchr(text, '\n') == NULL ? text : "text of several lines");
	if (err == JOSE_OK)
		is_str(got, type, "... as");
}

static JoseBuf
pem_of(const char *jwk)
{
	JoseKey    *key = key_of(jwk);
	JoseBuf		pem = {0};

	if (jose_key_to_pem(key, &pem) != JOSE_OK)
		bail("no PEM of", jwk);
	jose_key_free(key);
	return pem;
}

static void
test_text(void)
{
	JoseBuf		pem = pem_of(EC);
	JoseBuf		padded = {0};
	const char *type;
	size_t		i;

	is_text(OCT, JOSE_OK, "oct");
	is_text(EC, JOSE_OK, "EC");
	is_text(" \r\n\t" EC "\n", JOSE_OK, "EC");
	is_text("{\"keys\":[" EC "]}", JOSE_OK, "set");
	is_text((char *) pem.data, JOSE_OK, "EC");
	is_text("a secret of at least 32 bytes, quite ordinary", JOSE_OK, "oct");
	is_text("{a secret that begins with a brace}", JOSE_OK, "oct");
	is_text("eyJ looks like base64 of JSON, and is none", JOSE_OK, "oct");
	is_text("MIIB looks like base64 of DER, and is none", JOSE_OK, "oct");
	is_text("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", JOSE_OK, "oct");
	is_text("", JOSE_ERR_KEY_EMPTY, NULL);
	/* JSON that is no key is refused for what it lacks */
	is_text("{}", JOSE_ERR_KEY_MEMBER, NULL);
	is_text("{\"a\":1}", JOSE_ERR_KEY_MEMBER, NULL);
	is_text("{\"kty\":\"AKP\"}", JOSE_ERR_KEY_TYPE, NULL);
	is_text("{\"a\":1,\"a\":2}", JOSE_ERR_JSON_DUPLICATE, NULL);
	is_err(read_bytes("\0secret\0", 8, &type), JOSE_OK, "octets of any value are a secret");

	for (i = 0; i < JOSE_MAX_KEY_TEXT; i++)
		jose_buf_puts(&padded, "x");
	is_err(read_bytes(padded.data, padded.len, &type), JOSE_OK, "a secret as long as may be");
	jose_buf_puts(&padded, "x");
	is_err(read_bytes(padded.data, padded.len, &type), JOSE_ERR_TOO_LARGE, "a byte longer");
	jose_buf_free(&padded);
	jose_buf_free(&pem);
}

/*
 * Attack: 64 RSA keys without their primes, which take a third of a second
 * each to find, and a statement that cannot be cancelled meanwhile.
 */
static int	asked;

static bool
stop_at_third(void)
{
	return ++asked >= 3;
}

static void
test_cancel(void)
{
	static const char json[] = "{\"keys\":[" OCT "," OCT "," OCT "," OCT "]}";
	JoseKeySet *set;

	asked = 0;
	is_err(jose_keyset_from_json_unless(stop_at_third, json, strlen(json), &set), JOSE_ERR_CANCELLED,
		   "stopped before the third key");
	ok(set == NULL && asked == 3, "... with nothing in hand");
	asked = 0;
	is_err(jose_keyset_from_text_unless(stop_at_third, json, strlen(json), &set), JOSE_ERR_CANCELLED,
		   "stopped before the third key of a text");
	ok(set == NULL && asked == 3, "... with nothing in hand");
	asked = 0;
	is_err(jose_keyset_from_text_unless(stop_at_third, OCT, strlen(OCT), &set), JOSE_OK, "one key is not stopped");
	ok(asked == 0, "... nobody having been asked");
	jose_keyset_free(set);
}

int
main(void)
{
	test_form();
	test_key_and_set();
	test_skipped();
	test_count();
	test_selection();
	test_text();
	test_cancel();
	queue_is_empty();
	return done_testing();
}
