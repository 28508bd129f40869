/*
 * pem_test.c
 *		Keys in PEM: every armor the openssl command line writes, and what is not
 *		exactly one key we can take.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "crypt.h"
#include "asym.h"
#include "foreign.h"
#include "pem_fixtures.h"

static JoseError
read_pem_bytes(const char *pem, size_t len)
{
	JoseKey    *key;
	JoseError	err = jose_key_from_pem(pem, len, &key);

	if (ERR_peek_error() != 0)
		bail("left in the error queue after", pem);
	if ((key == NULL) == (err == JOSE_OK))
		bail("key and error disagree", pem);
	jose_key_free(key);
	return err;
}

static JoseError
read_pem(const char *pem)
{
	return read_pem_bytes(pem, strlen(pem));
}

static JoseKey *
pem_key(const char *pem)
{
	JoseKey    *key;

	if (jose_key_from_pem(pem, strlen(pem), &key) != JOSE_OK)
		bail("not a key", pem);
	return key;
}

/* ---- what the command line writes ---- */

static const struct
{
	const char *name;
	const char *pem;
	const char *jwk;
	bool		is_private;
	bool		canonical;		/* we write it just so */
}			foreign[] = {
	{"RSA, PKCS#8", PEM_RSA_PKCS8, FOREIGN_RSA_JWK, true, true},
	{"RSA, SPKI", PEM_RSA_SPKI, FOREIGN_RSA_JWK, false, true},
	{"RSA, PKCS#1", PEM_RSA_PKCS1, FOREIGN_RSA_JWK, true, false},
	{"RSA, PKCS#1 public", PEM_RSA_PKCS1_PUBLIC, FOREIGN_RSA_JWK, false, false},
	{"RSA, an expired certificate", PEM_RSA_CERTIFICATE, FOREIGN_RSA_JWK, false, false},
	{"P-256, PKCS#8", PEM_P256_PKCS8, FOREIGN_P256_JWK, true, true},
	{"P-256, SPKI", PEM_P256_SPKI, FOREIGN_P256_JWK, false, true},
	{"P-256, SEC 1", PEM_P256_SEC1, FOREIGN_P256_JWK, true, false},
	{"P-256, SEC 1 without the point", PEM_P256_SEC1_NO_PUBLIC, FOREIGN_P256_JWK, true, false},
	{"P-256, point compressed", PEM_P256_COMPRESSED, FOREIGN_P256_JWK, false, false},
	{"P-256, an expired certificate", PEM_P256_CERTIFICATE, FOREIGN_P256_JWK, false, false},
	{"P-384, PKCS#8", PEM_P384_PKCS8, FOREIGN_P384_JWK, true, true},
	{"P-384, SPKI", PEM_P384_SPKI, FOREIGN_P384_JWK, false, true},
	{"P-521, PKCS#8", PEM_P521_PKCS8, FOREIGN_P521_JWK, true, true},
	{"P-521, SPKI", PEM_P521_SPKI, FOREIGN_P521_JWK, false, true},
	{"secp256k1, PKCS#8", PEM_SECP256K1_PKCS8, FOREIGN_SECP256K1_JWK, true, true},
	{"secp256k1, SPKI", PEM_SECP256K1_SPKI, FOREIGN_SECP256K1_JWK, false, true},
	{"Ed25519, PKCS#8", PEM_ED25519_PKCS8, FOREIGN_ED25519_JWK, true, true},
	{"Ed25519, SPKI", PEM_ED25519_SPKI, FOREIGN_ED25519_JWK, false, true},
	{"Ed25519, an expired certificate", PEM_ED25519_CERTIFICATE, FOREIGN_ED25519_JWK, false, false},
	{"Ed448, PKCS#8", PEM_ED448_PKCS8, FOREIGN_ED448_JWK, true, true},
	{"Ed448, SPKI", PEM_ED448_SPKI, FOREIGN_ED448_JWK, false, true},
	{"X25519, PKCS#8", PEM_X25519_PKCS8, FOREIGN_X25519_JWK, true, true},
	{"X25519, SPKI", PEM_X25519_SPKI, FOREIGN_X25519_JWK, false, true},
	{"X448, PKCS#8", PEM_X448_PKCS8, FOREIGN_X448_JWK, true, true},
	{"X448, SPKI", PEM_X448_SPKI, FOREIGN_X448_JWK, false, true}
};

