/*
 * rsa_key_test.c
 *		RSA keys: what must not pass for one, those of n, e and d alone, and making
 *		new ones.
 */
#include <time.h>

#include "tap.h"
#include "crypt.h"
#include "asym.h"
#include "foreign.h"
#include "rfc_keys.h"
#include "pkey.h"

#define JWK FOREIGN_RSA_JWK

/* A public key, to change its n and e. */
#define PUBLIC RFC7638_JWK

/* ---- what is no key ---- */

static void
test_missing(void)
{
	static const char *const private[] = {"p", "q", "dp", "dq", "qi"};
	size_t		i;

	refuses(JWK, "n", NULL, JOSE_ERR_KEY_MEMBER, "no n");
	refuses(JWK, "e", NULL, JOSE_ERR_KEY_MEMBER, "no e");
	refuses(JWK, "n", "\"\"", JOSE_ERR_KEY_MEMBER, "n is empty");
	refuses(JWK, "e", "65537", JOSE_ERR_KEY_MEMBER, "e is a number");
	refuses(JWK, "e", "null", JOSE_ERR_KEY_MEMBER, "e is null");
	refuses(JWK, "e", "\"AQAB=\"", JOSE_ERR_KEY_MEMBER, "e is padded base64");
	refuses(JWK, "d", "null", JOSE_ERR_KEY_MEMBER, "d is null");
	refuses(JWK, "d", "\"\"", JOSE_ERR_KEY_MEMBER, "d is empty");
	refuses(JWK, "d", NULL, JOSE_ERR_KEY_MEMBER, "p to qi without d");
	/* RFC 7518 6.3.2: all or none */
	for (i = 0; i < sizeof(private) / sizeof(private[0]); i++)
		refuses(JWK, private[i], NULL, JOSE_ERR_KEY_MEMBER, private[i]);
	refuses(JWK, "oth", "[]", JOSE_ERR_KEY_TYPE, "oth: more than two primes");
	refuses(JWK, "oth", "[{\"r\":\"Aw\",\"d\":\"AQ\",\"t\":\"AQ\"}]", JOSE_ERR_KEY_TYPE, "oth with a prime");
}

static void
test_exponent(void)
{
	/* with e = 1 the padded hash is its own signature */
	refuses(PUBLIC, "e", "\"AQ\"", JOSE_ERR_KEY_WEAK, "e = 1");
	refuses(PUBLIC, "e", "\"Ag\"", JOSE_ERR_KEY_INVALID, "e = 2");
	refuses(PUBLIC, "e", "\"AA\"", JOSE_ERR_KEY_INVALID, "e = 0");
	refuses(PUBLIC, "e", "\"AQAA\"", JOSE_ERR_KEY_INVALID, "e = 65536");
	refuses(PUBLIC, "e", "\"AAEAAQ\"", JOSE_ERR_KEY_INVALID, "e = 65537 with a leading zero");
	refuses(PUBLIC, "e", "\"AQAAAAAAAAAB\"", JOSE_ERR_KEY_INVALID, "e = 2^64 + 1");
	refuses(PUBLIC, "e", "\"__________8\"", JOSE_OK, "e = 2^64 - 1 is the longest");
}

static void
test_modulus(void)
{
	BIGNUM	   *n = member_number(PUBLIC, "n");
	BIGNUM	   *changed = BN_new();
	JoseBuf		bytes = {0};

	BN_rshift1(changed, n);
	BN_set_bit(changed, 0);
	refuses_number(PUBLIC, "n", changed, JOSE_ERR_KEY_WEAK, "2047 bits");
	BN_rshift(changed, n, 1024);
	BN_set_bit(changed, 0);
	refuses_number(PUBLIC, "n", changed, JOSE_ERR_KEY_WEAK, "1024 bits");
	refuses(PUBLIC, "n", "\"AQ\"", JOSE_ERR_KEY_WEAK, "n = 1");
	/* time grows with the cube: one of 400,000 bits would hold a session for hours */
	BN_lshift(changed, n, 8193 - 2048);
	BN_set_bit(changed, 0);
	refuses_number(PUBLIC, "n", changed, JOSE_ERR_TOO_LARGE, "8193 bits");
	BN_copy(changed, n);
	BN_clear_bit(changed, 0);
	refuses_number(PUBLIC, "n", changed, JOSE_ERR_KEY_INVALID, "even");
	BN_mul_word(changed, 3);
	BN_set_bit(changed, 0);
	while (BN_mod_word(changed, 19) != 0)
		BN_add_word(changed, 2);
	refuses_number(PUBLIC, "n", changed, JOSE_ERR_KEY_INVALID, "a multiple of 19");
	jose_buf_append(&bytes, "", 1);
	BN_bn2binpad(n, jose_buf_grow(&bytes, 256), 256);
	refuses_bytes(PUBLIC, "n", bytes.data, bytes.len, JOSE_ERR_KEY_INVALID, "with a leading zero");
	jose_buf_free(&bytes);
	BN_free(changed);
	BN_free(n);
}

