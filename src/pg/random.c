/*
 * random.c
 *		Random bytes for tokens, salts and the caches' seeds: whoever asks for
 *		them cannot do without.
 */
#include "postgres.h"

#include "random.h"

void
random_bytes(void *out, size_t len)
{
	if (!pg_strong_random(out, len))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
						errmsg("could not generate a random number")));
}