#define FOREIGN ((int) (sizeof(foreign) / sizeof(foreign[0])))

static JoseBuf
written(const JoseKey *key, bool with_private)
{
	JoseBuf		jwk = {0};

	if (jose_key_to_jwk(key, with_private, &jwk) != JOSE_OK)
		bail("does not become a JWK", "");
	return jwk;
}

static void
test_foreign(void)
{
	int			i;

	for (i = 0; i < FOREIGN; i++)
	{
		JoseKey    *from_pem = pem_key(foreign[i].pem);
		JoseKey    *from_jwk = key_of(foreign[i].jwk);
		JoseBuf		got = written(from_pem, foreign[i].is_private);
		JoseBuf		expected = written(from_jwk, foreign[i].is_private);
		JoseBuf		pem = {0};
		JoseKey    *again;
		JoseBuf		back;

		ok(jose_key_is_private(from_pem) == foreign[i].is_private, "%s: %s", foreign[i].name,
		   foreign[i].is_private ? "private" : "public");
		is_buf(&got, &expected, "the key that another library reads from it");

		is_err(jose_key_to_pem(from_pem, &pem), JOSE_OK, "to PEM");
		again = pem_key((const char *) pem.data);
		back = written(again, foreign[i].is_private);
		is_buf(&back, &expected, "and back");
		if (foreign[i].canonical)
			is_str((const char *) pem.data, foreign[i].pem, "written as openssl does");
		jose_buf_free(&got);
		jose_buf_free(&expected);
		jose_buf_free(&pem);
		jose_buf_free(&back);
		jose_key_free(from_pem);
		jose_key_free(from_jwk);
		jose_key_free(again);
	}
}

