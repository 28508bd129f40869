-- Forms, random tokens, hashes: what C does for the authorization server.

CREATE FUNCTION oauth.parse_form(form bytea) RETURNS jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'oauth_parse_form';

CREATE FUNCTION oauth.json_of(VARIADIC members "any") RETURNS jsonb
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'oauth_json_of';

CREATE FUNCTION oauth.form_encode(value text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'oauth_form_encode';

CREATE FUNCTION oauth.base64url(data bytea) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'oauth_base64url';

CREATE FUNCTION oauth.random_token() RETURNS text
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'oauth_random_token';

CREATE FUNCTION oauth.random_user_code() RETURNS text
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'oauth_random_user_code';

CREATE FUNCTION oauth.hash_token(token text) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'oauth_hash_token';

CREATE FUNCTION oauth.equal(a bytea, b bytea) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'oauth_equal';

-- Never folded into a plan: a password is checked when it is asked for.
CREATE FUNCTION oauth.hash_password(password text) RETURNS text
LANGUAGE c VOLATILE STRICT
AS 'MODULE_PATHNAME', 'oauth_hash_password';

CREATE FUNCTION oauth.verify_password(password text, hash text) RETURNS boolean
LANGUAGE c VOLATILE
AS 'MODULE_PATHNAME', 'oauth_verify_password';

CREATE FUNCTION oauth.password_needs_rehash(hash text) RETURNS boolean
LANGUAGE c STABLE STRICT
AS 'MODULE_PATHNAME', 'oauth_password_needs_rehash';

COMMENT ON FUNCTION oauth.parse_form(bytea) IS
    'Internal: application/x-www-form-urlencoded as an object, repeated names as arrays; NULL when malformed (RFC 6749 B)';
COMMENT ON FUNCTION oauth.json_of("any") IS
    'Internal: names and values in turn as an object, members that are NULL or null left out';
COMMENT ON FUNCTION oauth.form_encode(text) IS
    'Internal: percent-encode all but unreserved characters (RFC 3986 2.3)';
COMMENT ON FUNCTION oauth.base64url(bytea) IS
    'Internal: base64url without padding (RFC 7515 2)';
COMMENT ON FUNCTION oauth.random_token() IS
    'Internal: 256 random bits, base64url';
COMMENT ON FUNCTION oauth.random_user_code() IS
    'Internal: eight letters that are typed without mistakes (RFC 8628 6.1)';
COMMENT ON FUNCTION oauth.hash_token(text) IS
    'Internal: SHA-256, as random tokens are stored';
COMMENT ON FUNCTION oauth.equal(bytea, bytea) IS
    'Internal: equality in constant time';
COMMENT ON FUNCTION oauth.hash_password(text) IS
    'Internal: scrypt of a password, with its parameters and a random salt (RFC 7914)';
COMMENT ON FUNCTION oauth.verify_password(text, text) IS
    'Internal: is it the password of this hash? Takes as long without a hash, or with one of a lower cost';
COMMENT ON FUNCTION oauth.password_needs_rehash(text) IS
    'Internal: was it hashed at a lower cost than oauth_jwt.password_cost?';

REVOKE ALL ON FUNCTION oauth.parse_form(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.json_of("any") FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.form_encode(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.base64url(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.random_token() FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.random_user_code() FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.hash_token(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.equal(bytea, bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.hash_password(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.verify_password(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.password_needs_rehash(text) FROM PUBLIC;
