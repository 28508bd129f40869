/*
 * vectors.h
 *		Vectors in JSON lines: a file read line by line, each line an object.
 *		Included after crypt.h.
 */
#ifndef UNIT_VECTORS_H
#define UNIT_VECTORS_H

#include <errno.h>
#include <stdlib.h>

typedef void (*VectorTest) (const JoseObject *vector);

/* Call test with every line; false, with errno set, when the file cannot be read. */
UNUSED static bool
for_each_vector(const char *path, VectorTest test)
{
	FILE	   *file = fopen(path, "r");
	char	   *line = NULL;
	size_t		size = 0;
	ssize_t		len;

	if (file == NULL)
		return false;
	while ((len = getline(&line, &size, file)) > 0)
	{
		JoseObject *vector;

		if (jose_object_parse(line, (size_t) len, &vector) != JOSE_OK)
			bail("not a JSON object", line);
		test(vector);
		jose_object_free(vector);
	}
	free(line);
	fclose(file);
	return true;
}

/* A string that a vector must have. */
UNUSED static const char *
vector_string(const JoseObject *vector, const char *name)
{
	const char *text;

	if (!jose_object_string(vector, name, &text) || text == NULL)
		bail("vector without", name);
	return text;
}

UNUSED static const JoseMember *
vector_member(const JoseObject *vector, const char *name)
{
	const JoseMember *member = jose_object_get(vector, name);

	if (member == NULL)
		bail("vector without", name);
	return member;
}

UNUSED static bool
vector_is_true(const JoseObject *vector, const char *name)
{
	const JoseMember *member = vector_member(vector, name);

	return member->type == JOSE_JSON_BOOL && member->raw_len == strlen("true");
}

/* The keys under `key`: a JWK or a JWKS. */
UNUSED static JoseKeySet *
vector_keys(const JoseObject *vector)
{
	const JoseMember *member = vector_member(vector, "key");
	JoseKeySet *set;

	if (jose_keyset_from_json(member->raw, member->raw_len, &set) != JOSE_OK)
		bail("not a key or key set", vector_string(vector, "id"));
	return set;
}

#endif							/* UNIT_VECTORS_H */
