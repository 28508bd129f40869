/*
 * confusion_test.c
 *		Attacks that make a verifier use the wrong key: a public key as a shared
 *		secret, or a key that the token itself brings along or points to.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tap.h"
#include "crypt.h"
#include "leaks.h"
#include "token.h"

#define LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

static const char *family;		/* the key's, for the tests' names */

/* ---- forms of a public key ---- */

static JoseBuf
take_bio(BIO *bio)
{
	JoseBuf		out = {0};
	char	   *data;
	long		len = BIO_get_mem_data(bio, &data);

	jose_buf_append(&out, data, (size_t) len);
	BIO_free(bio);
	return out;
}

static JoseBuf
take_der(unsigned char *der, int len)
{
	JoseBuf		out = {0};

	if (len <= 0)
		bail("no DER", family);
	jose_buf_append(&out, der, (size_t) len);
	OPENSSL_free(der);
	return out;
}

static JoseBuf
spki_of(EVP_PKEY *pkey)
{
	unsigned char *der = NULL;
	int			len = i2d_PUBKEY(pkey, &der);

	return take_der(der, len);
}

/* RFC 8017 A.1.1; RSA only */
static JoseBuf
pkcs1_of(EVP_PKEY *pkey)
{
	unsigned char *der = NULL;
	int			len = i2d_PublicKey(pkey, &der);

	return take_der(der, len);
}

static X509 *
certificate_of(EVP_PKEY *pkey)
{
	X509	   *certificate = X509_new();
	X509_NAME  *name = X509_get_subject_name(certificate);
	bool		is_eddsa = EVP_PKEY_is_a(pkey, "ED25519");

	X509_set_version(certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *) "issuer", -1, -1, 0);
	X509_set_issuer_name(certificate, name);
	X509_set_pubkey(certificate, pkey);
	if (X509_sign(certificate, pkey, is_eddsa ? NULL : EVP_sha256()) <= 0)
		bail("no certificate", family);
	return certificate;
}

static JoseBuf
certificate_der(EVP_PKEY *pkey)
{
	X509	   *certificate = certificate_of(pkey);
	unsigned char *der = NULL;
	int			len = i2d_X509(certificate, &der);

	X509_free(certificate);
	return take_der(der, len);
}

static JoseBuf
pem_of(const char *label, const JoseBuf *der)
{
	BIO		   *bio = BIO_new(BIO_s_mem());

	PEM_write_bio(bio, label, "", der->data, (long) der->len);
	return take_bio(bio);
}

/* Standard base64, with padding; in lines of 64 characters if asked. */
static JoseBuf
base64_of(const JoseBuf *bytes, bool lines)
{
	JoseBuf		url = {0};
	JoseBuf		out = {0};
	size_t		i;

	jose_b64_append(&url, bytes->data, bytes->len);
	for (i = 0; i < url.len; i++)
	{
		char		c = (char) url.data[i];

		c = c == '-' ? '+' : c == '_' ? '/' : c;
		jose_buf_append(&out, &c, 1);
		if (lines && i % 64 == 63)
			jose_buf_puts(&out, "\n");
	}
	while (i++ % 4 != 0)
		jose_buf_puts(&out, "=");
	jose_buf_free(&url);
	return out;
}

static JoseBuf
base64url_of(const JoseBuf *bytes)
{
	JoseBuf		out = {0};

	jose_b64_append(&out, bytes->data, bytes->len);
	return out;
}

static JoseBuf
joined(const char *before, const JoseBuf *bytes, const char *after)
{
	JoseBuf		out = {0};

	jose_buf_puts(&out, before);
	jose_buf_append(&out, bytes->data, bytes->len);
	jose_buf_puts(&out, after);
	return out;
}

/* ---- a public key as a shared secret ---- */

/* The attacker's token: HS256 with the form's bytes as the secret. */
static JoseBuf
forged_with(const JoseBuf *secret)
{
	JoseBuf		token = {0};
	unsigned char mac[EVP_MAX_MD_SIZE];
	size_t		len;

	jose_buf_puts(&token, "eyJhbGciOiJIUzI1NiJ9.e30");
	if (EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, secret->data, secret->len,
				  token.data, token.len, mac, sizeof(mac), &len) == NULL)
		bail("no MAC", family);
	jose_buf_puts(&token, ".");
	jose_b64_append(&token, mac, len);
	return token;
}

/* Does the forged token pass with the form as the victim's key, given as text? */
static bool
passes(const JoseBuf *form)
{
	JoseBuf		token = forged_with(form);
	JoseKeySet *set = NULL;
	bool		passed = false;

	if (jose_keyset_from_text((const char *) form->data, form->len, &set) == JOSE_OK)
	{
		JoseAlgSet	both = jose_alg_bit(alg_of("HS256")) | jose_alg_bit(alg_of("RS256"));

		passed = verify_token((char *) token.data, token.len, set, 0) == JOSE_OK ||
			verify_token((char *) token.data, token.len, set, both) == JOSE_OK ||
			verify_token((char *) token.data, token.len, set, ALL_ALGS) == JOSE_OK;
	}
	jose_keyset_free(set);
	jose_buf_free(&token);
	return passed;
}