/* A key from PEM works like one from a JWK. */
static void
test_works(void)
{
	static const struct
	{
		const char *pem;
		const char *alg;
		const char *signature;
	}			uses[] = {
		{PEM_RSA_CERTIFICATE, "RS256", FOREIGN_RS256},
		{PEM_RSA_SPKI, "PS512", FOREIGN_PS512},
		{PEM_P256_CERTIFICATE, "ES256", FOREIGN_ES256},
		{PEM_P256_COMPRESSED, "ES256", FOREIGN_ES256},
		{PEM_SECP256K1_SPKI, "ES256K", FOREIGN_ES256K},
		{PEM_ED25519_SPKI, "EdDSA", FOREIGN_EDDSA_25519},
		{PEM_ED448_SPKI, "Ed448", FOREIGN_EDDSA_448}
	};
	size_t		i;
	JoseKey    *key;

	for (i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
	{
		key = pem_key(uses[i].pem);
		is_err(verify_b64(key, uses[i].alg, FOREIGN_MESSAGE, uses[i].signature), JOSE_OK, uses[i].alg);
		is_err(jose_sign(key, alg_of(uses[i].alg), 0, "x", 1, &(JoseBuf) {0}), JOSE_ERR_KEY_PRIVATE, "signs nothing");
		jose_key_free(key);
	}
	key = pem_key(PEM_RSA_PKCS1);
	round_trips(key, "PS256");
	jose_key_free(key);
	key = pem_key(PEM_P256_SEC1_NO_PUBLIC);
	round_trips(key, "ES256");
	jose_key_free(key);
}

/* ---- around the armor ---- */

static void
test_surroundings(void)
{
	JoseBuf		text = {0};
	const char *p;

	is_err(read_pem("\n\n  \t" PEM_P256_SPKI "\n\n  \n"), JOSE_OK, "white space around");
	is_err(read_pem("Bag Attributes\n    friendlyName: x\nsubject=CN = y\n" PEM_P256_CERTIFICATE), JOSE_OK,
		   "comments before");
	is_err(read_pem(PEM_P256_SPKI "that was the key\n"), JOSE_OK, "and after");
	is_err(read_pem(PEM_EC_PARAMETERS PEM_EC_AFTER_PARAMETERS), JOSE_OK, "parameters before an EC key");
	is_err(read_pem(PEM_EC_AFTER_PARAMETERS), JOSE_OK, "and without");
	is_err(read_pem_bytes(PEM_P256_SPKI, strlen(PEM_P256_SPKI) - 1), JOSE_OK, "no newline at the end");

	for (p = PEM_P256_PKCS8; *p != '\0'; p++)
	{
		if (*p == '\n')
			jose_buf_append(&text, "\r", 1);
		jose_buf_append(&text, p, 1);
	}
	is_err(read_pem((const char *) text.data), JOSE_OK, "lines that end in CR LF");
	jose_buf_free(&text);
}

/* ---- not one key ---- */

/*
 * Of two keys the reader and the writer of the text may each mean another;
 * which of them is taken is nothing to guess about.
 */
static void
test_several(void)
{
	is_err(read_pem(PEM_P256_SPKI PEM_P256_SPKI), JOSE_ERR_KEY_FORMAT, "the same key twice");
	is_err(read_pem(PEM_RSA_SPKI PEM_P256_SPKI), JOSE_ERR_KEY_FORMAT, "two keys");
	is_err(read_pem(PEM_P256_PKCS8 PEM_P256_CERTIFICATE), JOSE_ERR_KEY_FORMAT, "a key and its certificate");
	is_err(read_pem(PEM_P256_CERTIFICATE PEM_RSA_CERTIFICATE), JOSE_ERR_KEY_FORMAT, "a chain of certificates");
	is_err(read_pem(PEM_P256_SPKI "-----BEGIN PUBLIC KEY-----\n"), JOSE_ERR_KEY_FORMAT, "a key and half of one");
	is_err(read_pem(PEM_P256_SPKI PEM_REQUEST), JOSE_ERR_KEY_FORMAT, "a key and a request");
	is_err(read_pem(PEM_EC_PARAMETERS), JOSE_ERR_KEY_FORMAT, "parameters alone");
	is_err(read_pem(PEM_EC_PARAMETERS PEM_EC_PARAMETERS PEM_EC_AFTER_PARAMETERS), JOSE_ERR_KEY_FORMAT,
		   "parameters twice");
	is_err(read_pem(PEM_EC_PARAMETERS PEM_P256_SPKI), JOSE_ERR_KEY_FORMAT, "parameters before a public key");
	is_err(read_pem(PEM_EC_AFTER_PARAMETERS PEM_EC_PARAMETERS), JOSE_ERR_KEY_FORMAT, "parameters behind");
	is_err(read_pem(PEM_EC_PARAMETERS PEM_EC_AFTER_PARAMETERS PEM_EC_PARAMETERS), JOSE_ERR_KEY_FORMAT, "on both sides");
}

static void
test_garbage(void)
{
	JoseBuf		big = {0};
	size_t		len = strlen(PEM_P256_SPKI);
	size_t		i;
	int			taken = 0;

	is_err(read_pem(""), JOSE_ERR_KEY_FORMAT, "nothing");
	is_err(read_pem(" \n "), JOSE_ERR_KEY_FORMAT, "white space");
	is_err(read_pem("a secret"), JOSE_ERR_KEY_FORMAT, "no armor");
	is_err(read_pem("-----BEGIN PUBLIC KEY-----"), JOSE_ERR_KEY_FORMAT, "a first line");
	is_err(read_pem("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"), JOSE_ERR_KEY_FORMAT, "nothing inside");
	is_err(read_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), JOSE_ERR_KEY_INVALID, "no DER inside");
	is_err(read_pem("-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n"), JOSE_ERR_KEY_FORMAT,
		   "no base64 inside");
	is_err(read_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), JOSE_ERR_KEY_FORMAT,
		   "another label at the end");
	is_err(read_pem("-----BEGIN NONSENSE-----\nAAAA\n-----END NONSENSE-----\n"), JOSE_ERR_KEY_FORMAT, "another label");
	is_err(read_pem(PEM_REQUEST), JOSE_ERR_KEY_FORMAT, "a certificate request");
	is_err(read_pem(PEM_OPENSSH), JOSE_ERR_KEY_FORMAT, "OpenSSH's form");
	is_err(read_pem(PEM_TRAILING_SPKI), JOSE_ERR_KEY_INVALID, "DER that goes on, public");
	is_err(read_pem(PEM_TRAILING_PKCS8), JOSE_ERR_KEY_INVALID, "DER that goes on, private");
	is_err(read_pem_bytes("-----BEGIN\0PUBLIC KEY-----\n", 27), JOSE_ERR_KEY_FORMAT, "a NUL");

	/* but for its last newline, no part of a key is one */
	for (i = 0; i < len - 1; i++)
	{
		JoseKey    *key;

		if (jose_key_from_pem(PEM_P256_SPKI, i, &key) == JOSE_OK)
			taken++;
		jose_key_free(key);
	}
	ok(taken == 0, "no beginning of a key is a key");

	while (big.len <= JOSE_MAX_KEY_TEXT)
		jose_buf_puts(&big, "comment comment comment comment\n");
	jose_buf_puts(&big, PEM_P256_SPKI);
	is_err(read_pem_bytes((const char *) big.data, big.len), JOSE_ERR_TOO_LARGE, "more than 64 kB");
	jose_buf_free(&big);
}

