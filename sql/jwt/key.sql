-- Keys made, converted and named.

CREATE FUNCTION jwt.generate_key(
    algorithm text,
    bits      integer DEFAULT NULL,
    curve     text DEFAULT NULL,
    kid       text DEFAULT NULL
) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_generate_key';

CREATE FUNCTION jwt.public_key(jwk jsonb) RETURNS jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_public_key';

CREATE FUNCTION jwt.thumbprint(jwk jsonb) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_thumbprint';

CREATE FUNCTION jwt.key_from_pem(pem text) RETURNS jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_key_from_pem';

CREATE FUNCTION jwt.key_to_pem(jwk jsonb) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_key_to_pem';

COMMENT ON FUNCTION jwt.generate_key(text, integer, text, text) IS
    'A fresh private JWK for an algorithm (RFC 7517, RFC 7518 6); store it where only its owner reads it';
COMMENT ON FUNCTION jwt.public_key(jsonb) IS
    'The public half of a private JWK (RFC 7517 9.2)';
COMMENT ON FUNCTION jwt.thumbprint(jsonb) IS
    'The JWK''s SHA-256 thumbprint, base64url (RFC 7638)';
COMMENT ON FUNCTION jwt.key_from_pem(text) IS
    'PKCS#1, PKCS#8, SEC 1, SPKI or a certificate as a JWK (RFC 7468, RFC 7517)';
COMMENT ON FUNCTION jwt.key_to_pem(jsonb) IS
    'A JWK as PEM: PKCS#8 where it is private, else SPKI (RFC 7468)';

-- The caller brings the key, or keeps the fresh one.
REVOKE ALL ON FUNCTION jwt.generate_key(text, integer, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.public_key(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.thumbprint(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.key_from_pem(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.key_to_pem(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.generate_key(text, integer, text, text) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.public_key(jsonb) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.thumbprint(jsonb) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.key_from_pem(text) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.key_to_pem(jsonb) TO PUBLIC;
