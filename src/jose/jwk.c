/*
 * jwk.c
 *		JWK and JWKS, RFC 7517, and thumbprints, RFC 7638: the members every key
 *		type has; each type's own stand in its file.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/sha.h>

#include "key.h"

static const JoseKeyType *const types[] = {
	&jose_keytype_oct, &jose_keytype_rsa, &jose_keytype_ec, &jose_keytype_okp
};

static const struct
{
	const char *name;
	unsigned	bit;
	unsigned	public_bit;		/* what the other half may do; 0: nothing */
}			key_ops[] = {
	/* RFC 7517 4.3 */
	{"sign", JOSE_KEYOP_SIGN, JOSE_KEYOP_VERIFY},
	{"verify", JOSE_KEYOP_VERIFY, JOSE_KEYOP_VERIFY},
	{"encrypt", JOSE_KEYOP_ENCRYPT, JOSE_KEYOP_ENCRYPT},
	{"decrypt", JOSE_KEYOP_DECRYPT, JOSE_KEYOP_ENCRYPT},
	{"wrapKey", JOSE_KEYOP_WRAP, JOSE_KEYOP_WRAP},
	{"unwrapKey", JOSE_KEYOP_UNWRAP, JOSE_KEYOP_WRAP},
	/* an ECDH public key's key_ops stay empty in WebCrypto; here they stay */
	{"deriveKey", JOSE_KEYOP_DERIVE_KEY, JOSE_KEYOP_DERIVE_KEY},
	{"deriveBits", JOSE_KEYOP_DERIVE_BITS, JOSE_KEYOP_DERIVE_BITS}
};

#define LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

/* ---- reading ---- */

JoseError
jose_jwk_bytes(const JoseObject *jwk, const char *name, bool optional, JoseBuf *out)
{
	const char *text;

	if (!jose_object_string(jwk, name, &text))
		return JOSE_ERR_KEY_MEMBER;
	if (text == NULL)
		return optional ? JOSE_OK : JOSE_ERR_KEY_MEMBER;
	switch (jose_b64_decode_buf(text, strlen(text), out))
	{
		case JOSE_OK:
			return out->len > 0 ? JOSE_OK : JOSE_ERR_KEY_MEMBER;
		case JOSE_ERR_MEMORY:
			return JOSE_ERR_MEMORY;
		default:
			return JOSE_ERR_KEY_MEMBER;
	}
}

static JoseError
copy_member(const JoseObject *jwk, const char *name, char **copy)
{
	const char *text;

	if (!jose_object_string(jwk, name, &text))
		return JOSE_ERR_KEY_MEMBER;
	if (text == NULL)
		return JOSE_OK;
	*copy = strdup(text);
	return *copy != NULL ? JOSE_OK : JOSE_ERR_MEMORY;
}

/* RFC 7517 4.2 */
static JoseError
read_use(const JoseObject *jwk, JoseKeyUse *use)
{
	const char *text;

	if (!jose_object_string(jwk, "use", &text))
		return JOSE_ERR_KEY_MEMBER;
	if (text == NULL)
		*use = JOSE_USE_ANY;
	else if (strcmp(text, "sig") == 0)
		*use = JOSE_USE_SIG;
	else if (strcmp(text, "enc") == 0)
		*use = JOSE_USE_ENC;
	else
		*use = JOSE_USE_OTHER;
	return JOSE_OK;
}

static unsigned
key_op_bit(const char *name)
{
	int			i;

	for (i = 0; i < LENGTH(key_ops); i++)
	{
		if (strcmp(key_ops[i].name, name) == 0)
			return key_ops[i].bit;
	}
	return JOSE_KEYOP_OTHER;
}

/* RFC 7517 4.3: an array of distinct strings; an empty one allows nothing */
static JoseError
read_key_ops(const JoseObject *jwk, unsigned *bits)
{
	const JoseMember *member = jose_object_get(jwk, "key_ops");
	JoseObject *array;
	JoseError	err;
	int			i;

	if (member == NULL)
		return JOSE_OK;
	if (member->type != JOSE_JSON_ARRAY)
		return JOSE_ERR_KEY_MEMBER;
	err = jose_array_parse(member->raw, member->raw_len, &array);
	if (err != JOSE_OK)
		return err;
	*bits = JOSE_KEYOP_OTHER;
	for (i = 0; i < array->count && err == JOSE_OK; i++)
	{
		unsigned	bit;

		if (array->members[i].string == NULL)
		{
			err = JOSE_ERR_KEY_MEMBER;
			break;
		}
		bit = key_op_bit(array->members[i].string);
		if (bit != JOSE_KEYOP_OTHER && (*bits & bit) != 0)
			err = JOSE_ERR_KEY_MEMBER;
		*bits |= bit;
	}
	jose_object_free(array);
	return err;
}

