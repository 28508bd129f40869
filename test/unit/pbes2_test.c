/*
 * pbes2_test.c
 *		Encryption under a password: RFC 7517 C and RFC 7520 5.3, and counts
 *		and salts no recipient should work for.
 */
#include <time.h>

#include "tap.h"
#include "crypt.h"

static const char *const algs[] = {"PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"};

static JoseError
wrap_under(const char *alg, JoseKey *key, const char *header, JoseBuf *cek, JoseBuf *encrypted, JoseBuf *members)
{
	JoseObject *object = object_of(header);
	const JoseAlg *row = alg_of(alg);
	JoseError	err = row->wrap->wrap(row, enc_of("A256GCM"), key, object, cek, encrypted, members);

	jose_object_free(object);
	return err;
}

static void
test_vector(const char *source, const char *alg, const char *password, const char *header,
			const char *encrypted_key, const char *expected_cek)
{
	JoseKey    *key = password_key(password);
	JoseBuf		encrypted = from_b64(encrypted_key);
	JoseBuf		expected = from_b64(expected_cek);
	JoseBuf		cek = {0};

	is_err(unwrap_with(alg, "A128CBC-HS256", key, header, &encrypted, &cek), JOSE_OK, source);
	is_buf(&cek, &expected, "its content encryption key");
	jose_buf_free(&cek);
	jose_buf_free(&encrypted);
	jose_buf_free(&expected);
	jose_key_free(key);
}

static void
test_vectors(void)
{
	test_vector("RFC 7517 C", "PBES2-HS256+A128KW", "Thus from my lips, by yours, my sin is purged.",
				"{\"p2s\":\"2WCTcJZ1Rvd_CJuJripQ1w\",\"p2c\":4096}",
				"TrqXOwuNUfDV9VPTNbyGvEJ9JMjefAVn-TR1uIxR9p6hsRQh9Tk7BA",
				"bxsZNEIdFE5csDjwQdBScKGDJDfK7LmsgReZwsMw_bY");
	/* the password's dashes are U+2013 */
	test_vector("RFC 7520 5.3", "PBES2-HS512+A256KW",
				"entrap_o\xe2\x80\x93peter_long\xe2\x80\x93" "credit_tun",
				"{\"p2s\":\"8Q1SzinasR3xchYz6ZZcHA\",\"p2c\":8192}",
				"d3qNhUWfqheyPp4H8sjOWsDYajoej4c5Je6rlUtFPWdgtURtmeDV1g",
				"uwsjJXaBK407Qaf0_zpcpmr1Cs0CC50hIUEyGNEt3m0");
}

/*
 * An encrypted key made by hand, as RFC 7518 4.8 says: PBKDF2 over the name, a
 * zero byte and p2s, and RFC 3394 under what comes of it.
 */
static JoseBuf
by_hand(const char *alg, const char *password, const void *p2s, size_t len, int count, const JoseBuf *cek)
{
	const JoseAlg *row = alg_of(alg);
	unsigned char kek[32];
	JoseBuf		salt = {0};
	JoseBuf		wrapped = {0};
	EVP_MD	   *digest = EVP_MD_fetch(NULL, row->digest, NULL);

	jose_buf_append(&salt, alg, strlen(alg) + 1);
	jose_buf_append(&salt, p2s, len);
	if (PKCS5_PBKDF2_HMAC(password, (int) strlen(password), salt.data, (int) salt.len, count,
						  digest, row->bytes, kek) != 1 ||
		jose_aes_wrap(row->cipher, kek, cek->data, cek->len, &wrapped) != JOSE_OK)
		bail("cannot make by hand", alg);
	EVP_MD_free(digest);
	jose_buf_free(&salt);
	return wrapped;
}

/* The smallest p2s there may be, 8 bytes, and the smallest and a larger count. */
static void
test_by_hand(void)
{
	JoseKey    *key = password_key("correct horse");
	JoseBuf		cek = {0};
	size_t		i;

	jose_buf_puts(&cek, "0123456789abcdef0123456789ABCDEF");
	for (i = 0; i < 3; i++)
	{
		JoseBuf		small = by_hand(algs[i], "correct horse", "saltsalt", 8, 1000, &cek);
		JoseBuf		large = by_hand(algs[i], "correct horse", "saltsalt", 8, 20001, &cek);
		JoseBuf		got = {0};

		is_err(unwrap_with(algs[i], "A256GCM", key, "{\"p2s\":\"c2FsdHNhbHQ\",\"p2c\":1000}", &small, &got), JOSE_OK, algs[i]);
		is_buf(&got, &cek, "count 1000, salt of 8 bytes");
		jose_buf_reset(&got);
		is_err(unwrap_with(algs[i], "A256GCM", key, "{\"p2c\":20001,\"p2s\":\"c2FsdHNhbHQ\"}", &large, &got), JOSE_OK, algs[i]);
		is_buf(&got, &cek, "count 20001");
		jose_buf_free(&small);
		jose_buf_free(&large);
		jose_buf_free(&got);
	}
	jose_buf_free(&cek);
	jose_key_free(key);
}

