/*
 * credentials.c
 *		What a client authenticates with (RFC 6749 2.3, RFC 7523 2.2), and whether a
 *		secret is one of its own.
 */
#include "postgres.h"

#include <openssl/crypto.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "compat.h"
#include "credentials.h"
#include "error.h"
#include "form.h"
#include "hash.h"
#include "object.h"
#include "record.h"
#include "scoped.h"
#include "verify.h"

#define MAX_BASIC		65536	/* no web server lets a longer header pass */

/* ---- Authorization: Basic ---- */

/*
 * The bytes in base64 (RFC 4648 4) after "Basic" and blanks; NULL when it is
 * something else, or not canonical.
 */
static JoseBuf *
decode_basic(const char *header, size_t len)
{
	static const char scheme[] = "basic ";
	size_t		begin = sizeof(scheme) - 1;
	JoseBuf    *encoded = scoped_buf();
	JoseBuf    *pair = scoped_buf();
	size_t		i;

	if (len < begin || len > MAX_BASIC || pg_strncasecmp(header, scheme, begin) != 0)
		return NULL;
	while (begin < len && header[begin] == ' ')
		begin++;
	while (len > begin && header[len - 1] == ' ')
		len--;
	for (i = 0; i < 2 && len > begin && header[len - 1] == '='; i++)
		len--;

	/* the core knows the URL's alphabet; there the other's characters are none */
	for (i = begin; i < len; i++)
	{
		char		c = header[i];

		if (c == '-' || c == '_')
			return NULL;
		c = jose_b64_url(c);
		jose_buf_append(encoded, &c, 1);
	}
	if (encoded->failed)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
	return jwt_succeeded(jose_b64_decode_buf((const char *) encoded->data, encoded->len, pair)) ? pair : NULL;
}

/* One half in ASCII, decoded; NULL when it is malformed or empty. */
static char *
decode_half(const char *part, size_t len)
{
	char	   *value;
	size_t		i;

	for (i = 0; i < len; i++)
	{
		if ((unsigned char) part[i] < 0x20 || (unsigned char) part[i] > 0x7e || part[i] == '&' || part[i] == '=')
			return NULL;
	}
	value = form_decode(part, (int) len);
	return value != NULL && *value != '\0' ? value : NULL;
}

/* RFC 6749 2.3.1; of what is malformed nothing, and of a secret without a name neither */
static void
read_basic(const char *header, Credentials *presented)
{
	JoseBuf    *pair = decode_basic(header, strlen(header));
	const char *name = pair != NULL ? (const char *) pair->data : NULL;
	const char *colon = pair != NULL ? memchr(name, ':', pair->len) : NULL;

	if (colon == NULL)
		return;
	presented->client_id = decode_half(name, colon - name);
	if (presented->client_id != NULL)
		presented->secret = decode_half(colon + 1, name + pair->len - (colon + 1));
}

/* ---- all the ways ---- */

/*
 * NULL: there is none.  What is no string, say the list that some gateways make of a
 * header sent twice, is there all the same, and malformed: passed over, the client
 * would get by as another, or as none.
 */
static char *
authorization_header(const Jsonb *headers)
{
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(headers) || claims_get(headers, "authorization", &value) == NULL)
		return NULL;
	return value.type == jbvString ? pnstrdup(value.val.string.val, value.val.string.len) : pstrdup("");
}

static void
read_credentials(const char *header, const Jsonb *parameters, Credentials *presented)
{
	char	   *client_id = json_member(parameters, "client_id");
	char	   *secret = json_member(parameters, "client_secret");
	char	   *assertion = json_member(parameters, "client_assertion");
	bool		asserts = assertion != NULL || json_member(parameters, "client_assertion_type") != NULL;

	/* RFC 6749 2.3: one method in a request */
	if ((header != NULL) + (secret != NULL) + asserts > 1)
	{
		presented->fault = "Authenticate the client in one way only.";
		return;
	}
	if (header != NULL)
	{
		presented->method = "client_secret_basic";
		read_basic(header, presented);
		if (client_id != NULL && presented->client_id != NULL && strcmp(client_id, presented->client_id) != 0)
			presented->fault = "client_id and the Authorization header name different clients.";
		return;
	}
	presented->client_id = client_id;
	presented->method = secret != NULL ? "client_secret_post" : asserts ? "private_key_jwt" : "none";
	presented->secret = secret != NULL ? secret : assertion;
}

void
credentials_read(HeapTupleHeader request, const Jsonb *parameters, Credentials *presented)
{
	text	   *query = record_text(request, "query");
	Datum		headers = record_value(request, "headers", JSONBOID);

	memset(presented, 0, sizeof(Credentials));
	if (query != NULL && VARSIZE_ANY_EXHDR(query) > 0)
		presented->fault = "Parameters belong into the body of a form.";
	else
		read_credentials(headers == (Datum) 0 ? NULL : authorization_header(DatumGetJsonbP(headers)), parameters, presented);
}

bool
credentials_is_one_of(const text *secret, ArrayType *hashes)
{
	unsigned char presented[TOKEN_HASH_BYTES];
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	int			found = 0;
	int			i;

	hash_token(secret != NULL ? secret : cstring_to_text(""), presented);
	if (hashes == NULL)
		return false;
	deconstruct_array(hashes, BYTEAOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	for (i = 0; i < count; i++)
	{
		bytea	   *hash = nulls[i] ? NULL : DatumGetByteaPP(elements[i]);

		if (hash != NULL && VARSIZE_ANY_EXHDR(hash) == TOKEN_HASH_BYTES)
			found |= CRYPTO_memcmp(VARDATA_ANY(hash), presented, TOKEN_HASH_BYTES) == 0;
	}
	return found && secret != NULL;
}
