/*
 * alg_test.c
 *		The registry, and which key serves which algorithm: RFC 7518 3.1, 4.1 and
 *		5.1, RFC 8037 3, RFC 8812 3.2, RFC 9864 2, RFC 7517 4.
 */
#include <stdlib.h>

#include "tap.h"
#include "crypt.h"

/* ---- the registry ---- */

static const char *const signatures[] = {
	"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
	"ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519", "Ed448"
};
static const char *const managements[] = {
	"A128KW", "A192KW", "A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW", "dir",
	"RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512",
	"ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW",
	"PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"
};
static const char *const encryptions[] = {
	"A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM"
};

#define LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

static void
test_names(void)
{
	int			i;

	for (i = 0; i < LENGTH(signatures); i++)
		ok(jose_alg_is_signature(alg_of(signatures[i])), "%s signs", signatures[i]);
	for (i = 0; i < LENGTH(managements); i++)
		ok(!jose_alg_is_signature(alg_of(managements[i])), "%s manages keys", managements[i]);
	for (i = 0; i < LENGTH(encryptions); i++)
		is_str(jose_enc_name(enc_of(encryptions[i])), encryptions[i], "content encryption");
	ok(jose_alg_at(LENGTH(signatures) + LENGTH(managements)) == NULL, "there are no other algorithms");
	ok(jose_alg_at(-1) == NULL && jose_alg_at(1000) == NULL, "none before the first or far past the last");
	ok(jose_enc_at(LENGTH(encryptions)) == NULL && jose_enc_at(-1) == NULL, "nor other encryptions");
}

/* Attack: a name that some part of a system takes for another. */
static void
test_no_names(void)
{
	static const char *const texts[] = {
		"none", "None", "NONE", "nOnE", "", " ", "HS256 ", " HS256", "hs256", "Hs256", "HS25", "HS2567", "HS128",
		"RS1", "RSA1_5", "RSA-OAEP-1", "ES256k", "es256", "EDDSA", "eddsa", "ed25519", "ED25519", "ESP256",
		"X25519", "DIR", "A128CBC-HS256", "A256GCM", "ECDH-ES+", "ECDH-ES+A128GCMKW", "PBES2-HS256", "PBES2-HS256+A256KW",
		"HS256,none", "HS256\n", "DEF"
	};
	static const char *const encs[] = {"", "none", "a128gcm", "A128GCM ", "A512GCM", "dir", "A128KW", "A128CBC+HS256"};
	int			i;

	for (i = 0; i < LENGTH(texts); i++)
		ok(jose_alg_by_name(texts[i]) == NULL, "\"%.*s\" is no algorithm",
		   (int) strcspn(texts[i], "\n"), texts[i]);
	for (i = 0; i < LENGTH(encs); i++)
		ok(jose_enc_by_name(encs[i]) == NULL, "\"%s\" is no content encryption", encs[i]);
}

static void
test_rows(void)
{
	const JoseAlg *alg;
	const JoseEnc *enc;
	JoseAlgSet	seen = 0;
	int			wrong = 0;
	int			i;

	for (i = 0; (alg = jose_alg_at(i)) != NULL; i++)
	{
		JoseAlgSet	bit = jose_alg_bit(alg);

		wrong += jose_alg_by_name(jose_alg_name(alg)) != alg;
		wrong += bit == 0 || (bit & (bit - 1)) != 0 || (seen & bit) != 0;
		wrong += (alg->sig != NULL) == (alg->wrap != NULL);
		wrong += alg->type == NULL && alg->curves == NULL;
		seen |= bit;
	}
	ok(wrong == 0, "each algorithm has a name and a bit of its own, and signs or wraps");

	seen = 0;
	for (i = 0; (enc = jose_enc_at(i)) != NULL; i++)
	{
		JoseAlgSet	bit = jose_enc_bit(enc);

		wrong += jose_enc_by_name(jose_enc_name(enc)) != enc;
		wrong += bit == 0 || (bit & (bit - 1)) != 0 || (seen & bit) != 0;
		wrong += enc->cek_bytes == 0 || enc->iv_bytes == 0 || enc->tag_bytes < 16;
		seen |= bit;
	}
	ok(wrong == 0, "each content encryption likewise, and has a tag of 16 bytes or more");
}

static void
test_min_secret(void)
{
	ok(jose_alg_min_secret(alg_of("HS256")) == 32, "HS256 wants 32 bytes");
	ok(jose_alg_min_secret(alg_of("HS384")) == 48, "HS384 wants 48 bytes");
	ok(jose_alg_min_secret(alg_of("HS512")) == 64, "HS512 wants 64 bytes");
	ok(jose_alg_min_secret(alg_of("A128KW")) == 0 && jose_alg_min_secret(alg_of("ES256")) == 0 &&
	   jose_alg_min_secret(alg_of("dir")) == 0, "the others are not HMAC");
}