/*
 * Attack: a token of a few hundred bytes that says how long the recipient
 * shall work, 2^31 rounds or for ever; or one that overflows the counter, or
 * that a lenient number parser reads as something else.
 */
static void
test_counts(void)
{
	static const char *const counts[] = {
		"2147483648", "2147483647", "4294967296", "4294968296", "18446744073709552616",
		"99999999999999999999999999999999999999999999999999", "-1", "-2147483648", "-1000",
		"0", "-0", "1", "999", "1000001", "1e3", "1E3", "1e400", "1000.5", "1000.0", "10e2",
		"\"1000\"", "null", "true", "[]", "[1000]", "{}", "\"\""
	};
	JoseKey    *key = password_key("correct horse");
	JoseBuf		encrypted = from_b64("TrqXOwuNUfDV9VPTNbyGvEJ9JMjefAVn-TR1uIxR9p6hsRQh9Tk7BA");
	clock_t		start = clock();
	double		seconds;
	size_t		i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
	{
		JoseBuf		cek = {0};
		JoseBuf		members = {0};
		JoseBuf		made = {0};
		char		header[256];

		snprintf(header, sizeof(header), "{\"p2s\":\"c2FsdHNhbHQ\",\"p2c\":%s}", counts[i]);
		is_err(unwrap_with(algs[0], "A256GCM", key, header, &encrypted, &cek), JOSE_ERR_PBES2_COUNT, header);
		snprintf(header, sizeof(header), "{\"p2c\":%s}", counts[i]);
		is_err(wrap_under(algs[0], key, header, &cek, &made, &members), JOSE_ERR_PBES2_COUNT, "nor do we encrypt with it");
		ok(cek.len == 0 && made.len == 0, "no key came of it");
		jose_buf_free(&cek);
		jose_buf_free(&made);
		jose_buf_free(&members);
	}
	seconds = (double) (clock() - start) / CLOCKS_PER_SEC;
	if (!ok(seconds < 0.2, "all of them refused at once"))
		printf("#   they took %.3f s\n", seconds);
	jose_buf_free(&encrypted);
	jose_key_free(key);
}

/* Both ends of what is allowed are worked for, and fail only as a wrong password does. */
static void
test_bounds(void)
{
	JoseKey    *key = password_key("wrong horse");
	JoseBuf		encrypted = from_b64("TrqXOwuNUfDV9VPTNbyGvEJ9JMjefAVn-TR1uIxR9p6hsRQh9Tk7BA");
	JoseBuf		cek = {0};

	is_err(unwrap_with(algs[0], "A256GCM", key, "{\"p2s\":\"c2FsdHNhbHQ\",\"p2c\":1000}", &encrypted, &cek),
		   JOSE_ERR_DECRYPT, "count 1000, wrong password");
	is_err(unwrap_with(algs[0], "A256GCM", key, "{\"p2s\":\"c2FsdHNhbHQ\",\"p2c\":1000000}", &encrypted, &cek),
		   JOSE_ERR_DECRYPT, "count 1000000, wrong password");
	is_err(unwrap_with(algs[0], "A256GCM", key, "{\"p2s\":\"c2FsdHNhbHQ\"}", &encrypted, &cek),
		   JOSE_ERR_PBES2_COUNT, "no count");
	ok(cek.len == 0, "no key came of it");
	jose_buf_free(&cek);
	jose_buf_free(&encrypted);
	jose_key_free(key);
}

