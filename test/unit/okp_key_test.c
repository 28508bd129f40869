/*
 * okp_key_test.c
 *		OKP keys: what must not pass for a point or for a pair, and making new ones.
 */
#include "tap.h"
#include "crypt.h"
#include "asym.h"
#include "foreign.h"
#include "rfc_keys.h"

static const struct
{
	const char *crv;
	size_t		bytes;
	const char *jwk;
}			curves[] = {
	{"Ed25519", 32, FOREIGN_ED25519_JWK},
	{"Ed448", 57, FOREIGN_ED448_JWK},
	{"X25519", 32, FOREIGN_X25519_JWK},
	{"X448", 56, FOREIGN_X448_JWK}
};

/* ---- points ---- */

/* A public key of one curve from a number written as people write it. */
static JoseError
read_number_as(const char *crv, const char *hex, bool high_bit)
{
	JoseBuf		number = from_hex(hex);
	unsigned char x[57] = {0};
	size_t		bytes = 0;
	JoseBuf		name = {0};
	JoseBuf		curve;
	JoseBuf		jwk;
	JoseError	err;
	size_t		i;

	for (i = 0; i < 4; i++)
	{
		if (strcmp(curves[i].crv, crv) == 0)
			bytes = curves[i].bytes;
	}
	for (i = 0; i < number.len; i++)
		x[i] = number.data[number.len - 1 - i];
	if (high_bit)
		x[bytes - 1] |= 0x80;
	jose_json_quote(&name, crv);
	curve = jwk_with("{\"kty\":\"OKP\"}", "crv", (const char *) name.data);
	jwk = jwk_with_bytes((const char *) curve.data, "x", x, bytes);
	err = read_jwk((const char *) jwk.data);
	jose_buf_free(&number);
	jose_buf_free(&name);
	jose_buf_free(&curve);
	jose_buf_free(&jwk);
	return err;
}

#define P25519(last)	"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" last
#define P448(last)		"fffffffffffffffffffffffffffffffffffffffffffffffffffffffe" \
						"ffffffffffffffffffffffffffffffffffffffffffffffffffffff" last

/*
 * A public key of low order: with an Ed one, a signature of one message is a
 * signature of one in eight of the others, or of all; with an X one, whoever
 * sent it knows the agreed secret: it is zero.  What is not in the range
 * [0, p-1] is no Ed point; an X number is reduced first, so it too is here.
 */
static const struct
{
	const char *crv;
	const char *number;
	const char *name;
}			refused[] = {
	{"Ed25519", "00", "Ed25519, 0: order 4"},
	{"Ed25519", "01", "Ed25519, 1: the identity"},
	{"Ed25519", P25519("ec"), "Ed25519, p - 1: order 2"},
	{"Ed25519", "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826", "Ed25519, order 8"},
	{"Ed25519", "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7", "Ed25519, order 8, the other"},
	{"Ed25519", P25519("ed"), "Ed25519, p"},
	{"Ed25519", P25519("ee"), "Ed25519, p + 1"},
	{"Ed25519", P25519("f0"), "Ed25519, p + 3: 3 is a point"},
	{"Ed25519", P25519("ff"), "Ed25519, 2^255 - 1"},
	{"Ed448", "00", "Ed448, 0: order 4"},
	{"Ed448", "01", "Ed448, 1: the identity"},
	{"Ed448", P448("fe"), "Ed448, p - 1: order 2"},
	{"Ed448", P448("ff"), "Ed448, p"},
	{"Ed448", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"00000000000000000000000000000000000000000000000000000002", "Ed448, p + 3: 3 is a point"},
	{"Ed448", "01" "00000000000000000000000000000000000000000000000000000000"
		"00000000000000000000000000000000000000000000000000000003", "Ed448, 2^448 + 3"},
	{"X25519", "00", "X25519, 0: order 2"},
	{"X25519", "01", "X25519, 1: order 4"},
	{"X25519", P25519("ec"), "X25519, p - 1: order 4 on the twist"},
	{"X25519", "57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5f", "X25519, order 8"},
	{"X25519", "00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0", "X25519, order 8, the other"},
	{"X25519", P25519("ed"), "X25519, p"},
	{"X25519", P25519("ee"), "X25519, p + 1"},
	{"X448", "00", "X448, 0"},
	{"X448", "01", "X448, 1"},
	{"X448", P448("fe"), "X448, p - 1"},
	{"X448", P448("ff"), "X448, p"},
	{"X448", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"00000000000000000000000000000000000000000000000000000000", "X448, p + 1"}
};

#define REFUSED ((int) (sizeof(refused) / sizeof(refused[0])))

