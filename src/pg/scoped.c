/*
 * scoped.c
 *		Memory-context callbacks around the core's own allocations, so that no
 *		path, and no error, leaks them or leaves a secret behind.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat.h"
#include "jose/json.h"
#include "scoped.h"

static void
free_buf(void *arg)
{
	jose_buf_free(arg);
}

static void
free_header(void *arg)
{
	jose_header_free(arg);
}

static void
free_keyset(void *arg)
{
	JoseKeySet **set = arg;

	jose_keyset_free(*set);
	*set = NULL;
}

static void
free_object(void *arg)
{
	JoseObject **object = arg;

	jose_object_free(*object);
	*object = NULL;
}

/* A zeroed thing of that size, which the function lets go of with its context. */
static void *
make_scoped(Size size, MemoryContextCallbackFunction let_go)
{
	void	   *thing = palloc0(size);
	MemoryContextCallback *callback = palloc0(sizeof(MemoryContextCallback));

	callback->func = let_go;
	callback->arg = thing;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	return thing;
}

JoseBuf *
scoped_buf(void)
{
	return make_scoped(sizeof(JoseBuf), free_buf);
}

JoseHeader *
scoped_header(void)
{
	return make_scoped(sizeof(JoseHeader), free_header);
}

JoseKeySet **
scoped_keyset(void)
{
	return make_scoped(sizeof(JoseKeySet *), free_keyset);
}

JoseObject **
scoped_object(void)
{
	return make_scoped(sizeof(JoseObject *), free_object);
}

Datum
varlena_of(const JoseBuf *buf)
{
	return PointerGetDatum(cstring_to_text_with_len((const char *) buf->data, (int) buf->len));
}

text *
text_from_utf8(const void *utf8, size_t len)
{
	char	   *own = pg_any_to_server(utf8, (int) len, PG_UTF8);

	return own == utf8 ? cstring_to_text_with_len(utf8, (int) len) : cstring_to_text(own);
}

char *
text_to_utf8(const text *value, size_t *len)
{
	char	   *own = text_to_cstring(value);
	char	   *utf8 = pg_server_to_any(own, (int) strlen(own), PG_UTF8);

	if (len != NULL)
		*len = strlen(utf8);
	return utf8;
}
