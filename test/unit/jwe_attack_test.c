/*
 * jwe_attack_test.c
 *		Tokens that must not decrypt, and that all of them fail alike.
 */
#include <time.h>

#include "tap.h"
#include "crypt.h"

#define MESSAGE "a message of more than one block"

#define OCT16 "{\"kty\":\"oct\",\"k\":\"AAECAwQFBgcICQoLDA0ODw\"}"
#define OCT32 "{\"kty\":\"oct\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}"

static const char *const names[] = {"header", "encrypted key", "IV", "ciphertext", "tag"};

/* One of each kind of key management, with both kinds of content encryption. */
static const struct
{
	const char *alg;
	const char *enc;
	const char *header;
}			kinds[] = {
	{"dir", "A256GCM", NULL},
	{"dir", "A128CBC-HS256", NULL},
	{"A256KW", "A128GCM", NULL},
	{"A256KW", "A256CBC-HS512", NULL},
	{"A256GCMKW", "A256GCM", NULL},
	{"A256GCMKW", "A192CBC-HS384", NULL},
	{"PBES2-HS256+A128KW", "A128GCM", "{\"p2c\":1000}"},
	{"RSA-OAEP-256", "A256GCM", NULL},
	{"RSA-OAEP", "A128CBC-HS256", NULL},
	{"ECDH-ES", "A256GCM", NULL},
	{"ECDH-ES", "A128CBC-HS256", NULL},
	{"ECDH-ES+A256KW", "A128GCM", NULL},
	{"ECDH-ES+A128KW", "A256CBC-HS512", NULL}
};

#define KINDS ((int) (sizeof(kinds) / sizeof(kinds[0])))

static JoseKey *
key_for(const char *alg)
{
	JoseKey    *key;

	if (alg_of(alg)->type == &jose_keytype_oct)
		return key_of(OCT32);
	if (jose_key_generate(alg, 0, NULL, NULL, &key) != JOSE_OK)
		bail("no key for", alg);
	return key;
}

/* A text as a part of a token. */
static JoseBuf
with_text(const JoseBuf *token, int part, const char *text)
{
	return with_part(token, part, text, strlen(text));
}

/* A header, as JSON, as a token's first part. */
static JoseBuf
with_header(const JoseBuf *token, const char *json)
{
	return with_bytes(token, 0, json, strlen(json));
}

/* Decrypt a token made for the purpose, and free it. */
static JoseError
decrypt_once(JoseBuf token, JoseKeySet *set)
{
	JoseError	err = decrypt_any(&token, set);

	jose_buf_free(&token);
	return err;
}

/*
 * As in leaks.h: PostgreSQL's parser forgets the value it had just read when
 * the text after it is wrong, which changed headers bring about.  A number's
 * copy comes from palloc, which nothing of ours calls.
 */
extern const char *__lsan_default_suppressions(void);
extern const char *__lsan_default_options(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:pstrdup\nleak:palloc\n";
}

const char *
__lsan_default_options(void)
{
	return "print_suppressions=0";
}

/* ---- every part, changed in every way ---- */

/*
 * Attack: change, cut or lengthen any part, in the hope of a token that still
 * opens, or of an error that says how far it came.
 */
static void
test_part(const JoseBuf *token, JoseKeySet *set, int part, const char *alg, const char *enc)
{
	JoseBuf		bytes = part_bytes(token, part);
	size_t		flipped = 0;
	size_t		cut = 0;
	size_t		i;

	for (i = 0; i < bytes.len; i++)
	{
		unsigned char bit = (unsigned char) (1 << i % 8);

		bytes.data[i] ^= bit;
		flipped += decrypt_once(with_bytes(token, part, bytes.data, bytes.len), set) == JOSE_ERR_DECRYPT;
		bytes.data[i] ^= bit;
		cut += decrypt_once(with_bytes(token, part, bytes.data, i), set) == JOSE_ERR_DECRYPT;
	}
	ok(flipped == bytes.len, "%s, %s: a bit of every byte of the %s", alg, enc, names[part]);
	ok(cut == bytes.len, "%s, %s: the %s cut, by one byte to all of it", alg, enc, names[part]);

	jose_buf_append(&bytes, "", 1);
	is_err(decrypt_once(with_bytes(token, part, bytes.data, bytes.len), set), JOSE_ERR_DECRYPT, "and a byte longer");
	jose_buf_free(&bytes);
}

