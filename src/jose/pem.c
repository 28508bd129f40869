/*
 * pem.c
 *		Keys in PEM (RFC 7468), read and written: PKCS#8, PKCS#1, SEC 1, SPKI, and
 *		the public key of an X.509 certificate.
 *
 * The armor is taken off here and the DER is decoded by its label, rather than
 * leave both to PEM_read_bio_PrivateKey: that would ask the server's terminal
 * for an encrypted key's passphrase, and stop at the first object of several.
 */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "key.h"

/* One armored object. */
typedef struct Block
{
	char	   *label;
	char	   *header;
	unsigned char *der;
	long		len;
} Block;

/* PEM_FLAG_SECURE: OpenSSL cleanses what it frees on its way, and so do we. */
static void
block_free(Block *block)
{
	OPENSSL_secure_clear_free(block->label, block->label != NULL ? strlen(block->label) : 0);
	OPENSSL_secure_clear_free(block->header, block->header != NULL ? strlen(block->header) : 0);
	OPENSSL_secure_clear_free(block->der, block->len);
	memset(block, 0, sizeof(*block));
}

/* The next object; *found is false at the end of the text. */
static JoseError
next_block(BIO *text, Block *block, bool *found)
{
	unsigned long why;

	memset(block, 0, sizeof(*block));
	*found = PEM_read_bio_ex(text, &block->label, &block->header, &block->der, &block->len,
							 PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE) == 1;
	if (*found)
		return JOSE_OK;
	why = ERR_peek_last_error();
	ERR_clear_error();
	if (ERR_GET_LIB(why) == ERR_LIB_PEM && ERR_GET_REASON(why) == PEM_R_NO_START_LINE)
		return JOSE_OK;
	return JOSE_ERR_KEY_FORMAT;
}

/* ---- from DER, by label ---- */

/* RFC 5958; never asks for a passphrase, unlike d2i_AutoPrivateKey might */
static EVP_PKEY *
decode_pkcs8(const unsigned char **der, long len)
{
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, der, len);
	EVP_PKEY   *pkey = info != NULL ? EVP_PKCS82PKEY(info) : NULL;

	PKCS8_PRIV_KEY_INFO_free(info);
	return pkey;
}

/* RFC 8017 A.1.2 */
static EVP_PKEY *
decode_pkcs1_private(const unsigned char **der, long len)
{
	return d2i_PrivateKey(EVP_PKEY_RSA, NULL, der, len);
}

/* RFC 8017 A.1.1 */
static EVP_PKEY *
decode_pkcs1_public(const unsigned char **der, long len)
{
	return d2i_PublicKey(EVP_PKEY_RSA, NULL, der, len);
}

/* RFC 5915 */
static EVP_PKEY *
decode_sec1(const unsigned char **der, long len)
{
	return d2i_PrivateKey(EVP_PKEY_EC, NULL, der, len);
}

/* RFC 5280 4.1 */
static EVP_PKEY *
decode_spki(const unsigned char **der, long len)
{
	return d2i_PUBKEY(NULL, der, len);
}

/* Its dates, issuer and extensions are for the caller to trust or not. */
static EVP_PKEY *
decode_certificate(const unsigned char **der, long len)
{
	X509	   *certificate = d2i_X509(NULL, der, len);
	EVP_PKEY   *pkey = certificate != NULL ? X509_get_pubkey(certificate) : NULL;

	X509_free(certificate);
	return pkey;
}

static const struct
{
	const char *label;
	EVP_PKEY   *(*decode) (const unsigned char **der, long len);
	bool		is_private;
}			decoders[] = {
	{"PUBLIC KEY", decode_spki, false},
	{"PRIVATE KEY", decode_pkcs8, true},
	{"RSA PRIVATE KEY", decode_pkcs1_private, true},
	{"RSA PUBLIC KEY", decode_pkcs1_public, false},
	{"EC PRIVATE KEY", decode_sec1, true},
	{"CERTIFICATE", decode_certificate, false}
};

#define DECODERS	((int) (sizeof(decoders) / sizeof(decoders[0])))

static JoseError
decode(const Block *block, EVP_PKEY **pkey, bool *is_private)
{
	const unsigned char *end = block->der;
	int			i;

	/* RFC 5958 3, and the older way of RFC 1421 4.6.1.1 */
	if (strcmp(block->label, "ENCRYPTED PRIVATE KEY") == 0 ||
		strstr(block->header, "ENCRYPTED") != NULL)
		return JOSE_ERR_KEY_PASSPHRASE;
	for (i = 0; i < DECODERS; i++)
	{
		if (strcmp(decoders[i].label, block->label) == 0)
			break;
	}
	if (i == DECODERS)
		return JOSE_ERR_KEY_FORMAT;

	*is_private = decoders[i].is_private;
	*pkey = decoders[i].decode(&end, block->len);
	ERR_clear_error();
	/* the DER is all there is between the lines */
	return *pkey != NULL && end == block->der + block->len ? JOSE_OK : JOSE_ERR_KEY_INVALID;
}