/* ---- keys ---- */

/* Public ones, from the appendices of RFC 7515, 7517 and 8037; MEMBERS goes before them. */
#define OCT64	"\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\""
#define OCT16	"\"kty\":\"oct\",\"k\":\"GawgguFyGrWKav7AX4VKUg\""
#define P256	"\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
				"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define P256D	P256 ",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\""
#define ED		"\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""
#define EDD		ED ",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\""
#define X25		"\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08\""
#define RSA		"\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" \
				"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SF" \
				"d2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo" \
				"7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkM" \
				"Ls91kzk2PAcDTW9gb54h4FRWyuXpoQ\""

static const struct
{
	const char *jwk;
	const char *alg;
	JoseOp		op;
	JoseError	err;
}			fits[] = {
	/* kty and crv */
	{"{" OCT64 "}", "HS512", JOSE_OP_SIGN, JOSE_OK},
	{"{" OCT64 "}", "RS256", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},
	{"{" OCT64 "}", "ES256", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},
	{"{" RSA "}", "HS256", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},
	{"{" RSA "}", "RS256", JOSE_OP_VERIFY, JOSE_OK},
	{"{" RSA "}", "PS512", JOSE_OP_VERIFY, JOSE_OK},
	{"{" P256 "}", "ES256", JOSE_OP_VERIFY, JOSE_OK},
	{"{" P256 "}", "ES384", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},
	{"{" P256 "}", "ES256K", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},
	{"{" P256 "}", "ECDH-ES", JOSE_OP_ENCRYPT, JOSE_OK},
	{"{" P256 "}", "EdDSA", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},
	{"{" ED "}", "EdDSA", JOSE_OP_VERIFY, JOSE_OK},
	{"{" ED "}", "Ed25519", JOSE_OP_VERIFY, JOSE_OK},
	{"{" ED "}", "Ed448", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},
	{"{" ED "}", "ECDH-ES", JOSE_OP_ENCRYPT, JOSE_ERR_KEY_ALG},
	{"{" X25 "}", "ECDH-ES+A256KW", JOSE_OP_ENCRYPT, JOSE_OK},
	{"{" X25 "}", "EdDSA", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},

	/* an algorithm of the other sort */
	{"{" OCT64 "}", "HS256", JOSE_OP_ENCRYPT, JOSE_ERR_KEY_ALG},
	{"{" OCT64 "}", "HS256", JOSE_OP_DECRYPT, JOSE_ERR_KEY_ALG},
	{"{" OCT16 "}", "A128KW", JOSE_OP_SIGN, JOSE_ERR_KEY_ALG},
	{"{" OCT16 "}", "A128KW", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},

	/* alg binds: RFC 7517 4.4 */
	{"{\"alg\":\"HS256\"," OCT64 "}", "HS256", JOSE_OP_VERIFY, JOSE_OK},
	{"{\"alg\":\"HS256\"," OCT64 "}", "HS384", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},
	{"{\"alg\":\"RS256\"," RSA "}", "PS256", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},
	{"{\"alg\":\"EdDSA\"," ED "}", "Ed25519", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},
	{"{\"alg\":\"Ed25519\"," ED "}", "EdDSA", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},
	{"{\"alg\":\"Ed25519\"," ED "}", "Ed25519", JOSE_OP_VERIFY, JOSE_OK},
	{"{\"alg\":\"none\"," OCT64 "}", "HS256", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},
	{"{\"alg\":\"\"," OCT64 "}", "HS256", JOSE_OP_VERIFY, JOSE_ERR_KEY_ALG},
	/* a dir key may name its content encryption: RFC 7520 5.6 */
	{"{\"alg\":\"A128GCM\"," OCT16 "}", "dir", JOSE_OP_DECRYPT, JOSE_OK},
	{"{\"alg\":\"A128GCM\"," OCT16 "}", "A128KW", JOSE_OP_DECRYPT, JOSE_ERR_KEY_ALG},
	{"{\"alg\":\"A128KW\"," OCT16 "}", "dir", JOSE_OP_DECRYPT, JOSE_ERR_KEY_ALG},

	/* use: RFC 7517 4.2 */
	{"{\"use\":\"sig\"," P256 "}", "ES256", JOSE_OP_VERIFY, JOSE_OK},
	{"{\"use\":\"enc\"," P256 "}", "ES256", JOSE_OP_VERIFY, JOSE_ERR_KEY_USE},
	{"{\"use\":\"enc\"," P256 "}", "ECDH-ES", JOSE_OP_ENCRYPT, JOSE_OK},
	{"{\"use\":\"sig\"," P256 "}", "ECDH-ES", JOSE_OP_ENCRYPT, JOSE_ERR_KEY_USE},
	{"{\"use\":\"SIG\"," P256 "}", "ES256", JOSE_OP_VERIFY, JOSE_ERR_KEY_USE},
	{"{\"use\":\"tls\"," P256 "}", "ES256", JOSE_OP_VERIFY, JOSE_ERR_KEY_USE},
	{"{\"use\":\"tls\"," P256 "}", "ECDH-ES", JOSE_OP_ENCRYPT, JOSE_ERR_KEY_USE},
	{"{\"use\":\"\"," OCT64 "}", "HS256", JOSE_OP_SIGN, JOSE_ERR_KEY_USE},

	/* key_ops: RFC 7517 4.3 */
	{"{\"key_ops\":[\"verify\"]," P256 "}", "ES256", JOSE_OP_VERIFY, JOSE_OK},
	{"{\"key_ops\":[\"sign\"]," P256D "}", "ES256", JOSE_OP_SIGN, JOSE_OK},
	{"{\"key_ops\":[\"sign\"]," P256D "}", "ES256", JOSE_OP_VERIFY, JOSE_ERR_KEY_USE},
	{"{\"key_ops\":[\"verify\"]," P256D "}", "ES256", JOSE_OP_SIGN, JOSE_ERR_KEY_USE},
	{"{\"key_ops\":[\"sign\",\"verify\"]," OCT64 "}", "HS256", JOSE_OP_VERIFY, JOSE_OK},
	{"{\"key_ops\":[]," OCT64 "}", "HS256", JOSE_OP_VERIFY, JOSE_ERR_KEY_USE},
	{"{\"key_ops\":[\"other\"]," OCT64 "}", "HS256", JOSE_OP_VERIFY, JOSE_ERR_KEY_USE},
	{"{\"key_ops\":[\"other\",\"verify\"]," OCT64 "}", "HS256", JOSE_OP_VERIFY, JOSE_OK},
	{"{\"key_ops\":[\"wrapKey\"]," OCT16 "}", "A128KW", JOSE_OP_ENCRYPT, JOSE_OK},
	{"{\"key_ops\":[\"wrapKey\"]," OCT16 "}", "A128KW", JOSE_OP_DECRYPT, JOSE_ERR_KEY_USE},
	{"{\"key_ops\":[\"unwrapKey\"]," OCT16 "}", "A128KW", JOSE_OP_DECRYPT, JOSE_OK},
	{"{\"key_ops\":[\"decrypt\"]," OCT16 "}", "dir", JOSE_OP_DECRYPT, JOSE_OK},
	{"{\"key_ops\":[\"sign\",\"verify\"]," OCT16 "}", "dir", JOSE_OP_DECRYPT, JOSE_ERR_KEY_USE},
	{"{\"key_ops\":[\"deriveKey\"]," P256D "}", "ECDH-ES", JOSE_OP_DECRYPT, JOSE_OK},
	{"{\"key_ops\":[\"deriveBits\"]," P256D "}", "ECDH-ES", JOSE_OP_DECRYPT, JOSE_OK},
	{"{\"key_ops\":[\"verify\"],\"use\":\"enc\"," P256 "}", "ES256", JOSE_OP_VERIFY, JOSE_ERR_KEY_USE},

	/* halves */
	{"{" P256 "}", "ES256", JOSE_OP_SIGN, JOSE_ERR_KEY_PRIVATE},
	{"{" P256D "}", "ES256", JOSE_OP_SIGN, JOSE_OK},
	{"{" P256D "}", "ES256", JOSE_OP_VERIFY, JOSE_OK},
	{"{" RSA "}", "RSA-OAEP", JOSE_OP_DECRYPT, JOSE_ERR_KEY_PRIVATE},
	{"{" RSA "}", "RSA-OAEP", JOSE_OP_ENCRYPT, JOSE_OK},
	{"{" ED "}", "EdDSA", JOSE_OP_SIGN, JOSE_ERR_KEY_PRIVATE},
	{"{" EDD "}", "EdDSA", JOSE_OP_SIGN, JOSE_OK},
	{"{" X25 "}", "ECDH-ES", JOSE_OP_DECRYPT, JOSE_ERR_KEY_PRIVATE},

	/* sizes: RFC 7518 3.2, 4.4 and 4.7 */
	{"{" OCT16 "}", "HS256", JOSE_OP_VERIFY, JOSE_ERR_KEY_SHORT},
	{"{" OCT16 "}", "A128KW", JOSE_OP_ENCRYPT, JOSE_OK},
	{"{" OCT16 "}", "A192KW", JOSE_OP_ENCRYPT, JOSE_ERR_KEY_INVALID},
	{"{" OCT16 "}", "A256GCMKW", JOSE_OP_DECRYPT, JOSE_ERR_KEY_INVALID},
	{"{" OCT64 "}", "A256KW", JOSE_OP_DECRYPT, JOSE_ERR_KEY_INVALID},
	{"{" OCT16 "}", "PBES2-HS256+A128KW", JOSE_OP_DECRYPT, JOSE_OK}
};

