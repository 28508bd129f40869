/*
 * jwe_test.c
 *		JWE: the examples of RFC 7516 and RFC 7520, and every algorithm with
 *		every content encryption on every curve, there and back.
 */
#include "tap.h"
#include "crypt.h"

/* RFC 7516 A.1.3 */
#define RSA_KEY "{\"kty\":\"RSA\",\"n\":\"" \
	"oahUIoWw0K0usKNuOR6H4wkf4oBUXHTxRvgb48E-BVvxkeDNjbC4he8rUWcJoZmds2h7M70imEVhRU5djINXtqllXI4DFqcI1DgjT9Le" \
	"wND8MW2Krf3Spsk_ZkoFnilakGygTwpZ3uesH-PFABNIUYpOiN15dsQRkgr0vEhxN92i2asbOenSZeyaxziK72UwxrrKoExv6kc5twXT" \
	"q4h-QChLOln0_mtUZwfsRaMStPs6mS6XrgxnxbWhojf663tuEQueGC-FCMfra36C9knDFGzKsNa7LZK2djYgyD3JR_MB_4NUJW_TqOQt" \
	"wHYbxevoJArm-L5StowjzGy-_bq6Gw\",\"e\":\"AQAB\",\"d\":\"" \
	"kLdtIj6GbDks_ApCSTYQtelcNttlKiOyPzMrXHeI-yk1F7-kpDxY4-WY5NWV5KntaEeXS1j82E375xxhWMHXyvjYecPT9fpwR_M9gV8n" \
	"9Hrh2anTpTD93Dt62ypW3yDsJzBnTnrYu1iwWRgBKrEYY46qAZIrA2xAwnm2X7uGR1hghkqDp0Vqj3kbSCz1XyfCs6_LehBwtxHIyh8R" \
	"ipy40p24moOAbgxVw3rxT_vlt3UVe4WO3JkJOzlpUf-KTVI2Ptgm-dARxTEtE-id-4OJr0h-K-VFs3VSndVTIznSxfyrj8ILL6MG_Uv8" \
	"YAu7VILSB3lOW085-4qE3DzgrTjgyQ\",\"p\":\"" \
	"1r52Xk46c-LsfB5P442p7atdPUrxQSy4mti_tZI3Mgf2EuFVbUoDBvaRQ-SWxkbkmoEzL7JXroSBjSrK3YIQgYdMgyAEPTPjXv_hI2_1" \
	"eTSPVZfzL0lffNn03IXqWF5MDFuoUYE0hzb2vhrlN_rKrbfDIwUbTrjjgieRbwC6Cl0\",\"q\":\"" \
	"wLb35x7hmQWZsWJmB_vle87ihgZ19S8lBEROLIsZG4ayZVe9Hi9gDVCOBmUDdaDYVTSNx_8Fyw1YYa9XGrGnDew00J28cRUoeBB_jKI1" \
	"oma0Orv1T9aXIWxKwd4gvxFImOWr3QRL9KEBRzk2RatUBnmDZJTIAfwTs0g68UZHvtc\",\"dp\":\"" \
	"ZK-YwE7diUh0qR1tR7w8WHtolDx3MZ_OTowiFvgfeQ3SiresXjm9gZ5KLhMXvo-uz-KUJWDxS5pFQ_M0evdo1dKiRTjVw_x4NyqyXPM5" \
	"nULPkcpU827rnpZzAJKpdhWAgqrXGKAECQH0Xt4taznjnd_zVpAmZZq60WPMBMfKcuE\",\"dq\":\"" \
	"Dq0gfgJ1DdFGXiLvQEZnuKEN0UUmsJBxkjydc3j4ZYdBiMRAy86x0vHCjywcMlYYg4yoC4YZa9hNVcsjqA3FeiL19rk8g6Qn29Tt0cj8" \
	"qqyFpz9vNDBUfCAiJVeESOjJDZPYHdHY8v1b-o-Z2X5tvLx-TCekf7oxyeKDUqKWjis\",\"qi\":\"" \
	"VIMpMYbPf47dT1w_zDUXfPimsSegnMOA1zTaX7aGk_8urY6R8-ZW1FxU7AlWAyLWybqq6t16VFd7hQd0y6flUK4SlOydB61gwanOsXGO" \
	"AOv82cHq0E3eL4HrtZkUuKvnPrMnsUUFlfUdybVzxyjz9JF_XyaY14ardLSjf4L_FNY\"}"

#define OCT_KEY "{\"kty\":\"oct\",\"k\":\"GawgguFyGrWKav7AX4VKUg\"}"

/* ---- RFC 7516 ---- */

