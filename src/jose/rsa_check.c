/*
 * rsa_check.c
 *		Do these numbers make an RSA key?
 *
 * OpenSSL's own checks test for primes: for a key of 2048 bits 6 ms a public
 * one and 54 ms a private one, for 8192 bits 0.2 s and 5 s, where verifying
 * takes 30 us.  A JWKS of long keys would then hold a session for a minute.
 * What primality would add concerns the key's owner alone, who can as well
 * publish the private key.  So here arithmetic shows that the halves agree,
 * given that p and q are prime: 0.4 us for a public key, 10 us for a private one.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "pkey.h"
#include "rsa_check.h"

#define MAX_EXPONENT_BITS	64	/* above 3072 bits OpenSSL takes no longer one */
#define SMALL_PRIMES		223092870UL /* 2 * 3 * 5 * 7 * 11 * 13 * 17 * 19 * 23 */
#define MAX_BASES			64

/*
 * A modulus that is not a product of two primes but an accident (a digit
 * lost, a wrong member) shares a factor with these, two times out of three.
 */
static bool
has_small_factor(const BIGNUM *n)
{
	BN_ULONG	a = SMALL_PRIMES;
	BN_ULONG	b = BN_mod_word(n, SMALL_PRIMES);

	while (b != 0)
	{
		BN_ULONG	rest = a % b;

		a = b;
		b = rest;
	}
	return a != 1;
}

JoseError
jose_rsa_check_public(const RsaNumbers *rsa)
{
	const BIGNUM *n = rsa->number[RSA_N];
	const BIGNUM *e = rsa->number[RSA_E];

	if (BN_num_bits(n) > JOSE_MAX_RSA_BITS)
		return JOSE_ERR_TOO_LARGE;
	/* RFC 7518 3.3, 3.5 and 4.3 */
	if (BN_num_bits(n) < JOSE_MIN_RSA_BITS)
		return JOSE_ERR_KEY_WEAK;
	if (has_small_factor(n))
		return JOSE_ERR_KEY_INVALID;
	/* with e = 1 every message is its own signature */
	if (BN_is_one(e))
		return JOSE_ERR_KEY_WEAK;
	/* RFC 8017 3.1: coprime to p - 1, hence odd */
	if (!BN_is_odd(e) || BN_num_bits(e) > MAX_EXPONENT_BITS)
		return JOSE_ERR_KEY_INVALID;
	return JOSE_OK;
}

/* Is exponent = d mod (prime - 1), and the inverse of e there? */
static bool
exponent_agrees(const RsaNumbers *rsa, const BIGNUM *prime, const BIGNUM *exponent, BN_CTX *ctx)
{
	BIGNUM	   *order = BN_CTX_get(ctx);
	BIGNUM	   *t = BN_CTX_get(ctx);

	return t != NULL &&
		BN_sub(order, prime, BN_value_one()) == 1 &&
		BN_mod(t, rsa->number[RSA_D], order, ctx) == 1 &&
		BN_cmp(t, exponent) == 0 &&
		BN_mod_mul(t, exponent, rsa->number[RSA_E], order, ctx) == 1 &&
		BN_is_one(t);
}

static bool
halves_agree(const RsaNumbers *rsa, BN_CTX *ctx)
{
	const BIGNUM *p = rsa->number[RSA_P];
	const BIGNUM *q = rsa->number[RSA_Q];
	BIGNUM	   *t = BN_CTX_get(ctx);

	/* a product of odd n: p and q are odd, so over 1 means at least 3 */
	return t != NULL &&
		BN_cmp(rsa->number[RSA_D], rsa->number[RSA_N]) < 0 &&
		BN_cmp(p, BN_value_one()) > 0 &&
		BN_cmp(q, BN_value_one()) > 0 &&
		BN_cmp(p, q) != 0 &&
		BN_mul(t, p, q, ctx) == 1 &&
		BN_cmp(t, rsa->number[RSA_N]) == 0 &&
		exponent_agrees(rsa, p, rsa->number[RSA_DP], ctx) &&
		exponent_agrees(rsa, q, rsa->number[RSA_DQ], ctx) &&
		BN_cmp(rsa->number[RSA_QI], p) < 0 &&
		BN_mod_mul(t, q, rsa->number[RSA_QI], p, ctx) == 1 &&
		BN_is_one(t);
}