/*
 * Attack: leave the parts and change the header, which decides how they are
 * read: it is authenticated, down to its white space.
 */
static void
test_header(const JoseBuf *token, JoseKeySet *set, const char *alg, const char *enc)
{
	JoseBuf		text = part_bytes(token, 0);
	size_t		refused = 0;
	size_t		i;

	for (i = 0; i < text.len; i++)
	{
		text.data[i] ^= 1;
		refused += decrypt_once(with_bytes(token, 0, text.data, text.len), set) != JOSE_OK;
		text.data[i] ^= 1;
		refused += decrypt_once(with_bytes(token, 0, text.data, i), set) != JOSE_OK;
	}
	ok(refused == 2 * text.len, "%s, %s: the header changed or cut", alg, enc);

	text.data[text.len - 1] = ' ';
	jose_buf_puts(&text, "}");
	is_err(decrypt_once(with_bytes(token, 0, text.data, text.len), set), JOSE_ERR_DECRYPT, "a space more in it");
	text.len -= 2;
	jose_buf_puts(&text, ",\"typ\":\"JWT\"}");
	is_err(decrypt_once(with_bytes(token, 0, text.data, text.len), set), JOSE_ERR_DECRYPT, "a member more in it");
	jose_buf_free(&text);
}

static void
test_kind(int k)
{
	JoseKeySet *set = set_with(key_for(kinds[k].alg));
	JoseBuf		token = token_for(set->keys[0], kinds[k].alg, kinds[k].enc, kinds[k].header, MESSAGE);
	int			part;

	is_err(decrypt_any(&token, set), JOSE_OK, kinds[k].alg);
	test_header(&token, set, kinds[k].alg, kinds[k].enc);
	for (part = 1; part < 5; part++)
		test_part(&token, set, part, kinds[k].alg, kinds[k].enc);
	is_err(decrypt_any(&token, set), JOSE_OK, "as it was, it decrypts");
	jose_buf_free(&token);
	jose_keyset_free(set);
}

/* ---- one answer ---- */

/* A token whose encrypted key is right in itself, and holds a key of another length. */
static JoseBuf
with_other_cek(const JoseBuf *token, JoseKey *key, const char *alg, const char *enc)
{
	const JoseAlg *row = alg_of(alg);
	JoseObject *empty = object_of("{}");
	JoseBuf		cek = {0};
	JoseBuf		encrypted = {0};
	JoseBuf		members = {0};
	JoseBuf		result;

	if (row->wrap->wrap(row, enc_of(enc), key, empty, &cek, &encrypted, &members) != JOSE_OK)
		bail("does not wrap", alg);
	result = with_bytes(token, 1, encrypted.data, encrypted.len);
	jose_object_free(empty);
	jose_buf_free(&cek);
	jose_buf_free(&encrypted);
	jose_buf_free(&members);
	return result;
}

/*
 * Attack: RSA-OAEP as an oracle (Manger): was the padding wrong, the length of
 * what it held, or only the content?  RFC 7516 11.5
 */
static void
test_one_answer(const char *alg, const char *enc, const char *longer, const char *shorter)
{
	JoseKeySet *set = set_with(key_for(alg));
	JoseKeySet *other = set_of("{\"kty\":\"oct\",\"k\":\"____AwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}");
	JoseBuf		token = token_for(set->keys[0], alg, enc, NULL, MESSAGE);

	if (alg_of(alg)->type == &jose_keytype_rsa)
	{
		jose_keyset_free(other);
		other = set_with(key_for(alg));
	}
	is_err(decrypt_any(&token, set), JOSE_OK, alg);
	is_err(decrypt_any(&token, other), JOSE_ERR_DECRYPT, "another key");
	is_err(decrypt_once(with_other_cek(&token, set->keys[0], alg, enc), set), JOSE_ERR_DECRYPT,
		   "another content key of the right length");
	is_err(decrypt_once(with_other_cek(&token, set->keys[0], alg, longer), set), JOSE_ERR_DECRYPT, "one too long");
	is_err(decrypt_once(with_other_cek(&token, set->keys[0], alg, shorter), set), JOSE_ERR_DECRYPT, "one too short");
	is_err(decrypt_once(with_text(&token, 1, "AAAA"), set), JOSE_ERR_DECRYPT, "an encrypted key of three bytes");
	is_err(decrypt_once(with_text(&token, 1, ""), set), JOSE_ERR_DECRYPT, "none at all");
	jose_buf_free(&token);
	jose_keyset_free(set);
	jose_keyset_free(other);
}

