/*
 * rsa_check.h
 *		The numbers of an RSA key, and whether they make one.
 */
#ifndef JOSE_RSA_CHECK_H
#define JOSE_RSA_CHECK_H

#include <openssl/bn.h>

#include "jose.h"

enum RsaNumber
{
	RSA_N,						/* modulus */
	RSA_E,						/* public exponent */
	RSA_D,						/* private exponent */
	RSA_P,						/* first prime */
	RSA_Q,						/* second prime */
	RSA_DP,						/* d mod p - 1 */
	RSA_DQ,						/* d mod q - 1 */
	RSA_QI,						/* the inverse of q mod p */
	RSA_NUMBERS					/* how many there are */
};

typedef struct RsaNumbers
{
	BIGNUM	   *number[RSA_NUMBERS];	/* NULL: absent */
} RsaNumbers;

extern JoseError jose_rsa_check_public(const RsaNumbers *rsa);

/* All eight numbers present: do the halves agree? */
extern JoseError jose_rsa_check_private(const RsaNumbers *rsa);

/* From n, e and d find the other five. */
extern JoseError jose_rsa_find_primes(RsaNumbers *rsa);

#endif							/* JOSE_RSA_CHECK_H */
