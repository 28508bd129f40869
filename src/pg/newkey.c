/*
 * newkey.c
 *		Making a key from SQL, interruptibly.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "error.h"
#include "newkey.h"
#include "random.h"
#include "scoped.h"

void
name_key(JoseKey *key, const char *kid)
{
	JoseBuf    *name = scoped_buf();
	unsigned char random[16];

	if (kid != NULL)
	{
		jwt_check(jose_key_set_kid(key, kid));
		return;
	}
	if (strcmp(jose_key_type(key), "oct") == 0)
	{
		random_bytes(random, sizeof(random));
		jose_b64_append(name, random, sizeof(random));
	}
	else
		jwt_check(jose_key_thumbprint(key, name));
	if (name->failed)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
	jwt_check(jose_key_set_kid(key, (const char *) name->data));
}

JoseKey *
new_key(const char *algorithm, int bits, const char *curve, const char *kid, JoseKeySet **set)
{
	JoseKey    *key;

	*set = jose_keyset_new(false);
	if (*set == NULL)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
	jwt_check(jose_key_generate(algorithm, bits, curve, is_interrupted, &key));
	jwt_check(jose_keyset_add(*set, key));
	name_key(key, kid);
	return key;
}

Datum
jsonb_of_utf8(const JoseBuf *json)
{
	char	   *own = pg_any_to_server((const char *) json->data, (int) json->len, PG_UTF8);

	return DirectFunctionCall1(jsonb_in, CStringGetDatum(own));
}
