/*
 * rfc7520_test.c
 *		The examples of RFC 7520, RFC 7797 and RFC 8037 in the file that projects
 *		share: RFC7520_VECTORS names it, else it lies beside the project.
 *
 * Of class core, every implementation agrees; of policy, ours is said below:
 * passwords work, RSA1_5, compression and JSON serialization are refused;
 * broken ones are to be refused by all.
 */
#include <stdlib.h>

#include "tap.h"
#include "crypt.h"
#include "vectors.h"

#define DEFAULT_PATH	"../shared/vectors/rfc7520.jsonl"

static int	core_count = 0;
static int	refused_count = 0;

/* Every algorithm of the registry: the examples choose freely. */
#define ALL_ALGS	(~(JoseAlgSet) 0)

/* The example's keys; a password stands as {"pwd": ...}, a list as an array of JWKs. */
static JoseKeySet *
read_keys(const JoseObject *vector)
{
	const JoseMember *key = vector_member(vector, "key");
	JoseBuf		json = {0};
	JoseObject *object;
	const char *password;
	JoseKeySet *set;

	if (key->type == JOSE_JSON_ARRAY)
		jose_buf_puts(&json, "{\"keys\":");
	jose_buf_append(&json, key->raw, key->raw_len);
	if (key->type == JOSE_JSON_ARRAY)
		jose_buf_puts(&json, "}");

	object = object_of((char *) json.data);
	if (jose_object_string(object, "pwd", &password) && password != NULL)
		set = set_with(password_key(password));
	else
		set = set_of((char *) json.data);
	jose_object_free(object);
	jose_buf_free(&json);
	return set;
}

static JoseError
run(const JoseObject *vector, JoseKeySet *set, JoseBuf *out)
{
	const char *token = vector_string(vector, "token");

	if (strcmp(vector_string(vector, "op"), "decrypt") == 0)
		return jose_jwe_decrypt(token, strlen(token), set, ALL_ALGS, 0, out);
	return jose_jws_verify(token, strlen(token), set, ALL_ALGS, 0, out);
}

/* The payload comes beside the token: RFC 7515 F. */
static void
check_detached(const JoseObject *vector, JoseKeySet *set)
{
	const char *id = vector_string(vector, "id");
	const char *token = vector_string(vector, "token");
	const char *payload = vector_string(vector, "payload");
	const JoseAlg *alg = alg_of(vector_string(vector, "alg"));
	JoseParts	parts;
	JoseBuf		message = {0};
	JoseBuf		signature = {0};
	JoseBuf		out = {0};

	if (jose_split(token, strlen(token), 3, &parts) != JOSE_OK ||
		jose_b64_decode_buf(parts.part[2], parts.len[2], &signature) != JOSE_OK)
		bail("not a token", id);
	jose_buf_append(&message, parts.part[0], parts.len[0]);
	jose_buf_puts(&message, ".");
	jose_b64_append(&message, payload, strlen(payload));
	is_err(jose_verify(set->keys[0], alg, 0, message.data, message.len, signature.data, signature.len), JOSE_OK, id);
	is_err(run(vector, set, &out), JOSE_ERR_SIGNATURE, "... and not without its payload");
	jose_buf_free(&message);
	jose_buf_free(&signature);
	jose_buf_free(&out);
}

static void
check_valid(const JoseObject *vector, JoseKeySet *set)
{
	const char *id = vector_string(vector, "id");
	const char *payload = vector_string(vector, "payload");
	JoseBuf		out = {0};

	is_err(run(vector, set, &out), JOSE_OK, id);
	is_mem(out.data, out.len, payload, strlen(payload), "... with its payload");
	jose_buf_free(&out);
}

/* expected: JOSE_ERR_COUNT where any error will do */
static void
check_refused(const JoseObject *vector, JoseKeySet *set, JoseError expected)
{
	const char *id = vector_string(vector, "id");
	JoseBuf		out = {0};
	JoseError	err = run(vector, set, &out);

	refused_count++;
	if (expected == JOSE_ERR_COUNT)
		ok(err != JOSE_OK && out.len == 0, "%s: refused", id);
	else
		is_err(err, expected, id);
	jose_buf_free(&out);
}

static void
check_compact(const JoseObject *vector, JoseKeySet *set)
{
	const char *alg = vector_string(vector, "alg");
	const char *class = vector_string(vector, "class");
	const char *why = vector_string(vector, "why");

	if (strcmp(class, "broken") == 0)
		check_refused(vector, set, JOSE_ERR_COUNT);
	else if (strcmp(class, "core") == 0 && vector_is_true(vector, "detached"))
		check_detached(vector, set);
	else if (strcmp(class, "core") == 0 || strncmp(alg, "PBES2-", strlen("PBES2-")) == 0)
		check_valid(vector, set);
	else if (strcmp(alg, "RSA1_5") == 0)
		check_refused(vector, set, JOSE_ERR_ALG_UNKNOWN);
	else if (strcmp(why, "zip=DEF") == 0)
		check_refused(vector, set, JOSE_ERR_ZIP);
	else
		ok(false, "%s: a policy nobody has decided: %s", vector_string(vector, "id"), why);
}

static void
check_vector(const JoseObject *vector)
{
	JoseKeySet *set = read_keys(vector);

	/* RFC 7515 7.2 and RFC 7516 7.2: no JSON serialization in this house */
	if (strcmp(vector_string(vector, "form"), "compact") == 0)
		check_compact(vector, set);
	else
		check_refused(vector, set, JOSE_ERR_COUNT);
	core_count += strcmp(vector_string(vector, "class"), "core") == 0;
	jose_keyset_free(set);
}

int
main(void)
{
	const char *path = getenv("RFC7520_VECTORS");

	if (path == NULL || *path == '\0')
		path = DEFAULT_PATH;
	if (!for_each_vector(path, check_vector))
	{
		ok(true, "the shared vectors # SKIP cannot read %s: %s (RFC7520_VECTORS names another file)",
		   path, strerror(errno));
		return done_testing();
	}
	ok(core_count > 0 && refused_count > 0, "%d examples of class core ran, %d were refused",
	   core_count, refused_count);
	return done_testing();
}
