/*
 * buf.c
 *		Growable byte buffers that cleanse what they let go of.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "jose.h"

#define BUF_FIRST	128

/* Make room for len more bytes and a NUL; moves by hand so that no copy stays. */
static bool
reserve(JoseBuf *buf, size_t len)
{
	size_t		need;
	size_t		cap;
	unsigned char *data;

	if (buf->failed || len > SIZE_MAX / 4 - buf->len)
	{
		buf->failed = true;
		return false;
	}
	need = buf->len + len + 1;
	if (need <= buf->cap)
		return true;

	cap = buf->cap * 2 > BUF_FIRST ? buf->cap * 2 : BUF_FIRST;
	if (cap < need)
		cap = need;
	data = malloc(cap);
	if (data == NULL)
	{
		buf->failed = true;
		return false;
	}
	if (buf->len > 0)
		memcpy(data, buf->data, buf->len);
	if (buf->data != NULL)
	{
		OPENSSL_cleanse(buf->data, buf->cap);
		free(buf->data);
	}
	buf->data = data;
	buf->cap = cap;
	return true;
}

/*
 * Add len bytes to be filled in by the caller, and return where they begin;
 * NULL when there is no memory.
 */
unsigned char *
jose_buf_grow(JoseBuf *buf, size_t len)
{
	unsigned char *start;

	if (!reserve(buf, len))
		return NULL;
	start = buf->data + buf->len;
	buf->len += len;
	buf->data[buf->len] = '\0';
	return start;
}

void
jose_buf_append(JoseBuf *buf, const void *data, size_t len)
{
	unsigned char *start = jose_buf_grow(buf, len);

	if (start != NULL && len > 0)
		memcpy(start, data, len);
}

void
jose_buf_puts(JoseBuf *buf, const char *str)
{
	jose_buf_append(buf, str, strlen(str));
}

/* Empty it, keeping the memory. */
void
jose_buf_reset(JoseBuf *buf)
{
	if (buf->data != NULL)
		OPENSSL_cleanse(buf->data, buf->len + 1);
	buf->len = 0;
	buf->failed = false;
}

void
jose_buf_free(JoseBuf *buf)
{
	if (buf->data != NULL)
	{
		OPENSSL_cleanse(buf->data, buf->cap);
		free(buf->data);
	}
	memset(buf, 0, sizeof(*buf));
}
