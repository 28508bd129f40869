/*
 * ecdh_test.c
 *		Key agreement: RFC 7518 C, RFC 8037 A.6 and A.7, shared secrets that
 *		begin with zeros, and every ephemeral key an attacker might send.
 */
#include <time.h>

#include "tap.h"
#include "crypt.h"
#include "pkey.h"

/* RFC 7518 C: Bob's key, and Alice's ephemeral one */
#define BOB_POINT "\"kty\":\"EC\",\"crv\":\"P-256\"," \
	"\"x\":\"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ\"," \
	"\"y\":\"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck\""
#define BOB "{" BOB_POINT ",\"d\":\"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw\"}"
#define ALICE_X "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0"
#define ALICE_Y "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"
#define ALICE "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" ALICE_X "\",\"y\":\"" ALICE_Y "\"}"

/* RFC 7748 6.1 and 6.2: Bob's keys of RFC 8037 A.6 and A.7, in JWK */
#define BOB_X25519 "{\"kty\":\"OKP\",\"crv\":\"X25519\"," \
	"\"x\":\"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08\"," \
	"\"d\":\"XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os\"}"
#define BOB_X448 "{\"kty\":\"OKP\",\"crv\":\"X448\"," \
	"\"x\":\"PreoKbDNIPW8_AtZm2_sz22kYnEHvbDU80W0MCfYuXL8PjT7QjKhPKcG3LV67D2uB73BxnvzNgk\"," \
	"\"d\":\"HDBqesKg4uCZCylEcMujOeZFN3KwdYEdj60NHWknwSC7XuiXKw0-ITdMnJIbCdGwNm8QtlFzmS0\"}"
#define ALICE_X25519 "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo\"}"
#define ALICE_X448 "{\"kty\":\"OKP\",\"crv\":\"X448\"," \
	"\"x\":\"mwj3zDG34-Z9ItWuoSEHSic70rg94Jxj-qc9LCLF2bvINmRyQdlT1AxbEtqIEg1TF3-A5TLEH6A\"}"

#define BOB_P384 "{\"kty\":\"EC\",\"crv\":\"P-384\"," \
	"\"x\":\"YU4rRUzdmVqmRtWOs2OpDE_T5fsNIodcG8G5FWPrTPMyxpzsSOGaQLpe2FpxBmu2\"," \
	"\"y\":\"A8-yxCHxkfBz3hKZfI1jUYMjUhsEveZ9THuwFjH2sCNdtksRJU7D5-SkgaFL1ETP\"}"

/* RFC 7516 A.1.3 */
#define RSA_PUBLIC "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" \
	"oahUIoWw0K0usKNuOR6H4wkf4oBUXHTxRvgb48E-BVvxkeDNjbC4he8rUWcJoZmds2h7M70imEVhRU5djINXtqllXI4DFqcI1DgjT9Le" \
	"wND8MW2Krf3Spsk_ZkoFnilakGygTwpZ3uesH-PFABNIUYpOiN15dsQRkgr0vEhxN92i2asbOenSZeyaxziK72UwxrrKoExv6kc5twXT" \
	"q4h-QChLOln0_mtUZwfsRaMStPs6mS6XrgxnxbWhojf663tuEQueGC-FCMfra36C9knDFGzKsNa7LZK2djYgyD3JR_MB_4NUJW_TqOQt" \
	"wHYbxevoJArm-L5StowjzGy-_bq6Gw\"}"

static const char *const curves[] = {"P-256", "P-384", "P-521", "X25519", "X448"};
static const char *const algs[] = {"ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"};

/* ---- known answers ---- */

typedef struct Vector
{
	const char *source;
	const char *key;
	const char *header;
	const char *enc;
	const char *cek;
} Vector;

