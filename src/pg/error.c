/*
 * error.c
 *		Codes become errors here and nowhere else: SQLSTATE class JW, one code
 *		per cause, the message short, the remedy in the hint.
 *
 * doc/reference/errors.md lists them; a test holds the two together.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "error.h"

typedef struct ErrorRow
{
	const char *sqlstate;
	const char *message;
	const char *hint;			/* NULL: none */
} ErrorRow;

#define MALFORMED		"JW001"
#define UNSUPPORTED		"JW002"
#define NOT_ALLOWED		"JW003"
#define CRITICAL		"JW004"
#define TOO_LARGE		"JW005"
#define KEY_NOT_FOUND	"JW006"
#define BAD_SIGNATURE	"JW007"
#define NOT_DECRYPTED	"JW008"
#define PBES2_COUNT		"JW009"
#define KEY_MALFORMED	"JW030"
#define KEY_TYPE		"JW031"
#define KEY_INVALID		"JW032"
#define KEY_WEAK		"JW033"
#define KEY_NOT_SECRET	"JW034"
#define KEY_PASSPHRASE	"JW035"
#define KEY_ALGORITHM	"JW036"
#define KEY_USE			"JW037"
#define KEY_PRIVATE		"JW038"

/* Every code has a row; _Static_assert and a test see to it. */
static const ErrorRow rows[] = {
	[JOSE_OK] = {"00000", "no error", NULL},

	[JOSE_ERR_MEMORY] = {"53200", "out of memory", NULL},
	[JOSE_ERR_STACK] = {"54001", "stack depth limit exceeded",
	"Calls are nested too deeply; max_stack_depth bounds them."},
	[JOSE_ERR_CANCELLED] = {"57014", "canceling statement due to user request", NULL},
	[JOSE_ERR_INTERNAL] = {"XX000", "cryptographic library failed",
	"The server's OpenSSL may be running in a mode that lacks this algorithm."},

	[JOSE_ERR_TOO_LARGE] = {TOO_LARGE, "token or key is too large",
	"oauth_jwt.max_token_size bounds a token; a key has 64 kB, a key set 64 keys."},
	[JOSE_ERR_PARTS] = {MALFORMED, "token is malformed",
	"A signed token is three parts of base64url with dots between them, an encrypted one five."},
	[JOSE_ERR_BASE64] = {MALFORMED, "token is not canonical base64url",
	"Padding, white space and the characters + and / do not occur in a token."},
	[JOSE_ERR_JSON] = {MALFORMED, "not a JSON object in UTF-8", NULL},
	[JOSE_ERR_JSON_DUPLICATE] = {MALFORMED, "JSON object has a member twice", NULL},
	[JOSE_ERR_JSON_DEPTH] = {MALFORMED, "JSON is nested too deeply", NULL},
	[JOSE_ERR_HEADER] = {MALFORMED, "token header has a missing, mistyped or conflicting member", NULL},
	[JOSE_ERR_CRIT] = {CRITICAL, "token header has a critical member that is not understood", NULL},
	[JOSE_ERR_ZIP] = {UNSUPPORTED, "compressed tokens are not supported", NULL},
	[JOSE_ERR_PAYLOAD] = {MALFORMED, "payload cannot be carried in this form", NULL},

	[JOSE_ERR_ALG_UNKNOWN] = {UNSUPPORTED, "algorithm is not supported",
	"The reference lists the algorithms; \"none\" is not one of them."},
	[JOSE_ERR_ENC_UNKNOWN] = {UNSUPPORTED, "content encryption is not supported", NULL},
	[JOSE_ERR_ALG_NOT_ALLOWED] = {NOT_ALLOWED, "token's algorithm is not allowed here",
	"Name it in algorithms => ARRAY[...] if you do expect it with this key."},
	[JOSE_ERR_ENC_NOT_ALLOWED] = {NOT_ALLOWED, "token's content encryption is not allowed here", NULL},
	[JOSE_ERR_PBES2_COUNT] = {PBES2_COUNT, "PBES2 iteration count is out of bounds",
	"It must be an integer from 1000 to 1000000."},

	[JOSE_ERR_KEY_FORMAT] = {KEY_MALFORMED, "key is malformed",
	"Give a JWK or a JWKS, PEM, or a shared secret."},
	[JOSE_ERR_KEY_MEMBER] = {KEY_MALFORMED, "JWK has a missing or malformed member", NULL},
	[JOSE_ERR_KEY_TYPE] = {KEY_TYPE, "key type or curve is not supported for this", NULL},
	[JOSE_ERR_KEY_INVALID] = {KEY_INVALID, "key is not valid",
	"Its numbers do not make a key: a point off its curve, halves that differ, or a wrong size."},
	[JOSE_ERR_KEY_WEAK] = {KEY_WEAK, "key is too weak",
	"An RSA key needs 2048 bits or more and an odd exponent of at least 3."},
	[JOSE_ERR_KEY_SHORT] = {KEY_WEAK, "shared secret is too short for the algorithm",
	"Use a random secret of at least 32 bytes for HS256, 48 for HS384, 64 for HS512. "
	"For tokens of another system that you cannot change, a superuser may set oauth_jwt.allow_short_hmac_keys = on."},
	[JOSE_ERR_KEY_EMPTY] = {KEY_WEAK, "shared secret is empty", NULL},
	[JOSE_ERR_KEY_NOT_SECRET] = {KEY_NOT_SECRET, "a public key's text is not a shared secret", NULL},
	[JOSE_ERR_KEY_PASSPHRASE] = {KEY_PASSPHRASE, "encrypted PEM is not supported",
	"Decrypt it first, for example with: openssl pkey -in key.pem"},
	[JOSE_ERR_KEY_ALG] = {KEY_ALGORITHM, "key does not fit the algorithm", NULL},
	[JOSE_ERR_KEY_USE] = {KEY_USE, "key is not meant for this use",
	"Its use or key_ops member excludes it."},
	[JOSE_ERR_KEY_PRIVATE] = {KEY_PRIVATE, "private key is needed, but the key is public", NULL},
	[JOSE_ERR_KEY_NOT_FOUND] = {KEY_NOT_FOUND, "no key for the token",
	"If the issuer has rotated its keys, fetch its JWKS again and give it to jwt.trust_issuer."},

	[JOSE_ERR_SIGNATURE] = {BAD_SIGNATURE, "token's signature is not valid", NULL},
	[JOSE_ERR_DECRYPT] = {NOT_DECRYPTED, "token cannot be decrypted", NULL},

	[JWT_ERR_EXPIRED] = {"JW010", "token has expired", NULL},
	[JWT_ERR_NOT_YET_VALID] = {"JW011", "token is not yet valid", NULL},
	[JWT_ERR_ISSUED_IN_FUTURE] = {"JW012", "token was issued in the future",
	"Compare the clocks of issuer and database, or allow a leeway."},
	[JWT_ERR_TOO_OLD] = {"JW013", "token is older than allowed", NULL},
	[JWT_ERR_ISSUER] = {"JW014", "token is of another issuer", NULL},
	[JWT_ERR_ISSUER_UNKNOWN] = {"JW015", "token's issuer is not trusted",
	"An administrator adds issuers with jwt.create_issuer or jwt.trust_issuer."},
	[JWT_ERR_AUDIENCE] = {"JW016", "token is for another audience", NULL},
	[JWT_ERR_SUBJECT] = {"JW017", "token is of another subject", NULL},
	[JWT_ERR_TYPE] = {"JW018", "token is of another type", NULL},
	[JWT_ERR_CLAIM_MISSING] = {"JW019", "token lacks a required claim", NULL},
	[JWT_ERR_CLAIM_INVALID] = {"JW020", "claim is malformed", NULL},
	[JWT_ERR_SCOPE] = {"JW021", "token lacks a required scope", NULL},
	[JWT_ERR_ROLE] = {"JW022", "token does not name the role",
	"With delegate_ident_mapping, the claim that jwt.issuers.roles_claim leads to must hold the role's name."},
	[JWT_ERR_CLAIMS_FORM] = {MALFORMED, "claims are not a JSON object in UTF-8", NULL},
	[JWT_ERR_NOT_SIGNED] = {MALFORMED, "token is encrypted, not signed",
	"Decrypt it with jwt.jwe_decrypt first."},
	[JWT_ERR_OPTION] = {"22023", "invalid argument", NULL},
	[JWT_ERR_SESSION_EXPIRED] = {"JW040", "session's token has expired",
	"Call jwt.set_session with a fresh token."},
	[JWT_ERR_SESSION_USER_ID] = {"JW041", "session's subject is not a UUID",
	"Use jwt.subject() where subjects are not UUIDs."},
	[JWT_ERR_SESSION_REVOKED] = {"JW042", "session's token is no longer trusted",
	"Call jwt.set_session with a fresh token."},
	[JWT_ERR_SESSION_LOGIN] = {"JW043", "session has logged in as another",
	"A log-in's claims are replaced only by those of its own issuer and subject, "
	"unless a superuser sets oauth_jwt.allow_login_switch = on, for this role or all."},
	[JWT_ERR_NO_SIGNING_KEY] = {"JW050", "no active signing key",
	"Make an issuer with jwt.create_issuer, or a key with jwt.rotate_key."},
	[JWT_ERR_TRUST_ROW] = {"JW053", "issuer's configuration is not usable", NULL},
	[JWT_ERR_TOO_MANY_KEYS] = {"JW054", "issuer has too many keys",
	"Retired keys stay for the issuer's token_lifetime: wait, shorten it, or revoke some with jwt.revoke_key."},
	[JWT_ERR_MASTER_KEY] = {"JW051", "master key is not available",
	"oauth_jwt.master_key_file names a file of the server's own user, outside the data directory, mode 0600, "
	"whose lines are 32 random bytes in base64 or hexadecimal."},
	[JWT_ERR_SEALED_KEY] = {"JW052", "stored key cannot be decrypted",
	"Its master key is missing from the file that oauth_jwt.master_key_file names, or the row was altered."},
	[JWT_ERR_TRUST_FILE] = {"JW055", "trust file is not usable",
	"jwt.export_trust() writes the file that oauth_jwt.trust_file names: one of the server's own user, "
	"that nobody else can write.  Remove a damaged one first."},
};

