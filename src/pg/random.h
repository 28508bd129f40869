/*
 * random.h
 *		Random bytes that nobody can guess.
 */
#ifndef OAUTH_JWT_RANDOM_H
#define OAUTH_JWT_RANDOM_H

/* Raises when the system has none. */
extern void random_bytes(void *out, size_t len);

#endif							/* OAUTH_JWT_RANDOM_H */
