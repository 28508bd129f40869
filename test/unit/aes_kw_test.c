/*
 * aes_kw_test.c
 *		RFC 3394's own vectors, AES Key Wrap and GCM key wrapping as JWE uses
 *		them, and dir.
 */
#include "tap.h"
#include "crypt.h"

#define KEK16 "000102030405060708090A0B0C0D0E0F"
#define KEK24 KEK16 "1011121314151617"
#define KEK32 KEK24 "18191A1B1C1D1E1F"
#define DATA16 "00112233445566778899AABBCCDDEEFF"
#define DATA24 DATA16 "0001020304050607"
#define DATA32 DATA24 "08090A0B0C0D0E0F"

/* JWKs of 16, 24 and 32 bytes */
#define OCT16 "{\"kty\":\"oct\",\"k\":\"AAECAwQFBgcICQoLDA0ODw\"}"
#define OCT24 "{\"kty\":\"oct\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYX\"}"
#define OCT32 "{\"kty\":\"oct\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}"

static const struct
{
	const char *source;
	const char *cipher;
	const char *kek;
	const char *data;
	const char *wrapped;
}			vectors[] = {
	{
		"RFC 3394 4.1", "AES-128-WRAP", KEK16, DATA16,
		"1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"
	},
	{
		"RFC 3394 4.2", "AES-192-WRAP", KEK24, DATA16,
		"96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D"
	},
	{
		"RFC 3394 4.3", "AES-256-WRAP", KEK32, DATA16,
		"64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"
	},
	{
		"RFC 3394 4.4", "AES-192-WRAP", KEK24, DATA24,
		"031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2"
	},
	{
		"RFC 3394 4.5", "AES-256-WRAP", KEK32, DATA24,
		"A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1"
	},
	{
		"RFC 3394 4.6", "AES-256-WRAP", KEK32, DATA32,
		"28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"
	}
};

static void
test_rfc3394(void)
{
	size_t		i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
	{
		JoseBuf		kek = from_hex(vectors[i].kek);
		JoseBuf		data = from_hex(vectors[i].data);
		JoseBuf		expected = from_hex(vectors[i].wrapped);
		JoseBuf		wrapped = {0};
		JoseBuf		unwrapped = {0};

		is_err(jose_aes_wrap(vectors[i].cipher, kek.data, data.data, data.len, &wrapped), JOSE_OK, vectors[i].source);
		is_buf(&wrapped, &expected, vectors[i].source);
		is_err(jose_aes_unwrap(vectors[i].cipher, kek.data, wrapped.data, wrapped.len, &unwrapped), JOSE_OK,
			   "and back");
		is_buf(&unwrapped, &data, vectors[i].source);
		jose_buf_free(&kek);
		jose_buf_free(&data);
		jose_buf_free(&expected);
		jose_buf_free(&wrapped);
		jose_buf_free(&unwrapped);
	}
}

/* Refused, and nothing of what was unwrapped handed out or left lying there. */
static bool
unwrap_refused(const JoseBuf *kek, const unsigned char *wrapped, size_t len)
{
	JoseBuf		out = {0};
	JoseError	err = jose_aes_unwrap("AES-256-WRAP", kek->data, wrapped, len, &out);
	bool		clean = out.len == 0;
	size_t		i;

	for (i = 0; out.data != NULL && i < len; i++)
		clean = clean && out.data[i] == 0;
	jose_buf_free(&out);
	return err == JOSE_ERR_DECRYPT && clean;
}

/* Attack: a wrapped key with a bit changed, cut short, or made longer. */
static void
test_unwrap_refuses(void)
{
	JoseBuf		kek = from_hex(KEK32);
	JoseBuf		wrapped = from_hex(vectors[5].wrapped);
	size_t		bits = wrapped.len * 8;
	size_t		refused = 0;
	size_t		i;

	for (i = 0; i < bits; i++)
	{
		wrapped.data[i / 8] ^= (unsigned char) (1 << i % 8);
		refused += unwrap_refused(&kek, wrapped.data, wrapped.len) ? 1 : 0;
		wrapped.data[i / 8] ^= (unsigned char) (1 << i % 8);
	}
	ok(refused == bits, "no bit of a wrapped key can change");

	refused = 0;
	for (i = 0; i < wrapped.len; i++)
		refused += unwrap_refused(&kek, wrapped.data, i) ? 1 : 0;
	ok(refused == wrapped.len, "no shorter wrapped key, down to none");

	jose_buf_grow(&wrapped, 16);
	refused = 0;
	for (i = 41; i <= wrapped.len; i++)
		refused += unwrap_refused(&kek, wrapped.data, i) ? 1 : 0;
	ok(refused == 16, "no longer one");
	jose_buf_free(&kek);
	jose_buf_free(&wrapped);
}

