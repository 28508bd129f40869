/*
 * matrix_test.c
 *		A key of each kind is offered for every algorithm of the registry, to
 *		sign, verify, encrypt and decrypt: the pairs that fit work, and all others
 *		fail for the key, before any of its bytes is used.
 *
 * Attack: algorithm confusion in general (RFC 8725 2.1): whatever pair of key
 * and algorithm an attacker can bring together, it must be one of these.
 */
#include <stdlib.h>

#include "tap.h"
#include "crypt.h"

static const char message[] = "eyJhbGciOiJIUzI1NiJ9.e30";

#define OAEP	"RSA-OAEP-256 RSA-OAEP-384 RSA-OAEP-512 RSA-OAEP"
#define ECDH	"ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW"
#define PBES2	"PBES2-HS256+A128KW PBES2-HS384+A192KW PBES2-HS512+A256KW"

/* What a key is made by, and all it is good for, in the registry's order. */
static const struct
{
	const char *name;
	const char *generated_for;
	int			bits;
	const char *curve;
	const char *fits;
}			kinds[] = {
	{"oct, 128 bits", "dir", 128, NULL, "A128KW A128GCMKW dir " PBES2},
	{"oct, 192 bits", "dir", 192, NULL, "A192KW A192GCMKW dir " PBES2},
	{"oct, 256 bits", "dir", 256, NULL, "HS256 A256KW A256GCMKW dir " PBES2},
	{"oct, 384 bits", "dir", 384, NULL, "HS256 HS384 dir " PBES2},
	{"oct, 512 bits", "dir", 512, NULL, "HS256 HS384 HS512 dir " PBES2},
	{"RSA", "RS256", 2048, NULL, "RS256 RS384 RS512 PS256 PS384 PS512 " OAEP},
	{"P-256", "ES256", 0, NULL, "ES256 " ECDH},
	{"P-384", "ES384", 0, NULL, "ES384 " ECDH},
	{"P-521", "ES512", 0, NULL, "ES512 " ECDH},
	{"secp256k1", "ES256K", 0, NULL, "ES256K"},
	{"Ed25519", "EdDSA", 0, "Ed25519", "EdDSA Ed25519"},
	{"Ed448", "EdDSA", 0, "Ed448", "EdDSA Ed448"},
	{"X25519", "ECDH-ES", 0, "X25519", ECDH},
	{"X448", "ECDH-ES", 0, "X448", ECDH}
};

#define KINDS	((int) (sizeof(kinds) / sizeof(kinds[0])))

static JoseKey *keys[KINDS];	/* private, bound to nothing */
static JoseKey *halves[KINDS];	/* their public halves; NULL: oct has none */