/* ---- keys we do not take ---- */

/* What reading a JWK refuses, PEM is no way around. */
static void
test_refused(void)
{
	static const struct
	{
		const char *name;
		const char *pem;
		JoseError	err;
	}			refused[] = {
		{"RSA-PSS, private", PEM_PSS_PKCS8, JOSE_ERR_KEY_TYPE},
		{"RSA-PSS, public", PEM_PSS_SPKI, JOSE_ERR_KEY_TYPE},
		{"RSA-PSS, certificate", PEM_PSS_CERTIFICATE, JOSE_ERR_KEY_TYPE},
		{"DSA", PEM_DSA_SPKI, JOSE_ERR_KEY_TYPE},
		{"SM2", PEM_SM2_SPKI, JOSE_ERR_KEY_TYPE},
		{"RSA of 1024 bits, private", PEM_RSA1024_PKCS8, JOSE_ERR_KEY_WEAK},
		{"RSA of 1024 bits, public", PEM_RSA1024_SPKI, JOSE_ERR_KEY_WEAK},
		{"RSA of 8200 bits", PEM_RSA_8200, JOSE_ERR_TOO_LARGE},
		{"RSA of three primes", PEM_RSA_THREE_PRIMES, JOSE_ERR_KEY_TYPE},
		{"RSA with e = 1", PEM_RSA_E1, JOSE_ERR_KEY_WEAK},
		{"RSA with e = 2^64 + 1", PEM_RSA_E65, JOSE_ERR_KEY_INVALID},
		{"RSA with another's n", PEM_RSA_HALVES_DIFFER, JOSE_ERR_KEY_INVALID},
		{"RSA with zeros for p to qi", PEM_RSA_NO_CRT, JOSE_ERR_KEY_INVALID},
		{"EC on brainpoolP256r1, private", PEM_BRAINPOOL_PKCS8, JOSE_ERR_KEY_TYPE},
		{"EC on brainpoolP256r1, public", PEM_BRAINPOOL_SPKI, JOSE_ERR_KEY_TYPE},
		{"EC on P-192", PEM_P192_SPKI, JOSE_ERR_KEY_TYPE},
		/* CVE-2020-0601: parameters spelled out can name another generator */
		{"EC, curve spelled out, private", PEM_EXPLICIT_SEC1, JOSE_ERR_KEY_TYPE},
		{"EC, curve spelled out, public", PEM_EXPLICIT_SPKI, JOSE_ERR_KEY_TYPE},
		{"EC at infinity", PEM_EC_INFINITY, JOSE_ERR_KEY_INVALID},
		{"EC off the curve", PEM_EC_OFF_CURVE, JOSE_ERR_KEY_INVALID},
		{"EC with another's point", PEM_EC_HALVES_DIFFER, JOSE_ERR_KEY_INVALID},
		{"Ed25519 of low order", PEM_ED25519_LOW_ORDER, JOSE_ERR_KEY_INVALID},
		{"X25519 zero", PEM_X25519_ZERO, JOSE_ERR_KEY_INVALID},
		{"Ed448 over p", PEM_ED448_OVER_P, JOSE_ERR_KEY_INVALID}
	};
	size_t		i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		is_err(read_pem(refused[i].pem), refused[i].err, refused[i].name);
}