static const Vector vectors[] = {
	{
		"RFC 7518 C", BOB,
		"{\"alg\":\"ECDH-ES\",\"enc\":\"A128GCM\",\"apu\":\"QWxpY2U\",\"apv\":\"Qm9i\",\"epk\":" ALICE "}",
		"A128GCM", "56aa8deaf8236d205c2228cd71a7101a"
	},

	/* Z as RFC 8037 prints it, and its Concat KDF computed apart from this code */
	{
		"RFC 8037 A.6", BOB_X25519, "{\"epk\":" ALICE_X25519 "}",
		"A128GCM", "ea3ff64f86e83c4e53d05e804aee7a5e"
	},
	{
		"RFC 8037 A.6, two rounds of the hash", BOB_X25519, "{\"epk\":" ALICE_X25519 "}", "A256CBC-HS512",
		"b42ae5a83c6b4c704accabafeab7f662ddd6b73c9cf015cd677fbf0203f4fdbe"
		"6b248083bd6adc6406bff6fbc69740abe4ecf3f06b8c9d7b284e04f60a9aa2ef"
	},
	{
		"RFC 8037 A.7", BOB_X448, "{\"epk\":" ALICE_X448 "}",
		"A128GCM", "63f136c24cc97264a559678392154b6a"
	},
	{
		"RFC 8037 A.7, two rounds of the hash", BOB_X448, "{\"epk\":" ALICE_X448 "}", "A256CBC-HS512",
		"305de2930394fefb8ee789d10cb7c155f4cbf2ea07c238609d0d8884fc1a9dc7"
		"028c6d49ca50a8b37bbccf9086223fec7f45cdbc3eed446a03e6e8f67a78e5d8"
	},

	/*
	 * Z is a coordinate at its full length (RFC 7518 4.6.2 by way of SEC 1
	 * 2.3.5): here it begins with a zero byte, and with two.  Computed apart.
	 */
	{
		"P-256, Z = 00fe1a...", BOB,
		"{\"epk\":{\"kty\":\"EC\",\"crv\":\"P-256\","
		"\"x\":\"Xp5TLaxBm7lgDni0kQ-RmyasxZ699lY8VPF8mn9bzj4\","
		"\"y\":\"CHBleMIdX74DA6l0gIBfdtWsub_vYi5DYam5kSghIZ4\"}}",
		"A128GCM", "fbb13b2a7b80b247c787e3a38eff80de"
	},
	{
		"P-521, Z = 00009c...",
		"{\"kty\":\"EC\",\"crv\":\"P-521\","
		"\"x\":\"APtf_SY4bPY2AuvFHd1VUozjTF4Z3zzfSNm5WwL8dHJ_vGvOHDAy6CuqKv1ICoesDoohTbYkbZHfQzAOc4wtpSt7\","
		"\"y\":\"AHKRx0Kwg7Qw93N_PW7xjQXdpqgFjD7ogOLRZcK9-bfKHbQkiQtDUmsVuWykEtDi5R9finxsVh_eagt6lZdMyqOP\","
		"\"d\":\"AACy5mDEU4zI0u0iOt84keW5Qo7bGH6WrQm3PBUmDNpxqcjZ3j7JgWAWPHM5oNlbGVc5kXyj34fHfxu3Imif9eW7\"}",
		"{\"epk\":{\"kty\":\"EC\",\"crv\":\"P-521\","
		"\"x\":\"AUpU4Y66TneOzpX-iGSZARYK7RvzntNk3wtXCtBCfwDOIZa-ylARCufj4KKGFrse02paDNLfO-etYVHeKBmmdI7O\","
		"\"y\":\"ARTGFR5dfwjxYexDAFxUVwH9y-hkLfjU9KxA8PVI1Lgu-W6yRuFGx66fzH62U0nYEtK1g3uVYMmdQaFkPYCvpWoO\"}}",
		"A256GCM", "abe7dc09bb270380c099dc313265d26d9a3594eb3a992e5debac32cf9f690d07"
	}
};

static void
test_vectors(void)
{
	JoseBuf		none = {0};
	size_t		i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
	{
		const Vector *v = &vectors[i];
		JoseKey    *key = key_of(v->key);
		JoseBuf		expected = from_hex(v->cek);
		JoseBuf		cek = {0};

		is_err(unwrap_with("ECDH-ES", v->enc, key, v->header, &none, &cek), JOSE_OK, v->source);
		is_buf(&cek, &expected, v->source);
		jose_buf_free(&cek);
		jose_buf_free(&expected);
		jose_key_free(key);
	}
}

