/*
 * content_test.c
 *		Content encryption: RFC 7518 B's cases for AES-CBC with HMAC, RFC 7516
 *		A.1's content for AES-GCM, and everything that must not decrypt.
 */
#include "tap.h"
#include "crypt.h"

/* RFC 7518 B: P, IV and A are the same in all three */
#define RFC7518_P "41206369706865722073797374656d206d757374206e6f742062652072657175" \
	"6972656420746f206265207365637265742c20616e64206974206d7573742062" \
	"652061626c6520746f2066616c6c20696e746f207468652068616e6473206f66" \
	"2074686520656e656d7920776974686f757420696e636f6e76656e69656e6365"
#define RFC7518_IV "1af38c2dc2b96ffdd86694092341bc04"
#define RFC7518_A "546865207365636f6e64207072696e6369706c65206f66204175677573746520" \
	"4b6572636b686f666673"

typedef struct Vector
{
	const char *source;
	const char *enc;
	const char *key;
	const char *plaintext;
	const char *iv;
	const char *aad;
	const char *ciphertext;
	const char *tag;
} Vector;

static const Vector vectors[] = {
	{
		"RFC 7518 B.1", "A128CBC-HS256",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		RFC7518_P, RFC7518_IV, RFC7518_A,
		"c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9"
		"a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c7032336"
		"09d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b"
		"384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade5"
		"4b8851ffb598f7f80074b9473c82e2db",
		"652c3fa36b0a7c5b3219fab3a30bc1c4"
	},
	{
		"RFC 7518 B.2", "A192CBC-HS384",
		"000102030405060708090a0b0c0d0e0f1011121314151617"
		"18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f",
		RFC7518_P, RFC7518_IV, RFC7518_A,
		"ea65da6b59e61edb419be62d19712ae5d303eeb50052d0dfd6697f77224c8edb"
		"000d279bdc14c1072654bd30944230c657bed4ca0c9f4a8466f22b226d174621"
		"4bf8cfc2400add9f5126e479663fc90b3bed787a2f0ffcbf3904be2a641d5c21"
		"05bfe591bae23b1d7449e532eef60a9ac8bb6c6b01d35d49787bcd57ef484927"
		"f280adc91ac0c4e79c7b11efc60054e3",
		"8490ac0e58949bfe51875d733f93ac2075168039ccc733d7"
	},
	{
		"RFC 7518 B.3", "A256CBC-HS512",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
		"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
		RFC7518_P, RFC7518_IV, RFC7518_A,
		"4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd"
		"822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b"
		"36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3"
		"a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950b"
		"be2638d09dd7a4930930806d0703b1f6",
		"4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5"
	},
	{
		"RFC 7516 A.1", "A256GCM",
		"b1a1f480548fe1733fb403ff6b9ad4f68a076e5b702e22692f82cb2e7aea40fc",
		"5468652074727565207369676e206f6620696e74656c6c6967656e6365206973"
		"206e6f74206b6e6f776c656467652062757420696d6167696e6174696f6e2e",
		"e3c575fc02dbe944b4e14ddb",
		/* the header's text, eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ */
		"65794a68624763694f694a53553045745430464655434973496d567559794936"
		"496b45794e545a48513030696651",
		"e5eca6f135bf73c4ae2b496d277ae9608cce783433ed300bbedbba506f68328e"
		"2fa73b3db57fc4152852f2207b8fa8e249d8b0908af76a3c10cda06d403fc0",
		"5c5068318519a1d7ad65dbd3885bd291"
	}
};

/* A message in its parts, and the key that opens it. */
typedef struct Sealed
{
	const JoseEnc *enc;
	JoseBuf		cek;
	JoseBuf		aad;
	JoseBuf		iv;
	JoseBuf		ciphertext;
	JoseBuf		tag;
} Sealed;

static void
sealed_free(Sealed *s)
{
	jose_buf_free(&s->cek);
	jose_buf_free(&s->aad);
	jose_buf_free(&s->iv);
	jose_buf_free(&s->ciphertext);
	jose_buf_free(&s->tag);
}

static JoseError
open_sealed(const Sealed *s, JoseBuf *plaintext)
{
	return jose_content_decrypt(s->enc, s->cek.data, s->aad.data, s->aad.len, s->iv.data, s->iv.len,
								s->ciphertext.data, s->ciphertext.len, s->tag.data, s->tag.len, plaintext);
}

