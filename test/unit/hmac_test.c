/*
 * hmac_test.c
 *		HS256, HS384 and HS512, RFC 7518 3.2, with the vectors of RFC 4231.
 */
#include <stdlib.h>

#include "tap.h"
#include "crypt.h"

static const char *const names[] = {"HS256", "HS384", "HS512"};
static const size_t sizes[] = {32, 48, 64};

static JoseError
verify(JoseKey *key, const char *alg, const char *message, const void *mac, size_t len)
{
	return jose_verify(key, alg_of(alg), JOSE_ALLOW_SHORT_HMAC, message, strlen(message), mac, len);
}

/* A key of len octets, all c. */
static JoseKey *
key_filled(int c, size_t len)
{
	unsigned char secret[1024];
	JoseKey    *key;

	memset(secret, c, len);
	if (jose_key_from_secret(secret, len, &key) != JOSE_OK)
		bail("no key", "key_filled");
	return key;
}

/* ---- RFC 4231 4 ---- */

static void
check_vector(const char *name, const char *key_hex, const char *message_hex, const char *const macs[3])
{
	JoseBuf		secret = from_hex(key_hex);
	JoseBuf		message = from_hex(message_hex);
	JoseKey    *key;
	int			i;

	if (jose_key_from_secret(secret.data, secret.len, &key) != JOSE_OK)
		bail("no key", name);
	for (i = 0; i < 3; i++)
	{
		JoseBuf		expected = from_hex(macs[i]);
		JoseBuf		got = {0};

		/* the RFC's keys are shorter than RFC 7518 has them */
		is_err(jose_sign(key, alg_of(names[i]), JOSE_ALLOW_SHORT_HMAC, message.data, message.len, &got),
			   JOSE_OK, name);
		is_buf(&got, &expected, names[i]);
		is_err(jose_verify(key, alg_of(names[i]), JOSE_ALLOW_SHORT_HMAC, message.data, message.len,
						   expected.data, expected.len), JOSE_OK, "... verifies");
		jose_buf_free(&expected);
		jose_buf_free(&got);
	}
	jose_key_free(key);
	jose_buf_free(&secret);
	jose_buf_free(&message);
}

#define DD10	"dddddddddddddddddddd"
#define CD10	"cdcdcdcdcdcdcdcdcdcd"
#define AA10	"aaaaaaaaaaaaaaaaaaaa"
#define AA130	AA10 AA10 AA10 AA10 AA10 AA10 AA10 AA10 AA10 AA10 AA10 AA10 AA10