static const JoseKeyType *
find_type(const char *kty)
{
	int			i;

	for (i = 0; i < LENGTH(types); i++)
	{
		if (strcmp(types[i]->kty, kty) == 0)
			return types[i];
	}
	return NULL;
}

static JoseError
read_key(const JoseObject *jwk, JoseKey **out)
{
	const char *kty;
	const JoseKeyType *type;
	JoseKey    *key;
	JoseError	err;

	*out = NULL;
	if (!jose_object_string(jwk, "kty", &kty) || kty == NULL)
		return JOSE_ERR_KEY_MEMBER;
	type = find_type(kty);
	if (type == NULL)
		return JOSE_ERR_KEY_TYPE;
	key = jose_key_new(type);
	if (key == NULL)
		return JOSE_ERR_MEMORY;

	err = copy_member(jwk, "kid", &key->kid);
	if (err == JOSE_OK)
		err = copy_member(jwk, "alg", &key->alg);
	if (err == JOSE_OK)
		err = read_use(jwk, &key->use);
	if (err == JOSE_OK)
		err = read_key_ops(jwk, &key->key_ops);
	if (err == JOSE_OK)
		err = type->read(jwk, key);
	if (err != JOSE_OK)
	{
		jose_key_free(key);
		return err;
	}
	*out = key;
	return JOSE_OK;
}

JoseError
jose_key_from_jwk(const char *json, size_t len, JoseKey **key)
{
	JoseObject *jwk;
	JoseError	err;

	*key = NULL;
	if (len > JOSE_MAX_KEY_TEXT)
		return JOSE_ERR_TOO_LARGE;
	err = jose_object_parse(json, len, &jwk);
	if (err != JOSE_OK)
		return err;
	err = read_key(jwk, key);
	jose_object_free(jwk);
	return err;
}

/* Is it the key's own fault that it cannot be read? */
static bool
is_keys_fault(JoseError err)
{
	return err != JOSE_OK && err != JOSE_ERR_INTERNAL && !jose_error_is_passing(err);
}

/*
 * The keys of a JWKS.  RFC 7517 5: a key of it that is not understood, lacks
 * members or is out of range is left out; it cannot then verify anything.
 */
static JoseError
read_set(const JoseMember *keys, bool (*stop) (void), JoseKeySet *set)
{
	JoseObject *array;
	JoseError	err;
	int			i;

	if (keys->type != JOSE_JSON_ARRAY)
		return JOSE_ERR_KEY_MEMBER;
	err = jose_array_parse(keys->raw, keys->raw_len, &array);
	if (err != JOSE_OK)
		return err;
	if (array->count > JOSE_MAX_KEYS)
		err = JOSE_ERR_TOO_LARGE;
	for (i = 0; i < array->count && err == JOSE_OK; i++)
	{
		JoseKey    *key;

		if (stop != NULL && stop())
			err = JOSE_ERR_CANCELLED;
		else if (array->members[i].type != JOSE_JSON_OBJECT)
			err = JOSE_ERR_KEY_MEMBER;
		else if ((err = jose_key_from_jwk(array->members[i].raw, array->members[i].raw_len, &key)) == JOSE_OK)
			err = jose_keyset_add(set, key);
		else if (is_keys_fault(err))
		{
			set->skipped++;
			err = JOSE_OK;
		}
	}
	jose_object_free(array);
	return err;
}

static JoseError
read_keyset(const JoseObject *object, bool (*stop) (void), JoseKeySet **out)
{
	const JoseMember *keys = jose_object_get(object, "keys");
	JoseKeySet *set;
	JoseKey    *key;
	JoseError	err;

	/* both at once would leave open which of them was meant */
	if (keys != NULL && jose_object_get(object, "kty") != NULL)
		return JOSE_ERR_KEY_FORMAT;
	set = jose_keyset_new(keys != NULL);
	if (set == NULL)
		return JOSE_ERR_MEMORY;
	if (keys != NULL)
		err = read_set(keys, stop, set);
	else if ((err = read_key(object, &key)) == JOSE_OK)
		err = jose_keyset_add(set, key);
	if (err != JOSE_OK)
	{
		jose_keyset_free(set);
		return err;
	}
	*out = set;
	return JOSE_OK;
}

JoseError
jose_keyset_from_json(const char *json, size_t len, JoseKeySet **set)
{
	return jose_keyset_from_json_unless(NULL, json, len, set);
}

/* A JWK or a JWKS. */
JoseError
jose_keyset_from_json_unless(bool (*stop) (void), const char *json, size_t len, JoseKeySet **set)
{
	JoseObject *object;
	JoseError	err;

	*set = NULL;
	err = jose_object_parse(json, len, &object);
	if (err != JOSE_OK)
		return err;
	err = read_keyset(object, stop, set);
	jose_object_free(object);
	return err;
}