JoseError
jose_rsa_check_private(const RsaNumbers *rsa)
{
	BN_CTX	   *ctx = BN_CTX_secure_new();
	JoseError	err = JOSE_ERR_MEMORY;

	if (ctx != NULL)
	{
		BN_CTX_start(ctx);
		err = halves_agree(rsa, ctx) ? JOSE_OK : JOSE_ERR_KEY_INVALID;
		BN_CTX_end(ctx);
	}
	BN_CTX_free(ctx);
	return err == JOSE_OK ? err : jose_openssl_failed(err);
}

/*
 * A prime, or a power of one, has no other factor to be found, and every base
 * would be tried in vain: seconds for whoever gives us such a key.  Of a prime
 * of such an n, and as good as never of another's, a^n - a is a multiple
 * (Fermat).
 */
static JoseError
check_two_primes(const BIGNUM *n, BN_CTX *ctx)
{
	BIGNUM	   *a = BN_CTX_get(ctx);
	BIGNUM	   *t = BN_CTX_get(ctx);

	if (t == NULL || BN_set_word(a, 2) != 1 ||
		BN_mod_exp(t, a, n, n, ctx) != 1 ||
		BN_mod_sub(t, t, a, n, ctx) != 1 ||
		BN_gcd(t, t, n, ctx) != 1)
		return JOSE_ERR_INTERNAL;
	return BN_is_one(t) ? JOSE_OK : JOSE_ERR_KEY_INVALID;
}

/*
 * Look for a square root of 1 other than 1 and -1 among the powers of a base,
 * which comes in y: y = base^(odd * 2^i).  KEY_INVALID when base^(odd * 2^twos) is not 1, for
 * then d is not e's inverse.  *found says whether y is such a root.
 */
static JoseError
try_base(const RsaNumbers *rsa, const BIGNUM *odd, int twos, BIGNUM *y, bool *found, BN_CTX *ctx)
{
	const BIGNUM *n = rsa->number[RSA_N];
	BIGNUM	   *next = BN_CTX_get(ctx);
	BIGNUM	   *minus_one = BN_CTX_get(ctx);
	int			i;

	*found = false;
	if (minus_one == NULL ||
		BN_mod_exp(y, y, odd, n, ctx) != 1 ||
		BN_sub(minus_one, n, BN_value_one()) != 1)
		return JOSE_ERR_INTERNAL;
	if (BN_is_one(y))
		return JOSE_OK;
	for (i = 0; i < twos; i++)
	{
		if (BN_cmp(y, minus_one) == 0)
			return JOSE_OK;
		if (BN_mod_sqr(next, y, n, ctx) != 1)
			return JOSE_ERR_INTERNAL;
		if (BN_is_one(next))
		{
			*found = true;
			return JOSE_OK;
		}
		if (BN_copy(y, next) == NULL)
			return JOSE_ERR_INTERNAL;
	}
	return JOSE_ERR_KEY_INVALID;
}