/* RFC 7516 A.3.3 */
static void
test_rfc7516_a3(void)
{
	JoseKey    *key = key_of("{\"kty\":\"oct\",\"k\":\"GawgguFyGrWKav7AX4VKUg\"}");
	JoseBuf		encrypted = from_b64("6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ");
	JoseBuf		expected = from_hex("04d31fc5549dfcfe0b649dfa3faa6ace6b7cd42d6f6b09dbc8b100f08f9c2ccf");
	JoseBuf		cek = {0};

	is_err(unwrap_with("A128KW", "A128CBC-HS256", key, "{}", &encrypted, &cek), JOSE_OK, "RFC 7516 A.3.3");
	is_buf(&cek, &expected, "its content encryption key");
	jose_buf_free(&cek);
	jose_buf_free(&encrypted);
	jose_buf_free(&expected);
	jose_key_free(key);
}

/* RFC 7520 5.7.4, whose key stands there and in the token's header */
static void
test_rfc7520_gcmkw(void)
{
	JoseKey    *key = key_of("{\"kty\":\"oct\",\"k\":\"qC57l_uxcm7Nm3K-ct4GFjx8tM1U8CZ0NLBvdQstiS8\"}");
	JoseBuf		encrypted = from_b64("lJf3HbOApxMEBkCMOoTnnABxs_CvTWUmZQ2ElLvYNok");
	JoseBuf		expected = from_b64("UWxARpat23nL9ReIj4WG3D1ee9I4r-Mv5QLuFXdy_rE");
	JoseBuf		cek = {0};

	is_err(unwrap_with("A256GCMKW", "A128CBC-HS256", key,
					   "{\"iv\":\"KkYT0GX_2jHlfqN_\",\"tag\":\"kfPduVQ3T3H6vnewt--ksw\"}", &encrypted, &cek),
		   JOSE_OK, "RFC 7520 5.7.4");
	is_buf(&cek, &expected, "its content encryption key");
	jose_buf_free(&cek);
	jose_buf_free(&encrypted);
	jose_buf_free(&expected);
	jose_key_free(key);
}

/* A key wrapped, with the members that came of it as a header. */
typedef struct Wrapped
{
	JoseKey    *key;
	JoseBuf		cek;
	JoseBuf		encrypted;
	JoseBuf		header;
} Wrapped;

static Wrapped
wrap_with(const char *alg, const char *enc, const char *jwk)
{
	Wrapped		w = {.key = key_of(jwk)};
	JoseBuf		members = {0};
	JoseObject *empty = object_of("{}");
	const JoseAlg *row = alg_of(alg);

	if (row->wrap->wrap(row, enc_of(enc), w.key, empty, &w.cek, &w.encrypted, &members) != JOSE_OK)
		bail("does not wrap", alg);
	jose_buf_puts(&w.header, "{");
	if (members.len > 0)
		jose_buf_puts(&w.header, (char *) members.data + 1);
	jose_buf_puts(&w.header, "}");
	jose_buf_free(&members);
	jose_object_free(empty);
	return w;
}

static void
wrapped_free(Wrapped *w)
{
	jose_key_free(w->key);
	jose_buf_free(&w->cek);
	jose_buf_free(&w->encrypted);
	jose_buf_free(&w->header);
}

static void
test_wrap(const char *alg, const char *enc, const char *jwk, size_t added)
{
	Wrapped		w = wrap_with(alg, enc, jwk);
	Wrapped		again = wrap_with(alg, enc, jwk);
	JoseBuf		cek = {0};

	is_err(unwrap_with(alg, enc, w.key, (char *) w.header.data, &w.encrypted, &cek), JOSE_OK, alg);
	is_buf(&cek, &w.cek, enc);
	ok(w.cek.len == (size_t) enc_of(enc)->cek_bytes && w.encrypted.len == w.cek.len + added,
	   "%s of an %s key has its size", alg, enc);
	ok(memcmp(w.cek.data, again.cek.data, w.cek.len) != 0 &&
	   memcmp(w.encrypted.data, again.encrypted.data, w.encrypted.len) != 0,
	   "the next key is another");
	jose_buf_free(&cek);
	wrapped_free(&w);
	wrapped_free(&again);
}

