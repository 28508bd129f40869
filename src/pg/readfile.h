/*
 * readfile.h
 *		Small files of the server's own, that decide what is trusted.
 */
#ifndef OAUTH_JWT_READFILE_H
#define OAUTH_JWT_READFILE_H

#include <sys/stat.h>

#include "error.h"

/*
 * The whole file, in a scoped buffer; raises error unless it is a regular file
 * of the server's user or root's, of at most max bytes, that check (which
 * raises) has nothing against.
 */
extern JoseBuf *readfile(const char *path, size_t max, JwtCode error,
						 void (*check) (const char *path, const struct stat *st));

#endif							/* OAUTH_JWT_READFILE_H */