static JoseError
read_as_oct(const JoseBuf *form)
{
	JoseBuf		jwk = {0};
	JoseKey    *key;
	JoseError	err;

	jose_buf_puts(&jwk, "{\"kty\":\"oct\",\"k\":\"");
	jose_b64_append(&jwk, form->data, form->len);
	jose_buf_puts(&jwk, "\"}");
	err = jose_key_from_jwk((char *) jwk.data, jwk.len, &key);
	jose_key_free(key);
	jose_buf_free(&jwk);
	return err;
}

/* Takes the form over. */
static void
check_form(JoseBuf form, const char *name)
{
	JoseKey    *key;
	JoseError	err = jose_key_from_secret(form.data, form.len, &key);

	jose_key_free(key);
	ok(!passes(&form), "%s: HS256 with %s as the secret does not pass", family, name);
	is_err(err, JOSE_ERR_KEY_NOT_SECRET, "... which is refused as a secret");
	is_err(read_as_oct(&form), JOSE_ERR_KEY_NOT_SECRET, "... and as a JWK's k");
	jose_buf_free(&form);
}

/*
 * Attack: CVE-2015-9235 and its many successors.  A verifier that is given a
 * public key and believes the header's HS256 uses the key's text, which
 * everybody has, as the secret.
 */
static void
check_public_key(const char *algorithm)
{
	JoseKey    *key;
	JoseBuf		jwk = {0};
	JoseBuf		spki;
	JoseBuf		pem;
	JoseBuf		certificate;

	family = algorithm;
	if (jose_key_generate(algorithm, 0, NULL, NULL, &key) != JOSE_OK ||
		jose_key_to_jwk(key, false, &jwk) != JOSE_OK)
		bail("no key", algorithm);
	spki = spki_of(key->pkey);
	pem = pem_of("PUBLIC KEY", &spki);
	certificate = certificate_der(key->pkey);

	check_form(joined("", &pem, ""), "PEM");
	check_form(joined("\n  ", &pem, ""), "indented PEM");
	check_form(joined("key: ", &pem, "\n\n"), "PEM with text around it");
	pem.len--;
	check_form(joined("", &pem, ""), "PEM without its last line break");
	pem.len /= 2;
	check_form(joined("", &pem, ""), "half of a PEM");
	check_form(joined("", &spki, ""), "DER");
	check_form(base64_of(&spki, false), "DER in base64");
	check_form(base64_of(&spki, true), "DER in base64, in lines");
	check_form(base64url_of(&spki), "DER in base64url");
	check_form(joined("", &certificate, ""), "a certificate's DER");
	check_form(pem_of("CERTIFICATE", &certificate), "a certificate's PEM");
	check_form(base64_of(&certificate, false), "an x5c's element");
	check_form(joined("", &jwk, ""), "JWK");
	check_form(joined(" \t\r\n", &jwk, "\n"), "JWK with space around it");
	check_form(joined("\xef\xbb\xbf", &jwk, ""), "JWK with a byte order mark");
	check_form(joined("{\"keys\":[", &jwk, "]}"), "JWKS");
	check_form(joined("[", &jwk, "]"), "an array of JWKs");
	check_form(joined("", &jwk, ","), "JWK with a comma after it");
	check_form(base64url_of(&jwk), "JWK in base64url");
	pem.len = strlen((char *) pem.data);
	check_form(base64_of(&pem, false), "PEM in base64");
	if (EVP_PKEY_is_a(key->pkey, "RSA"))
	{
		JoseBuf		pkcs1 = pkcs1_of(key->pkey);

		check_form(pem_of("RSA PUBLIC KEY", &pkcs1), "PKCS#1 PEM");
		check_form(base64_of(&pkcs1, false), "PKCS#1 in base64");
		check_form(pkcs1, "PKCS#1 DER");
	}
	jose_buf_free(&spki);
	jose_buf_free(&pem);
	jose_buf_free(&certificate);
	jose_buf_free(&jwk);
	jose_key_free(key);
}

static void
test_other_forms(void)
{
	static const char *const lines[] = {
		"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7 user@host", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA user@host",
		"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY user@host"
	};
	int			i;

	family = "SSH";
	for (i = 0; i < LENGTH(lines); i++)
	{
		JoseBuf		form = {0};

		jose_buf_puts(&form, lines[i]);
		check_form(form, lines[i]);
	}
}