static void
test_wraps(void)
{
	const JoseEnc *enc;
	int			i;

	for (i = 0; (enc = jose_enc_at(i)) != NULL; i++)
	{
		test_wrap("A128KW", enc->name, OCT16, 8);
		test_wrap("A192KW", enc->name, OCT24, 8);
		test_wrap("A256KW", enc->name, OCT32, 8);
		test_wrap("A128GCMKW", enc->name, OCT16, 0);
		test_wrap("A192GCMKW", enc->name, OCT24, 0);
		test_wrap("A256GCMKW", enc->name, OCT32, 0);
	}
}

/*
 * Attack: key wrapping's own iv and tag are header members, and so the
 * sender's to choose: missing, mistyped, cut, or emptied to switch GCM's
 * authentication off.
 */
static void
test_gcmkw_members(void)
{
	static const char *const headers[] = {
		"{}",
		"{\"tag\":\"AAAAAAAAAAAAAAAAAAAAAA\"}",
		"{\"iv\":\"AAAAAAAAAAAAAAAA\"}",
		"{\"iv\":\"AAAAAAAAAAAAAAAA\",\"tag\":\"\"}",
		"{\"iv\":\"AAAAAAAAAAAAAAAA\",\"tag\":null}",
		"{\"iv\":\"AAAAAAAAAAAAAAAA\",\"tag\":1}",
		"{\"iv\":\"AAAAAAAAAAAAAAAA\",\"tag\":\"AA\"}",
		"{\"iv\":\"AAAAAAAAAAAAAAAA\",\"tag\":\"AAAAAAAAAAAAAAAAAAAA\"}",
		"{\"iv\":\"AAAAAAAAAAAAAAAA\",\"tag\":\"AAAAAAAAAAAAAAAAAAAAAA==\"}",
		"{\"iv\":\"AAAAAAAAAAAAAAAA\",\"tag\":\"AAAAAAAAAAAAAAAAAAAAAA\"}",
		"{\"iv\":\"AAAAAAAAAAAAAAA\",\"tag\":\"AAAAAAAAAAAAAAAAAAAAAA\"}",
		"{\"iv\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"tag\":\"AAAAAAAAAAAAAAAAAAAAAA\"}",
		"{\"iv\":[],\"tag\":\"AAAAAAAAAAAAAAAAAAAAAA\"}"
	};
	Wrapped		w = wrap_with("A256GCMKW", "A256GCM", OCT32);
	size_t		i;

	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
	{
		JoseBuf		cek = {0};

		is_err(unwrap_with("A256GCMKW", "A256GCM", w.key, headers[i], &w.encrypted, &cek), JOSE_ERR_DECRYPT,
			   headers[i]);
		ok(cek.len == 0, "no key came of it");
		jose_buf_free(&cek);
	}
	wrapped_free(&w);
}

/* A key of another size is refused, however it got here. */
static void
test_key_sizes(void)
{
	static const char *const algs[] = {"A128KW", "A192KW", "A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW"};
	static const char *const jwks[] = {OCT16, OCT24, OCT32};
	JoseObject *empty = object_of("{}");
	size_t		i;

	for (i = 0; i < 6 * 3; i++)
	{
		const JoseAlg *alg = alg_of(algs[i / 3]);
		JoseKey    *key = key_of(jwks[i % 3]);
		bool		fits = i / 3 % 3 == i % 3;
		JoseBuf		cek = {0};
		JoseBuf		encrypted = {0};
		JoseBuf		members = {0};

		is_err(jose_key_fits(key, alg, JOSE_OP_ENCRYPT, 0), fits ? JOSE_OK : JOSE_ERR_KEY_INVALID, alg->name);
		is_err(alg->wrap->wrap(alg, enc_of("A128GCM"), key, empty, &cek, &encrypted, &members),
			   fits ? JOSE_OK : JOSE_ERR_KEY_INVALID, "wrap looks for itself");
		ok(fits || (cek.len == 0 && encrypted.len == 0), "nothing comes of a wrong key");
		jose_buf_free(&cek);
		jose_buf_free(&encrypted);
		jose_buf_free(&members);
		jose_key_free(key);
	}
	jose_object_free(empty);
}