static void
test_low_order(void)
{
	int			i;

	for (i = 0; i < REFUSED; i++)
	{
		is_err(read_number_as(refused[i].crv, refused[i].number, false), JOSE_ERR_KEY_INVALID, refused[i].name);
		if (strcmp(refused[i].crv, "X448") != 0)
			is_err(read_number_as(refused[i].crv, refused[i].number, true), JOSE_ERR_KEY_INVALID,
				   "with the highest bit");
	}
	/* RFC 7748 5: these are over p and may not be refused for that alone */
	is_err(read_number_as("X25519", P25519("f6"), false), JOSE_OK, "X25519, p + 9: the base point");
	is_err(read_number_as("X25519", "09", true), JOSE_OK, "X25519, 9 with the highest bit");
}

/* OpenSSL's word for it that the X numbers above are what we say. */
static void
test_low_order_agrees(void)
{
	JoseKey    *ours[2];
	int			i;

	ours[0] = key_of(FOREIGN_X25519_JWK);
	ours[1] = key_of(FOREIGN_X448_JWK);
	for (i = 0; i < REFUSED; i++)
	{
		JoseBuf		number = from_hex(refused[i].number);
		bool		long_one = strcmp(refused[i].crv, "X448") == 0;
		unsigned char x[57] = {0};
		unsigned char z[56];
		size_t		len = sizeof(z);
		size_t		k;
		EVP_PKEY   *theirs;
		EVP_PKEY_CTX *ctx;
		bool		agreed;

		for (k = 0; k < number.len; k++)
			x[k] = number.data[number.len - 1 - k];
		jose_buf_free(&number);
		if (refused[i].crv[0] != 'X')
			continue;
		theirs = EVP_PKEY_new_raw_public_key_ex(NULL, refused[i].crv, NULL, x, long_one ? 56 : 32);
		ctx = EVP_PKEY_CTX_new_from_pkey(NULL, ours[long_one ? 1 : 0]->pkey, NULL);
		if (theirs == NULL || EVP_PKEY_derive_init(ctx) != 1)
			bail("OpenSSL takes no such key any more", refused[i].name);
		agreed = EVP_PKEY_derive_set_peer_ex(ctx, theirs, 0) == 1 && EVP_PKEY_derive(ctx, z, &len) == 1;
		ok(!agreed, "openssl agrees on zero with %s", refused[i].name);
		EVP_PKEY_CTX_free(ctx);
		EVP_PKEY_free(theirs);
	}
	ERR_clear_error();
	jose_key_free(ours[0]);
	jose_key_free(ours[1]);
}

/*
 * Half of all numbers are no point of an Edwards curve, and OpenSSL takes them
 * for a key that then verifies nothing.  Which of 2 to 65 are, was computed
 * by other means (Euler's criterion, in Python).
 */
static void
test_on_curve(void)
{
	static const unsigned char ed25519[] = {
		3, 4, 5, 6, 9, 10, 14, 15, 16, 18, 19, 21, 23, 24, 25, 26, 27, 28, 29, 30, 32, 33, 35, 37, 39, 40, 42, 43,
		44, 48, 51, 52, 54, 55, 56, 57, 58, 60, 61, 62, 63, 65, 0
	};
	static const unsigned char ed448[] = {
		3, 4, 5, 7, 8, 9, 12, 13, 19, 21, 24, 25, 26, 27, 29, 31, 33, 35, 36, 37, 38, 39, 40, 42, 44, 45, 50, 51,
		53, 55, 57, 63, 64, 65, 0
	};
	const unsigned char *points[2] = {ed25519, ed448};
	int			i;

	for (i = 0; i < 2; i++)
	{
		int			wrong = 0;
		int			y;

		for (y = 2; y <= 65; y++)
		{
			char		hex[3];
			bool		is_point = strchr((const char *) points[i], y) != NULL;

			snprintf(hex, sizeof(hex), "%02x", y);
			wrong += read_number_as(curves[i].crv, hex, false) != (is_point ? JOSE_OK : JOSE_ERR_KEY_INVALID);
			wrong += read_number_as(curves[i].crv, hex, true) != (is_point ? JOSE_OK : JOSE_ERR_KEY_INVALID);
		}
		ok(wrong == 0, "%s: 2 to 65, each a point or not", curves[i].crv);
	}
}

/* ---- what is no key ---- */

