-- Below tokens: JWS of any payload, bare signatures, and a look without verifying.

CREATE FUNCTION jwt.decode(
    token         text,
    OUT header    jsonb,
    OUT payload   jsonb,
    OUT signature bytea
) RETURNS record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_decode';

CREATE FUNCTION jwt.jws_sign(
    payload bytea,
    key     jsonb,
    header  jsonb DEFAULT NULL
) RETURNS text
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_jws_sign';

CREATE FUNCTION jwt.jws_verify(
    token      text,
    key        jsonb,
    algorithms text[] DEFAULT NULL
) RETURNS bytea
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_jws_verify';

CREATE FUNCTION jwt.signature_verify(
    message   bytea,
    signature bytea,
    key       jsonb,
    algorithm text DEFAULT NULL
) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_signature_verify';

COMMENT ON FUNCTION jwt.decode(text) IS
    'A signed token''s parts, NOT verified: for looking, never for deciding';
COMMENT ON FUNCTION jwt.jws_sign(bytea, jsonb, jsonb) IS
    'Sign any bytes as a compact JWS (RFC 7515 5.1)';
COMMENT ON FUNCTION jwt.jws_verify(text, jsonb, text[]) IS
    'The payload of a compact JWS whose signature is valid (RFC 7515 5.2); no claim is checked';
COMMENT ON FUNCTION jwt.signature_verify(bytea, bytea, jsonb, text) IS
    'Is this the key''s signature of these bytes, in the form RFC 7518 3 gives it?';

-- The caller brings the keys.
REVOKE ALL ON FUNCTION jwt.decode(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.jws_sign(bytea, jsonb, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.jws_verify(text, jsonb, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.signature_verify(bytea, bytea, jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.decode(text) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.jws_sign(bytea, jsonb, jsonb) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.jws_verify(text, jsonb, text[]) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.signature_verify(bytea, bytea, jsonb, text) TO PUBLIC;