/*
 * A private key whose halves differ signs what nobody can verify, or, with a
 * wrong CRT number, leaks a factor of n by its first faulty signature.
 */
static void
test_halves(void)
{
	static const char *const private[] = {"d", "p", "q", "dp", "dq", "qi"};
	BIGNUM	   *number;
	size_t		i;

	for (i = 0; i < sizeof(private) / sizeof(private[0]); i++)
	{
		JoseBuf		other = member_bytes(RFC7515_A2_JWK, private[i]);

		refuses_bytes(JWK, private[i], other.data, other.len, JOSE_ERR_KEY_INVALID, "another key's number");
		jose_buf_free(&other);
		number = member_number(JWK, private[i]);
		BN_add_word(number, 2);
		refuses_number(JWK, private[i], number, JOSE_ERR_KEY_INVALID, "the number, and two");
		BN_free(number);
		refuses(JWK, private[i], "\"AA\"", JOSE_ERR_KEY_INVALID, "zero");
		refuses(JWK, private[i], "\"AQ\"", JOSE_ERR_KEY_INVALID, "one");
	}
}

/* All that is private of one key, which fits together, under the n of another. */
static void
test_other_modulus(void)
{
	JoseBuf		n = member_bytes(RFC7515_A2_JWK, "n");

	refuses_bytes(JWK, "n", n.data, n.len, JOSE_ERR_KEY_INVALID, "another key's n");
	jose_buf_free(&n);
	n = member_bytes(JWK, "n");
	refuses_bytes(RFC7515_A2_JWK, "n", n.data, n.len, JOSE_ERR_KEY_INVALID, "and the other way round");
	jose_buf_free(&n);
}

/* n, e, d of one key and trivial factors: p = n, q = 1. */
static void
test_trivial_factors(void)
{
	JoseBuf		n = member_bytes(JWK, "n");
	JoseBuf		one = jwk_with(JWK, "q", "\"AQ\"");

	refuses_bytes((const char *) one.data, "p", n.data, n.len, JOSE_ERR_KEY_INVALID, "p = n, q = 1");
	jose_buf_free(&one);
	one = jwk_with(JWK, "p", "\"AQ\"");
	refuses_bytes((const char *) one.data, "q", n.data, n.len, JOSE_ERR_KEY_INVALID, "p = 1, q = n");
	jose_buf_free(&one);
	jose_buf_free(&n);
}

/* d + lambda serves as well as d, but RFC 8017 3.2 has it under n; so have we. */
static void
test_long_d(void)
{
	BIGNUM	   *d = member_number(JWK, "d");
	BIGNUM	   *p = member_number(JWK, "p");
	BIGNUM	   *q = member_number(JWK, "q");
	BN_CTX	   *ctx = BN_CTX_new();

	BN_sub_word(p, 1);
	BN_sub_word(q, 1);
	BN_mul(p, p, q, ctx);
	BN_add(d, d, p);
	BN_add(d, d, p);
	refuses_number(JWK, "d", d, JOSE_ERR_KEY_INVALID, "d + 2 (p - 1)(q - 1)");
	BN_free(d);
	BN_free(p);
	BN_free(q);
	BN_CTX_free(ctx);
}

/* ---- n, e and d alone ---- */

static JoseBuf
without_crt(const char *jwk)
{
	static const char *const others[] = {"p", "q", "dp", "dq", "qi"};
	JoseBuf		out = jwk_with(jwk, others[0], NULL);
	int			i;

	for (i = 1; i < 5; i++)
	{
		JoseBuf		next = jwk_with((const char *) out.data, others[i], NULL);

		jose_buf_free(&out);
		out = next;
	}
	return out;
}

