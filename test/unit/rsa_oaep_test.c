/*
 * rsa_oaep_test.c
 *		RSA-OAEP with its four hashes: another program's encryptions, our own, and
 *		that a wrong one tells its sender nothing.
 */
#include "tap.h"
#include "crypt.h"
#include "foreign.h"

#define CEK "0123456789abcdef0123456789abcdef"

static const struct
{
	const char *alg;
	const char *encrypted;
}			foreign[] = {
	{"RSA-OAEP", FOREIGN_RSA_OAEP},
	{"RSA-OAEP-256", FOREIGN_RSA_OAEP_256},
	{"RSA-OAEP-384", FOREIGN_RSA_OAEP_384},
	{"RSA-OAEP-512", FOREIGN_RSA_OAEP_512}
};

#define FOREIGN ((int) (sizeof(foreign) / sizeof(foreign[0])))

static JoseBuf
unwrap(const char *alg, const char *enc, const JoseBuf *encrypted)
{
	JoseKey    *key = key_of(FOREIGN_RSA_JWK);
	JoseBuf		cek = {0};

	if (unwrap_with(alg, enc, key, "{}", encrypted, &cek) != JOSE_OK)
		bail("an error instead of a random key", alg);
	if (ERR_peek_error() != 0)
		bail("left in the error queue", alg);
	jose_key_free(key);
	return cek;
}

/*
 * The answer to what does not decrypt: a content key of the right length,
 * never the real one and never the same twice.
 */
static void
is_random(const char *alg, const char *enc, const JoseBuf *encrypted, const char *name)
{
	JoseBuf		first = unwrap(alg, enc, encrypted);
	JoseBuf		second = unwrap(alg, enc, encrypted);
	size_t		expected = (size_t) enc_of(enc)->cek_bytes;

	ok(first.len == expected && second.len == expected &&
	   memcmp(first.data, second.data, expected) != 0 &&
	   memcmp(first.data, CEK, 16) != 0, "%s", name);
	jose_buf_free(&first);
	jose_buf_free(&second);
}

static void
test_foreign(void)
{
	int			i;
	int			k;

	for (i = 0; i < FOREIGN; i++)
	{
		JoseBuf		encrypted = from_b64(foreign[i].encrypted);

		for (k = 0; k < FOREIGN; k++)
		{
			JoseBuf		cek;

			if (i != k)
			{
				is_random(foreign[k].alg, "A256GCM", &encrypted, "under another hash it is random");
				continue;
			}
			cek = unwrap(foreign[k].alg, "A256GCM", &encrypted);
			is_mem(cek.data, cek.len, CEK, 32, foreign[k].alg);
			jose_buf_free(&cek);
		}
		jose_buf_free(&encrypted);
	}
}

/* Our own, through both halves, with content keys of each length. */
static void
test_round_trip(void)
{
	static const char *const encs[] = {"A128GCM", "A256GCM", "A256CBC-HS512"};
	JoseKey    *key = key_of(FOREIGN_RSA_JWK);
	int			i;

	for (i = 0; i < FOREIGN * 3; i++)
	{
		const JoseAlg *alg = alg_of(foreign[i % FOREIGN].alg);
		const JoseEnc *enc = enc_of(encs[i / FOREIGN]);
		JoseBuf		cek = {0};
		JoseBuf		encrypted = {0};
		JoseBuf		members = {0};
		JoseBuf		back;

		is_err(alg->wrap->wrap(alg, enc, key, NULL, &cek, &encrypted, &members), JOSE_OK, alg->name);
		ok(encrypted.len == 256 && members.len == 0 && cek.len == (size_t) enc->cek_bytes,
		   "as long as n, a fresh key for %s, and no header member", enc->name);
		back = unwrap(alg->name, enc->name, &encrypted);
		is_buf(&back, &cek, "and back");
		jose_buf_free(&cek);
		jose_buf_free(&encrypted);
		jose_buf_free(&members);
		jose_buf_free(&back);
	}
	jose_key_free(key);
}

/*
 * Manger's attack (and Bleichenbacher's on RSA1_5) asks a decrypter thousands
 * of times whether a changed encrypted key was well formed.  Every one must be
 * answered alike: with a key that will not open the content.
 */
static void
test_oracle(void)
{
	JoseBuf		good = from_b64(FOREIGN_RSA_OAEP_256);
	JoseBuf		bad = from_b64(FOREIGN_RSA_OAEP_256);
	JoseBuf		other;

	bad.data[0] ^= 0x01;
	is_random("RSA-OAEP-256", "A256GCM", &bad, "the first byte changed");
	bad.data[0] ^= 0x01;
	bad.data[255] ^= 0x01;
	is_random("RSA-OAEP-256", "A256GCM", &bad, "the last byte changed");
	memset(bad.data, 0, bad.len);
	is_random("RSA-OAEP-256", "A256GCM", &bad, "all zero");
	memset(bad.data, 0xff, bad.len);
	is_random("RSA-OAEP-256", "A256GCM", &bad, "over n");
	good.len--;
	is_random("RSA-OAEP-256", "A256GCM", &good, "one byte short");
	good.len++;
	jose_buf_append(&good, "", 1);
	is_random("RSA-OAEP-256", "A256GCM", &good, "one byte long");
	good.len = 0;
	is_random("RSA-OAEP-256", "A256GCM", &good, "empty");

	other = from_b64(FOREIGN_OAEP_256_SHORT);
	is_random("RSA-OAEP-256", "A256GCM", &other, "16 bytes where enc wants 32");
	jose_buf_free(&other);
	other = from_b64(FOREIGN_RSA_OAEP_256);
	is_random("RSA-OAEP-256", "A128GCM", &other, "32 bytes where enc wants 16");
	jose_buf_free(&other);
	other = from_b64(FOREIGN_RSA_OAEP_256_MGF1_SHA1);
	is_random("RSA-OAEP-256", "A256GCM", &other, "MGF1 with another hash");
	jose_buf_free(&other);
	other = from_b64(FOREIGN_RSA1_5);
	is_random("RSA-OAEP", "A256GCM", &other, "RSA1_5 padding");
	jose_buf_free(&other);
	jose_buf_free(&good);
	jose_buf_free(&bad);
}

/* RFC 7517 4.3 names both operations; a key may be given either. */
static void
test_key_ops(void)
{
	const JoseWrapOps *ops = &jose_rsa_oaep_ops;

	ok((ops->encrypt_ops & JOSE_KEYOP_ENCRYPT) && (ops->encrypt_ops & JOSE_KEYOP_WRAP), "encrypt or wrapKey");
	ok((ops->decrypt_ops & JOSE_KEYOP_DECRYPT) && (ops->decrypt_ops & JOSE_KEYOP_UNWRAP), "decrypt or unwrapKey");
	ok((ops->encrypt_ops & ops->decrypt_ops) == 0, "and not the other's");
	ok(jose_alg_by_name("RSA1_5") == NULL, "there is no RSA1_5");
}

int
main(void)
{
	test_foreign();
	test_round_trip();
	test_oracle();
	test_key_ops();
	queue_is_empty();
	return done_testing();
}