/*
 * Attack: a content key with more bytes behind it.  Who takes the first of
 * them and leaves the rest has two encrypted keys for one message.
 */
static void
test_padded_cek(void)
{
	JoseKeySet *set = set_of(OCT32);
	JoseKey    *key = set->keys[0];
	const JoseEnc *enc = enc_of("A128GCM");
	JoseBuf		token = token_for(key, "A256KW", "A128GCM", NULL, MESSAGE);
	size_t		aad_len = strcspn((char *) token.data, ".");
	unsigned char bytes[64];
	size_t		len;

	memset(bytes, 'k', sizeof(bytes));
	for (len = 16; len <= sizeof(bytes); len += 8)
	{
		JoseBuf		encrypted = {0};
		JoseBuf		part[3] = {{0}, {0}, {0}};
		JoseBuf		made;
		int			i;

		if (jose_aes_wrap("AES-256-WRAP", key->secret, bytes, len, &encrypted) != JOSE_OK ||
			jose_content_encrypt(enc, bytes, token.data, aad_len,
								 MESSAGE, strlen(MESSAGE), &part[0], &part[1], &part[2]) != JOSE_OK)
			bail("cannot make by hand", "A256KW");
		made = with_bytes(&token, 1, encrypted.data, encrypted.len);
		for (i = 0; i < 3; i++)
		{
			JoseBuf		next = with_bytes(&made, 2 + i, part[i].data, part[i].len);

			jose_buf_free(&made);
			jose_buf_free(&part[i]);
			made = next;
		}
		ok(decrypt_once(made, set) == (len == 16 ? JOSE_OK : JOSE_ERR_DECRYPT),
		   "a content key of %zu bytes for A128GCM", len);
		jose_buf_free(&encrypted);
	}
	jose_buf_free(&token);
	jose_keyset_free(set);
}

/*
 * Attack: dir and ECDH-ES with an encrypted key, which a reader that looks at
 * it first might use instead.  RFC 7516 5.2 step 10
 */
static void
test_direct(const char *alg, const char *enc)
{
	JoseKeySet *set = set_with(key_for(alg));
	JoseBuf		token = token_for(set->keys[0], alg, enc, NULL, MESSAGE);

	is_err(decrypt_once(with_text(&token, 1, "AA"), set), JOSE_ERR_DECRYPT, alg);
	is_err(decrypt_once(with_text(&token, 1, "KMn0BMS4EPTLzLNc-4f4Jj9XhuLYDtMmy8fw5xqZ9Dv7mIubegLdIQ"), set),
		   JOSE_ERR_DECRYPT, enc);
	jose_buf_free(&token);
	jose_keyset_free(set);
}

/* ---- headers ---- */

static void
test_headers(void)
{
	static const struct
	{
		const char *json;
		JoseError	expected;
	}			headers[] = {
		{"{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"zip\":\"DEF\"}", JOSE_ERR_ZIP},
		{"{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"zip\":null}", JOSE_ERR_ZIP},
		{"{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"crit\":[\"exp\"],\"exp\":1}", JOSE_ERR_CRIT},
		{"{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"crit\":[]}", JOSE_ERR_CRIT},
		{"{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"enc\":\"A256GCM\"}", JOSE_ERR_JSON_DUPLICATE},
		{"{\"alg\":\"dir\",\"\\u0061lg\":\"dir\",\"enc\":\"A256GCM\"}", JOSE_ERR_JSON_DUPLICATE},
		{"{\"alg\":\"none\",\"enc\":\"A256GCM\"}", JOSE_ERR_ALG_UNKNOWN},
		{"{\"alg\":\"RSA1_5\",\"enc\":\"A256GCM\"}", JOSE_ERR_ALG_UNKNOWN},
		{"{\"alg\":\"HS256\",\"enc\":\"A256GCM\"}", JOSE_ERR_ALG_UNKNOWN},
		{"{\"alg\":\"DIR\",\"enc\":\"A256GCM\"}", JOSE_ERR_ALG_UNKNOWN},
		{"{\"alg\":\"dir \",\"enc\":\"A256GCM\"}", JOSE_ERR_ALG_UNKNOWN},
		{"{\"alg\":\"dir\",\"enc\":\"none\"}", JOSE_ERR_ENC_UNKNOWN},
		{"{\"alg\":\"dir\",\"enc\":\"A256CBC\"}", JOSE_ERR_ENC_UNKNOWN},
		{"{\"alg\":\"dir\",\"enc\":1}", JOSE_ERR_HEADER},
		{"{\"alg\":\"dir\"}", JOSE_ERR_HEADER},
		{"{\"enc\":\"A256GCM\"}", JOSE_ERR_HEADER},
		{"{}", JOSE_ERR_HEADER},
		{"[]", JOSE_ERR_JSON},
		{"", JOSE_ERR_JSON}
	};
	JoseKeySet *set = set_of(OCT32);
	JoseBuf		token = token_for(set->keys[0], "dir", "A256GCM", NULL, MESSAGE);
	size_t		i;

	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		is_err(decrypt_once(with_header(&token, headers[i].json), set), headers[i].expected, headers[i].json);
	jose_buf_free(&token);
	jose_keyset_free(set);
}

