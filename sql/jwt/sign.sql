-- Tokens made with a key at hand.

CREATE FUNCTION jwt.sign(
    payload    jsonb,
    key        jsonb,
    algorithm  text DEFAULT NULL,
    header     jsonb DEFAULT NULL,
    expires_in interval DEFAULT NULL
) RETURNS text
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_sign_jsonb';

CREATE FUNCTION jwt.sign(
    payload    jsonb,
    key        text,
    algorithm  text DEFAULT NULL,
    header     jsonb DEFAULT NULL,
    expires_in interval DEFAULT NULL
) RETURNS text
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_sign_text';

COMMENT ON FUNCTION jwt.sign(jsonb, jsonb, text, jsonb, interval) IS
    'Sign claims with a JWK or a key of a JWKS (RFC 7519, RFC 7515); expires_in adds iat and exp';
COMMENT ON FUNCTION jwt.sign(jsonb, text, text, jsonb, interval) IS
    'Sign claims with a PEM key or a shared secret (RFC 7519, RFC 7515); expires_in adds iat and exp';

-- The caller brings the key, so nobody is kept from it.
REVOKE ALL ON FUNCTION jwt.sign(jsonb, jsonb, text, jsonb, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.sign(jsonb, text, text, jsonb, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.sign(jsonb, jsonb, text, jsonb, interval) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.sign(jsonb, text, text, jsonb, interval) TO PUBLIC;
