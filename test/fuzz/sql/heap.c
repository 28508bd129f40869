/*
 * heap.c
 *		How many bytes this backend has of the heap now, as AddressSanitizer
 *		counts them: what OpenSSL and we hold and what memory contexts hold, but
 *		not what is freed.  A leak of a byte a call shows.
 */
#include "postgres.h"

#include "fmgr.h"

PG_MODULE_MAGIC;

extern size_t __sanitizer_get_current_allocated_bytes(void);

PG_FUNCTION_INFO_V1(fuzz_heap_bytes);

Datum
fuzz_heap_bytes(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64) __sanitizer_get_current_allocated_bytes());
}
