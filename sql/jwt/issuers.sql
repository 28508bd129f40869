-- Whose tokens are accepted, and on what terms: the one trust table, for our
-- own issuers and foreign ones alike.

CREATE TABLE jwt.issuers (
    issuer          text COLLATE "C" PRIMARY KEY CHECK (issuer <> ''),
    enabled         boolean NOT NULL DEFAULT true,
    own             boolean NOT NULL DEFAULT false,
    jwks            jsonb CHECK (jwt.is_public_jwks(jwks)),
    algorithms      text[] CHECK (jwt.are_signature_algorithms(algorithms)),
    audience        text[] CHECK (array_position(audience, NULL) IS NULL AND audience <> '{}'),
    type            text CHECK (type <> ''),
    leeway          interval NOT NULL DEFAULT '10 seconds'
                    CHECK (leeway >= '0' AND leeway <= '10 minutes'),
    required_claims text[] NOT NULL DEFAULT '{exp}'
                    CHECK (array_position(required_claims, NULL) IS NULL),
    roles_claim     text[] NOT NULL DEFAULT '{roles}'
                    CHECK (roles_claim <> '{}' AND array_position(roles_claim, NULL) IS NULL),
    token_lifetime  interval NOT NULL DEFAULT '1 hour'
                    CHECK (token_lifetime > '0' AND token_lifetime <= '10 years'),
    created_at      timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE jwt.issuers IS
    'Issuers whose tokens jwt.verify(token) and jwt.set_session accept, with the terms';
COMMENT ON COLUMN jwt.issuers.issuer IS
    'The iss claim, compared byte for byte (RFC 8414 2)';
COMMENT ON COLUMN jwt.issuers.own IS
    'Is it ours, so that its shared secrets sign as well?  Those of others only verify';
COMMENT ON COLUMN jwt.issuers.jwks IS
    'A foreign issuer''s public keys; our own stand in jwt.keys';
COMMENT ON COLUMN jwt.issuers.algorithms IS
    'Algorithms accepted; NULL: those its keys stand for';
COMMENT ON COLUMN jwt.issuers.audience IS
    'The token''s aud must hold one of these; NULL: aud is not looked at';
COMMENT ON COLUMN jwt.issuers.type IS
    'The header''s typ must be this, for example at+jwt; NULL: any';
COMMENT ON COLUMN jwt.issuers.leeway IS
    'Clock difference allowed for exp, nbf and iat';
COMMENT ON COLUMN jwt.issuers.required_claims IS
    'Claims a token must have';
COMMENT ON COLUMN jwt.issuers.roles_claim IS
    'Path of the claim that holds the roles, for example {realm_access,roles}';
COMMENT ON COLUMN jwt.issuers.token_lifetime IS
    'How long tokens of jwt.issue live when it is not told; retired keys stay this long';

-- Only the extension's owner reads it, and whom the owner means: it says whom this
-- database trusts.  To write all data is not meant to be whoever one likes.
REVOKE ALL ON TABLE jwt.issuers FROM PUBLIC;
ALTER TABLE jwt.issuers ENABLE ROW LEVEL SECURITY;
CREATE POLICY not_by_all_data ON jwt.issuers
USING (NOT (pg_has_role('pg_read_all_data', 'USAGE') OR pg_has_role('pg_write_all_data', 'USAGE')));

SELECT pg_catalog.pg_extension_config_dump('jwt.issuers', '');
