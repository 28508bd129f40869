/*
 * okp_test.c
 *		EdDSA and the keys of RFC 8037: its appendix A, another program's keys and
 *		signatures, and what must not pass for a signature.
 */
#include "tap.h"
#include "crypt.h"
#include "asym.h"
#include "foreign.h"
#include "rfc_keys.h"

static const struct
{
	const char *crv;
	int			bits;
	const char *jwk;
}			curves[] = {
	{"Ed25519", 255, FOREIGN_ED25519_JWK},
	{"Ed448", 448, FOREIGN_ED448_JWK},
	{"X25519", 255, FOREIGN_X25519_JWK},
	{"X448", 448, FOREIGN_X448_JWK}
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

int
main(void)
{
	test_rfc8037();
	agrees(RFC8037_A6_EPHEMERAL, RFC8037_A6_BOB, RFC8037_A6_Z, "RFC 8037 A.6, X25519");
	agrees(RFC8037_A7_EPHEMERAL, RFC8037_A7_DAVE, RFC8037_A7_Z, "RFC 8037 A.7, X448");
	test_ed448();
	test_foreign();
	test_malleability();
	queue_is_empty();
	return done_testing();
}
