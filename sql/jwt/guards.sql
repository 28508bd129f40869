-- What the tables' CHECK constraints ask.

CREATE FUNCTION jwt.is_public_jwks(jwks jsonb) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_is_public_jwks';

CREATE FUNCTION jwt.are_signature_algorithms(algorithms text[]) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_are_signature_algorithms';

COMMENT ON FUNCTION jwt.is_public_jwks(jsonb) IS
    'Is it a JWK or JWKS (RFC 7517) without any private key or shared secret?';
COMMENT ON FUNCTION jwt.are_signature_algorithms(text[]) IS
    'Are they names of signature algorithms (RFC 7518 3.1), at least one?';

-- Both look at their argument and nothing else, and a CHECK runs as whoever writes.
REVOKE ALL ON FUNCTION jwt.is_public_jwks(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.are_signature_algorithms(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.is_public_jwks(jsonb) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.are_signature_algorithms(text[]) TO PUBLIC;
