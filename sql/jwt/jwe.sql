-- Encryption.

CREATE FUNCTION jwt.jwe_encrypt(
    plaintext bytea,
    key       jsonb,
    header    jsonb DEFAULT NULL
) RETURNS text
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_jwe_encrypt';

CREATE FUNCTION jwt.jwe_decrypt(
    token       text,
    key         jsonb,
    algorithms  text[] DEFAULT NULL,
    encryptions text[] DEFAULT NULL
) RETURNS bytea
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_jwe_decrypt';

COMMENT ON FUNCTION jwt.jwe_encrypt(bytea, jsonb, jsonb) IS
    'Encrypt bytes as a compact JWE (RFC 7516 5.1); header names alg and enc where the key does not';
COMMENT ON FUNCTION jwt.jwe_decrypt(text, jsonb, text[], text[]) IS
    'The plaintext of a compact JWE (RFC 7516 5.2); one error for every failure';

-- The caller brings the key.
REVOKE ALL ON FUNCTION jwt.jwe_encrypt(bytea, jsonb, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.jwe_decrypt(text, jsonb, text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.jwe_encrypt(bytea, jsonb, jsonb) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.jwe_decrypt(text, jsonb, text[], text[]) TO PUBLIC;
