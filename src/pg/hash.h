/*
 * hash.h
 *		SHA-256 of tokens and secrets, as they are stored: 256 random bits need no
 *		slower one.
 */
#ifndef OAUTH_JWT_HASH_H
#define OAUTH_JWT_HASH_H

#define TOKEN_HASH_BYTES	32

/* Of the token's UTF-8. */
extern void hash_token(const text *token, unsigned char hash[TOKEN_HASH_BYTES]);

#endif							/* OAUTH_JWT_HASH_H */
