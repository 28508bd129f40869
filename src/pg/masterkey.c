/*
 * masterkey.c
 *		Encryption of private keys at rest, as JWE with dir and A256GCM.
 *
 * The master key lives in a file outside the data directory, so neither a dump
 * nor a copy of the data directory holds it.  Its lines are keys of 32 bytes
 * in base64 or hexadecimal; the first encrypts, all decrypt, so that a new one
 * is put on top and the old one removed once jwt.reseal_keys() has run.  Each
 * JWE names its master key by thumbprint, and its issuer and kid in the
 * protected header: a sealed key moved to another row does not open.
 */
#include "postgres.h"

#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "error.h"
#include "guc.h"
#include "jose/hex.h"
#include "jose/json.h"
#include "masterkey.h"
#include "readfile.h"
#include "scoped.h"

#define KEY_BYTES	32
#define MAX_FILE	8192

static bool
is_set(void)
{
	return guc_master_key_file != NULL && guc_master_key_file[0] != '\0';
}

static bool
is_inside_data_directory(const char *path)
{
	/* a buffer of the caller's would have to hold PATH_MAX bytes */
	char	   *real = realpath(path, NULL);
	char	   *data = realpath(DataDir, NULL);
	bool		inside = true;

	/* what cannot be told counts as inside */
	if (real != NULL && data != NULL)
		inside = strncmp(real, data, strlen(data)) == 0 &&
			(real[strlen(data)] == '/' || real[strlen(data)] == '\0');
	free(real);
	free(data);
	return inside;
}

/* Neither a copy of the data directory nor another user may give the key away. */
static void
check_place(const char *path, const struct stat *st)
{
	if (is_inside_data_directory(path))
		jwt_raise(JWT_ERR_MASTER_KEY, "The file lies inside the data directory.");
	/* as for the server's TLS key: root's file may be readable by the group */
	if (st->st_mode & (st->st_uid == 0 ? (S_IWGRP | S_IXGRP | S_IRWXO) : (S_IRWXG | S_IRWXO)))
		jwt_raise(JWT_ERR_MASTER_KEY, "The file can be read by group or others.");
}

static bool
decode_hex(const char *line, size_t len, unsigned char *out)
{
	size_t		i;

	for (i = 0; i < len; i += 2)
	{
		int			byte = jose_hex_byte(line + i);

		if (byte < 0)
			return false;
		out[i / 2] = (unsigned char) byte;
	}
	return true;
}

/* base64 as openssl rand writes it, or base64url: 43 characters, padded or not */
static bool
decode_base64(const char *line, size_t len, unsigned char *out)
{
	char		url[44];
	unsigned char room[JOSE_B64_DECODED_MAX(43)];
	size_t		decoded;
	size_t		i;
	bool		good;

	if (len == 44 && line[43] == '=')
		len--;
	if (len != 43)
		return false;
	for (i = 0; i < len; i++)
		url[i] = jose_b64_url(line[i]);
	good = jose_b64_decode(url, len, room, &decoded) && decoded == KEY_BYTES;
	if (good)
		memcpy(out, room, KEY_BYTES);
	OPENSSL_cleanse(url, sizeof(url));
	OPENSSL_cleanse(room, sizeof(room));
	return good;
}

static void
add_line(JoseKeySet *set, const char *line, size_t len)
{
	unsigned char bytes[KEY_BYTES];
	JoseBuf    *thumbprint;
	JoseKey    *key;
	JwtCode		code = JWT_ERR_MASTER_KEY;

	if (len == 2 * KEY_BYTES ? decode_hex(line, len, bytes) : decode_base64(line, len, bytes))
		code = jose_key_from_secret(bytes, KEY_BYTES, &key);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	if (code == JWT_ERR_MASTER_KEY)
		jwt_raise(code, "A line of the file is not 32 bytes in base64 or hexadecimal.");
	jwt_check(code);
	jwt_check(jose_keyset_add(set, key));

	/* of a random key, its thumbprint tells nothing (RFC 7638 7) */
	thumbprint = scoped_buf();
	jwt_check(jose_key_thumbprint(key, thumbprint));
	jwt_check(jose_key_set_kid(key, (const char *) thumbprint->data));
}

/* Read anew each time: it happens when a key is stored or first used, no more. */
static JoseKeySet *
load(void)
{
	JoseKeySet **set = scoped_keyset();
	JoseBuf    *file = readfile(guc_master_key_file, MAX_FILE, JWT_ERR_MASTER_KEY, check_place);
	const char *line = (const char *) file->data;

	*set = jose_keyset_new(true);
	if (*set == NULL)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
	while (*line != '\0')
	{
		size_t		len = strcspn(line, "\r\n");

		if (len > 0 && line[0] != '#')
			add_line(*set, line, len);
		line += len;
		line += strspn(line, "\r\n");
	}
	if ((*set)->count == 0)
		jwt_raise(JWT_ERR_MASTER_KEY, "The file holds no key.");
	return *set;
}

/* The protected header that ties a sealed key to its row. */
static void
write_binding(JoseBuf *out, const char *issuer, const char *kid)
{
	jose_buf_puts(out, "{\"iss\":");
	jose_json_quote(out, issuer);
	jose_buf_puts(out, ",\"sub\":");
	jose_json_quote(out, kid);
	jose_buf_puts(out, "}");
	if (out->failed)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
}

void
masterkey_seal(const char *jwk, size_t len, const char *issuer, const char *kid, JoseBuf *out)
{
	JoseBuf    *binding;
	JoseKeySet *set;

	if (!is_set())
	{
		jose_buf_append(out, jwk, len);
		if (out->failed)
			jwt_raise(JOSE_ERR_MEMORY, NULL);
		return;
	}
	set = load();
	binding = scoped_buf();
	write_binding(binding, issuer, kid);
	jwt_check(jose_jwe_encrypt(set->keys[0], jose_alg_by_name("dir"), jose_enc_by_name("A256GCM"),
							   (const char *) binding->data, jwk, len, out));
}

static bool
member_is(const JoseHeader *header, const char *name, const char *value)
{
	const char *got;

	return jose_object_string(header->object, name, &got) && got != NULL && strcmp(got, value) == 0;
}

static bool
is_bound_to(const char *token, size_t len, const char *issuer, const char *kid)
{
	JoseHeader *header = scoped_header();
	JoseParts	parts;

	return jwt_succeeded(jose_split(token, len, 5, &parts)) &&
		jwt_succeeded(jose_header_parse(parts.part[0], parts.len[0], true, header)) &&
		member_is(header, "iss", issuer) && member_is(header, "sub", kid);
}

void
masterkey_unseal(const char *stored, size_t len, const char *issuer, const char *kid, JoseBuf *out)
{
	if (len > 0 && stored[0] == '{')
	{
		jose_buf_append(out, stored, len);
		if (out->failed)
			jwt_raise(JOSE_ERR_MEMORY, NULL);
		return;
	}
	if (!is_set())
		jwt_raise(JWT_ERR_MASTER_KEY, "The stored key is encrypted, and oauth_jwt.master_key_file is not set.");
	if (!is_bound_to(stored, len, issuer, kid))
		jwt_raise(JWT_ERR_SEALED_KEY, "It was sealed for another issuer or kid.");
	if (!jwt_succeeded(jose_jwe_decrypt(stored, len, load(), jose_alg_bit(jose_alg_by_name("dir")),
									   jose_enc_bit(jose_enc_by_name("A256GCM")), out)))
		jwt_raise(JWT_ERR_SEALED_KEY, NULL);
}