/* ---- passphrases ---- */

/*
 * Read a key in a process whose controlling terminal we hold the other end of.
 * Returns its JoseError, and what it wrote to the terminal.
 */
static int
read_on_a_terminal(const char *pem, char *output, size_t size)
{
	int			master = posix_openpt(O_RDWR | O_NOCTTY);
	int			status = -1;
	size_t		used = 0;
	ssize_t		got;
	pid_t		pid;

	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
		bail("no pseudo-terminal", "");
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		bail("no fork", "");
	if (pid == 0)
	{
		int			terminal;

		setsid();
		terminal = open(ptsname(master), O_RDWR);
		if (terminal < 0 || ioctl(terminal, TIOCSCTTY, 0) != 0)
			_exit(255);
		dup2(terminal, 0);
		dup2(terminal, 1);
		dup2(terminal, 2);
		close(master);
		alarm(10);				/* a prompt would wait for ever */
		if (write(terminal, "here", 4) != 4)
			_exit(254);
		_exit((int) read_pem(pem));
	}
	/* the child's end closes when it ends: EIO on Linux, 0 elsewhere */
	while (used < size - 1 && (got = read(master, output + used, size - 1 - used)) > 0)
		used += (size_t) got;
	output[used] = '\0';
	close(master);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/*
 * OpenSSL's own readers open /dev/tty and ask: on a server that is whoever
 * started it, and the session hangs until he answers.
 */
static void
test_passphrase(void)
{
	static const struct
	{
		const char *name;
		const char *pem;
		JoseError	err;
	}			encrypted[] = {
		{"encrypted PKCS#8", PEM_ENCRYPTED_PKCS8, JOSE_ERR_KEY_PASSPHRASE},
		{"encrypted the old way", PEM_ENCRYPTED_SEC1, JOSE_ERR_KEY_PASSPHRASE},
		{"behind parameters", PEM_EC_PARAMETERS PEM_ENCRYPTED_SEC1, JOSE_ERR_KEY_PASSPHRASE},
		{"encrypted, and the label does not say so", PEM_ENCRYPTED_MISLABELLED, JOSE_ERR_KEY_INVALID},
		{"a key that is not encrypted", PEM_P256_PKCS8, JOSE_OK}
	};
	char		output[1024];
	size_t		i;

	for (i = 0; i < sizeof(encrypted) / sizeof(encrypted[0]); i++)
	{
		is_err(read_pem(encrypted[i].pem), encrypted[i].err, encrypted[i].name);
		is_err(read_on_a_terminal(encrypted[i].pem, output, sizeof(output)), encrypted[i].err, "on a terminal");
		is_str(output, "here", "to which nothing is written");
	}
}

/* ---- what has no PEM ---- */

static void
test_oct(void)
{
	JoseKey    *key = key_of("{\"kty\":\"oct\",\"k\":\"AAECAwQFBgcICQoLDA0ODw\"}");
	JoseBuf		pem = {0};

	is_err(jose_key_to_pem(key, &pem), JOSE_ERR_KEY_TYPE, "oct has no PEM");
	ok(pem.len == 0, "and nothing is written");
	jose_buf_free(&pem);
	jose_key_free(key);
}

/* A public key in PEM as text is a key there too, never an HMAC secret. */
static void
test_as_text(void)
{
	JoseKeySet *set;

	is_err(jose_keyset_from_text(PEM_RSA_SPKI, strlen(PEM_RSA_SPKI), &set), JOSE_OK, "PEM in text");
	is_str(jose_key_type(set->keys[0]), "RSA", "is an RSA key");
	jose_keyset_free(set);
	is_err(jose_keyset_from_text(PEM_EC_INFINITY, strlen(PEM_EC_INFINITY), &set), JOSE_ERR_KEY_INVALID,
		   "one that is refused is no secret either");
	jose_keyset_free(set);
}

int
main(void)
{
	test_foreign();
	test_works();
	test_surroundings();
	test_several();
	test_garbage();
	test_refused();
	test_passphrase();
	test_oct();
	test_as_text();
	queue_is_empty();
	return done_testing();
}