static void
test_rfc7516(void)
{
	static const char a1[] = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ."
		"OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGe"
		"ipsEdY3mx_etLbbWSrFr05kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDb"
		"Sv04uVuxIp5Zms1gNxKKK2Da14B8S4rzVRltdYwam_lDp5XnZAYpQdb76FdIKLaV"
		"mqgfwX7XWRxv2322i-vDxRfqNzo_tETKzpVLzfiwQyeyPGLBIO56YJ7eObdv0je8"
		"1860ppamavo35UgoRdbYaBcoh9QcfylQr66oc6vFWXRcZ_ZT2LawVCWTIy3brGPi"
		"6UklfCpIMfIjf7iGdXKHzg."
		"48V1_ALb6US04U3b."
		"5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6ji"
		"SdiwkIr3ajwQzaBtQD_A."
		"XFBoMYUZodetZdvTiFvSkQ";
	static const char a2[] = "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0."
		"UGhIOguC7IuEvf_NPVaXsGMoLOmwvc1GyqlIKOK1nN94nHPoltGRhWhw7Zx0-kFm"
		"1NJn8LE9XShH59_i8J0PH5ZZyNfGy2xGdULU7sHNF6Gp2vPLgNZ__deLKxGHZ7Pc"
		"HALUzoOegEI-8E66jX2E4zyJKx-YxzZIItRzC5hlRirb6Y5Cl_p-ko3YvkkysZIF"
		"NPccxRU7qve1WYPxqbb2Yw8kZqa2rMWI5ng8OtvzlV7elprCbuPhcCdZ6XDP0_F8"
		"rkXds2vE4X-ncOIM8hAYHHi29NX0mcKiRaD0-D-ljQTP-cFPgwCp6X-nZZd9OHBv"
		"-B3oWh2TbqmScqXMR4gp_A."
		"AxY8DCtDaGlsbGljb3RoZQ."
		"KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY."
		"9hH0vgRfYgPnAHOd8stkvw";
	static const char a3[] = "eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0."
		"6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ."
		"AxY8DCtDaGlsbGljb3RoZQ."
		"KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY."
		"U0m_YmjN04DJvceFICbCVQ";
	JoseKeySet *rsa = set_of(RSA_KEY);
	JoseKeySet *oct = set_of(OCT_KEY);
	JoseBuf		plaintext = {0};

	is_err(jose_jwe_decrypt(a1, strlen(a1), rsa, 0, 0, &plaintext), JOSE_OK, "RFC 7516 A.1");
	is_str((char *) plaintext.data, "The true sign of intelligence is not knowledge but imagination.", "A.1's plaintext");
	jose_buf_reset(&plaintext);
	is_err(jose_jwe_decrypt(a3, strlen(a3), oct, 0, 0, &plaintext), JOSE_OK, "RFC 7516 A.3");
	is_str((char *) plaintext.data, "Live long and prosper.", "A.3's plaintext");
	jose_buf_reset(&plaintext);

	/* RFC 8725 3.2: RSA1_5 is not to be had, whatever the caller allows */
	is_err(jose_jwe_decrypt(a2, strlen(a2), rsa, ~(JoseAlgSet) 0, 0, &plaintext), JOSE_ERR_ALG_UNKNOWN,
		   "RFC 7516 A.2 is RSA1_5, and refused");
	ok(plaintext.len == 0, "with nothing decrypted");
	jose_buf_free(&plaintext);
	jose_keyset_free(rsa);
	jose_keyset_free(oct);
}

/* ---- RFC 7520 5, from the file beside the project ---- */

static const char *
member(const JoseObject *line, const char *name)
{
	const char *value;

	if (!jose_object_string(line, name, &value) || value == NULL)
		bail("a vector lacks", name);
	return value;
}

/* The key of a vector: a JWK, {"pwd":...}, or a list that only JSON forms have. */
static JoseKeySet *
key_of_vector(const JoseObject *line)
{
	const JoseMember *key = jose_object_get(line, "key");
	JoseObject *object;
	const char *password;
	JoseKeySet *set;

	if (key == NULL)
		bail("a vector lacks", "key");
	if (key->type == JOSE_JSON_ARRAY)
		return set_of(OCT_KEY);
	if (jose_object_parse(key->raw, key->raw_len, &object) != JOSE_OK)
		bail("a vector's key is no object", member(line, "id"));
	if (jose_object_string(object, "pwd", &password) && password != NULL)
		set = set_with(password_key(password));
	else if (jose_keyset_from_json(key->raw, key->raw_len, &set) != JOSE_OK)
		bail("a vector's key is no key", member(line, "id"));
	jose_object_free(object);
	return set;
}