static void
test_missing(void)
{
	const char *jwk = FOREIGN_ED25519_JWK;
	int			i;

	refuses(jwk, "crv", NULL, JOSE_ERR_KEY_MEMBER, "no crv");
	refuses(jwk, "crv", "1", JOSE_ERR_KEY_MEMBER, "crv is a number");
	refuses(jwk, "crv", "\"ed25519\"", JOSE_ERR_KEY_TYPE, "ed25519");
	refuses(jwk, "crv", "\"P-256\"", JOSE_ERR_KEY_TYPE, "P-256 is EC");
	refuses(jwk, "x", "\"\"", JOSE_ERR_KEY_MEMBER, "x is empty");
	refuses(jwk, "x", "[]", JOSE_ERR_KEY_MEMBER, "x is an array");
	refuses(jwk, "d", "\"\"", JOSE_ERR_KEY_MEMBER, "d is empty");
	refuses(jwk, "d", "false", JOSE_ERR_KEY_MEMBER, "d is false");
	for (i = 0; i < 4; i++)
	{
		JoseBuf		x = member_bytes(curves[i].jwk, "x");
		JoseBuf		d = member_bytes(curves[i].jwk, "d");

		/* RFC 8037 2: x is there whether d is or not */
		refuses(curves[i].jwk, "x", NULL, JOSE_ERR_KEY_MEMBER, "d without x");
		refuses_bytes(curves[i].jwk, "x", x.data, x.len - 1, JOSE_ERR_KEY_INVALID, "x one octet short");
		refuses_bytes(curves[i].jwk, "d", d.data, d.len - 1, JOSE_ERR_KEY_INVALID, "d one octet short");
		jose_buf_append(&x, "", 1);
		jose_buf_append(&d, "", 1);
		refuses_bytes(curves[i].jwk, "x", x.data, x.len, JOSE_ERR_KEY_INVALID, "x one octet long");
		refuses_bytes(curves[i].jwk, "d", d.data, d.len, JOSE_ERR_KEY_INVALID, "d one octet long");
		jose_buf_free(&x);
		jose_buf_free(&d);
	}
}

/*
 * A signer that hashes the x it is given, not d's own, gives d away to whoever
 * has it sign one message with two x ("double public key oracle").
 */
static void
test_halves(void)
{
	int			i;

	for (i = 0; i < 4; i++)
	{
		JoseBuf		d = member_bytes(curves[i].jwk, "d");
		JoseBuf		x = member_bytes(curves[i].jwk, "x");

		d.data[7] ^= 0x10;
		refuses_bytes(curves[i].jwk, "d", d.data, d.len, JOSE_ERR_KEY_INVALID, "another d");
		refuses_bytes(curves[i].jwk, "d", x.data, x.len, JOSE_ERR_KEY_INVALID, "d = x");
		jose_buf_free(&d);
		jose_buf_free(&x);
	}
	refuses(RFC8037_A1_JWK, "crv", "\"X25519\"", JOSE_ERR_KEY_INVALID, "an Ed25519 pair as X25519");
	refuses(RFC8037_A6_EPHEMERAL, "crv", "\"Ed25519\"", JOSE_ERR_KEY_INVALID, "an X25519 pair as Ed25519");
	refuses(RFC8037_A1_JWK, "x", "\"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo\"", JOSE_ERR_KEY_INVALID, "another x");
}

/* ---- generation ---- */

static void
test_generate(void)
{
	int			i;

	for (i = 0; i < 4; i++)
	{
		bool		signs = curves[i].crv[0] == 'E';
		JoseKey    *key;
		JoseBuf		jwk = {0};
		int			k;
		int			good = 0;

		is_err(jose_key_generate(signs ? "EdDSA" : "ECDH-ES", 0, curves[i].crv, NULL, &key), JOSE_OK, curves[i].crv);
		is_str(key->crv, curves[i].crv, "on its curve");
		if (signs)
			round_trips(key, "EdDSA");
		jose_key_free(key);

		/* every key made is a key read: the checks of points refuse no good one */
		for (k = 0; k < 100; k++)
		{
			if (jose_key_generate(signs ? "EdDSA" : "ECDH-ES", 0, curves[i].crv, NULL, &key) != JOSE_OK)
				bail("does not generate", curves[i].crv);
			jose_buf_reset(&jwk);
			good += jose_key_to_jwk(key, k % 2 == 0, &jwk) == JOSE_OK && read_jwk((const char *) jwk.data) == JOSE_OK;
			jose_key_free(key);
		}
		ok(good == 100, "%s: a hundred keys made, written and read", curves[i].crv);
		jose_buf_free(&jwk);
	}
	is_err(generate_error("EdDSA", 0, NULL, never_stop), JOSE_OK, "without a curve");
	is_err(generate_error("EdDSA", 448, "Ed25519", NULL), JOSE_ERR_KEY_TYPE, "another size");
	is_err(generate_error("EdDSA", 0, "X25519", NULL), JOSE_ERR_KEY_TYPE, "another curve");
	is_err(generate_error("EdDSA", 0, NULL, stop_at_once), JOSE_ERR_CANCELLED, "stopped");
}

int
main(void)
{
	test_low_order();
	test_low_order_agrees();
	test_on_curve();
	test_missing();
	test_halves();
	test_generate();
	queue_is_empty();
	return done_testing();
}