static const char *const op_names[] = {"sign", "verify", "encrypt", "decrypt"};

static void
test_fits(void)
{
	int			i;

	for (i = 0; i < LENGTH(fits); i++)
	{
		JoseKey    *key = key_of(fits[i].jwk);
		char		name[96];

		snprintf(name, sizeof(name), "%s, %s: %.50s", op_names[fits[i].op], fits[i].alg, fits[i].jwk);
		is_err(jose_key_fits(key, alg_of(fits[i].alg), fits[i].op, 0), fits[i].err, name);
		jose_key_free(key);
	}
}

/* A short secret passes where the flag says so, and nothing else does. */
static void
test_short_flag(void)
{
	JoseKey    *key = key_of("{" OCT16 "}");

	is_err(jose_key_fits(key, alg_of("HS512"), JOSE_OP_VERIFY, JOSE_ALLOW_SHORT_HMAC), JOSE_OK,
		   "a short secret, allowed");
	is_err(jose_key_fits(key, alg_of("A256KW"), JOSE_OP_ENCRYPT, JOSE_ALLOW_SHORT_HMAC), JOSE_ERR_KEY_INVALID,
		   "the flag is for HMAC alone");
	jose_key_free(key);
}

/* ---- what a key stands for when nobody names an algorithm ---- */

