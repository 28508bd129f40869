/*
 * header.c
 *		The JOSE header, RFC 7515 4 and RFC 7516 4: read strictly, written so
 *		that we would read it.
 *
 * jku, x5u, jwk and x5c are members like any other: never looked at, so a
 * token can neither bring its own key nor make us fetch one.
 */
#include <string.h>

#include "key.h"

/* Names defined by the specifications, which crit may not list (RFC 7515 4.1.11). */
static const char *const standard_names[] = {
	"alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit",
	"enc", "zip", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c"
};

/* Extensions we understand: RFC 7797's b64, on signatures. */
static JoseError
check_critical_name(const JoseHeader *header, const char *name, bool jwe)
{
	size_t		i;

	for (i = 0; i < sizeof(standard_names) / sizeof(standard_names[0]); i++)
	{
		if (strcmp(name, standard_names[i]) == 0)
			return JOSE_ERR_CRIT;
	}
	if (jwe || strcmp(name, "b64") != 0)
		return JOSE_ERR_CRIT;
	/* what is critical must be there */
	return jose_object_get(header->object, name) != NULL ? JOSE_OK : JOSE_ERR_CRIT;
}

/* RFC 7515 4.1.11: a non-empty array of distinct names, all understood */
static JoseError
read_crit(JoseHeader *header, bool jwe, bool *b64_is_critical)
{
	const JoseMember *crit = jose_object_get(header->object, "crit");
	JoseObject *names;
	JoseError	err;

	*b64_is_critical = false;
	if (crit == NULL)
		return JOSE_OK;
	if (crit->type != JOSE_JSON_ARRAY)
		return JOSE_ERR_CRIT;
	err = jose_array_parse(crit->raw, crit->raw_len, &names);
	if (err != JOSE_OK)
		return err;
	/* one extension understood, so a second name is a repetition or unknown */
	if (names->count != 1 || names->members[0].string == NULL)
		err = JOSE_ERR_CRIT;
	else
		err = check_critical_name(header, names->members[0].string, jwe);
	*b64_is_critical = err == JOSE_OK;
	jose_object_free(names);
	return err;
}

/* RFC 7797 3: b64 is a boolean, and where it is false it must be critical (6) */
static JoseError
read_b64(JoseHeader *header, bool is_critical)
{
	const JoseMember *b64 = jose_object_get(header->object, "b64");

	header->b64 = true;
	if (b64 == NULL)
		return JOSE_OK;
	if (b64->type != JOSE_JSON_BOOL)
		return JOSE_ERR_HEADER;
	header->b64 = b64->raw_len == strlen("true");
	return header->b64 || is_critical ? JOSE_OK : JOSE_ERR_CRIT;
}

static JoseError
read_algorithms(JoseHeader *header, bool jwe)
{
	const char *alg;
	const char *enc;

	if (!jose_object_string(header->object, "alg", &alg) || alg == NULL)
		return JOSE_ERR_HEADER;
	header->alg = jose_alg_by_name(alg);
	if (header->alg == NULL || (header->alg->wrap != NULL) != jwe)
		return JOSE_ERR_ALG_UNKNOWN;
	if (!jwe)
		return JOSE_OK;
	if (!jose_object_string(header->object, "enc", &enc) || enc == NULL)
		return JOSE_ERR_HEADER;
	header->enc = jose_enc_by_name(enc);
	return header->enc != NULL ? JOSE_OK : JOSE_ERR_ENC_UNKNOWN;
}

static JoseError
interpret(JoseHeader *header, bool jwe)
{
	JoseObject *object = header->object;
	bool		b64_is_critical;
	JoseError	err;

	if (!jose_object_string(object, "kid", &header->kid) ||
		!jose_object_string(object, "typ", &header->typ) ||
		!jose_object_string(object, "cty", &header->cty))
		return JOSE_ERR_HEADER;
	err = read_algorithms(header, jwe);
	if (err != JOSE_OK)
		return err;
	/* compression before encryption leaks lengths, and bombs on the way back */
	if (jwe && jose_object_get(object, "zip") != NULL)
		return JOSE_ERR_ZIP;
	err = read_crit(header, jwe, &b64_is_critical);
	if (err != JOSE_OK)
		return err;
	return read_b64(header, b64_is_critical);
}

JoseError
jose_header_parse(const char *b64, size_t len, bool jwe, JoseHeader *header)
{
	JoseError	err;

	memset(header, 0, sizeof(*header));
	header->b64 = true;
	if (len > JOSE_B64_LEN(JOSE_MAX_HEADER))
		return JOSE_ERR_TOO_LARGE;
	err = jose_b64_decode_buf(b64, len, &header->text);
	if (err == JOSE_OK)
		err = jose_object_parse((const char *) header->text.data, header->text.len, &header->object);
	if (err == JOSE_OK)
		err = interpret(header, jwe);
	return err;
}

