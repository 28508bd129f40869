-- Tokens checked: with a key at hand, or against jwt.issuers.  Each of verify,
-- check and explain has the same arguments.

CREATE FUNCTION jwt.verify(
    token           text,
    key             jsonb,
    algorithms      text[] DEFAULT NULL,
    issuer          text DEFAULT NULL,
    audience        text[] DEFAULT NULL,
    subject         text DEFAULT NULL,
    type            text DEFAULT NULL,
    required_claims text[] DEFAULT NULL,
    max_age         interval DEFAULT NULL,
    leeway          interval DEFAULT NULL
) RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_verify_jsonb';

CREATE FUNCTION jwt.verify(
    token           text,
    key             text,
    algorithms      text[] DEFAULT NULL,
    issuer          text DEFAULT NULL,
    audience        text[] DEFAULT NULL,
    subject         text DEFAULT NULL,
    type            text DEFAULT NULL,
    required_claims text[] DEFAULT NULL,
    max_age         interval DEFAULT NULL,
    leeway          interval DEFAULT NULL
) RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_verify_text';

CREATE FUNCTION jwt.verify(
    token           text,
    algorithms      text[] DEFAULT NULL,
    issuer          text DEFAULT NULL,
    audience        text[] DEFAULT NULL,
    subject         text DEFAULT NULL,
    type            text DEFAULT NULL,
    required_claims text[] DEFAULT NULL,
    max_age         interval DEFAULT NULL,
    leeway          interval DEFAULT NULL
) RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_verify_trusted';

CREATE FUNCTION jwt.check(
    token           text,
    key             jsonb,
    algorithms      text[] DEFAULT NULL,
    issuer          text DEFAULT NULL,
    audience        text[] DEFAULT NULL,
    subject         text DEFAULT NULL,
    type            text DEFAULT NULL,
    required_claims text[] DEFAULT NULL,
    max_age         interval DEFAULT NULL,
    leeway          interval DEFAULT NULL,
    OUT valid       boolean,
    OUT claims      jsonb,
    OUT error       text
) RETURNS record
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_check_jsonb';

CREATE FUNCTION jwt.check(
    token           text,
    key             text,
    algorithms      text[] DEFAULT NULL,
    issuer          text DEFAULT NULL,
    audience        text[] DEFAULT NULL,
    subject         text DEFAULT NULL,
    type            text DEFAULT NULL,
    required_claims text[] DEFAULT NULL,
    max_age         interval DEFAULT NULL,
    leeway          interval DEFAULT NULL,
    OUT valid       boolean,
    OUT claims      jsonb,
    OUT error       text
) RETURNS record
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_check_text';

CREATE FUNCTION jwt.check(
    token           text,
    algorithms      text[] DEFAULT NULL,
    issuer          text DEFAULT NULL,
    audience        text[] DEFAULT NULL,
    subject         text DEFAULT NULL,
    type            text DEFAULT NULL,
    required_claims text[] DEFAULT NULL,
    max_age         interval DEFAULT NULL,
    leeway          interval DEFAULT NULL,
    OUT valid       boolean,
    OUT claims      jsonb,
    OUT error       text
) RETURNS record
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_check_trusted';

CREATE FUNCTION jwt.explain(
    token           text,
    key             jsonb,
    algorithms      text[] DEFAULT NULL,
    issuer          text DEFAULT NULL,
    audience        text[] DEFAULT NULL,
    subject         text DEFAULT NULL,
    type            text DEFAULT NULL,
    required_claims text[] DEFAULT NULL,
    max_age         interval DEFAULT NULL,
    leeway          interval DEFAULT NULL,
    OUT "check"     text,
    OUT ok          boolean,
    OUT detail      text
) RETURNS SETOF record
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_explain_jsonb';

CREATE FUNCTION jwt.explain(
    token           text,
    key             text,
    algorithms      text[] DEFAULT NULL,
    issuer          text DEFAULT NULL,
    audience        text[] DEFAULT NULL,
    subject         text DEFAULT NULL,
    type            text DEFAULT NULL,
    required_claims text[] DEFAULT NULL,
    max_age         interval DEFAULT NULL,
    leeway          interval DEFAULT NULL,
    OUT "check"     text,
    OUT ok          boolean,
    OUT detail      text
) RETURNS SETOF record
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_explain_text';