/*
 * Attack: a count that makes the recipient work for minutes.  Refused before
 * any work, so the time for all of these is next to none.
 */
static void
test_pbes2_counts(void)
{
	static const char *const counts[] = {"2147483648", "-1", "2147483647", "1e9", "1000.5", "\"1000\"", "999", "null"};
	JoseKeySet *set = set_of(OCT32);
	JoseBuf		token = token_for(set->keys[0], "PBES2-HS512+A256KW", "A256GCM", "{\"p2c\":1000}", MESSAGE);
	clock_t		start = clock();
	char		header[256];
	size_t		i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
	{
		snprintf(header, sizeof(header), "{\"alg\":\"PBES2-HS512+A256KW\",\"enc\":\"A256GCM\","
				 "\"p2s\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"p2c\":%s}", counts[i]);
		is_err(decrypt_once(with_header(&token, header), set), JOSE_ERR_PBES2_COUNT, header);
	}
	ok((double) (clock() - start) / CLOCKS_PER_SEC < 0.2, "all of them refused at once");
	jose_buf_free(&token);
	jose_keyset_free(set);
}

/* ---- form ---- */

static JoseError
decrypt_text(const char *text, size_t len, JoseKeySet *set)
{
	JoseBuf		token = {0};

	jose_buf_append(&token, text, len);
	return decrypt_once(token, set);
}

static void
test_form(void)
{
	JoseKeySet *set = set_of(OCT32);
	JoseBuf		token = token_for(set->keys[0], "dir", "A256GCM", NULL, MESSAGE);
	JoseBuf		longer = {0};
	JoseBuf		dots = {0};
	clock_t		start;
	int			part;

	jose_buf_append(&longer, token.data, token.len);
	jose_buf_puts(&longer, ".");
	is_err(decrypt_any(&longer, set), JOSE_ERR_PARTS, "six parts");
	is_err(decrypt_text("", 0, set), JOSE_ERR_PARTS, "nothing");
	is_err(decrypt_text("e30.e30.e30", 11, set), JOSE_ERR_PARTS, "three parts, as a JWS has");
	is_err(decrypt_text("e30.e30.e30.e30", 15, set), JOSE_ERR_PARTS, "four");
	is_err(decrypt_text("....", 4, set), JOSE_ERR_JSON, "five, all empty");

	memset(jose_buf_grow(&dots, 100000), '.', 100000);
	start = clock();
	is_err(decrypt_any(&dots, set), JOSE_ERR_PARTS, "100000 dots");
	ok((double) (clock() - start) / CLOCKS_PER_SEC < 0.1, "refused at once");

	/* RFC 7515 2: one spelling each; "AB" leaves bits that nothing uses */
	for (part = 0; part < 5; part++)
	{
		static const char *const texts[] = {"AA==", "AA=", "A", "AB", "A+A", "A/A", "A A", "AA\n", " AA", "AA\t"};
		size_t		refused = 0;
		size_t		i;

		for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			refused += decrypt_once(with_text(&token, part, texts[i]), set) == JOSE_ERR_BASE64;
		refused += decrypt_once(with_part(&token, part, "A\0A", 3), set) == JOSE_ERR_BASE64;
		ok(refused == 11, "%s: nothing but unpadded base64url", names[part]);
	}
	jose_buf_free(&token);
	jose_buf_free(&longer);
	jose_buf_free(&dots);
	jose_keyset_free(set);
}