static bool
is_compact(const JoseObject *line)
{
	return strcmp(member(line, "form"), "compact") == 0;
}

/* What we make of a vector in compact form: some of them we refuse by choice. */
static JoseError
expected_of(const JoseObject *line)
{
	if (strcmp(member(line, "alg"), "RSA1_5") == 0)
		return JOSE_ERR_ALG_UNKNOWN;
	if (strcmp(member(line, "why"), "zip=DEF") == 0)
		return JOSE_ERR_ZIP;
	return JOSE_OK;
}

static void
test_compact(const JoseObject *line, JoseKeySet *set)
{
	const char *token = member(line, "token");
	const char *id = member(line, "id");
	JoseError	expected = expected_of(line);
	JoseAlgSet	algs = 0;
	JoseBuf		plaintext = {0};

	/* a password has no algorithms of its own */
	if (expected == JOSE_OK && strncmp(member(line, "alg"), "PBES2", 5) == 0)
		algs = jose_alg_bit(alg_of(member(line, "alg")));
	is_err(jose_jwe_decrypt(token, strlen(token), set, algs, 0, &plaintext), expected, id);
	if (expected == JOSE_OK)
		is_str((char *) plaintext.data, member(line, "payload"), id);
	else
		ok(plaintext.len == 0, "nothing decrypted");
	jose_buf_free(&plaintext);
}

/* The JSON serializations are not ours to read; a dot in a URL may split one. */
static void
test_json(const JoseObject *line, JoseKeySet *set)
{
	const char *token = member(line, "token");
	JoseBuf		plaintext = {0};
	JoseError	err = jose_jwe_decrypt(token, strlen(token), set, ~(JoseAlgSet) 0, 0, &plaintext);

	ok((err == JOSE_ERR_PARTS || err == JOSE_ERR_BASE64) && plaintext.len == 0, "refused: %s", member(line, "id"));
	jose_buf_free(&plaintext);
}

static void
test_rfc7520(void)
{
	static char text[JOSE_MAX_KEYSET_TEXT];
	const char *path = getenv("RFC7520_VECTORS");
	FILE	   *file;
	int			decrypted = 0;
	int			run = 0;

	if (path == NULL)
		path = "../shared/vectors/rfc7520.jsonl";
	file = fopen(path, "r");
	if (file == NULL)
	{
		ok(1, "RFC 7520 # SKIP no file %s: NOT TESTED (RFC7520_VECTORS names it)", path);
		return;
	}
	while (fgets(text, sizeof(text), file) != NULL)
	{
		JoseObject *line = object_of(text);

		if (strcmp(member(line, "op"), "decrypt") == 0)
		{
			JoseKeySet *set = key_of_vector(line);

			if (is_compact(line))
				test_compact(line, set);
			else
				test_json(line, set);
			jose_keyset_free(set);
			decrypted += is_compact(line) && expected_of(line) == JOSE_OK;
			run++;
		}
		jose_object_free(line);
	}
	fclose(file);
	ok(run == 40 && decrypted == 9, "RFC 7520 and 8037: %d tokens met, %d decrypted", run, decrypted);
}

/* ---- every algorithm, content encryption and curve ---- */

/* There and back; the next token under the same key must have nothing in common. */
static bool
round_trip(JoseKeySet *set, const JoseAlg *alg, const JoseEnc *enc, const char *header, const char *message)
{
	JoseBuf		token = {0};
	JoseBuf		again = {0};
	JoseBuf		plaintext = {0};
	size_t		len = strlen(message);
	bool		good;

	good = jose_jwe_encrypt(set->keys[0], alg, enc, header, message, len, &token) == JOSE_OK &&
		jose_jwe_encrypt(set->keys[0], alg, enc, header, message, len, &again) == JOSE_OK &&
		jose_jwe_decrypt((char *) token.data, token.len, set, jose_alg_bit(alg), jose_enc_bit(enc),
						 &plaintext) == JOSE_OK &&
		plaintext.len == len && memcmp(plaintext.data, message, len) == 0;
	if (good)
	{
		JoseBuf		iv = part_bytes(&token, 2);
		JoseBuf		iv_again = part_bytes(&again, 2);
		JoseBuf		key = part_bytes(&token, 1);
		JoseBuf		key_again = part_bytes(&again, 1);

		good = memcmp(iv.data, iv_again.data, iv.len) != 0 &&
			(key.len == 0 || memcmp(key.data, key_again.data, key.len) != 0);
		jose_buf_free(&iv);
		jose_buf_free(&iv_again);
		jose_buf_free(&key);
		jose_buf_free(&key_again);
	}
	jose_buf_free(&token);
	jose_buf_free(&again);
	jose_buf_free(&plaintext);
	return good;
}

