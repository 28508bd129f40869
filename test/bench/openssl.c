/*
 * openssl.c
 *		What OpenSSL alone takes for a signature, the measure of "as fast as it
 *		can be": keys and contexts made once, the message hashed each time.
 *
 *		openssl ALGORITHM sign|verify BYTES     prints microseconds per operation
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#define SECONDS 0.4

static unsigned char message[4096];
static unsigned char signature[1024];
static size_t signature_len;

static void
must(int ok, const char *what)
{
	if (ok == 1)
		return;
	fprintf(stderr, "openssl: %s failed\n", what);
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	/* processor time: what others do on this machine is not ours */
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* ---- HS256: a keyed context, begun anew for each message ---- */

static EVP_MAC_CTX *mac;

static void
hmac_once(size_t len)
{
	must(EVP_MAC_init(mac, NULL, 0, NULL), "EVP_MAC_init");
	must(EVP_MAC_update(mac, message, len), "EVP_MAC_update");
	must(EVP_MAC_final(mac, signature, &signature_len, sizeof(signature)), "EVP_MAC_final");
}

static void
make_hmac(void)
{
	EVP_MAC    *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	OSSL_PARAM	params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0),
		OSSL_PARAM_construct_end()
	};

	mac = EVP_MAC_CTX_new(hmac);
	must(EVP_MAC_init(mac, message, 43, params), "EVP_MAC_init");
	EVP_MAC_free(hmac);
}

/* ---- RS256, ES256: hash, then a context kept for the key ---- */

static EVP_PKEY *key;
static EVP_PKEY_CTX *signer;
static EVP_PKEY_CTX *verifier;

static void
make_pair(const char *algorithm)
{
	int			is_rsa = strcmp(algorithm, "RS256") == 0;

	key = is_rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	signer = EVP_PKEY_CTX_new(key, NULL);
	verifier = EVP_PKEY_CTX_new(key, NULL);
	must(EVP_PKEY_sign_init(signer), "EVP_PKEY_sign_init");
	must(EVP_PKEY_verify_init(verifier), "EVP_PKEY_verify_init");
	if (is_rsa)
	{
		must(EVP_PKEY_CTX_set_rsa_padding(signer, RSA_PKCS1_PADDING), "padding");
		must(EVP_PKEY_CTX_set_rsa_padding(verifier, RSA_PKCS1_PADDING), "padding");
	}
	must(EVP_PKEY_CTX_set_signature_md(signer, EVP_sha256()), "digest");
	must(EVP_PKEY_CTX_set_signature_md(verifier, EVP_sha256()), "digest");
}

static void
sign_once(size_t len)
{
	unsigned char digest[32];

	must(EVP_Digest(message, len, digest, NULL, EVP_sha256(), NULL), "EVP_Digest");
	signature_len = sizeof(signature);
	must(EVP_PKEY_sign(signer, signature, &signature_len, digest, sizeof(digest)), "EVP_PKEY_sign");
}

static void
verify_once(size_t len)
{
	unsigned char digest[32];

	must(EVP_Digest(message, len, digest, NULL, EVP_sha256(), NULL), "EVP_Digest");
	must(EVP_PKEY_verify(verifier, signature, signature_len, digest, sizeof(digest)), "EVP_PKEY_verify");
}

/* ---- EdDSA: one shot only ---- */

static EVP_MD_CTX *md;

static void
eddsa_sign_once(size_t len)
{
	signature_len = sizeof(signature);
	must(EVP_DigestSignInit(md, NULL, NULL, NULL, key), "EVP_DigestSignInit");
	must(EVP_DigestSign(md, signature, &signature_len, message, len), "EVP_DigestSign");
	EVP_MD_CTX_reset(md);
}

static void
eddsa_verify_once(size_t len)
{
	must(EVP_DigestVerifyInit(md, NULL, NULL, NULL, key), "EVP_DigestVerifyInit");
	must(EVP_DigestVerify(md, signature, signature_len, message, len), "EVP_DigestVerify");
	EVP_MD_CTX_reset(md);
}

/* ---- */

static double
measure(void (*once) (size_t len), size_t len)
{
	double		start = now();
	long		n = 0;
	int			i;

	do
	{
		for (i = 0; i < 50; i++)
			once(len);
		n += 50;
	} while (now() - start < SECONDS);
	return (now() - start) * 1e6 / n;
}

int
main(int argc, char **argv)
{
	const char *algorithm = argc == 4 ? argv[1] : "";
	int			verifying = argc == 4 && strcmp(argv[2], "verify") == 0;
	size_t		len = argc == 4 ? (size_t) atoi(argv[3]) : 0;
	void		(*sign) (size_t) = sign_once;
	void		(*verify) (size_t) = verify_once;

	if (argc != 4 || len == 0 || len > sizeof(message))
	{
		fprintf(stderr, "usage: openssl HS256|RS256|ES256|EdDSA sign|verify BYTES\n");
		return 2;
	}
	memset(message, 'x', sizeof(message));
	if (strcmp(algorithm, "HS256") == 0)
	{
		make_hmac();
		sign = verify = hmac_once;
	}
	else if (strcmp(algorithm, "EdDSA") == 0)
	{
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		md = EVP_MD_CTX_new();
		sign = eddsa_sign_once;
		verify = eddsa_verify_once;
	}
	else
		make_pair(algorithm);
	sign(len);
	printf("%.3f\n", measure(verifying ? verify : sign, len));
	return 0;
}