static void
test_no_crt(void)
{
	JoseBuf		bare = without_crt(RFC7515_A2_JWK);
	JoseBuf		other = member_bytes(JWK, "d");
	JoseBuf		written = {0};
	JoseKey    *key = key_of((const char *) bare.data);
	JoseBuf		signature = sign_message(key, "RS256", RFC7515_A2_INPUT);
	JoseBuf		expected = from_b64(RFC7515_A2_SIGNATURE);
	BIGNUM	   *d = member_number(RFC7515_A2_JWK, "d");

	is_buf(&signature, &expected, "n, e and d alone: signs the same");
	is_err(jose_key_to_jwk(key, true, &written), JOSE_OK, "and is written whole");
	writes_the_same((const char *) written.data, true, "with the numbers found");
	jose_key_free(key);
	key = NULL;
	is_err(read_jwk((const char *) written.data), JOSE_OK, "which make a key again");

	refuses_bytes((const char *) bare.data, "d", other.data, other.len, JOSE_ERR_KEY_INVALID, "another key's d");
	BN_add_word(d, 2);
	refuses_number((const char *) bare.data, "d", d, JOSE_ERR_KEY_INVALID, "d + 2");
	BN_add_word(d, 1);
	refuses_number((const char *) bare.data, "d", d, JOSE_ERR_KEY_INVALID, "d + 3, even");
	refuses((const char *) bare.data, "d", "\"AA\"", JOSE_ERR_KEY_INVALID, "d = 0");
	refuses((const char *) bare.data, "d", "\"AQ\"", JOSE_ERR_KEY_INVALID, "d = 1");
	BN_set_bit(d, 4095);
	refuses_number((const char *) bare.data, "d", d, JOSE_ERR_KEY_INVALID, "d twice as long as n");
	BN_free(d);
	jose_buf_free(&bare);
	jose_buf_free(&other);
	jose_buf_free(&written);
	jose_buf_free(&signature);
	jose_buf_free(&expected);
	jose_key_free(key);
}

static JoseBuf
jwk_of_numbers(const BIGNUM *n, const BIGNUM *d)
{
	JoseBuf		jwk = {0};

	jose_buf_puts(&jwk, "{\"kty\":\"RSA\",\"e\":\"AQAB\"");
	if (jose_jwk_write_number(&jwk, "n", n, 0) != JOSE_OK || jose_jwk_write_number(&jwk, "d", d, 0) != JOSE_OK)
		bail("not written", "n and d");
	jose_buf_puts(&jwk, "}");
	return jwk;
}

/* d for the exponent 65537, in the place of the order of the group */
static void
invert_exponent(BIGNUM *order, BN_CTX *ctx)
{
	BIGNUM	   *e = BN_new();

	BN_set_word(e, 65537);
	if (BN_mod_inverse(order, e, order, ctx) == NULL)
		bail("no inverse of", "65537");
	BN_free(e);
}

/*
 * Attack: primes of which every small number is the square root's worst case
 * (p = q = -1 modulo 8 * 3 * 5 * ... * 61, so that each power of it is 1 at
 * once), for a search that only tries small numbers.
 */
static void
test_evasive_primes(void)
{
	static const unsigned char primes[] = {3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61};
	BN_CTX	   *ctx = BN_CTX_new();
	BIGNUM	   *step = BN_new();
	BIGNUM	   *rest = BN_new();
	BIGNUM	   *p = BN_new();
	BIGNUM	   *q = BN_new();
	BIGNUM	   *n = BN_new();
	BIGNUM	   *d = BN_new();
	JoseBuf		jwk;
	size_t		i;

	BN_set_word(step, 8);
	for (i = 0; i < sizeof(primes); i++)
		BN_mul_word(step, primes[i]);
	BN_sub(rest, step, BN_value_one());
	if (BN_generate_prime_ex(p, 1024, 0, step, rest, NULL) != 1 ||
		BN_generate_prime_ex(q, 1025, 0, step, rest, NULL) != 1 ||
		BN_mul(n, p, q, ctx) != 1)
		bail("no primes for", "n");
	BN_sub_word(p, 1);
	BN_sub_word(q, 1);
	BN_mul(d, p, q, ctx);
	invert_exponent(d, ctx);
	jwk = jwk_of_numbers(n, d);
	is_err(read_jwk((const char *) jwk.data), JOSE_OK, "primes chosen to hide from small bases are found");
	jose_buf_free(&jwk);
	BN_free(step);
	BN_free(rest);
	BN_free(p);
	BN_free(q);
	BN_free(n);
	BN_free(d);
	BN_CTX_free(ctx);
}

/*
 * Attack: a prime for n, or its square, whose factors are then looked for in
 * vain: 25 seconds with 8192 bits, and no way to cancel.
 */
static void
refuses_fast(const BIGNUM *n, const BIGNUM *d, const char *what)
{
	JoseBuf		jwk = jwk_of_numbers(n, d);
	BN_CTX	   *ctx = BN_CTX_new();
	BIGNUM	   *power = BN_new();
	clock_t		start = clock();
	clock_t		one;
	int			i;

	BN_set_word(power, 3);
	for (i = 0; i < 8; i++)
		BN_mod_exp(power, power, d, n, ctx);
	one = (clock() - start) / 8;
	start = clock();
	is_err(read_jwk((const char *) jwk.data), JOSE_ERR_KEY_INVALID, what);
	ok(clock() - start < 16 * one, "... and not at the cost of 16 exponentiations");
	jose_buf_free(&jwk);
	BN_free(power);
	BN_CTX_free(ctx);
}