/* ---- what the caller allows, and which key ---- */

static JoseError
decrypt_allowing(const JoseBuf *token, JoseKeySet *set, JoseAlgSet algs, JoseAlgSet encs)
{
	JoseBuf		plaintext = {0};
	JoseError	err = jose_jwe_decrypt((char *) token->data, token->len, set, algs, encs, &plaintext);

	ok((err == JOSE_OK) == (plaintext.len == strlen(MESSAGE)), "a message exactly where there is no error");
	jose_buf_free(&plaintext);
	return err;
}

static void
test_allowed(void)
{
	JoseKeySet *set = set_of(OCT32);
	JoseKeySet *bound = set_of("{\"kty\":\"oct\",\"alg\":\"A256KW\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}");
	JoseBuf		kw = token_for(set->keys[0], "A256KW", "A256GCM", NULL, MESSAGE);
	JoseBuf		dir = token_for(set->keys[0], "dir", "A256GCM", NULL, MESSAGE);
	JoseBuf		password = token_for(set->keys[0], "PBES2-HS256+A128KW", "A256GCM", "{\"p2c\":1000}", MESSAGE);
	JoseAlgSet	only_kw = jose_alg_bit(alg_of("A256KW"));
	JoseAlgSet	only_dir = jose_alg_bit(alg_of("dir"));

	is_err(decrypt_allowing(&kw, set, only_kw, 0), JOSE_OK, "alg allowed");
	is_err(decrypt_allowing(&kw, set, only_dir, 0), JOSE_ERR_ALG_NOT_ALLOWED, "another alg allowed");
	is_err(decrypt_allowing(&kw, set, jose_alg_bit(alg_of("HS256")), 0), JOSE_ERR_ALG_NOT_ALLOWED, "a signature alg");
	is_err(decrypt_allowing(&kw, set, 0, 0), JOSE_OK, "the key's own algs");
	is_err(decrypt_allowing(&kw, set, 0, jose_enc_bit(enc_of("A256GCM"))), JOSE_OK, "enc allowed");
	is_err(decrypt_allowing(&kw, set, 0, jose_enc_bit(enc_of("A128GCM"))), JOSE_ERR_ENC_NOT_ALLOWED, "another enc allowed");

	/* the key's alg binds, also against a caller who allows more */
	is_err(decrypt_allowing(&kw, bound, 0, 0), JOSE_OK, "a key bound to this alg");
	is_err(decrypt_allowing(&dir, bound, 0, 0), JOSE_ERR_ALG_NOT_ALLOWED, "a key bound to another");
	is_err(decrypt_allowing(&dir, bound, only_dir, 0), JOSE_ERR_KEY_ALG, "even when the caller allows it");

	/* the work a password costs is for the caller to ask for */
	is_err(decrypt_allowing(&password, set, 0, 0), JOSE_ERR_ALG_NOT_ALLOWED, "PBES2 unless asked for");
	is_err(decrypt_allowing(&password, set, jose_alg_bit(alg_of("PBES2-HS256+A128KW")), 0), JOSE_OK, "when asked for");

	jose_buf_free(&kw);
	jose_buf_free(&dir);
	jose_buf_free(&password);
	jose_keyset_free(set);
	jose_keyset_free(bound);
}

/* A key that may not decrypt, or cannot, is not tried. */
static void
test_unfit_keys(void)
{
	JoseKey    *key = key_for("ECDH-ES");
	JoseBuf		token = token_for(key, "ECDH-ES", "A256GCM", NULL, MESSAGE);
	JoseBuf		jwk = {0};
	JoseKeySet *set;

	is_err(jose_key_to_jwk(key, false, &jwk), JOSE_OK, "the public key");
	set = set_of((char *) jwk.data);
	is_err(decrypt_any(&token, set), JOSE_ERR_KEY_PRIVATE, "decrypts nothing");
	jose_keyset_free(set);

	set = set_of("{\"kty\":\"oct\",\"use\":\"sig\",\"k\":\"AAECAwQFBgcICQoLDA0ODw\"}");
	is_err(decrypt_any(&token, set), JOSE_ERR_KEY_ALG, "a secret for ECDH-ES");
	jose_buf_free(&token);
	jose_key_free(key);
	key = key_of(OCT16);
	token = token_for(key, "A128KW", "A256GCM", NULL, MESSAGE);
	is_err(decrypt_any(&token, set), JOSE_ERR_KEY_USE, "a key for signatures");
	jose_keyset_free(set);

	set = set_of("{\"kty\":\"oct\",\"key_ops\":[\"wrapKey\"],\"k\":\"AAECAwQFBgcICQoLDA0ODw\"}");
	is_err(decrypt_any(&token, set), JOSE_ERR_KEY_USE, "a key that may only wrap");
	jose_keyset_free(set);
	set = set_of(OCT32);
	is_err(decrypt_any(&token, set), JOSE_ERR_KEY_INVALID, "a key too long for A128KW");
	jose_keyset_free(set);
	jose_buf_free(&token);
	jose_buf_free(&jwk);
	jose_key_free(key);
}