/* What the parties call themselves, and which of them is which, is in the key. */
static void
test_party_info(void)
{
	static const char *const others[] = {
		"{\"epk\":" ALICE "}",
		"{\"apu\":\"QWxpY2U\",\"epk\":" ALICE "}",
		"{\"apv\":\"Qm9i\",\"epk\":" ALICE "}",
		"{\"apv\":\"QWxpY2U\",\"apu\":\"Qm9i\",\"epk\":" ALICE "}",
		"{\"apu\":\"QWxpY2VC\",\"apv\":\"b2I\",\"epk\":" ALICE "}"
	};
	static const char *const malformed[] = {
		"{\"apu\":1,\"apv\":\"Qm9i\",\"epk\":" ALICE "}",
		"{\"apu\":\"QWxpY2U=\",\"apv\":\"Qm9i\",\"epk\":" ALICE "}",
		"{\"apu\":\"QWxpY2U\",\"apv\":null,\"epk\":" ALICE "}",
		"{\"apu\":\"QWxpY2U\",\"apv\":\"Qm9j!\",\"epk\":" ALICE "}"
	};
	JoseKey    *key = key_of(BOB);
	JoseBuf		expected = from_hex(vectors[0].cek);
	JoseBuf		none = {0};
	size_t		i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
	{
		JoseBuf		cek = {0};

		is_err(unwrap_with("ECDH-ES", "A128GCM", key, others[i], &none, &cek), JOSE_OK, others[i]);
		ok(cek.len == 16 && memcmp(cek.data, expected.data, 16) != 0, "gives another key");
		jose_buf_free(&cek);
	}
	for (i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
	{
		JoseBuf		cek = {0};

		is_err(unwrap_with("ECDH-ES", "A128GCM", key, malformed[i], &none, &cek), JOSE_ERR_DECRYPT, malformed[i]);
		jose_buf_free(&cek);
	}
	jose_buf_free(&expected);
	jose_key_free(key);
}

/* ---- round trips ---- */

typedef struct Sent
{
	JoseBuf		cek;
	JoseBuf		encrypted;
	JoseBuf		members;
} Sent;

static JoseError
send_to(const char *alg, const char *enc, JoseKey *key, const char *header, Sent *sent)
{
	JoseObject *object = object_of(header);
	const JoseAlg *row = alg_of(alg);
	JoseError	err;

	memset(sent, 0, sizeof(*sent));
	err = row->wrap->wrap(row, enc_of(enc), key, object, &sent->cek, &sent->encrypted, &sent->members);
	jose_object_free(object);
	return err;
}

static void
sent_free(Sent *sent)
{
	jose_buf_free(&sent->cek);
	jose_buf_free(&sent->encrypted);
	jose_buf_free(&sent->members);
}

/* RFC 7518 4.6.1.1: the members of a public key, and nothing more */
static bool
is_bare_epk(const JoseBuf *members, const JoseKey *key)
{
	JoseObject *outer;
	JoseObject *epk;
	JoseKey    *read;
	const JoseMember *member;
	bool		bare;

	outer = object_of((char *) members->data);
	member = jose_object_get(outer, "epk");
	if (outer->count != 1 || member == NULL ||
		jose_object_parse(member->raw, member->raw_len, &epk) != JOSE_OK ||
		jose_key_from_jwk(member->raw, member->raw_len, &read) != JOSE_OK)
		bail("not a header with an epk", (char *) members->data);
	bare = epk->count == (key->type == &jose_keytype_ec ? 4 : 3) &&
		!read->is_private && read->type == key->type && strcmp(read->crv, key->crv) == 0;
	jose_key_free(read);
	jose_object_free(epk);
	jose_object_free(outer);
	return bare;
}

static void
test_round_trip(const char *alg, const char *crv, JoseKey *key)
{
	const JoseEnc *enc;
	int			i;

	for (i = 0; (enc = jose_enc_at(i)) != NULL; i++)
	{
		Sent		sent;
		Sent		again;
		JoseBuf		header = {0};
		JoseBuf		cek = {0};

		is_err(send_to(alg, enc->name, key, "{}", &sent), JOSE_OK, alg);
		is_err(send_to(alg, enc->name, key, "{}", &again), JOSE_OK, crv);
		jose_buf_puts(&header, "{");
		jose_buf_puts(&header, (char *) sent.members.data + 1);
		jose_buf_puts(&header, "}");
		is_err(unwrap_with(alg, enc->name, key, (char *) header.data, &sent.encrypted, &cek), JOSE_OK, enc->name);
		is_buf(&cek, &sent.cek, "the key comes back");
		ok(cek.len == (size_t) enc->cek_bytes &&
		   sent.encrypted.len == (strcmp(alg, "ECDH-ES") == 0 ? 0 : cek.len + 8), "sizes");
		ok(is_bare_epk(&header, key), "epk is a bare public key of the curve");
		ok(strcmp((char *) sent.members.data, (char *) again.members.data) != 0 &&
		   memcmp(sent.cek.data, again.cek.data, sent.cek.len) != 0, "ephemeral and content key are fresh");
		sent_free(&sent);
		sent_free(&again);
		jose_buf_free(&header);
		jose_buf_free(&cek);
	}
}

static void
test_round_trips(void)
{
	size_t		c;
	size_t		a;

	for (c = 0; c < sizeof(curves) / sizeof(curves[0]); c++)
	{
		JoseKey    *key;

		if (jose_key_generate("ECDH-ES", 0, curves[c], NULL, &key) != JOSE_OK)
			bail("no key on", curves[c]);
		for (a = 0; a < sizeof(algs) / sizeof(algs[0]); a++)
			test_round_trip(algs[a], curves[c], key);
		jose_key_free(key);
	}
}

/* The caller's apu and apv count, and are not ours to write. */
static void
test_callers_parties(void)
{
	JoseKey    *key = key_of(BOB);
	Sent		sent;
	JoseBuf		header = {0};
	JoseBuf		cek = {0};

	is_err(send_to("ECDH-ES", "A128GCM", key, "{\"apu\":\"QWxpY2U\",\"apv\":\"Qm9i\"}", &sent), JOSE_OK, "apu and apv");
	jose_buf_puts(&header, "{\"apu\":\"QWxpY2U\",\"apv\":\"Qm9i\"");
	jose_buf_append(&header, sent.members.data, sent.members.len);
	jose_buf_puts(&header, "}");
	is_err(unwrap_with("ECDH-ES", "A128GCM", key, (char *) header.data, &sent.encrypted, &cek), JOSE_OK, "and back");
	is_buf(&cek, &sent.cek, "the same key");
	sent_free(&sent);
	is_err(send_to("ECDH-ES", "A128GCM", key, "{\"apu\":\"QWxpY2U=\"}", &sent), JOSE_ERR_HEADER, "an apu with padding");
	ok(sent.cek.len == 0 && sent.members.len == 0, "nothing comes of it");
	sent_free(&sent);
	is_err(send_to("ECDH-ES", "A128GCM", key, "{\"apv\":17}", &sent), JOSE_ERR_HEADER, "an apv that is a number");
	sent_free(&sent);
	jose_buf_free(&header);
	jose_buf_free(&cek);
	jose_key_free(key);
}

/* ---- attacks ---- */

/* Refused in every one of the four algorithms? */
static void
refuse(JoseKey *key, const char *header, const char *why)
{
	JoseBuf		wrapped = from_hex("28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21");
	JoseBuf		none = {0};
	int			refused = 0;
	size_t		i;

	for (i = 0; i < sizeof(algs) / sizeof(algs[0]); i++)
	{
		JoseBuf		cek = {0};

		refused += unwrap_with(algs[i], "A256GCM", key, header, i == 0 ? &none : &wrapped, &cek) == JOSE_ERR_DECRYPT &&
			cek.len == 0;
		jose_buf_free(&cek);
	}
	ok(refused == 4, "refused: %s", why);
	jose_buf_free(&wrapped);
}

/*
 * Attack: an ephemeral "point" off the curve lies on another, whose small
 * subgroups give a static key away piece by piece (go-jose, node-jose, Nimbus,
 * jose4j and jose2go, until March 2017); infinity makes Z known to everybody.
 */
static void
test_invalid_points(void)
{
#define P256(x, y) "{\"epk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":" x ",\"y\":" y "}}"
	static const char *const headers[][2] = {
		{"y of another point", P256("\"" ALICE_X "\"", "\"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck\"")},
		{"y with its last bit flipped", P256("\"" ALICE_X "\"", "\"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFppo\"")},
		{"(0, 0)", P256("\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"")},
		{"infinity as SEC 1 writes it, a zero byte", P256("\"AA\"", "\"AA\"")},
		{"infinity as nothing", P256("\"\"", "\"\"")},
		{"(p, p), which is (0, 0) again", P256("\"_____wAAAAEAAAAAAAAAAAAAAAD_______________8\"", "\"_____wAAAAEAAAAAAAAAAAAAAAD_______________8\"")},
		{"coordinates over p", P256("\"__________________________________________8\"", "\"" ALICE_Y "\"")},
		{"x of 31 bytes", P256("\"jQYAgsF27tPndqSsWYzIZywXefl07sybA0Ecpbk\"", "\"" ALICE_Y "\"")},
		{"x of 33 bytes", P256("\"AICNBgCCwXbu0-d2pKxZjMhnLBd5-XTuzJsDQRyluUld\"", "\"" ALICE_Y "\"")},
		{"y with padding", P256("\"" ALICE_X "\"", "\"" ALICE_Y "=\"")},
		{"y a number", P256("\"" ALICE_X "\"", "1")},
		{"no y", "{\"epk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" ALICE_X "\"}}"}
	};
#undef P256
	JoseKey    *key = key_of(BOB);
	size_t		i;

	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		refuse(key, headers[i][1], headers[i][0]);
	jose_key_free(key);
}

/* Attack: not a key, none at all, another type's or curve's, or one with a secret in it. */
static void
test_wrong_keys(void)
{
	static const char *const headers[][2] = {
		{"no epk", "{}"},
		{"epk null", "{\"epk\":null}"},
		{"epk a string", "{\"epk\":\"" ALICE_X "\"}"},
		{"epk in an array", "{\"epk\":[" ALICE "]}"},
		{"epk empty", "{\"epk\":{}}"},
		{"epk without kty", "{\"epk\":{\"crv\":\"P-256\",\"x\":\"" ALICE_X "\",\"y\":\"" ALICE_Y "\"}}"},
		{"epk with x twice", "{\"epk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" ALICE_X "\",\"x\":\"" ALICE_X "\",\"y\":\"" ALICE_Y "\"}}"},
		{"of P-384", "{\"epk\":" BOB_P384 "}"},
		{"P-256's point called P-384's", "{\"epk\":{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" ALICE_X "\",\"y\":\"" ALICE_Y "\"}}"},
		{"P-256's point called secp256k1's", "{\"epk\":{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"" ALICE_X "\",\"y\":\"" ALICE_Y "\"}}"},
		{"of no curve we know", "{\"epk\":{\"kty\":\"EC\",\"crv\":\"P-257\",\"x\":\"" ALICE_X "\",\"y\":\"" ALICE_Y "\"}}"},
		{"of X25519", "{\"epk\":" ALICE_X25519 "}"},
		{"of X448", "{\"epk\":" ALICE_X448 "}"},
		{"of Ed25519", "{\"epk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}}"},
		{"a shared secret", "{\"epk\":{\"kty\":\"oct\",\"k\":\"" ALICE_X "\"}}"},
		{"an RSA key", "{\"epk\":" RSA_PUBLIC "}"},
		{"a private key", "{\"epk\":" BOB "}"}
	};
	static const char *const good[] = {BOB_P384, ALICE, ALICE_X25519, ALICE_X448, RSA_PUBLIC};
	JoseKey    *key = key_of(BOB);
	JoseKey    *x25519 = key_of(BOB_X25519);
	size_t		i;

	/* what is refused as another curve's must be good in itself */
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		jose_key_free(key_of(good[i]));
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		refuse(key, headers[i][1], headers[i][0]);
	refuse(x25519, "{\"epk\":" ALICE "}", "P-256 for an X25519 key");
	refuse(x25519, "{\"epk\":" ALICE_X448 "}", "X448 for an X25519 key");
	refuse(x25519, "{\"epk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}}",
		   "Ed25519 for an X25519 key");
	refuse(x25519, "{\"epk\":" BOB_X25519 "}", "a private key for an X25519 key");
	jose_key_free(key);
	jose_key_free(x25519);
}

/*
 * Attack: an epk that is an RSA private key, whose halves take long to compare.
 * What it is must tell before it is read.
 */
static void
test_costly_epk(void)
{
	JoseKey    *key = key_of(BOB);
	BIGNUM	   *n = BN_new();
	JoseBuf		epk = {0};
	JoseBuf		header = {0};
	JoseKey    *unread;
	clock_t		start = clock();
	clock_t		reading;

	/* over 2^4095, without a small factor */
	BN_set_word(n, 2 * 3 * 5 * 7 * 11 * 13 * 17 * 19 * 23);
	BN_lshift(n, n, 4095 - 27);
	BN_add_word(n, 1);
	jose_buf_puts(&epk, "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"d\":\"AQAB\"");
	if (jose_jwk_write_number(&epk, "n", n, 0) != JOSE_OK)
		bail("not written", "n");
	jose_buf_puts(&epk, "}");
	is_err(jose_key_from_jwk((char *) epk.data, epk.len, &unread), JOSE_ERR_KEY_INVALID, "an RSA private key that is none");
	reading = clock() - start;

	jose_buf_puts(&header, "{\"epk\":");
	jose_buf_append(&header, epk.data, epk.len);
	jose_buf_puts(&header, "}");
	start = clock();
	refuse(key, (char *) header.data, "such a key as epk");
	ok(clock() - start < reading / 4, "... is refused before it is read");
	BN_free(n);
	jose_buf_free(&epk);
	jose_buf_free(&header);
	jose_key_free(key);
}

/*
 * Attack: a point of low order makes Z zero whoever the recipient is, so that
 * the sender need not know whom it writes to, nor a forger any secret (RFC
 * 7748 6.1, RFC 8037 5).
 */
static void
test_low_order(void)
{
	/* 0, 1, the two of order 8, p - 1, p, p + 1; then 0, 1 and p with the bit that is ignored */
	static const char *const x25519_points[] = {
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"4Ot6fDtBuK4WVuP68Z_EatoJjeucMrH9hmIFFl9JuAA", "X5yVvKNQjCSx0LFVnIPvWwREXMRYHI6G2CJO3dCfEVc",
		"7P_______________________________________38", "7f_______________________________________38",
		"7v_______________________________________38", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA",
		"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA", "7f________________________________________8"
	};

	/* 0, 1, p - 1, p, p + 1 */
	static const char *const x448_points[] = {
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"_v____________________________________7___________________________________8",
		"______________________________________7___________________________________8",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP____________________________________8"
	};
	JoseKey    *x25519 = key_of(BOB_X25519);
	JoseKey    *x448 = key_of(BOB_X448);
	char		header[256];
	size_t		i;

	for (i = 0; i < sizeof(x25519_points) / sizeof(x25519_points[0]); i++)
	{
		snprintf(header, sizeof(header), "{\"epk\":{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"%s\"}}", x25519_points[i]);
		refuse(x25519, header, header);
	}
	for (i = 0; i < sizeof(x448_points) / sizeof(x448_points[0]); i++)
	{
		snprintf(header, sizeof(header), "{\"epk\":{\"kty\":\"OKP\",\"crv\":\"X448\",\"x\":\"%s\"}}", x448_points[i]);
		refuse(x448, header, header);
	}
	jose_key_free(x25519);
	jose_key_free(x448);
}

/* Attack: ECDH-ES with an encrypted key, RFC 7516 5.2 step 10; and +A128KW without one. */
static void
test_encrypted_key(void)
{
	JoseKey    *key = key_of(BOB);
	JoseBuf		byte = from_hex("00");
	JoseBuf		none = {0};
	JoseBuf		cek = {0};

	is_err(unwrap_with("ECDH-ES", "A128GCM", key, vectors[0].header, &byte, &cek), JOSE_ERR_DECRYPT,
		   "ECDH-ES with an encrypted key");
	is_err(unwrap_with("ECDH-ES+A128KW", "A128GCM", key, vectors[0].header, &none, &cek), JOSE_ERR_DECRYPT,
		   "ECDH-ES+A128KW without");
	ok(cek.len == 0, "no key came of either");
	jose_buf_free(&byte);
	jose_buf_free(&cek);
	jose_key_free(key);
}

int
main(void)
{
	test_vectors();
	test_party_info();
	test_round_trips();
	test_callers_parties();
	test_invalid_points();
	test_wrong_keys();
	test_costly_epk();
	test_low_order();
	test_encrypted_key();
	queue_is_empty();
	return done_testing();
}
