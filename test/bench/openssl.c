/*
 * openssl.c
 *		What OpenSSL alone takes for a signature, the measure of "as fast as it
 *		can be": keys, digests and contexts made once, the message hashed each
 *		time.
 *
 * As in the server no message comes twice in a row: with one signature verified
 * over and over the processor learns its way through it, and no user has that.
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
#include <openssl/rand.h>
#include <openssl/rsa.h>

#define SECONDS 0.4
#define MESSAGES 1000

typedef struct Signed
{
	unsigned char message[1024];
	unsigned char signature[256];
	size_t		signature_len;
} Signed;

static Signed all[MESSAGES];

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
hmac_once(Signed *s, size_t len)
{
	must(EVP_MAC_init(mac, NULL, 0, NULL), "EVP_MAC_init");
	must(EVP_MAC_update(mac, s->message, len), "EVP_MAC_update");
	must(EVP_MAC_final(mac, s->signature, &s->signature_len, sizeof(s->signature)), "EVP_MAC_final");
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
	must(EVP_MAC_init(mac, all[0].message, 43, params), "EVP_MAC_init");
	EVP_MAC_free(hmac);
}

/* ---- RS256, ES256: hash, then a context kept for the key ---- */

static EVP_PKEY *key;
static EVP_MD *sha256;
static EVP_PKEY_CTX *signer;
static EVP_PKEY_CTX *verifier;

static void
make_pair(const char *algorithm)
{
	int			is_rsa = strcmp(algorithm, "RS256") == 0;

	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
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
	must(EVP_PKEY_CTX_set_signature_md(signer, sha256), "digest");
	must(EVP_PKEY_CTX_set_signature_md(verifier, sha256), "digest");
}

static void
sign_once(Signed *s, size_t len)
{
	unsigned char digest[32];

	must(EVP_Digest(s->message, len, digest, NULL, sha256, NULL), "EVP_Digest");
	s->signature_len = sizeof(s->signature);
	must(EVP_PKEY_sign(signer, s->signature, &s->signature_len, digest, sizeof(digest)), "EVP_PKEY_sign");
}

static void
verify_once(Signed *s, size_t len)
{
	unsigned char digest[32];

	must(EVP_Digest(s->message, len, digest, NULL, sha256, NULL), "EVP_Digest");
	must(EVP_PKEY_verify(verifier, s->signature, s->signature_len, digest, sizeof(digest)), "EVP_PKEY_verify");
}

/* ---- EdDSA: a context serves one message, so a ready one is copied ---- */

static EVP_MD_CTX *md;
static EVP_MD_CTX *ready_signer;
static EVP_MD_CTX *ready_verifier;

static void
make_eddsa(void)
{
	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	md = EVP_MD_CTX_new();
	ready_signer = EVP_MD_CTX_new();
	ready_verifier = EVP_MD_CTX_new();
	must(EVP_DigestSignInit(ready_signer, NULL, NULL, NULL, key), "EVP_DigestSignInit");
	must(EVP_DigestVerifyInit(ready_verifier, NULL, NULL, NULL, key), "EVP_DigestVerifyInit");
}

static void
eddsa_sign_once(Signed *s, size_t len)
{
	s->signature_len = sizeof(s->signature);
	must(EVP_MD_CTX_copy_ex(md, ready_signer), "EVP_MD_CTX_copy_ex");
	must(EVP_DigestSign(md, s->signature, &s->signature_len, s->message, len), "EVP_DigestSign");
	EVP_MD_CTX_reset(md);
}

static void
eddsa_verify_once(Signed *s, size_t len)
{
	must(EVP_MD_CTX_copy_ex(md, ready_verifier), "EVP_MD_CTX_copy_ex");
	must(EVP_DigestVerify(md, s->signature, s->signature_len, s->message, len), "EVP_DigestVerify");
	EVP_MD_CTX_reset(md);
}

/* ---- */

static double
measure(void (*once) (Signed *s, size_t len), size_t len)
{
	double		start = now();
	long		n = 0;
	int			i;

	do
	{
		for (i = 0; i < 50; i++)
			once(&all[n++ % MESSAGES], len);
	} while (now() - start < SECONDS);
	return (now() - start) * 1e6 / n;
}

int
main(int argc, char **argv)
{
	const char *algorithm = argc == 4 ? argv[1] : "";
	int			verifying = argc == 4 && strcmp(argv[2], "verify") == 0;
	size_t		len = argc == 4 ? (size_t) atoi(argv[3]) : 0;
	void		(*sign) (Signed *s, size_t len) = sign_once;
	void		(*verify) (Signed *s, size_t len) = verify_once;
	int			i;

	if (argc != 4 || len == 0 || len > sizeof(all[0].message))
	{
		fprintf(stderr, "usage: openssl HS256|RS256|ES256|EdDSA sign|verify BYTES\n");
		return 2;
	}
	for (i = 0; i < MESSAGES; i++)
		must(RAND_bytes(all[i].message, (int) len), "RAND_bytes");
	if (strcmp(algorithm, "HS256") == 0)
	{
		make_hmac();
		sign = verify = hmac_once;
	}
	else if (strcmp(algorithm, "EdDSA") == 0)
	{
		make_eddsa();
		sign = eddsa_sign_once;
		verify = eddsa_verify_once;
	}
	else
		make_pair(algorithm);
	for (i = 0; i < MESSAGES; i++)
		sign(&all[i], len);
	printf("%.3f\n", measure(verifying ? verify : sign, len));
	return 0;
}