/* A set of n keys with the right one, kid "right", at a place of its own. */
static JoseKeySet *
haystack(int n, int right)
{
	JoseBuf		json = {0};
	JoseKeySet *set;
	char		key[128];
	int			i;

	jose_buf_puts(&json, "{\"keys\":[");
	for (i = 0; i < n; i++)
	{
		snprintf(key, sizeof(key), "%s{\"kty\":\"oct\",\"kid\":\"%s\",\"k\":\"%sECAwQFBgcICQoLDA0ODw\"}",
				 i > 0 ? "," : "", i == right ? "right" : "other", i == right ? "AA" : "_A");
		jose_buf_puts(&json, key);
	}
	jose_buf_puts(&json, "]}");
	set = set_of((char *) json.data);
	jose_buf_free(&json);
	return set;
}

/*
 * Attack: a token without a kid, or with one that is not there, against a
 * large set: at most JOSE_MAX_CANDIDATES keys are tried.
 */
static void
test_key_sets(void)
{
	JoseKey    *key = key_of(OCT16);
	JoseBuf		bare = token_for(key, "A128KW", "A256GCM", NULL, MESSAGE);
	JoseBuf		named = token_for(key, "A128KW", "A256GCM", "{\"kid\":\"right\"}", MESSAGE);
	JoseBuf		absent = token_for(key, "A128KW", "A256GCM", "{\"kid\":\"absent\"}", MESSAGE);
	JoseBuf		misled = token_for(key, "A128KW", "A256GCM", "{\"kid\":\"other\"}", MESSAGE);
	JoseKeySet *near = haystack(60, JOSE_MAX_CANDIDATES - 1);
	JoseKeySet *far = haystack(60, JOSE_MAX_CANDIDATES);
	JoseKeySet *single = set_of(OCT16);

	is_err(decrypt_any(&bare, near), JOSE_OK, "no kid, the last key that is tried");
	is_err(decrypt_any(&bare, far), JOSE_ERR_DECRYPT, "no kid, the first that is not");
	is_err(decrypt_any(&named, far), JOSE_OK, "a kid finds its key wherever it is");
	is_err(decrypt_any(&absent, near), JOSE_ERR_KEY_NOT_FOUND, "a kid that is not there");
	is_err(decrypt_any(&misled, near), JOSE_ERR_DECRYPT, "a kid of other keys");
	is_err(decrypt_any(&absent, single), JOSE_OK, "to a single key a kid is a hint");
	jose_buf_free(&bare);
	jose_buf_free(&named);
	jose_buf_free(&absent);
	jose_buf_free(&misled);
	jose_keyset_free(near);
	jose_keyset_free(far);
	jose_keyset_free(single);
	jose_key_free(key);
}

int
main(void)
{
	int			k;

	for (k = 0; k < KINDS; k++)
		test_kind(k);
	test_one_answer("RSA-OAEP", "A192GCM", "A256GCM", "A128GCM");
	test_one_answer("RSA-OAEP-256", "A128CBC-HS256", "A256CBC-HS512", "A128GCM");
	test_one_answer("A256KW", "A192GCM", "A256GCM", "A128GCM");
	test_one_answer("A256KW", "A128CBC-HS256", "A256CBC-HS512", "A128GCM");
	test_padded_cek();
	test_direct("dir", "A256GCM");
	test_direct("dir", "A128CBC-HS256");
	test_direct("ECDH-ES", "A256GCM");
	test_direct("ECDH-ES", "A256CBC-HS512");
	test_headers();
	test_pbes2_counts();
	test_form();
	test_allowed();
	test_unfit_keys();
	test_key_sets();
	queue_is_empty();
	return done_testing();
}
