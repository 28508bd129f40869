/*
 * crypt.h
 *		What the encryption tests share: bytes, keys and headers from text, and
 *		tokens taken apart and put together wrongly.  Included after tap.h.
 *
 * A fixture that cannot be made ends the program: it is no test result.
 */
#ifndef UNIT_CRYPT_H
#define UNIT_CRYPT_H

#include <stdlib.h>

#include <openssl/err.h>

#include "key.h"

#define UNUSED __attribute__((unused))

UNUSED static void
bail(const char *why, const char *what)
{
	printf("Bail out! %s: %s\n", why, what);
	exit(1);
}

/* ---- bytes ---- */

UNUSED static JoseBuf
from_hex(const char *hex)
{
	JoseBuf		buf = {0};
	unsigned	byte;
	unsigned char c;

	for (; *hex != '\0'; hex += 2)
	{
		if (sscanf(hex, "%2x", &byte) != 1)
			bail("not hexadecimal", hex);
		c = (unsigned char) byte;
		jose_buf_append(&buf, &c, 1);
	}
	return buf;
}

UNUSED static JoseBuf
from_b64(const char *text)
{
	JoseBuf		buf = {0};

	if (jose_b64_decode_buf(text, strlen(text), &buf) != JOSE_OK)
		bail("not base64url", text);
	return buf;
}

UNUSED static int
is_buf(const JoseBuf *got, const JoseBuf *expected, const char *name)
{
	return is_mem(got->data, got->len, expected->data, expected->len, name);
}

/* ---- keys, headers, algorithms ---- */

UNUSED static JoseKey *
key_of(const char *jwk)
{
	JoseKey    *key;

	if (jose_key_from_jwk(jwk, strlen(jwk), &key) != JOSE_OK)
		bail("not a key", jwk);
	return key;
}

UNUSED static JoseKeySet *
set_of(const char *json)
{
	JoseKeySet *set;

	if (jose_keyset_from_json(json, strlen(json), &set) != JOSE_OK)
		bail("not a key or key set", json);
	return set;
}

/* A set that owns a key. */
UNUSED static JoseKeySet *
set_with(JoseKey *key)
{
	JoseKeySet *set = jose_keyset_new(false);

	if (set == NULL || jose_keyset_add(set, key) != JOSE_OK)
		bail("no memory", "set_with");
	return set;
}

UNUSED static JoseKey *
password_key(const char *password)
{
	JoseKey    *key;

	if (jose_key_from_secret(password, strlen(password), &key) != JOSE_OK)
		bail("not a password", password);
	return key;
}

UNUSED static JoseObject *
object_of(const char *json)
{
	JoseObject *object;

	if (jose_object_parse(json, strlen(json), &object) != JOSE_OK)
		bail("not an object", json);
	return object;
}

UNUSED static const JoseAlg *
alg_of(const char *name)
{
	const JoseAlg *alg = jose_alg_by_name(name);

	if (alg == NULL)
		bail("no such alg", name);
	return alg;
}

UNUSED static const JoseEnc *
enc_of(const char *name)
{
	const JoseEnc *enc = jose_enc_by_name(name);

	if (enc == NULL)
		bail("no such enc", name);
	return enc;
}

/* Key management alone, without a token around it. */
UNUSED static JoseError
unwrap_with(const char *alg, const char *enc, JoseKey *key, const char *header,
			const JoseBuf *encrypted_key, JoseBuf *cek)
{
	JoseObject *object = object_of(header);
	const JoseAlg *row = alg_of(alg);
	JoseError	err;

	err = row->wrap->unwrap(row, enc_of(enc), key, object, encrypted_key->data, encrypted_key->len, cek);
	jose_object_free(object);
	return err;
}

/* ---- tokens ---- */

/* The token with one part, given as it shall stand there, in another's place. */
UNUSED static JoseBuf
with_part(const JoseBuf *token, int part, const char *text, size_t len)
{
	JoseParts	parts;
	JoseBuf		result = {0};
	int			i;

	if (jose_split((const char *) token->data, token->len, 5, &parts) != JOSE_OK)
		bail("not a token", (const char *) token->data);
	for (i = 0; i < 5; i++)
	{
		jose_buf_puts(&result, i > 0 ? "." : "");
		if (i == part)
			jose_buf_append(&result, text, len);
		else
			jose_buf_append(&result, parts.part[i], parts.len[i]);
	}
	return result;
}

/* The same, with bytes to be encoded. */
UNUSED static JoseBuf
with_bytes(const JoseBuf *token, int part, const void *bytes, size_t len)
{
	JoseBuf		text = {0};
	JoseBuf		result;

	jose_b64_append(&text, bytes, len);
	result = with_part(token, part, (const char *) text.data, text.len);
	jose_buf_free(&text);
	return result;
}

/* A part's bytes. */
UNUSED static JoseBuf
part_bytes(const JoseBuf *token, int part)
{
	JoseParts	parts;
	JoseBuf		bytes = {0};

	if (jose_split((const char *) token->data, token->len, 5, &parts) != JOSE_OK ||
		jose_b64_decode_buf(parts.part[part], parts.len[part], &bytes) != JOSE_OK)
		bail("not a token", (const char *) token->data);
	return bytes;
}

/* A token, encrypted to a key. */
UNUSED static JoseBuf
token_for(JoseKey *key, const char *alg, const char *enc, const char *header, const char *plaintext)
{
	JoseBuf		token = {0};

	if (jose_jwe_encrypt(key, alg_of(alg), enc_of(enc), header, plaintext, strlen(plaintext), &token) != JOSE_OK)
		bail("does not encrypt", alg);
	return token;
}

/* Decrypt with every algorithm of ours allowed; an error must leave nothing behind. */
UNUSED static JoseError
decrypt_any(const JoseBuf *token, JoseKeySet *set)
{
	JoseBuf		plaintext = {0};
	JoseError	err;

	err = jose_jwe_decrypt((const char *) token->data, token->len, set, ~(JoseAlgSet) 0, 0, &plaintext);
	if (err != JOSE_OK && plaintext.len != 0)
		err = JOSE_ERR_COUNT;	/* no caller expects this */
	jose_buf_free(&plaintext);
	return err;
}

/* What an OpenSSL error left in the queue would do to the server's next one. */
UNUSED static void
queue_is_empty(void)
{
	ok(ERR_peek_error() == 0, "OpenSSL's error queue is empty");
}

#endif							/* UNIT_CRYPT_H */
