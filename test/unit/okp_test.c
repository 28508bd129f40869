/*
 * okp_test.c
 *		OKP keys and EdDSA: RFC 8037's appendix A, another program's keys and
 *		signatures, and what must not pass for a point or a signature.
 */
#include "tap.h"
#include "crypt.h"
#include "asym.h"
#include "foreign.h"

/* RFC 8037 A.1 and A.2 */
#define RFC8037_A1_JWK \
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\"" \
	",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"" \
	",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"

#define RFC8037_A2_JWK \
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"

/* RFC 8037 A.4 */
#define RFC8037_A4_INPUT "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"

#define RFC8037_A4_SIGNATURE \
	"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

/* RFC 8037 A.6: Bob, and the ephemeral key with its secret */
#define RFC8037_A6_BOB \
	"{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08\"}"

#define RFC8037_A6_EPHEMERAL \
	"{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo\"" \
	",\"d\":\"dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo\"}"

#define RFC8037_A6_Z "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"

/* RFC 8037 A.7: Dave, and the ephemeral key with its secret */
#define RFC8037_A7_DAVE \
	"{\"kty\":\"OKP\",\"crv\":\"X448\"" \
	",\"x\":\"PreoKbDNIPW8_AtZm2_sz22kYnEHvbDU80W0MCfYuXL8PjT7QjKhPKcG3LV67D2uB73BxnvzNgk\"}"

#define RFC8037_A7_EPHEMERAL \
	"{\"kty\":\"OKP\",\"crv\":\"X448\"" \
	",\"x\":\"mwj3zDG34-Z9ItWuoSEHSic70rg94Jxj-qc9LCLF2bvINmRyQdlT1AxbEtqIEg1TF3-A5TLEH6A\"" \
	",\"d\":\"mo9JJdFRn1d1z0awS1gA1O6e6LrovFVl1JjCjdnJuvV0qUGXRIlzkQBjgqbxJ6sdmsLYwKWYcms\"}"

#define RFC8037_A7_Z \
	"07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56" \
	"fd2464c335543936521c24403085d59a449a5037514a879d"

/* RFC 8032 7.4, "-----Blank": Ed448 of the empty message */
#define RFC8032_ED448_D \
	"6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3" \
	"528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b"
#define RFC8032_ED448_X \
	"5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778" \
	"edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180"
#define RFC8032_ED448_SIGNATURE \
	"533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f" \
	"2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a" \
	"9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4db" \
	"b61149f05a7363268c71d95808ff2e652600"

static const struct
{
	const char *crv;
	int			bits;
	size_t		bytes;
	const char *jwk;
}			curves[] = {
	{"Ed25519", 255, 32, FOREIGN_ED25519_JWK},
	{"Ed448", 448, 57, FOREIGN_ED448_JWK},
	{"X25519", 255, 32, FOREIGN_X25519_JWK},
	{"X448", 448, 56, FOREIGN_X448_JWK}
};

/* ---- the RFCs' examples ---- */

static void
test_rfc8037(void)
{
	JoseKey    *private = key_of(RFC8037_A1_JWK);
	JoseKey    *public = key_of(RFC8037_A2_JWK);
	JoseBuf		signature = sign_message(private, "EdDSA", RFC8037_A4_INPUT);
	JoseBuf		expected = from_b64(RFC8037_A4_SIGNATURE);

	ok(jose_key_is_private(private) && !jose_key_is_private(public), "RFC 8037 A.1 is private, A.2 public");
	writes_the_same(RFC8037_A1_JWK, true, "RFC 8037 A.1");
	writes_the_same(RFC8037_A2_JWK, false, "RFC 8037 A.2");
	has_thumbprint(RFC8037_A1_JWK, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "RFC 8037 A.3");
	is_buf(&signature, &expected, "RFC 8037 A.4: signs what the RFC says");
	is_err(verify_b64(public, "EdDSA", RFC8037_A4_INPUT, RFC8037_A4_SIGNATURE), JOSE_OK, "RFC 8037 A.5");
	is_err(verify_b64(public, "Ed25519", RFC8037_A4_INPUT, RFC8037_A4_SIGNATURE), JOSE_OK, "by RFC 9864's name too");
	is_err(verify_b64(public, "Ed448", RFC8037_A4_INPUT, RFC8037_A4_SIGNATURE), JOSE_ERR_KEY_ALG, "but not as Ed448");
	resists_changes(public, "EdDSA", RFC8037_A4_INPUT, RFC8037_A4_SIGNATURE);
	is_err(jose_sign(public, alg_of("EdDSA"), 0, "x", 1, &(JoseBuf) {0}), JOSE_ERR_KEY_PRIVATE,
		   "a public key does not sign");
	jose_buf_free(&signature);
	jose_buf_free(&expected);
	jose_key_free(private);
	jose_key_free(public);
}