/* Attack: a salt too short to keep tables of common passwords useless, or none. */
static void
test_salts(void)
{
	static const char *const salts[] = {
		"\"c2FsdHNhbA\"", "\"\"", "\"AA\"", "null", "1", "[]", "\"c2FsdHNhbHQ=\"", "\"c2Fsd HNhbHQ\"", "\"c2FsdHNhbHR\""
	};
	JoseKey    *key = password_key("correct horse");
	JoseBuf		cek = {0};
	JoseBuf		encrypted;
	JoseBuf		got = {0};
	size_t		i;

	/* with what the first would unwrap to, so that only its length is wrong */
	jose_buf_puts(&cek, "0123456789abcdef0123456789ABCDEF");
	encrypted = by_hand(algs[0], "correct horse", "saltsal", 7, 1000, &cek);
	for (i = 0; i < sizeof(salts) / sizeof(salts[0]); i++)
	{
		char		header[256];

		snprintf(header, sizeof(header), "{\"p2s\":%s,\"p2c\":1000}", salts[i]);
		is_err(unwrap_with(algs[0], "A256GCM", key, header, &encrypted, &got), JOSE_ERR_DECRYPT, header);
	}
	is_err(unwrap_with(algs[0], "A256GCM", key, "{\"p2c\":1000}", &encrypted, &got), JOSE_ERR_DECRYPT, "no salt");
	ok(got.len == 0, "no key came of any");
	jose_buf_free(&got);
	jose_buf_free(&cek);
	jose_buf_free(&encrypted);
	jose_key_free(key);
}

/* The salt holds the algorithm's name, so that one's key is no other's. */
static void
test_bound_to_alg(void)
{
	JoseKey    *key = password_key("correct horse");
	JoseBuf		cek = {0};
	JoseBuf		got = {0};
	JoseBuf		encrypted;

	jose_buf_puts(&cek, "0123456789abcdef0123456789ABCDEF");
	encrypted = by_hand(algs[1], "correct horse", "saltsalt", 8, 1000, &cek);
	is_err(unwrap_with(algs[0], "A256GCM", key, "{\"p2s\":\"c2FsdHNhbHQ\",\"p2c\":1000}", &encrypted, &got),
		   JOSE_ERR_DECRYPT, "HS384's is not HS256's");
	is_err(unwrap_with(algs[2], "A256GCM", key, "{\"p2s\":\"c2FsdHNhbHQ\",\"p2c\":1000}", &encrypted, &got),
		   JOSE_ERR_DECRYPT, "nor HS512's");
	jose_buf_free(&got);
	jose_buf_free(&cek);
	jose_buf_free(&encrypted);
	jose_key_free(key);
}

/* Our own: a fresh salt of 16 bytes, and the count the reference promises. */
static void
test_wrap(const char *alg, int expected_count)
{
	JoseKey    *key = password_key("correct horse");
	JoseBuf		cek = {0};
	JoseBuf		encrypted = {0};
	JoseBuf		members = {0};
	char		count[32];

	is_err(wrap_under(alg, key, "{}", &cek, &encrypted, &members), JOSE_OK, alg);
	snprintf(count, sizeof(count), ",\"p2c\":%d", expected_count);
	ok(strstr((char *) members.data, count) != NULL, "its count is %d", expected_count);
	ok(strncmp((char *) members.data, ",\"p2s\":\"", 8) == 0 &&
	   strcspn((char *) members.data + 8, "\"") == JOSE_B64_LEN(16), "its salt has 16 bytes");
	jose_buf_free(&cek);
	jose_buf_free(&encrypted);
	jose_buf_free(&members);
	jose_key_free(key);
}

/* A caller may choose the count; the header holds it already. */
static void
test_callers_count(void)
{
	JoseKey    *key = password_key("correct horse");
	JoseBuf		cek = {0};
	JoseBuf		again = {0};
	JoseBuf		encrypted = {0};
	JoseBuf		members = {0};
	JoseBuf		members_again = {0};

	is_err(wrap_under(algs[0], key, "{\"p2c\":1000}", &cek, &encrypted, &members), JOSE_OK, "the caller's count");
	ok(strstr((char *) members.data, "p2c") == NULL, "is not written twice");
	jose_buf_reset(&encrypted);
	is_err(wrap_under(algs[0], key, "{\"p2c\":1000}", &again, &encrypted, &members_again), JOSE_OK, "once more");
	ok(strcmp((char *) members.data, (char *) members_again.data) != 0, "the salt is another");
	ok(memcmp(cek.data, again.data, cek.len) != 0, "and so is the key");
	jose_buf_free(&cek);
	jose_buf_free(&again);
	jose_buf_free(&encrypted);
	jose_buf_free(&members);
	jose_buf_free(&members_again);
	jose_key_free(key);
}

int
main(void)
{
	test_vectors();
	test_by_hand();
	test_counts();
	test_bounds();
	test_salts();
	test_bound_to_alg();
	test_wrap(algs[0], 600000);
	test_wrap(algs[1], 500000);
	test_wrap(algs[2], 210000);
	test_callers_count();
	queue_is_empty();
	return done_testing();
}
