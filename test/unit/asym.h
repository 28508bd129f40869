/*
 * asym.h
 *		What the tests of RSA, EC and OKP keys share: JWKs with one member changed,
 *		numbers in and out, signatures checked and spoilt.  Included after crypt.h.
 */
#ifndef UNIT_ASYM_H
#define UNIT_ASYM_H

#include <openssl/bn.h>

/* ---- JWKs ---- */

/* The JWK with a member replaced (value is JSON), added, or removed (NULL). */
UNUSED static JoseBuf
jwk_with(const char *jwk, const char *name, const char *value)
{
	JoseObject *object = object_of(jwk);
	JoseBuf		out = {0};
	const char *comma = "{";
	int			i;

	for (i = 0; i < object->count; i++)
	{
		const JoseMember *member = &object->members[i];

		if (strcmp(member->name, name) == 0)
			continue;
		jose_buf_puts(&out, comma);
		jose_json_quote(&out, member->name);
		jose_buf_puts(&out, ":");
		jose_buf_append(&out, member->raw, member->raw_len);
		comma = ",";
	}
	if (value != NULL)
	{
		jose_buf_puts(&out, comma);
		jose_json_quote(&out, name);
		jose_buf_puts(&out, ":");
		jose_buf_puts(&out, value);
	}
	jose_buf_puts(&out, "}");
	jose_object_free(object);
	return out;
}

/* The same with bytes as the value. */
UNUSED static JoseBuf
jwk_with_bytes(const char *jwk, const char *name, const void *bytes, size_t len)
{
	JoseBuf		value = {0};
	JoseBuf		out;

	jose_buf_puts(&value, "\"");
	jose_b64_append(&value, bytes, len);
	jose_buf_puts(&value, "\"");
	out = jwk_with(jwk, name, (const char *) value.data);
	jose_buf_free(&value);
	return out;
}

/* What reading a JWK says; it must leave nothing in OpenSSL's error queue. */
UNUSED static JoseError
read_jwk(const char *jwk)
{
	JoseKey    *key;
	JoseError	err = jose_key_from_jwk(jwk, strlen(jwk), &key);

	if (ERR_peek_error() != 0)
		bail("left in the error queue after", jwk);
	if ((key == NULL) == (err == JOSE_OK))
		bail("key and error disagree", jwk);
	jose_key_free(key);
	return err;
}

UNUSED static void
refuses(const char *jwk, const char *name, const char *value, JoseError expected, const char *why)
{
	JoseBuf		changed = jwk_with(jwk, name, value);

	is_err(read_jwk((const char *) changed.data), expected, why);
	jose_buf_free(&changed);
}

UNUSED static void
refuses_bytes(const char *jwk, const char *name, const void *bytes, size_t len,
			  JoseError expected, const char *why)
{
	JoseBuf		changed = jwk_with_bytes(jwk, name, bytes, len);

	is_err(read_jwk((const char *) changed.data), expected, why);
	jose_buf_free(&changed);
}

UNUSED static JoseBuf
member_bytes(const char *jwk, const char *name)
{
	JoseObject *object = object_of(jwk);
	JoseBuf		bytes = {0};

	if (jose_jwk_bytes(object, name, false, &bytes) != JOSE_OK)
		bail("no such member", name);
	jose_object_free(object);
	return bytes;
}

/* ---- numbers ---- */

UNUSED static BIGNUM *
member_number(const char *jwk, const char *name)
{
	JoseBuf		bytes = member_bytes(jwk, name);
	BIGNUM	   *number = BN_bin2bn(bytes.data, (int) bytes.len, NULL);

	if (number == NULL)
		bail("no memory", name);
	jose_buf_free(&bytes);
	return number;
}

UNUSED static void
refuses_number(const char *jwk, const char *name, const BIGNUM *number,
			   JoseError expected, const char *why)
{
	unsigned char bytes[2048];
	int			len = BN_num_bytes(number);

	if (len > (int) sizeof(bytes))
		bail("too long", name);
	BN_bn2bin(number, bytes);
	refuses_bytes(jwk, name, bytes, (size_t) len, expected, why);
}

/* ---- the JWK written again ---- */

/* Every parameter of the JWK is in what we write, with the same value. */
UNUSED static void
writes_the_same(const char *jwk, bool with_private, const char *what)
{
	JoseKey    *key = key_of(jwk);
	JoseObject *expected = object_of(jwk);
	JoseObject *got = NULL;
	JoseBuf		text = {0};
	bool		same = jose_key_to_jwk(key, with_private, &text) == JOSE_OK &&
		jose_object_parse((const char *) text.data, text.len, &got) == JOSE_OK &&
		got->count == expected->count;
	int			i;

	for (i = 0; same && i < expected->count; i++)
	{
		const JoseMember *a = &expected->members[i];
		const JoseMember *b = jose_object_get(got, a->name);

		same = b != NULL && b->string != NULL && a->string != NULL && strcmp(a->string, b->string) == 0;
	}
	ok(same, "%s: written as it was read", what);
	jose_object_free(expected);
	jose_object_free(got);
	jose_buf_free(&text);
	jose_key_free(key);
}