void
jose_header_free(JoseHeader *header)
{
	jose_object_free(header->object);
	jose_buf_free(&header->text);
	memset(header, 0, sizeof(*header));
}

/* Not tolower: the server takes on its database's locale, and Turkish has another small I. */
static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

/* How many of their first bytes are the same but for the case of ASCII's letters? */
static size_t
common_length(const char *a, const char *b)
{
	size_t		n = 0;

	while (a[n] != '\0' && lower(a[n]) == lower(b[n]))
		n++;
	return n;
}

/* Without "application/", which may be left off where no other slash stands. */
static const char *
subtype(const char *type)
{
	static const char prefix[] = "application/";
	const size_t len = sizeof(prefix) - 1;

	return common_length(type, prefix) == len && strchr(type + len, '/') == NULL ? type + len : type;
}

/* RFC 7515 4.1.9: media types, which are case-insensitive (RFC 2045 5.1) */
bool
jose_media_type_equal(const char *a, const char *b)
{
	size_t		n;

	a = subtype(a);
	b = subtype(b);
	n = common_length(a, b);
	return a[n] == '\0' && b[n] == '\0';
}

/* ---- writing ---- */

static void
put(JoseBuf *out, const char *name, const char *value)
{
	jose_buf_puts(out, out->len > 1 ? "," : "");
	jose_json_quote(out, name);
	jose_buf_puts(out, ":");
	jose_json_quote(out, value);
}

/* The caller's members, but for alg and enc, which stand already and must agree. */
static JoseError
put_callers(const JoseAlg *alg, const JoseEnc *enc, const JoseObject *callers, JoseBuf *out)
{
	int			i;

	for (i = 0; callers != NULL && i < callers->count; i++)
	{
		const JoseMember *member = &callers->members[i];
		const char *fixed = NULL;

		if (strcmp(member->name, "alg") == 0)
			fixed = alg->name;
		else if (enc != NULL && strcmp(member->name, "enc") == 0)
			fixed = enc->name;
		if (fixed != NULL)
		{
			if (member->string == NULL || strcmp(member->string, fixed) != 0)
				return JOSE_ERR_HEADER;
			continue;
		}
		jose_buf_puts(out, ",");
		jose_json_quote(out, member->name);
		jose_buf_puts(out, ":");
		jose_buf_append(out, member->raw, member->raw_len);
	}
	return JOSE_OK;
}

static bool
gives(const JoseObject *callers, const char *name)
{
	return callers != NULL && jose_object_get(callers, name) != NULL;
}

/* Would we accept it ourselves?  crit, types of members, no repetition. */
static JoseError
read_back(const JoseBuf *out, bool jwe)
{
	JoseBuf		b64 = {0};
	JoseHeader	header = {0};
	JoseError	err;

	jose_b64_append(&b64, out->data, out->len);
	err = b64.failed ? JOSE_ERR_MEMORY :
		jose_header_parse((const char *) b64.data, b64.len, jwe, &header);
	jose_header_free(&header);
	jose_buf_free(&b64);
	return err;
}

JoseError
jose_header_write(const JoseAlg *alg, const JoseEnc *enc, const char *typ, const char *kid,
				  const char *header, const JoseBuf *members, JoseBuf *out)
{
	JoseObject *callers = NULL;
	JoseError	err = JOSE_OK;

	if (header != NULL)
		err = jose_object_parse(header, strlen(header), &callers);
	if (err != JOSE_OK)
		return err;

	jose_buf_puts(out, "{");
	put(out, "alg", alg->name);
	if (enc != NULL)
		put(out, "enc", enc->name);
	if (typ != NULL && !gives(callers, "typ"))
		put(out, "typ", typ);
	if (kid != NULL && !gives(callers, "kid"))
		put(out, "kid", kid);
	err = put_callers(alg, enc, callers, out);
	if (members != NULL)
		jose_buf_append(out, members->data, members->len);
	jose_buf_puts(out, "}");
	if (err == JOSE_OK && out->failed)
		err = JOSE_ERR_MEMORY;

	/* without the caller's members it is ours, and right by construction but for a kid's length */
	if (err == JOSE_OK && out->len > JOSE_MAX_HEADER)
		err = JOSE_ERR_TOO_LARGE;
	if (err == JOSE_OK && callers != NULL)
		err = read_back(out, enc != NULL);
	jose_object_free(callers);
	return err;
}