static bool
is_listed(const char *list, const char *name)
{
	size_t		len = strlen(name);
	const char *p;

	for (p = list; (p = strstr(p, name)) != NULL; p += len)
	{
		if ((p == list || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0'))
			return true;
	}
	return false;
}

static bool
is_about_the_key(JoseError err)
{
	return err >= JOSE_ERR_KEY_FORMAT && err <= JOSE_ERR_KEY_NOT_FOUND;
}

static void
make_keys(void)
{
	int			i;

	for (i = 0; i < KINDS; i++)
	{
		JoseBuf		jwk = {0};

		if (jose_key_generate(kinds[i].generated_for, kinds[i].bits, kinds[i].curve, NULL, &keys[i]) != JOSE_OK)
			bail("no key of", kinds[i].name);
		free(keys[i]->alg);
		keys[i]->alg = NULL;
		keys[i]->use = JOSE_USE_ANY;
		if (jose_key_to_jwk(keys[i], false, &jwk) == JOSE_OK)
			halves[i] = key_of((char *) jwk.data);
		jose_buf_free(&jwk);
	}
}

/* ---- signatures ---- */

static void
offer_to_sign(int kind, const JoseAlg *alg, bool fits)
{
	JoseKey    *verifier = halves[kind] != NULL ? halves[kind] : keys[kind];
	JoseBuf		signature = {0};
	JoseError	err = jose_sign(keys[kind], alg, 0, message, strlen(message), &signature);
	JoseError	half = halves[kind] == NULL ? JOSE_ERR_KEY_PRIVATE :
		jose_sign(halves[kind], alg, 0, message, strlen(message), &signature);
	bool		good;

	if (fits)
		good = err == JOSE_OK && half == JOSE_ERR_KEY_PRIVATE &&
			jose_verify(verifier, alg, 0, message, strlen(message), signature.data, signature.len) == JOSE_OK;
	else
		good = is_about_the_key(err) && is_about_the_key(half) && signature.len == 0;
	ok(good, "%s %s with %s", kinds[kind].name, fits ? "signs" : "does not sign", jose_alg_name(alg));
	jose_buf_free(&signature);
}

/* Every other kind is offered the signature of one that fits. */
static void
offer_to_verify(const JoseAlg *alg, int signer)
{
	JoseBuf		signature = {0};
	int			wrong = 0;
	int			i;

	if (jose_sign(keys[signer], alg, 0, message, strlen(message), &signature) != JOSE_OK)
		bail("cannot sign with", jose_alg_name(alg));
	for (i = 0; i < KINDS; i++)
	{
		JoseKey    *verifier = halves[i] != NULL ? halves[i] : keys[i];
		JoseError	err = jose_verify(verifier, alg, 0, message, strlen(message), signature.data, signature.len);

		if (i == signer)
			wrong += err != JOSE_OK;
		else if (is_listed(kinds[i].fits, jose_alg_name(alg)))
			wrong += err != JOSE_ERR_SIGNATURE;
		else
			wrong += !is_about_the_key(err);
	}
	ok(wrong == 0, "%s by %s: verified with it, not with others of its kind, tried with no other kind",
	   jose_alg_name(alg), kinds[signer].name);
	jose_buf_free(&signature);
}

/* ---- encryption ---- */

/* The content encryption that a dir key's size asks for; any will do for the others. */
static const JoseEnc *
enc_for(const JoseKey *key, const JoseAlg *alg)
{
	const JoseEnc *enc;
	int			i;

	for (i = 0; strcmp(jose_alg_name(alg), "dir") == 0 && (enc = jose_enc_at(i)) != NULL; i++)
	{
		if ((size_t) enc->cek_bytes == key->secret_len)
			return enc;
	}
	return enc_of("A128GCM");
}

/* jose_jwe_decrypt wants a set; the key stays the caller's. */
static JoseError
decrypt(const JoseBuf *token, JoseKey *key)
{
	JoseKeySet	set = {.keys = &key, .count = 1};
	JoseBuf		plaintext = {0};
	JoseError	err;

	err = jose_jwe_decrypt((char *) token->data, token->len, &set, ~(JoseAlgSet) 0, 0, &plaintext);
	jose_buf_free(&plaintext);
	return err;
}

static void
offer_to_encrypt(int kind, const JoseAlg *alg, bool fits)
{
	JoseKey    *sender = halves[kind] != NULL ? halves[kind] : keys[kind];
	bool		is_password = strncmp(jose_alg_name(alg), "PBES2", strlen("PBES2")) == 0;
	const char *header = is_password ? "{\"p2c\":1000}" : NULL;	/* the fastest there is */
	JoseBuf		token = {0};
	JoseError	err = jose_jwe_encrypt(sender, alg, enc_for(keys[kind], alg), header, "{}", 2, &token);
	bool		good;
	int			i;

	if (!fits)
	{
		ok(is_about_the_key(err) && token.len == 0, "%s does not encrypt with %s",
		   kinds[kind].name, jose_alg_name(alg));
		return;
	}
	good = err == JOSE_OK && decrypt(&token, keys[kind]) == JOSE_OK;
	for (i = 0; i < KINDS && good; i++)
	{
		bool		listed = is_listed(kinds[i].fits, jose_alg_name(alg));

		if (i != kind)
		{
			err = decrypt(&token, keys[i]);
			good = listed ? err == JOSE_ERR_DECRYPT : is_about_the_key(err);
		}
		if (halves[i] != NULL)
			good = good && is_about_the_key(decrypt(&token, halves[i]));
	}
	ok(good, "%s encrypts with %s, for itself alone", kinds[kind].name, jose_alg_name(alg));
	jose_buf_free(&token);
}

static void
offer_all(const JoseAlg *alg)
{
	const char *name = jose_alg_name(alg);
	int			i;

	for (i = 0; i < KINDS; i++)
	{
		bool		fits = is_listed(kinds[i].fits, name);
		JoseBuf		nothing = {0};

		if (jose_alg_is_signature(alg))
		{
			offer_to_sign(i, alg, fits);
			if (fits)
				offer_to_verify(alg, i);
			is_err(jose_jwe_encrypt(keys[i], alg, enc_of("A128GCM"), NULL, "{}", 2, &nothing), JOSE_ERR_KEY_ALG,
				   "... and encrypts with it never");
		}
		else
		{
			offer_to_encrypt(i, alg, fits);
			is_err(jose_sign(keys[i], alg, 0, message, strlen(message), &nothing), JOSE_ERR_KEY_ALG,
				   "... and signs with it never");
			is_err(jose_verify(keys[i], alg, 0, message, strlen(message), (const unsigned char *) "", 0),
				   JOSE_ERR_KEY_ALG, "... nor verifies");
		}
		jose_buf_free(&nothing);
	}
}

int
main(void)
{
	const JoseAlg *alg;
	int			i;

	make_keys();
	for (i = 0; (alg = jose_alg_at(i)) != NULL; i++)
		offer_all(alg);
	queue_is_empty();
	for (i = 0; i < KINDS; i++)
	{
		jose_key_free(keys[i]);
		jose_key_free(halves[i]);
	}
	return done_testing();
}