static Sealed
seal(const JoseEnc *enc, const void *plaintext, size_t len)
{
	Sealed		s = {.enc = enc};

	jose_buf_puts(&s.aad, "eyJhbGciOiJkaXIifQ");
	if (jose_fresh_cek(enc, &s.cek) != JOSE_OK ||
		jose_content_encrypt(enc, s.cek.data, s.aad.data, s.aad.len, plaintext, len,
							 &s.iv, &s.ciphertext, &s.tag) != JOSE_OK)
		bail("does not encrypt", enc->name);
	return s;
}

static void
test_vectors(void)
{
	size_t		i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
	{
		const Vector *v = &vectors[i];
		Sealed		s = {enc_of(v->enc), from_hex(v->key), from_hex(v->aad), from_hex(v->iv),
		from_hex(v->ciphertext), from_hex(v->tag)};
		JoseBuf		expected = from_hex(v->plaintext);
		JoseBuf		plaintext = {0};

		is_err(open_sealed(&s, &plaintext), JOSE_OK, v->source);
		is_buf(&plaintext, &expected, v->source);
		jose_buf_free(&plaintext);
		jose_buf_free(&expected);
		sealed_free(&s);
	}
}

/* Around every block boundary, and nothing at all. */
static void
test_round_trip(const JoseEnc *enc)
{
	unsigned char message[80];
	size_t		len;
	int			good = 0;
	int			sized = 0;

	memset(message, 'm', sizeof(message));
	for (len = 0; len <= sizeof(message); len++)
	{
		Sealed		s = seal(enc, message, len);
		JoseBuf		plaintext = {0};
		size_t		expected = enc->digest != NULL ? len / 16 * 16 + 16 : len;

		good += open_sealed(&s, &plaintext) == JOSE_OK && plaintext.len == len &&
			memcmp(plaintext.data, message, len) == 0;
		sized += s.ciphertext.len == expected && s.iv.len == (size_t) enc->iv_bytes &&
			s.tag.len == (size_t) enc->tag_bytes;
		jose_buf_free(&plaintext);
		sealed_free(&s);
	}
	ok(good == 81, "%s: messages of 0 to 80 bytes come back", enc->name);
	ok(sized == 81, "%s: parts have the sizes of RFC 7518 5", enc->name);
}

/* An IV twice under one key gives GCM's authentication away. */
static void
test_fresh(const JoseEnc *enc)
{
	Sealed		s = seal(enc, "message", 7);
	JoseBuf		iv = {0};
	JoseBuf		ciphertext = {0};
	JoseBuf		tag = {0};

	is_err(jose_content_encrypt(enc, s.cek.data, s.aad.data, s.aad.len, "message", 7, &iv, &ciphertext, &tag),
		   JOSE_OK, "the same again");
	ok(memcmp(iv.data, s.iv.data, iv.len) != 0, "%s: its IV is another", enc->name);
	ok(memcmp(ciphertext.data, s.ciphertext.data, 7) != 0, "%s: its ciphertext too", enc->name);
	jose_buf_free(&iv);
	jose_buf_free(&ciphertext);
	jose_buf_free(&tag);
	sealed_free(&s);
}

/* Is the failure the one there is, with nothing left in the buffer's memory? */
static bool
refused(const Sealed *s)
{
	JoseBuf		plaintext = {0};
	JoseError	err = open_sealed(s, &plaintext);
	bool		clean = plaintext.len == 0;
	size_t		i;

	/* what the allocation holds beyond the bytes asked for was never written */
	for (i = 0; plaintext.data != NULL && i < s->ciphertext.len; i++)
		clean = clean && plaintext.data[i] == 0;
	jose_buf_free(&plaintext);
	return err == JOSE_ERR_DECRYPT && clean;
}

/* How many of a part's bits can be flipped with the message still refused? */
static size_t
flips_refused(const Sealed *s, JoseBuf *part)
{
	size_t		count = 0;
	size_t		bit;

	for (bit = 0; bit < part->len * 8; bit++)
	{
		part->data[bit / 8] ^= (unsigned char) (1 << bit % 8);
		count += refused(s) ? 1 : 0;
		part->data[bit / 8] ^= (unsigned char) (1 << bit % 8);
	}
	return count;
}

/*
 * Attack: change any one bit of what was sent, or of the header it was sent
 * under, and hope for a message that still opens.
 */
static void
test_bit_flips(const JoseEnc *enc)
{
	Sealed		s = seal(enc, "a message of more than one block", 32);
	JoseBuf    *parts[] = {&s.aad, &s.iv, &s.ciphertext, &s.tag};
	const char *const names[] = {"header", "IV", "ciphertext", "tag"};
	size_t		i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		ok(flips_refused(&s, parts[i]) == parts[i]->len * 8, "%s: no bit of the %s can change", enc->name, names[i]);
	ok(!refused(&s), "%s: as it was, it opens", enc->name);
	jose_buf_reset(&s.cek);
	is_err(jose_fresh_cek(enc, &s.cek), JOSE_OK, "another key");
	ok(refused(&s), "%s: another key does not open it", enc->name);
	sealed_free(&s);
}