static void
test_all_encs(JoseKey *key, const char *alg, const char *header, const char *name)
{
	JoseKeySet *set = set_with(key);
	const JoseEnc *enc;
	int			good = 0;
	int			i;

	for (i = 0; (enc = jose_enc_at(i)) != NULL; i++)
	{
		good += round_trip(set, alg_of(alg), enc, header, "a message, and some more of it");
		good += round_trip(set, alg_of(alg), enc, header, "");
	}
	ok(good == 12, "%s (%s) with all six content encryptions", alg, name);
	jose_keyset_free(set);
}

static JoseKey *
generated(const char *algorithm, int bits, const char *curve)
{
	JoseKey    *key;

	if (jose_key_generate(algorithm, bits, curve, NULL, &key) != JOSE_OK)
		bail("no key for", algorithm);
	return key;
}

static void
test_every_algorithm(void)
{
	static const char *const curves[] = {"P-256", "P-384", "P-521", "X25519", "X448"};
	const JoseAlg *alg;
	size_t		c;
	int			run = 0;
	int			i;

	for (i = 0; (alg = jose_alg_at(i)) != NULL; i++)
	{
		if (alg->wrap == NULL || alg->wrap == &jose_dir_ops)
			continue;
		run++;
		if (alg->curves != NULL)
		{
			for (c = 0; c < sizeof(curves) / sizeof(curves[0]); c++)
				test_all_encs(generated(alg->name, 0, curves[c]), alg->name, NULL, curves[c]);
		}
		else if (alg->wrap == &jose_rsa_oaep_ops)
			test_all_encs(key_of(RSA_KEY), alg->name, NULL, "RFC 7516 A.1's key");
		else if (alg->wrap == &jose_pbes2_ops)
			test_all_encs(password_key("correct horse"), alg->name, "{\"p2c\":1000}", "a password");
		else
			test_all_encs(generated(alg->name, 0, NULL), alg->name, NULL, "a generated key");
	}
	ok(run == 17, "all 17 algorithms besides dir were tried");
}

/* dir has a key of another length for each content encryption. */
static void
test_dir(void)
{
	const JoseEnc *enc;
	int			i;

	for (i = 0; (enc = jose_enc_at(i)) != NULL; i++)
	{
		JoseBuf		secret = {0};
		JoseKey    *key = NULL;
		JoseKeySet *set;

		if (jose_fresh_cek(enc, &secret) != JOSE_OK || jose_key_from_secret(secret.data, secret.len, &key) != JOSE_OK)
			bail("no key for", enc->name);
		set = set_with(key);
		ok(round_trip(set, alg_of("dir"), enc, NULL, "a message"), "dir with %s", enc->name);
		jose_buf_free(&secret);
		jose_keyset_free(set);
	}
}

/* ---- what we write ---- */

static void
test_header(void)
{
	JoseKey    *key = key_of(OCT_KEY);
	JoseBuf		token;
	JoseBuf		text;

	is_err(jose_key_set_kid(key, "the key's"), JOSE_OK, "a kid");
	token = token_for(key, "A128KW", "A128GCM", NULL, "message");
	text = part_bytes(&token, 0);
	is_str((char *) text.data, "{\"alg\":\"A128KW\",\"enc\":\"A128GCM\",\"kid\":\"the key's\"}", "a header of our own");
	jose_buf_free(&token);
	jose_buf_free(&text);

	token = token_for(key, "A128GCMKW", "A128GCM", "{\"enc\":\"A128GCM\",\"cty\":\"JWT\",\"kid\":\"mine\",\"x\":[1, 2]}", "");
	text = part_bytes(&token, 0);
	ok(strncmp((char *) text.data, "{\"alg\":\"A128GCMKW\",\"enc\":\"A128GCM\",\"cty\":\"JWT\",\"kid\":\"mine\",\"x\":[1, 2],\"iv\":\"",
			   75) == 0, "the caller's members are kept, ours follow");
	jose_buf_free(&token);
	jose_buf_free(&text);
	jose_key_free(key);

	key = password_key("correct horse");
	token = token_for(key, "PBES2-HS256+A128KW", "A128GCM", "{\"p2c\":1234}", "");
	text = part_bytes(&token, 0);
	ok(strstr((char *) text.data, "\"p2c\":1234") != NULL, "the caller's p2c is kept");
	jose_buf_free(&token);
	jose_buf_free(&text);
	jose_key_free(key);
}