_Static_assert(lengthof(rows) == JWT_ERR_COUNT, "every code has a row");

static const ErrorRow *
row_of(JwtCode code)
{
	if (code < 0 || code >= JWT_ERR_COUNT || rows[code].sqlstate == NULL)
		return &rows[JOSE_ERR_INTERNAL];
	return &rows[code];
}

const char *
jwt_error_message(JwtCode code)
{
	return row_of(code)->message;
}

JwtCode
jwt_code_of_key(JwtCode code)
{
	switch (code)
	{
		case JOSE_ERR_JSON:
		case JOSE_ERR_JSON_DUPLICATE:
		case JOSE_ERR_JSON_DEPTH:
			return JOSE_ERR_KEY_FORMAT;
		default:
			return code;
	}
}

void
jwt_raise(JwtCode code, const char *detail)
{
	const ErrorRow *row = row_of(code);
	const char *s = row->sqlstate;

	/* the server knows better who has cancelled it, and why */
	if (code == JOSE_ERR_CANCELLED)
		CHECK_FOR_INTERRUPTS();
	ereport(ERROR,
			(errcode(MAKE_SQLSTATE(s[0], s[1], s[2], s[3], s[4])),
			 errmsg("%s", row->message),
			 detail != NULL ? errdetail("%s", detail) : 0,
			 row->hint != NULL ? errhint("%s", row->hint) : 0));
	pg_unreachable();
}

void
jwt_check(JwtCode code)
{
	if (code != JOSE_OK)
		jwt_raise(code, NULL);
}

void
jwt_check_passing(JwtCode code)
{
	if (jose_error_is_passing(code))
		jwt_raise(code, NULL);
}

bool
jwt_succeeded(JwtCode code)
{
	jwt_check_passing(code);
	return code == JOSE_OK;
}

bool
is_interrupted(void)
{
	return InterruptPending && (QueryCancelPending || ProcDiePending);
}