UNUSED static void
has_thumbprint(const char *jwk, const char *expected, const char *name)
{
	JoseKey    *key = key_of(jwk);
	JoseBuf		got = {0};

	is_err(jose_key_thumbprint(key, &got), JOSE_OK, name);
	is_str((const char *) got.data, expected, name);
	jose_buf_free(&got);
	jose_key_free(key);
}

/* ---- signatures ---- */

UNUSED static JoseError
verify_bytes(JoseKey *key, const char *alg, const char *message, const void *signature, size_t len)
{
	JoseError	err = jose_verify(key, alg_of(alg), 0, message, strlen(message), signature, len);

	if (ERR_peek_error() != 0)
		bail("left in the error queue after verifying", alg);
	return err;
}

UNUSED static JoseError
verify_b64(JoseKey *key, const char *alg, const char *message, const char *signature)
{
	JoseBuf		bytes = from_b64(signature);
	JoseError	err = verify_bytes(key, alg, message, bytes.data, bytes.len);

	jose_buf_free(&bytes);
	return err;
}

UNUSED static JoseBuf
sign_message(JoseKey *key, const char *alg, const char *message)
{
	JoseBuf		signature = {0};

	if (jose_sign(key, alg_of(alg), 0, message, strlen(message), &signature) != JOSE_OK)
		bail("does not sign", alg);
	return signature;
}

/*
 * Forgers begin with a signature they have seen: no change of it, of the
 * message or of its length may verify, and the key is none the worse for it.
 */
UNUSED static void
resists_changes(JoseKey *key, const char *alg, const char *message, const char *signature)
{
	JoseBuf		good = from_b64(signature);
	JoseBuf		bad = from_b64(signature);
	int			accepted = 0;
	size_t		i;

	for (i = 0; i < good.len * 8; i += 13)
	{
		bad.data[i / 8] ^= (unsigned char) (1 << i % 8);
		accepted += verify_bytes(key, alg, message, bad.data, bad.len) != JOSE_ERR_SIGNATURE;
		bad.data[i / 8] ^= (unsigned char) (1 << i % 8);
	}
	ok(accepted == 0, "%s: no bit can be flipped", alg);
	is_err(verify_bytes(key, alg, message, good.data, good.len - 1), JOSE_ERR_SIGNATURE, "one byte short");
	is_err(verify_bytes(key, alg, message, good.data + 1, good.len - 1), JOSE_ERR_SIGNATURE, "at the other end");
	is_err(verify_bytes(key, alg, message, good.data, 0), JOSE_ERR_SIGNATURE, "empty");
	jose_buf_append(&bad, "", 1);
	is_err(verify_bytes(key, alg, message, bad.data, bad.len), JOSE_ERR_SIGNATURE, "one byte long");
	memset(bad.data, 0, bad.len);
	is_err(verify_bytes(key, alg, message, bad.data, good.len), JOSE_ERR_SIGNATURE, "all zero");
	memset(bad.data, 0xff, bad.len);
	is_err(verify_bytes(key, alg, message, bad.data, good.len), JOSE_ERR_SIGNATURE, "all ones");
	is_err(verify_bytes(key, alg, "another message", good.data, good.len), JOSE_ERR_SIGNATURE, "another message");
	is_err(verify_bytes(key, alg, "", good.data, good.len), JOSE_ERR_SIGNATURE, "the empty message");
	is_err(verify_bytes(key, alg, message, good.data, good.len), JOSE_OK, "the good one still verifies");
	jose_buf_free(&good);
	jose_buf_free(&bad);
}

/* Signs and verifies its own, again and again, by the contexts kept. */
UNUSED static void
round_trips(JoseKey *key, const char *alg)
{
	int			good = 0;
	int			i;

	for (i = 0; i < 8; i++)
	{
		char		message[64];
		JoseBuf		signature;

		snprintf(message, sizeof(message), "message %d", i);
		signature = sign_message(key, alg, message);
		good += verify_bytes(key, alg, message, signature.data, signature.len) == JOSE_OK &&
			verify_bytes(key, alg, "other", signature.data, signature.len) == JOSE_ERR_SIGNATURE;
		jose_buf_free(&signature);
	}
	ok(good == 8, "%s: signs and verifies eight messages", alg);
}

/* ---- generation ---- */

static int	asked;

UNUSED static bool
never_stop(void)
{
	asked++;
	return false;
}

UNUSED static bool
stop_at_once(void)
{
	asked++;
	return true;
}

UNUSED static JoseError
generate_error(const char *alg, int bits, const char *crv, bool (*stop) (void))
{
	JoseKey    *key;
	JoseError	err = jose_key_generate(alg, bits, crv, stop, &key);

	if (ERR_peek_error() != 0)
		bail("left in the error queue after generating", alg);
	jose_key_free(key);
	return err;
}

#endif							/* UNIT_ASYM_H */