static void
is_default(const char *json, JoseOp op, const char *expected)
{
	JoseKeySet *set = set_of(json);
	JoseAlgSet	algs = jose_keyset_default_algs(set, op);
	const JoseAlg *first = set->count > 0 ? jose_key_default_alg(set->keys[0], op) : NULL;
	JoseBuf		got = {0};
	const JoseAlg *alg;
	int			i;

	for (i = 0; (alg = jose_alg_at(i)) != NULL; i++)
	{
		if ((algs & jose_alg_bit(alg)) == 0)
			continue;
		jose_buf_puts(&got, got.len > 0 ? " " : "");
		jose_buf_puts(&got, jose_alg_name(alg));
	}
	jose_buf_puts(&got, "");
	is_str((char *) got.data, expected, op_names[op]);
	if (set->count == 1)
		ok(first == NULL ? *expected == '\0' :
		   strncmp(jose_alg_name(first), expected, strcspn(expected, " ")) == 0 &&
		   jose_alg_name(first)[strcspn(expected, " ")] == '\0', "... the first of them is taken");
	jose_buf_free(&got);
	jose_keyset_free(set);
}

static void
test_defaults(void)
{
	is_default("{" RSA "}", JOSE_OP_VERIFY, "RS256 RS384 RS512 PS256 PS384 PS512");
	is_default("{" RSA "}", JOSE_OP_SIGN, "RS256 RS384 RS512 PS256 PS384 PS512");
	is_default("{" RSA "}", JOSE_OP_ENCRYPT, "RSA-OAEP-256 RSA-OAEP-384 RSA-OAEP-512 RSA-OAEP");
	is_default("{" P256 "}", JOSE_OP_VERIFY, "ES256");
	is_default("{" P256 "}", JOSE_OP_ENCRYPT, "ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW");
	is_default("{" ED "}", JOSE_OP_VERIFY, "EdDSA Ed25519");
	is_default("{" ED "}", JOSE_OP_ENCRYPT, "");
	is_default("{" X25 "}", JOSE_OP_VERIFY, "");
	is_default("{" OCT64 "}", JOSE_OP_VERIFY, "HS256 HS384 HS512");
	is_default("{" OCT16 "}", JOSE_OP_VERIFY, "HS256 HS384 HS512");
	/* a password is asked for by name */
	is_default("{" OCT16 "}", JOSE_OP_DECRYPT, "A128KW A128GCMKW dir");
	is_default("{\"alg\":\"PBES2-HS256+A128KW\"," OCT16 "}", JOSE_OP_DECRYPT, "PBES2-HS256+A128KW");
	is_default("{\"alg\":\"PS256\"," RSA "}", JOSE_OP_VERIFY, "PS256");
	is_default("{\"alg\":\"RSA1_5\"," RSA "}", JOSE_OP_VERIFY, "");
	is_default("{\"alg\":\"none\"," OCT64 "}", JOSE_OP_VERIFY, "");
	is_default("{\"keys\":[]}", JOSE_OP_VERIFY, "");
	is_default("{\"keys\":[{" P256 "},{\"alg\":\"RS256\"," RSA "}]}", JOSE_OP_VERIFY, "RS256 ES256");
}

int
main(void)
{
	test_names();
	test_no_names();
	test_rows();
	test_min_secret();
	test_fits();
	test_short_flag();
	test_defaults();
	return done_testing();
}