static void
encrypt_fails(JoseKey *key, const char *alg, const char *enc, const char *header, JoseError expected)
{
	JoseBuf		token = {0};

	is_err(jose_jwe_encrypt(key, alg_of(alg), enc_of(enc), header, "message", 7, &token), expected,
		   header != NULL ? header : alg);
	ok(token.len == 0, "and no token");
	jose_buf_free(&token);
}

static void
test_encrypt_refuses(void)
{
	JoseKey    *oct = key_of(OCT_KEY);
	JoseKey    *sig = key_of("{\"kty\":\"oct\",\"use\":\"sig\",\"k\":\"GawgguFyGrWKav7AX4VKUg\"}");
	JoseKey    *ops = key_of("{\"kty\":\"oct\",\"key_ops\":[\"unwrapKey\"],\"k\":\"GawgguFyGrWKav7AX4VKUg\"}");
	JoseKey    *alg = key_of("{\"kty\":\"oct\",\"alg\":\"A128GCMKW\",\"k\":\"GawgguFyGrWKav7AX4VKUg\"}");

	/* what must be fresh each time is not the caller's to give */
	encrypt_fails(oct, "A128KW", "A128GCM", "{\"epk\":{}}", JOSE_ERR_HEADER);
	encrypt_fails(oct, "A128GCMKW", "A128GCM", "{\"iv\":\"AAAAAAAAAAAAAAAA\"}", JOSE_ERR_HEADER);
	encrypt_fails(oct, "A128GCMKW", "A128GCM", "{\"tag\":\"AAAAAAAAAAAAAAAAAAAAAA\"}", JOSE_ERR_HEADER);
	encrypt_fails(oct, "PBES2-HS256+A128KW", "A128GCM", "{\"p2s\":\"AAAAAAAAAAAAAAAAAAAAAA\"}", JOSE_ERR_HEADER);
	encrypt_fails(oct, "PBES2-HS256+A128KW", "A128GCM", "{\"p2c\":999}", JOSE_ERR_PBES2_COUNT);
	encrypt_fails(oct, "PBES2-HS256+A128KW", "A128GCM", "{\"p2c\":1e4}", JOSE_ERR_PBES2_COUNT);

	/* the caller's alg and enc must agree, and the rest be what we would read */
	encrypt_fails(oct, "A128KW", "A128GCM", "{\"alg\":\"A256KW\"}", JOSE_ERR_HEADER);
	encrypt_fails(oct, "A128KW", "A128GCM", "{\"enc\":\"A256GCM\"}", JOSE_ERR_HEADER);
	encrypt_fails(oct, "A128KW", "A128GCM", "{\"zip\":\"DEF\"}", JOSE_ERR_ZIP);
	encrypt_fails(oct, "A128KW", "A128GCM", "{\"crit\":[\"exp\"],\"exp\":1}", JOSE_ERR_CRIT);
	encrypt_fails(oct, "A128KW", "A128GCM", "{\"kid\":1}", JOSE_ERR_HEADER);
	encrypt_fails(oct, "A128KW", "A128GCM", "{\"a\":1,\"a\":2}", JOSE_ERR_JSON_DUPLICATE);
	encrypt_fails(oct, "A128KW", "A128GCM", "[]", JOSE_ERR_JSON);
	encrypt_fails(oct, "A128KW", "A128GCM", "", JOSE_ERR_JSON);

	/* keys of something else */
	encrypt_fails(oct, "HS256", "A128GCM", NULL, JOSE_ERR_KEY_ALG);
	encrypt_fails(oct, "RSA-OAEP", "A128GCM", NULL, JOSE_ERR_KEY_ALG);
	encrypt_fails(oct, "ECDH-ES", "A128GCM", NULL, JOSE_ERR_KEY_ALG);
	encrypt_fails(oct, "A256KW", "A128GCM", NULL, JOSE_ERR_KEY_INVALID);
	encrypt_fails(oct, "dir", "A256GCM", NULL, JOSE_ERR_KEY_INVALID);
	encrypt_fails(sig, "A128KW", "A128GCM", NULL, JOSE_ERR_KEY_USE);
	encrypt_fails(ops, "A128KW", "A128GCM", NULL, JOSE_ERR_KEY_USE);
	encrypt_fails(alg, "A128KW", "A128GCM", NULL, JOSE_ERR_KEY_ALG);
	jose_key_free(oct);
	jose_key_free(sig);
	jose_key_free(ops);
	jose_key_free(alg);
}

int
main(void)
{
	test_rfc7516();
	test_rfc7520();
	test_every_algorithm();
	test_dir();
	test_header();
	test_encrypt_refuses();
	queue_is_empty();
	return done_testing();
}