static bool
looks_like_json(const char *text, size_t len)
{
	size_t		i = 0;

	while (i < len && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n'))
		i++;
	return i < len && text[i] == '{';
}

JoseError
jose_keyset_from_text(const char *text, size_t len, JoseKeySet **set)
{
	return jose_keyset_from_text_unless(NULL, text, len, set);
}

/*
 * Key as text: PEM, a JWK or JWKS, else a shared secret.  What was meant as a
 * public key and is not quite one is refused, never taken for a secret: oct.c
 * looks once more.
 */
JoseError
jose_keyset_from_text_unless(bool (*stop) (void), const char *text, size_t len, JoseKeySet **set)
{
	JoseKey    *key = NULL;
	JoseError	err;

	*set = NULL;
	if (looks_like_json(text, len))
	{
		err = jose_keyset_from_json_unless(stop, text, len, set);
		if (err != JOSE_ERR_JSON)
			return err;
	}
	if (len > JOSE_MAX_KEY_TEXT)
		return JOSE_ERR_TOO_LARGE;
	if (jose_contains(text, len, JOSE_PEM_BEGIN))
		err = jose_key_from_pem(text, len, &key);
	else
		err = jose_key_from_secret(text, len, &key);
	if (err != JOSE_OK)
		return err;

	*set = jose_keyset_new(false);
	if (*set == NULL)
	{
		jose_key_free(key);
		return JOSE_ERR_MEMORY;
	}
	err = jose_keyset_add(*set, key);
	if (err != JOSE_OK)
	{
		jose_keyset_free(*set);
		*set = NULL;
	}
	return err;
}

/* ---- writing ---- */

void
jose_jwk_write_bytes(JoseBuf *out, const char *name, const unsigned char *data, size_t len)
{
	jose_buf_puts(out, ",\"");
	jose_buf_puts(out, name);
	jose_buf_puts(out, "\":\"");
	jose_b64_append(out, data, len);
	jose_buf_puts(out, "\"");
}

static void
write_string(JoseBuf *out, const char *name, const char *value)
{
	jose_buf_puts(out, ",\"");
	jose_buf_puts(out, name);
	jose_buf_puts(out, "\":");
	jose_json_quote(out, value);
}

static void
write_key_ops(const JoseKey *key, bool with_private, JoseBuf *out)
{
	unsigned	bits = 0;
	const char *comma = "";
	int			i;

	if (key->key_ops == 0 && key->use != JOSE_USE_OTHER)
		return;
	for (i = 0; i < LENGTH(key_ops); i++)
	{
		/* a use we do not know allows nothing of ours, here and in what we write */
		if (key->use != JOSE_USE_OTHER && (key->key_ops & key_ops[i].bit))
			bits |= with_private ? key_ops[i].bit : key_ops[i].public_bit;
	}
	jose_buf_puts(out, ",\"key_ops\":[");
	for (i = 0; i < LENGTH(key_ops); i++)
	{
		if ((bits & key_ops[i].bit) == 0)
			continue;
		jose_buf_puts(out, comma);
		jose_json_quote(out, key_ops[i].name);
		comma = ",";
	}
	jose_buf_puts(out, "]");
}

/* A JWK with the members we understand; what else it came with is gone. */
JoseError
jose_key_to_jwk(const JoseKey *key, bool with_private, JoseBuf *out)
{
	JoseError	err;

	if (with_private && !key->is_private)
		return JOSE_ERR_KEY_PRIVATE;
	jose_buf_puts(out, "{\"kty\":");
	jose_json_quote(out, key->type->kty);
	if (key->kid != NULL)
		write_string(out, "kid", key->kid);
	if (key->alg != NULL)
		write_string(out, "alg", key->alg);
	if (key->use == JOSE_USE_SIG || key->use == JOSE_USE_ENC)
		write_string(out, "use", key->use == JOSE_USE_SIG ? "sig" : "enc");
	write_key_ops(key, with_private, out);
	err = key->type->write(key, with_private, out);
	jose_buf_puts(out, "}");
	if (err == JOSE_OK && out->failed)
		err = JOSE_ERR_MEMORY;
	return err;
}

/* RFC 7638 3: the SHA-256 of the required members in canonical form, base64url */
JoseError
jose_key_thumbprint(const JoseKey *key, JoseBuf *out)
{
	JoseBuf		canonical = {0};
	unsigned char digest[SHA256_DIGEST_LENGTH];
	JoseError	err = key->type->canonical(key, &canonical);

	if (err == JOSE_OK && canonical.failed)
		err = JOSE_ERR_MEMORY;
	if (err == JOSE_OK &&
		EVP_Digest(canonical.data, canonical.len, digest, NULL, EVP_sha256(), NULL) != 1)
	{
		ERR_clear_error();
		err = JOSE_ERR_INTERNAL;
	}
	if (err == JOSE_OK)
		jose_b64_append(out, digest, sizeof(digest));
	jose_buf_free(&canonical);
	if (err == JOSE_OK && out->failed)
		err = JOSE_ERR_MEMORY;
	return err;
}