/* Attack: no secret at all, which an HMAC takes as well as any other. */
static void
test_empty(void)
{
	static const char jwk[] = "{\"kty\":\"oct\",\"k\":\"\"}";
	JoseKeySet *set;
	JoseKey    *key;

	is_err(jose_key_from_secret("", 0, &key), JOSE_ERR_KEY_EMPTY, "an empty secret");
	is_err(jose_keyset_from_text("", 0, &set), JOSE_ERR_KEY_EMPTY, "... as text");
	is_err(jose_keyset_from_json(jwk, strlen(jwk), &set), JOSE_ERR_KEY_EMPTY, "... as a JWK");
}

/* What is no public key in any form stays a secret. */
static void
test_true_secrets(void)
{
	static const char *const secrets[] = {
		"your-256-bit-secret-of-32-bytes!", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A", "{\"not\": \"a key at all, but json\"",
		"eyJhbGciOiJIUzI1NiJ9eyJhbGciOiJIUzI1NiJ9", "0123456789abcdef0123456789abcdef0123456789abcdef",
		"begin -----: a secret that likes dashes -----", "keys, keys, keys: kty is no word of mine, kty"
	};
	int			i;

	for (i = 0; i < LENGTH(secrets); i++)
	{
		JoseKey    *key;

		is_err(jose_key_from_secret(secrets[i], strlen(secrets[i]), &key), JOSE_OK, secrets[i]);
		jose_key_free(key);
	}
}

/* ---- a key that the token brings ---- */

static int
listen_here(int *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t	len = sizeof(address);
	int			fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *) &address, len) != 0 || listen(fd, 1) != 0 ||
		getsockname(fd, (struct sockaddr *) &address, &len) != 0)
		bail("cannot listen", strerror(errno));
	*port = ntohs(address.sin_port);
	return fd;
}

/*
 * Attack: RFC 7515 4.1.2 to 4.1.6, CVE-2018-0114.  The attacker signs with a
 * key of his own and puts it, its certificate or its address into the header.
 */
static void
test_embedded(void)
{
	int			port;
	int			fd = listen_here(&port);
	JoseKey    *victim;
	JoseKey    *attacker;
	JoseKeySet *set = jose_keyset_new(true);
	JoseBuf		jwk = {0};
	JoseBuf		der;
	JoseBuf		x5c;
	const char *names[] = {"jwk", "x5c", "jku", "x5u", "keys", "jwks"};
	int			i;

	family = "embedded";
	if (jose_key_generate("ES256", 0, NULL, NULL, &victim) != JOSE_OK ||
		jose_key_generate("ES256", 0, NULL, NULL, &attacker) != JOSE_OK ||
		jose_keyset_add(set, victim) != JOSE_OK || jose_key_to_jwk(attacker, false, &jwk) != JOSE_OK)
		bail("no keys", family);
	der = certificate_der(attacker->pkey);
	x5c = base64_of(&der, false);

	for (i = 0; i < LENGTH(names); i++)
	{
		char		header[2048];
		JoseBuf		token;

		if (i == 0)
			snprintf(header, sizeof(header), "{\"alg\":\"ES256\",\"jwk\":%s}", (char *) jwk.data);
		else if (i == 1)
			snprintf(header, sizeof(header), "{\"alg\":\"ES256\",\"x5c\":[\"%s\"]}", (char *) x5c.data);
		else if (i < 4)
			snprintf(header, sizeof(header), "{\"alg\":\"ES256\",\"%s\":\"http://127.0.0.1:%d/\"}", names[i], port);
		else
			snprintf(header, sizeof(header), "{\"alg\":\"ES256\",\"%s\":[%s]}", names[i], (char *) jwk.data);
		token = token_signed_by(attacker, "ES256", header, strlen(header), "e30");
		is_err(verify_token((char *) token.data, token.len, set, ALL_ALGS), JOSE_ERR_SIGNATURE, names[i]);
		jose_buf_free(&token);
		token = token_signed_by(victim, "ES256", header, strlen(header), "e30");
		is_err(verify_token((char *) token.data, token.len, set, ALL_ALGS), JOSE_OK, "... ignored in a good token");
		jose_buf_free(&token);
	}
	ok(accept(fd, NULL, NULL) == -1 && (errno == EAGAIN || errno == EWOULDBLOCK), "nobody called at jku or x5u");
	close(fd);
	jose_buf_free(&jwk);
	jose_buf_free(&der);
	jose_buf_free(&x5c);
	jose_key_free(attacker);
	jose_keyset_free(set);
}

int
main(void)
{
	check_public_key("RS256");
	check_public_key("ES256");
	check_public_key("ES512");
	check_public_key("EdDSA");
	test_other_forms();
	test_empty();
	test_true_secrets();
	test_embedded();
	queue_is_empty();
	return done_testing();
}