/* RFC 7518 4.5: the key is the content encryption key, so it has that size. */
static void
test_dir(void)
{
	JoseKey    *key = key_of(OCT32);
	JoseObject *empty = object_of("{}");
	const JoseAlg *dir = alg_of("dir");
	JoseBuf		secret = from_hex(KEK32);
	JoseBuf		none = {0};
	JoseBuf		cek = {0};
	JoseBuf		members = {0};

	is_err(dir->wrap->wrap(dir, enc_of("A256GCM"), key, empty, &cek, &none, &members), JOSE_OK, "dir");
	is_buf(&cek, &secret, "the key is the content encryption key");
	ok(none.len == 0 && members.len == 0, "with no encrypted key and nothing in the header");
	jose_buf_reset(&cek);
	is_err(unwrap_with("dir", "A128CBC-HS256", key, "{}", &none, &cek), JOSE_OK, "and back");
	is_buf(&cek, &secret, "the same key");
	jose_buf_reset(&cek);

	is_err(dir->wrap->wrap(dir, enc_of("A128GCM"), key, empty, &cek, &none, &members), JOSE_ERR_KEY_INVALID,
		   "a key too long for its enc");
	is_err(dir->wrap->wrap(dir, enc_of("A256CBC-HS512"), key, empty, &cek, &none, &members), JOSE_ERR_KEY_INVALID,
		   "and too short");
	is_err(unwrap_with("dir", "A128GCM", key, "{}", &none, &cek), JOSE_ERR_DECRYPT, "so too on the way back");
	is_err(unwrap_with("dir", "A256CBC-HS512", key, "{}", &none, &cek), JOSE_ERR_DECRYPT, "in both cases");

	/* attack: an encrypted key where there is none to be, RFC 7516 5.2 step 10 */
	is_err(unwrap_with("dir", "A256GCM", key, "{}", &secret, &cek), JOSE_ERR_DECRYPT, "dir with an encrypted key");
	ok(cek.len == 0, "no key came of any of them");

	jose_buf_free(&cek);
	jose_buf_free(&none);
	jose_buf_free(&members);
	jose_buf_free(&secret);
	jose_object_free(empty);
	jose_key_free(key);
}

/*
 * Attack: have a key made for one content encryption used with the other of
 * the same length, where GCM's key becomes half HMAC's and half CBC's.
 */
static void
test_dir_binds_enc(void)
{
	JoseKey    *key = key_of("{\"kty\":\"oct\",\"alg\":\"A256GCM\","
							 "\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}");
	JoseObject *empty = object_of("{}");
	const JoseAlg *dir = alg_of("dir");
	JoseBuf		none = {0};
	JoseBuf		cek = {0};
	JoseBuf		members = {0};

	is_err(jose_key_fits(key, dir, JOSE_OP_ENCRYPT, 0), JOSE_OK, "a key may name its enc and serve dir");
	is_err(unwrap_with("dir", "A256GCM", key, "{}", &none, &cek), JOSE_OK, "with that enc");
	jose_buf_reset(&cek);
	is_err(dir->wrap->wrap(dir, enc_of("A128CBC-HS256"), key, empty, &cek, &none, &members), JOSE_ERR_KEY_ALG,
		   "but not encrypt with another of the same length");
	is_err(unwrap_with("dir", "A128CBC-HS256", key, "{}", &none, &cek), JOSE_ERR_DECRYPT, "nor decrypt");
	ok(cek.len == 0, "no key came of it");
	jose_buf_free(&cek);
	jose_buf_free(&none);
	jose_buf_free(&members);
	jose_object_free(empty);
	jose_key_free(key);
}

int
main(void)
{
	test_rfc3394();
	test_unwrap_refuses();
	test_rfc7516_a3();
	test_rfc7520_gcmkw();
	test_wraps();
	test_gcmkw_members();
	test_key_sizes();
	test_dir();
	test_dir_binds_enc();
	queue_is_empty();
	return done_testing();
}