/* How many of the lengths from 0 to limit, but for the right one, are refused? */
static size_t
lengths_refused(const Sealed *s, JoseBuf *part, size_t limit)
{
	size_t		right = part->len;
	size_t		count = 0;
	size_t		len;

	jose_buf_grow(part, limit - right);
	for (len = 0; len <= limit; len++)
	{
		part->len = len;
		count += len != right && refused(s) ? 1 : 0;
	}
	part->len = right;
	return count;
}

/*
 * Attack: cut the tag.  OpenSSL's GCM accepts shorter ones, and a tag of one
 * byte is forged in 256 attempts (CVE-2018-1000539, CVE-2023-37464 and
 * CVE-2025-54887, each in another JOSE library).
 */
static void
test_lengths(const JoseEnc *enc)
{
	Sealed		s = seal(enc, "a message of more than one block", 32);

	ok(lengths_refused(&s, &s.tag, 64) == 64, "%s: no tag shorter or longer", enc->name);
	ok(lengths_refused(&s, &s.iv, 32) == 32, "%s: no IV shorter or longer", enc->name);
	ok(lengths_refused(&s, &s.ciphertext, 96) == 96, "%s: no ciphertext shorter or longer", enc->name);
	sealed_free(&s);
}

/* A CBC message whose tag is right over whatever ciphertext it has. */
static void
tag_again(Sealed *s)
{
	unsigned char bits[8] = {0, 0, 0, 0, 0, 0, 0, (unsigned char) (s->aad.len * 8)};
	unsigned char full[EVP_MAX_MD_SIZE];
	JoseBuf		message = {0};

	jose_buf_append(&message, s->aad.data, s->aad.len);
	jose_buf_append(&message, s->iv.data, s->iv.len);
	jose_buf_append(&message, s->ciphertext.data, s->ciphertext.len);
	jose_buf_append(&message, bits, sizeof(bits));
	if (EVP_Q_mac(NULL, "HMAC", NULL, s->enc->digest, NULL, s->cek.data, s->cek.len / 2,
				  message.data, message.len, full, sizeof(full), NULL) == NULL)
		bail("no HMAC", s->enc->digest);
	memcpy(s->tag.data, full, s->tag.len);
	jose_buf_free(&message);
}

/*
 * Attack: ask, by error or time, whether the padding was right (Vaudenay).  A
 * forger cannot make these tags, so this shows only that the error is one.
 */
static void
test_padding(const JoseEnc *enc)
{
	Sealed		s = seal(enc, "a message of more than one block", 32);

	s.ciphertext.data[0] ^= 1;
	tag_again(&s);
	ok(!refused(&s), "%s: the tag made here is the right one", enc->name);

	/* the last byte of the block before the padding's flips the padding's */
	s.ciphertext.data[31] ^= 0x40;
	tag_again(&s);
	ok(refused(&s), "%s: wrong padding under a right tag", enc->name);

	s.ciphertext.len = 0;
	tag_again(&s);
	ok(refused(&s), "%s: no ciphertext at all under a right tag", enc->name);

	s.ciphertext.len = 20;
	tag_again(&s);
	ok(refused(&s), "%s: part of a block under a right tag", enc->name);
	sealed_free(&s);
}

/* Output is appended: what stood before stays, whatever comes. */
static void
test_append(const JoseEnc *enc)
{
	Sealed		s = seal(enc, "message", 7);
	JoseBuf		plaintext = {0};

	jose_buf_puts(&plaintext, "before ");
	is_err(open_sealed(&s, &plaintext), JOSE_OK, "decrypted after other bytes");
	is_str((char *) plaintext.data, "before message", enc->name);
	s.tag.data[0] ^= 1;
	is_err(open_sealed(&s, &plaintext), JOSE_ERR_DECRYPT, "and failed after them");
	is_str((char *) plaintext.data, "before message", enc->name);
	jose_buf_free(&plaintext);
	sealed_free(&s);
}

int
main(void)
{
	const JoseEnc *enc;
	int			i;

	test_vectors();
	for (i = 0; (enc = jose_enc_at(i)) != NULL; i++)
	{
		test_round_trip(enc);
		test_fresh(enc);
		test_bit_flips(enc);
		test_lengths(enc);
		test_append(enc);
		if (enc->digest != NULL)
			test_padding(enc);
	}
	ok(i == 6, "all six content encryptions were tried");
	queue_is_empty();
	return done_testing();
}
