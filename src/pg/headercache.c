/*
 * headercache.c
 *		A few parsed headers, found by their very bytes.
 *
 * A header is decided by its text alone, so there is nothing to invalidate;
 * a refused one is not kept.
 */
#include "postgres.h"

#include "headercache.h"
#include "scoped.h"

#define SLOTS		8
#define MAX_TEXT	384

typedef struct Slot
{
	size_t		len;			/* 0: empty */
	char		b64[MAX_TEXT];
	JoseHeader	header;
} Slot;

static Slot slots[SLOTS];
static int	last = 0;			/* used last */
static int	victim = 0;

static bool
holds(const Slot *slot, const char *b64, size_t len)
{
	return slot->len == len && memcmp(slot->b64, b64, len) == 0;
}

static Slot *
find(const char *b64, size_t len)
{
	int			i;

	if (holds(&slots[last], b64, len))
		return &slots[last];
	for (i = 0; i < SLOTS; i++)
	{
		if (holds(&slots[i], b64, len))
		{
			last = i;
			return &slots[i];
		}
	}
	return NULL;
}

static JwtCode
keep(const char *b64, size_t len, const JoseHeader **header)
{
	Slot	   *slot = &slots[victim];
	JwtCode		code;

	slot->len = 0;
	jose_header_free(&slot->header);
	code = jose_header_parse(b64, len, false, &slot->header);
	if (code != JOSE_OK)
	{
		jose_header_free(&slot->header);
		return code;
	}
	memcpy(slot->b64, b64, len);
	slot->len = len;
	last = victim;
	victim = (victim + 1) % SLOTS;
	*header = &slot->header;
	return JOSE_OK;
}

JwtCode
headercache_get(const char *b64, size_t len, const JoseHeader **header)
{
	JoseHeader *own;
	Slot	   *slot;

	if (len == 0 || len > MAX_TEXT)
	{
		own = scoped_header();
		*header = own;
		return jose_header_parse(b64, len, false, own);
	}
	slot = find(b64, len);
	if (slot == NULL)
		return keep(b64, len, header);
	*header = &slot->header;
	return JOSE_OK;
}