/* ---- from text ---- */

/*
 * Exactly one key.  `openssl ecparam -genkey` puts the curve's parameters
 * before it, which the key repeats.
 */
static JoseError
read_only_key(BIO *text, EVP_PKEY **pkey, bool *is_private)
{
	Block		block;
	bool		found;
	bool		has_parameters = false;
	JoseError	err = next_block(text, &block, &found);

	if (err == JOSE_OK && found && strcmp(block.label, "EC PARAMETERS") == 0)
	{
		has_parameters = true;
		block_free(&block);
		err = next_block(text, &block, &found);
	}
	if (err == JOSE_OK && !found)
		err = JOSE_ERR_KEY_FORMAT;
	if (err == JOSE_OK && has_parameters && strcmp(block.label, "EC PRIVATE KEY") != 0)
		err = JOSE_ERR_KEY_FORMAT;
	if (err == JOSE_OK)
		err = decode(&block, pkey, is_private);
	block_free(&block);

	if (err == JOSE_OK)
		err = next_block(text, &block, &found);
	if (err == JOSE_OK && found)
		err = JOSE_ERR_KEY_FORMAT;
	block_free(&block);
	return err;
}

/* RSA-PSS, with its parameters bound to the key, is none of these. */
static const JoseKeyType *
type_of(const EVP_PKEY *pkey)
{
	static const struct
	{
		const char *name;		/* OpenSSL's */
		const JoseKeyType *type;
	}			types[] = {
		{"RSA", &jose_keytype_rsa},
		{"EC", &jose_keytype_ec},
		{"ED25519", &jose_keytype_okp},
		{"ED448", &jose_keytype_okp},
		{"X25519", &jose_keytype_okp},
		{"X448", &jose_keytype_okp}
	};
	size_t		i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
	{
		if (EVP_PKEY_is_a(pkey, types[i].name))
			return types[i].type;
	}
	return NULL;
}

/* Takes pkey over, whatever comes of it. */
static JoseError
adopt(EVP_PKEY *pkey, bool is_private, JoseKey **out)
{
	const JoseKeyType *type = type_of(pkey);
	JoseKey    *key = type != NULL ? jose_key_new(type) : NULL;
	JoseError	err;

	if (key == NULL)
	{
		EVP_PKEY_free(pkey);
		return type == NULL ? JOSE_ERR_KEY_TYPE : JOSE_ERR_MEMORY;
	}
	key->pkey = pkey;
	err = type->adopt(key);
	/* the half that memory was too short for would be missed later */
	if (err == JOSE_OK && key->is_private != is_private)
		err = JOSE_ERR_MEMORY;
	if (err == JOSE_OK)
		*out = key;
	else
		jose_key_free(key);
	return err;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

JoseError
jose_key_from_pem(const char *pem, size_t len, JoseKey **key)
{
	BIO		   *text;
	EVP_PKEY   *pkey = NULL;
	bool		is_private;
	JoseError	err;

	*key = NULL;
	if (len > JOSE_MAX_KEY_TEXT)
		return JOSE_ERR_TOO_LARGE;
	/* pasted into SQL, the first line often comes indented */
	for (; len > 0 && is_space(*pem); len--)
		pem++;
	text = BIO_new_mem_buf(pem, (int) len);
	if (text == NULL)
	{
		ERR_clear_error();
		return JOSE_ERR_MEMORY;
	}
	err = read_only_key(text, &pkey, &is_private);
	BIO_free(text);
	if (err != JOSE_OK)
	{
		EVP_PKEY_free(pkey);
		return err;
	}
	return adopt(pkey, is_private, key);
}

/* ---- to text ---- */

/* PKCS#8 for a private key, SPKI for a public one. */
JoseError
jose_key_to_pem(const JoseKey *key, JoseBuf *out)
{
	BIO		   *text;
	char	   *data;
	long		len;
	int			written = 0;

	if (key->pkey == NULL)
		return JOSE_ERR_KEY_TYPE;	/* oct has no PEM */
	text = BIO_new(BIO_s_mem());
	if (text != NULL && key->is_private)
		written = PEM_write_bio_PKCS8PrivateKey(text, key->pkey, NULL, NULL, 0, NULL, NULL);
	else if (text != NULL)
		written = PEM_write_bio_PUBKEY(text, key->pkey);
	if (written == 1)
	{
		len = BIO_get_mem_data(text, &data);
		jose_buf_append(out, data, (size_t) len);
	}
	BIO_free(text);				/* cleanses */
	ERR_clear_error();
	if (written != 1)
		return JOSE_ERR_INTERNAL;
	return out->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}
