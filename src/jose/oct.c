/*
 * oct.c
 *		Key type oct, RFC 7518 6.4: a shared secret's bytes.
 *
 * The classic forgery makes a verifier use the text of a public key, which
 * everybody has, as an HMAC secret.  The caller's algorithms already prevent
 * it; that such a text never becomes a secret here prevents it once more.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "pkey.h"

#define DEFAULT_BITS	256
#define MAX_BITS		8192

bool
jose_contains(const void *data, size_t len, const char *word)
{
	const char *text = data;
	size_t		n = strlen(word);
	size_t		i;

	for (i = 0; i + n <= len; i++)
	{
		if (memcmp(text + i, word, n) == 0)
			return true;
	}
	return false;
}

static bool
begins(const unsigned char *data, size_t len, const char *word)
{
	return len >= strlen(word) && memcmp(data, word, strlen(word)) == 0;
}

/* Does it begin with a public key or a certificate in DER?  Without the memory to tell, it may. */
static bool
is_der_key(const unsigned char *data, size_t len)
{
	const unsigned char *p = data;
	X509_PUBKEY *spki;
	EVP_PKEY   *pkey;
	X509	   *certificate;
	bool		found;

	if (len < 32 || data[0] != 0x30 || len > JOSE_MAX_KEY_TEXT)
		return false;
	/* its form tells, even if OpenSSL cannot use the key */
	spki = d2i_X509_PUBKEY(NULL, &p, (long) len);
	found = spki != NULL;
	X509_PUBKEY_free(spki);
	if (!found)
	{
		p = data;
		pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long) len);
		found = pkey != NULL;
		EVP_PKEY_free(pkey);
	}
	if (!found)
	{
		p = data;
		certificate = d2i_X509(NULL, &p, (long) len);
		found = certificate != NULL;
		X509_free(certificate);
	}
	return jose_openssl_failed(JOSE_OK) != JOSE_OK || found;
}

/* A JWK or JWKS in text, or something that was meant to be one? */
static bool
is_jwk_text(const unsigned char *data, size_t len)
{
	return jose_contains(data, len, "{") &&
		(jose_contains(data, len, "\"kty\"") || jose_contains(data, len, "\"keys\""));
}

static bool
is_key_text(const unsigned char *data, size_t len)
{
	return jose_contains(data, len, JOSE_PEM_BEGIN) ||
		begins(data, len, "ssh-") || begins(data, len, "ecdsa-sha2-") ||
		is_jwk_text(data, len) || is_der_key(data, len);
}

/*
 * The same in base64 of either alphabet: issuers publish the DER of their keys
 * so, without the armor that makes it PEM, and settings carry PEM so.
 */
static bool
is_encoded_key_text(const unsigned char *data, size_t len)
{
	JoseBuf		text = {0};
	JoseBuf		bytes = {0};
	JoseError	err = JOSE_ERR_BASE64;
	size_t		i;

	for (i = 0; i < len; i++)
	{
		char		c = (char) data[i];

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '=')
			continue;
		c = jose_b64_url(c);
		jose_buf_append(&text, &c, 1);
	}
	if (text.failed)
		err = JOSE_ERR_MEMORY;
	else if (text.len > 0)
		err = jose_b64_decode_buf((const char *) text.data, text.len, &bytes);
	if (err == JOSE_OK && !is_key_text(bytes.data, bytes.len))
		err = JOSE_ERR_BASE64;
	jose_buf_free(&text);
	jose_buf_free(&bytes);
	return err == JOSE_OK || err == JOSE_ERR_MEMORY;
}

static JoseError
take_secret(JoseKey *key, const void *secret, size_t len)
{
	if (len == 0)
		return JOSE_ERR_KEY_EMPTY;
	if (len > JOSE_MAX_KEY_TEXT)
		return JOSE_ERR_TOO_LARGE;
	if (is_key_text(secret, len) || is_encoded_key_text(secret, len))
		return JOSE_ERR_KEY_NOT_SECRET;

	key->secret = malloc(len);
	if (key->secret == NULL)
		return JOSE_ERR_MEMORY;
	memcpy(key->secret, secret, len);
	key->secret_len = len;
	key->is_private = true;
	return JOSE_OK;
}

static JoseError
oct_read(const JoseObject *jwk, JoseKey *key)
{
	const char *k;
	JoseBuf		bytes = {0};
	JoseError	err;

	if (jose_object_string(jwk, "k", &k) && k != NULL && *k == '\0')
		return JOSE_ERR_KEY_EMPTY;
	err = jose_jwk_bytes(jwk, "k", false, &bytes);
	if (err == JOSE_OK)
		err = take_secret(key, bytes.data, bytes.len);
	jose_buf_free(&bytes);
	return err;
}

static JoseError
oct_write(const JoseKey *key, bool with_private, JoseBuf *out)
{
	/* a shared secret has no public half: RFC 7517 9.2 */
	if (!with_private)
		return JOSE_ERR_KEY_TYPE;
	jose_jwk_write_bytes(out, "k", key->secret, key->secret_len);
	return out->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

/* RFC 7638 3.2 */
static JoseError
oct_canonical(const JoseKey *key, JoseBuf *out)
{
	jose_buf_puts(out, "{\"k\":\"");
	jose_b64_append(out, key->secret, key->secret_len);
	jose_buf_puts(out, "\",\"kty\":\"oct\"}");
	return out->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

static JoseError
oct_generate(JoseKey *key, int bits, const char *crv, bool (*stop) (void))
{
	int			len = (bits > 0 ? bits : DEFAULT_BITS) / 8;

	if (crv != NULL)
		return JOSE_ERR_KEY_TYPE;
	if (bits < 0 || bits > MAX_BITS)
		return JOSE_ERR_TOO_LARGE;
	if (bits % 8 != 0)
		return JOSE_ERR_KEY_INVALID;
	key->secret = malloc(len);
	if (key->secret == NULL)
		return JOSE_ERR_MEMORY;
	key->secret_len = len;
	key->is_private = true;
	if (RAND_priv_bytes(key->secret, len) == 1)
		return JOSE_OK;
	ERR_clear_error();
	return JOSE_ERR_INTERNAL;
}

static int
oct_bits(const JoseKey *key)
{
	return (int) key->secret_len * 8;
}

const JoseKeyType jose_keytype_oct = {
	"oct", oct_read, oct_write, oct_canonical, oct_generate, NULL, oct_bits
};

JoseError
jose_key_from_secret(const void *secret, size_t len, JoseKey **out)
{
	JoseKey    *key = jose_key_new(&jose_keytype_oct);
	JoseError	err = key != NULL ? take_secret(key, secret, len) : JOSE_ERR_MEMORY;

	if (err != JOSE_OK)
	{
		jose_key_free(key);
		key = NULL;
	}
	*out = key;
	return err;
}
