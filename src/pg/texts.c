/*
 * texts.c
 *		Arrays of texts.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "texts.h"

bool
texts_have(ArrayType *texts, const char *string)
{
	Datum	   *elements;
	int			count;
	int			i;

	deconstruct_array(texts, TEXTOID, -1, false, TYPALIGN_INT, &elements, NULL, &count);
	for (i = 0; i < count; i++)
	{
		if (strcmp(TextDatumGetCString(elements[i]), string) == 0)
			return true;
	}
	return false;
}