static void
test_vectors(void)
{
	static const char *const mac1[] = {
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
		"afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
		"faea9ea9076ede7f4af152e8b2fa9cb6",
		"87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
		"daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
	};
	static const char *const mac2[] = {
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		"af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
		"8e2240ca5e69e2c78b3239ecfab21649",
		"164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
		"9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
	};
	static const char *const mac3[] = {
		"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
		"88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b"
		"2a5ab39dc13814b94e3ab6e101a34f27",
		"fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
		"bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"
	};
	static const char *const mac4[] = {
		"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
		"3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e"
		"6801dd23c4a7d679ccf8a386c674cffb",
		"b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
		"a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"
	};
	static const char *const mac6[] = {
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
		"4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
		"0c2ef6ab4030fe8296248df163f44952",
		"80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
		"6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"
	};

	check_vector("RFC 4231 4.2", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265", mac1);
	check_vector("RFC 4231 4.3", "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f", mac2);
	check_vector("RFC 4231 4.4", AA10 AA10, DD10 DD10 DD10 DD10 DD10, mac3);
	check_vector("RFC 4231 4.5", "0102030405060708090a0b0c0d0e0f10111213141516171819",
				 CD10 CD10 CD10 CD10 CD10, mac4);
	check_vector("RFC 4231 4.7, a key longer than the hash's block", AA130 "aa",
				 "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579"
				 "204669727374", mac6);
}

/* ---- keys ---- */

/* RFC 7518 3.2: at least as long as the hash; a byte less is refused unless allowed */
static void
test_key_sizes(void)
{
	int			i;

	for (i = 0; i < 3; i++)
	{
		const JoseAlg *alg = alg_of(names[i]);
		JoseKey    *enough = key_filled('k', sizes[i]);
		JoseKey    *less = key_filled('k', sizes[i] - 1);
		JoseBuf		mac = {0};

		is_err(jose_sign(enough, alg, 0, "m", 1, &mac), JOSE_OK, names[i]);
		ok(mac.len == sizes[i], "... whose MAC is whole");
		is_err(jose_verify(enough, alg, 0, "m", 1, mac.data, mac.len), JOSE_OK, "... and verifies");
		is_err(jose_sign(less, alg, 0, "m", 1, &mac), JOSE_ERR_KEY_SHORT, "a byte less will not sign");
		is_err(jose_verify(less, alg, 0, "m", 1, mac.data, mac.len), JOSE_ERR_KEY_SHORT, "... nor verify");
		ok(mac.len == sizes[i], "... and writes nothing");
		jose_buf_reset(&mac);
		is_err(jose_sign(less, alg, JOSE_ALLOW_SHORT_HMAC, "m", 1, &mac), JOSE_OK, "... unless allowed");
		is_err(jose_verify(less, alg, JOSE_ALLOW_SHORT_HMAC, "m", 1, mac.data, mac.len), JOSE_OK,
			   "... both ways");
		jose_buf_free(&mac);
		jose_key_free(enough);
		jose_key_free(less);
	}
}

/* ---- MACs ---- */

/* Attack: guess one byte of a MAC instead of all, where a prefix is taken for the whole. */
static void
test_lengths(void)
{
	int			i;

	for (i = 0; i < 3; i++)
	{
		JoseKey    *key = key_filled('k', 64);
		JoseBuf		mac = {0};
		int			accepted = 0;
		size_t		len;

		jose_sign(key, alg_of(names[i]), 0, "message", 7, &mac);
		for (len = 0; len < mac.len; len++)
			accepted += verify(key, names[i], "message", mac.data, len) != JOSE_ERR_SIGNATURE;
		ok(accepted == 0, "%s: no prefix of the MAC, the empty one included, verifies", names[i]);
		jose_buf_append(&mac, "\0", 1);
		is_err(verify(key, names[i], "message", mac.data, mac.len), JOSE_ERR_SIGNATURE, "nor a byte more");
		is_err(verify(key, names[i], "message", mac.data, mac.len - 1), JOSE_OK, "only the whole");
		jose_buf_free(&mac);
		jose_key_free(key);
	}
}

static void
test_every_bit(void)
{
	JoseKey    *key = key_filled('k', 32);
	JoseKey    *other = key_filled('l', 32);
	JoseBuf		mac = {0};
	int			accepted = 0;
	size_t		bit;

	jose_sign(key, alg_of("HS256"), 0, "message", 7, &mac);
	for (bit = 0; bit < mac.len * 8; bit++)
	{
		mac.data[bit / 8] ^= 1 << bit % 8;
		accepted += verify(key, "HS256", "message", mac.data, mac.len) != JOSE_ERR_SIGNATURE;
		mac.data[bit / 8] ^= 1 << bit % 8;
	}
	ok(accepted == 0, "no bit of the MAC is idle");
	is_err(verify(key, "HS256", "messagf", mac.data, mac.len), JOSE_ERR_SIGNATURE, "another message");
	is_err(verify(key, "HS256", "", mac.data, mac.len), JOSE_ERR_SIGNATURE, "no message");
	is_err(verify(other, "HS256", "message", mac.data, mac.len), JOSE_ERR_SIGNATURE, "another key");
	is_err(verify(key, "HS256", "message", mac.data, mac.len), JOSE_OK, "the message, the key");
	jose_buf_free(&mac);
	jose_key_free(key);
	jose_key_free(other);
}

/* The context kept with a key begins anew each time, and goes when the algorithm changes. */
static void
test_kept_context(void)
{
	JoseKey    *key = key_filled('k', 64);
	int			round;
	int			wrong = 0;

	for (round = 0; round < 12; round++)
	{
		const JoseAlg *alg = alg_of(names[round % 3 == 2 ? 1 : round / 4]);
		JoseKey    *fresh = key_filled('k', 64);
		JoseBuf		kept_mac = {0};
		JoseBuf		fresh_mac = {0};

		jose_sign(key, alg, 0, "message", 7, &kept_mac);
		jose_sign(fresh, alg, 0, "message", 7, &fresh_mac);
		wrong += kept_mac.len != fresh_mac.len ||
			memcmp(kept_mac.data, fresh_mac.data, fresh_mac.len) != 0 ||
			jose_verify(key, alg, 0, "message", 7, fresh_mac.data, fresh_mac.len) != JOSE_OK ||
			jose_verify(key, alg, 0, "massage", 7, fresh_mac.data, fresh_mac.len) != JOSE_ERR_SIGNATURE;
		jose_buf_free(&kept_mac);
		jose_buf_free(&fresh_mac);
		jose_key_free(fresh);
	}
	ok(wrong == 0, "a key used again, with changing hashes, gives what a fresh one gives");
	jose_key_free(key);
}

static void
test_messages(void)
{
	JoseKey    *key = key_filled('k', 32);
	JoseBuf		mac = {0};
	JoseBuf		nothing = {0};
	static const char with_nul[] = "a\0b";

	jose_sign(key, alg_of("HS256"), 0, "", 0, &nothing);
	is_err(jose_verify(key, alg_of("HS256"), 0, "", 0, nothing.data, nothing.len), JOSE_OK,
		   "an empty message has a MAC");
	jose_sign(key, alg_of("HS256"), 0, with_nul, 3, &mac);
	is_err(jose_verify(key, alg_of("HS256"), 0, with_nul, 3, mac.data, mac.len), JOSE_OK, "a NUL is an octet");
	is_err(jose_verify(key, alg_of("HS256"), 0, with_nul, 1, mac.data, mac.len), JOSE_ERR_SIGNATURE,
		   "... and no end");
	jose_buf_free(&mac);
	jose_buf_free(&nothing);
	jose_key_free(key);
}

int
main(void)
{
	test_vectors();
	test_key_sizes();
	test_lengths();
	test_every_bit();
	test_kept_context();
	test_messages();
	queue_is_empty();
	return done_testing();
}