static void
agrees(const char *ours, const char *theirs, const char *expected, const char *name)
{
	JoseKey    *a = key_of(ours);
	JoseKey    *b = key_of(theirs);
	JoseBuf		z = from_hex(expected);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, a->pkey, NULL);
	unsigned char got[56];
	size_t		len = sizeof(got);

	ok(EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, b->pkey) == 1 &&
	   EVP_PKEY_derive(ctx, got, &len) == 1, "%s: agree", name);
	is_mem(got, len, z.data, z.len, "on Z");
	EVP_PKEY_CTX_free(ctx);
	jose_buf_free(&z);
	jose_key_free(a);
	jose_key_free(b);
}

static void
test_ed448(void)
{
	JoseBuf		d = from_hex(RFC8032_ED448_D);
	JoseBuf		x = from_hex(RFC8032_ED448_X);
	JoseBuf		expected = from_hex(RFC8032_ED448_SIGNATURE);
	JoseBuf		half = jwk_with_bytes("{\"kty\":\"OKP\",\"crv\":\"Ed448\"}", "x", x.data, x.len);
	JoseBuf		jwk = jwk_with_bytes((const char *) half.data, "d", d.data, d.len);
	JoseKey    *key = key_of((const char *) jwk.data);
	JoseBuf		signature = sign_message(key, "Ed448", "");

	is_buf(&signature, &expected, "RFC 8032 7.4: Ed448 of the empty message");
	is_err(verify_bytes(key, "EdDSA", "", expected.data, expected.len), JOSE_OK, "and verifies");
	is_err(verify_bytes(key, "Ed25519", "", expected.data, expected.len), JOSE_ERR_KEY_ALG, "not as Ed25519");
	jose_buf_free(&d);
	jose_buf_free(&x);
	jose_buf_free(&expected);
	jose_buf_free(&half);
	jose_buf_free(&jwk);
	jose_buf_free(&signature);
	jose_key_free(key);
}

static void
test_foreign(void)
{
	JoseKey    *key = key_of(FOREIGN_ED25519_JWK);
	int			i;

	resists_changes(key, "Ed25519", FOREIGN_MESSAGE, FOREIGN_EDDSA_25519);
	round_trips(key, "EdDSA");
	jose_key_free(key);
	key = key_of(FOREIGN_ED448_JWK);
	resists_changes(key, "Ed448", FOREIGN_MESSAGE, FOREIGN_EDDSA_448);
	round_trips(key, "EdDSA");
	jose_key_free(key);
	for (i = 0; i < 4; i++)
	{
		writes_the_same(curves[i].jwk, true, curves[i].crv);
		key = key_of(curves[i].jwk);
		is_err(jose_key_bits(key), curves[i].bits, "its bits");
		jose_key_free(key);
	}
	key = key_of(FOREIGN_X25519_JWK);
	is_err(verify_b64(key, "EdDSA", FOREIGN_MESSAGE, FOREIGN_EDDSA_25519), JOSE_ERR_KEY_ALG, "X25519 signs nothing");
	jose_key_free(key);
}

/* ---- forged signatures ---- */

static void
add_little_endian(unsigned char *number, const char *hex, size_t len)
{
	JoseBuf		addend = from_hex(hex);
	unsigned	carry = 0;
	size_t		i;

	for (i = 0; i < len; i++)
	{
		carry += number[i] + (i < addend.len ? addend.data[addend.len - 1 - i] : 0U);
		number[i] = (unsigned char) carry;
		carry >>= 8;
	}
	jose_buf_free(&addend);
}

/* S + L verifies by the bare equation as well as S: RFC 8032 5.1.7 wants S < L. */
static void
test_malleability(void)
{
	JoseKey    *key = key_of(FOREIGN_ED25519_JWK);
	JoseBuf		forged = from_b64(FOREIGN_EDDSA_25519);

	add_little_endian(forged.data + 32, "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", 32);
	is_err(verify_bytes(key, "EdDSA", FOREIGN_MESSAGE, forged.data, forged.len), JOSE_ERR_SIGNATURE, "Ed25519, S + L");
	jose_buf_free(&forged);
	jose_key_free(key);

	key = key_of(FOREIGN_ED448_JWK);
	forged = from_b64(FOREIGN_EDDSA_448);
	add_little_endian(forged.data + 57, "3fffffffffffffffffffffffffffffffffffffffffffffffffffffff"
					  "7cca23e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3", 57);
	is_err(verify_bytes(key, "EdDSA", FOREIGN_MESSAGE, forged.data, forged.len), JOSE_ERR_SIGNATURE, "Ed448, S + L");
	jose_buf_free(&forged);
	jose_key_free(key);
}

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
	test_rfc8037();
	agrees(RFC8037_A6_EPHEMERAL, RFC8037_A6_BOB, RFC8037_A6_Z, "RFC 8037 A.6, X25519");
	agrees(RFC8037_A7_EPHEMERAL, RFC8037_A7_DAVE, RFC8037_A7_Z, "RFC 8037 A.7, X448");
	test_ed448();
	test_foreign();
	test_malleability();
	test_low_order();
	test_low_order_agrees();
	test_on_curve();
	test_missing();
	test_halves();
	test_generate();
	queue_is_empty();
	return done_testing();
}