CREATE FUNCTION jwt.explain(
    token           text,
    algorithms      text[] DEFAULT NULL,
    issuer          text DEFAULT NULL,
    audience        text[] DEFAULT NULL,
    subject         text DEFAULT NULL,
    type            text DEFAULT NULL,
    required_claims text[] DEFAULT NULL,
    max_age         interval DEFAULT NULL,
    leeway          interval DEFAULT NULL,
    OUT "check"     text,
    OUT ok          boolean,
    OUT detail      text
) RETURNS SETOF record
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_explain_trusted';

COMMENT ON FUNCTION jwt.verify(text, jsonb, text[], text, text[], text, text, text[], interval, interval) IS
    'Verify a token with a JWK or JWKS; its claims, or an error of class JW (RFC 7519 7.2)';
COMMENT ON FUNCTION jwt.verify(text, text, text[], text, text[], text, text, text[], interval, interval) IS
    'Verify a token with a PEM key or a shared secret; its claims, or an error of class JW (RFC 7519 7.2)';
COMMENT ON FUNCTION jwt.verify(text, text[], text, text[], text, text, text[], interval, interval) IS
    'Verify a token with the keys of jwt.issuers, which the iss claim picks; its claims, or an error of class JW (RFC 7519 7.2)';
COMMENT ON FUNCTION jwt.check(text, jsonb, text[], text, text[], text, text, text[], interval, interval) IS
    'Verify a token with a JWK or JWKS; never an error for a bad token';
COMMENT ON FUNCTION jwt.check(text, text, text[], text, text[], text, text, text[], interval, interval) IS
    'Verify a token with a PEM key or a shared secret; never an error for a bad token';
COMMENT ON FUNCTION jwt.check(text, text[], text, text[], text, text, text[], interval, interval) IS
    'Verify a token with the keys of jwt.issuers, which the iss claim picks; never an error for a bad token';
COMMENT ON FUNCTION jwt.explain(text, jsonb, text[], text, text[], text, text, text[], interval, interval) IS
    'Every check of a token with a JWK or JWKS, its outcome and why; shows no part of the token';
COMMENT ON FUNCTION jwt.explain(text, text, text[], text, text[], text, text, text[], interval, interval) IS
    'Every check of a token with a PEM key or a shared secret, its outcome and why; shows no part of the token';
COMMENT ON FUNCTION jwt.explain(text, text[], text, text[], text, text, text[], interval, interval) IS
    'Every check of a token with the keys of jwt.issuers, which the iss claim picks, its outcome and why; shows no part of the token';

-- With a key at hand the caller has it already.  Against jwt.issuers a caller
-- learns whether a token is good, as any resource server tells, and no key.
REVOKE ALL ON FUNCTION jwt.verify(text, jsonb, text[], text, text[], text, text, text[], interval, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.verify(text, text, text[], text, text[], text, text, text[], interval, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.verify(text, text[], text, text[], text, text, text[], interval, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.check(text, jsonb, text[], text, text[], text, text, text[], interval, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.check(text, text, text[], text, text[], text, text, text[], interval, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.check(text, text[], text, text[], text, text, text[], interval, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.explain(text, jsonb, text[], text, text[], text, text, text[], interval, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.explain(text, text, text[], text, text[], text, text, text[], interval, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.explain(text, text[], text, text[], text, text, text[], interval, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.verify(text, jsonb, text[], text, text[], text, text, text[], interval, interval) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.verify(text, text, text[], text, text[], text, text, text[], interval, interval) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.verify(text, text[], text, text[], text, text, text[], interval, interval) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.check(text, jsonb, text[], text, text[], text, text, text[], interval, interval) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.check(text, text, text[], text, text[], text, text, text[], interval, interval) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.check(text, text[], text, text[], text, text, text[], interval, interval) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.explain(text, jsonb, text[], text, text[], text, text, text[], interval, interval) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.explain(text, text, text[], text, text[], text, text, text[], interval, interval) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.explain(text, text[], text, text[], text, text, text[], interval, interval) TO PUBLIC;