static void
test_prime_modulus(void)
{
	BN_CTX	   *ctx = BN_CTX_new();
	BIGNUM	   *p = BN_new();
	BIGNUM	   *n = BN_new();
	BIGNUM	   *d = BN_new();

	if (BN_generate_prime_ex(p, 2048, 0, NULL, NULL, NULL) != 1)
		bail("no prime for", "n");
	BN_sub(d, p, BN_value_one());
	invert_exponent(d, ctx);
	refuses_fast(p, d, "n is a prime");

	if (BN_generate_prime_ex(p, 1024, 0, NULL, NULL, NULL) != 1 || BN_sqr(n, p, ctx) != 1)
		bail("no prime for", "n");
	BN_sub(d, n, p);
	invert_exponent(d, ctx);
	refuses_fast(n, d, "n is a prime's square");
	BN_free(p);
	BN_free(n);
	BN_free(d);
	BN_CTX_free(ctx);
}

/* Private numbers may be padded: some writers pad d to n's length. */
static void
test_padded_private(void)
{
	JoseBuf		d = member_bytes(JWK, "d");
	JoseBuf		padded = {0};
	JoseBuf		jwk;

	jose_buf_append(&padded, "\0\0", 2);
	jose_buf_append(&padded, d.data, d.len);
	jwk = jwk_with_bytes(JWK, "d", padded.data, padded.len);
	is_err(read_jwk((const char *) jwk.data), JOSE_OK, "d with leading zeros");
	jose_buf_free(&d);
	jose_buf_free(&padded);
	jose_buf_free(&jwk);
}

/* ---- generation ---- */

static void
test_generate(void)
{
	JoseKey    *key;
	JoseBuf		jwk = {0};
	JoseObject *object;

	asked = 0;
	is_err(jose_key_generate("PS256", 0, NULL, never_stop, &key), JOSE_OK, "generated");
	ok(asked > 1, "stop was asked along the way");
	is_err(jose_key_bits(key), 2048, "of 2048 bits by default");
	round_trips(key, "PS256");
	is_err(jose_key_to_jwk(key, true, &jwk), JOSE_OK, "written");
	object = object_of((const char *) jwk.data);
	is_str(jose_object_get(object, "e")->string, "AQAB", "with the exponent 65537");
	is_err(read_jwk((const char *) jwk.data), JOSE_OK, "and read");
	jose_object_free(object);
	jose_buf_free(&jwk);
	jose_key_free(key);

	asked = 0;
	is_err(generate_error("RS256", 4096, NULL, stop_at_once), JOSE_ERR_CANCELLED, "stopped");
	ok(asked == 1, "after being asked once");
	is_err(generate_error("RS256", 2047, NULL, NULL), JOSE_ERR_KEY_WEAK, "2047 bits");
	is_err(generate_error("RS256", 1, NULL, NULL), JOSE_ERR_KEY_WEAK, "1 bit");
	is_err(generate_error("RS256", -2048, NULL, NULL), JOSE_ERR_KEY_WEAK, "-2048 bits");
	is_err(generate_error("RS256", 4097, NULL, NULL), JOSE_ERR_TOO_LARGE, "4097 bits");
	is_err(generate_error("RS256", 2147483647, NULL, NULL), JOSE_ERR_TOO_LARGE, "all the bits there are");
	is_err(generate_error("RS256", 0, "P-256", NULL), JOSE_ERR_KEY_TYPE, "on a curve");
}

/* A stop in mid-search, as a cancelled statement gives it. */
static bool
stop_at_fifth(void)
{
	return ++asked >= 5;
}

static void
test_cancel(void)
{
	asked = 0;
	is_err(generate_error("RS256", 4096, NULL, stop_at_fifth), JOSE_ERR_CANCELLED, "stopped in mid-search");
	ok(asked == 5, "and not asked again");
}

int
main(void)
{
	has_thumbprint(RFC7638_JWK, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "RFC 7638 3.1");
	writes_the_same(JWK, true, "another library's JWK");
	test_missing();
	test_exponent();
	test_modulus();
	test_halves();
	test_other_modulus();
	test_trivial_factors();
	test_long_d();
	test_no_crt();
	test_evasive_primes();
	test_prime_modulus();
	test_padded_private();
	test_generate();
	test_cancel();
	queue_is_empty();
	return done_testing();
}