/* A factor of n into p, by NIST SP 800-56B, appendix C.1. */
static JoseError
find_factor(const RsaNumbers *rsa, BIGNUM *p, BN_CTX *ctx)
{
	BIGNUM	   *k = BN_CTX_get(ctx);
	BIGNUM	   *y = BN_CTX_get(ctx);
	int			twos = 0;
	int			tries;

	if (y == NULL ||
		BN_mul(k, rsa->number[RSA_D], rsa->number[RSA_E], ctx) != 1 ||
		BN_sub_word(k, 1) != 1)
		return JOSE_ERR_INTERNAL;
	if (BN_is_zero(k) || BN_is_negative(k) || BN_is_odd(k))
		return JOSE_ERR_KEY_INVALID;
	while (!BN_is_bit_set(k, twos))
		twos++;
	if (BN_rshift(k, k, twos) != 1)
		return JOSE_ERR_INTERNAL;
	BN_set_flags(k, BN_FLG_CONSTTIME);	/* it is as secret as d */

	/* a random base finds a factor at least every other time; of fixed ones a key could be made that none does */
	for (tries = 0; tries < MAX_BASES; tries++)
	{
		JoseError	err;
		bool		found;

		if (BN_rand_range(y, rsa->number[RSA_N]) != 1)
			return JOSE_ERR_INTERNAL;
		BN_CTX_start(ctx);
		err = try_base(rsa, k, twos, y, &found, ctx);
		BN_CTX_end(ctx);
		if (err != JOSE_OK)
			return err;
		if (found)
			return BN_sub_word(y, 1) == 1 && BN_gcd(p, y, rsa->number[RSA_N], ctx) == 1 ?
				JOSE_OK : JOSE_ERR_INTERNAL;
	}
	return JOSE_ERR_KEY_INVALID;
}

/* p is known: the larger of the two primes becomes p, as is the custom. */
static bool
complete(RsaNumbers *rsa, BN_CTX *ctx)
{
	BIGNUM	   *order = BN_CTX_get(ctx);
	BIGNUM	  **number = rsa->number;

	if (order == NULL || BN_div(number[RSA_Q], NULL, number[RSA_N], number[RSA_P], ctx) != 1)
		return false;
	if (BN_cmp(number[RSA_P], number[RSA_Q]) < 0)
		BN_swap(number[RSA_P], number[RSA_Q]);
	BN_set_flags(number[RSA_Q], BN_FLG_CONSTTIME);
	return BN_sub(order, number[RSA_P], BN_value_one()) == 1 &&
		BN_mod(number[RSA_DP], number[RSA_D], order, ctx) == 1 &&
		BN_sub(order, number[RSA_Q], BN_value_one()) == 1 &&
		BN_mod(number[RSA_DQ], number[RSA_D], order, ctx) == 1 &&
		BN_mod_inverse(number[RSA_QI], number[RSA_Q], number[RSA_P], ctx) != NULL;
}

/*
 * The factors make signing three times as fast and let us write the key as
 * RFC 7518 6.3.2 recommends.  Whether d is right is found out on the way.
 */
JoseError
jose_rsa_find_primes(RsaNumbers *rsa)
{
	BN_CTX	   *ctx = BN_CTX_secure_new();
	JoseError	err = ctx != NULL ? JOSE_OK : JOSE_ERR_MEMORY;
	int			i;

	for (i = RSA_P; i < RSA_NUMBERS && err == JOSE_OK; i++)
	{
		rsa->number[i] = BN_secure_new();
		if (rsa->number[i] == NULL)
			err = JOSE_ERR_MEMORY;
	}
	/* keeps the exponents below as short as n */
	if (err == JOSE_OK && BN_cmp(rsa->number[RSA_D], rsa->number[RSA_N]) >= 0)
		err = JOSE_ERR_KEY_INVALID;
	if (err == JOSE_OK)
	{
		BN_CTX_start(ctx);
		err = check_two_primes(rsa->number[RSA_N], ctx);
		if (err == JOSE_OK)
			err = find_factor(rsa, rsa->number[RSA_P], ctx);
		if (err == JOSE_OK && !complete(rsa, ctx))
			err = JOSE_ERR_KEY_INVALID;
		BN_CTX_end(ctx);
	}
	BN_CTX_free(ctx);
	return err == JOSE_OK ? err : jose_openssl_failed(err);
}
