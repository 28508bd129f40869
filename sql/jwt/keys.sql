-- Our own keys.  A key is published before it signs and for as long as tokens
-- it signed may live: next -> active -> retired -> removed.

CREATE TABLE jwt.keys (
    issuer       text COLLATE "C" NOT NULL REFERENCES jwt.issuers ON UPDATE RESTRICT ON DELETE CASCADE,
    kid          text COLLATE "C" NOT NULL CHECK (kid <> ''),
    algorithm    text NOT NULL CHECK (jwt.are_signature_algorithms(ARRAY[algorithm])),
    state        text NOT NULL CHECK (state IN ('next', 'active', 'retired', 'removed')),
    public_jwk   jsonb,
    private_jwk  text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    activated_at timestamptz,
    retired_at   timestamptz,
    removed_at   timestamptz,
    PRIMARY KEY (issuer, kid),
    CHECK (state <> 'removed' OR private_jwk IS NULL),
    CHECK (state NOT IN ('next', 'active') OR private_jwk IS NOT NULL)
);

-- One signs at a time, and one waits, for each issuer and algorithm.
CREATE UNIQUE INDEX keys_active ON jwt.keys (issuer, algorithm) WHERE state = 'active';
CREATE UNIQUE INDEX keys_next ON jwt.keys (issuer, algorithm) WHERE state = 'next';

COMMENT ON TABLE jwt.keys IS
    'Signing keys of our own issuers, and shared secrets of foreign ones';
COMMENT ON COLUMN jwt.keys.state IS
    'next: published; active: signs; retired: verifies; removed: neither';
COMMENT ON COLUMN jwt.keys.public_jwk IS
    'What jwt.jwks publishes; NULL for a shared secret';
COMMENT ON COLUMN jwt.keys.private_jwk IS
    'The private JWK, as JWE once a master key is set (RFC 7516, dir and A256GCM)';

-- Only the extension's owner, for what it holds.
REVOKE ALL ON TABLE jwt.keys FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('jwt.keys', '');

-- A change in either table drops every session's parsed keys and verified
-- tokens, at its next statement, on standbys too.
CREATE FUNCTION jwt.invalidate_trust() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'jwt_invalidate_trust';

REVOKE ALL ON FUNCTION jwt.invalidate_trust() FROM PUBLIC;

COMMENT ON FUNCTION jwt.invalidate_trust() IS
    'Trigger on jwt.issuers and jwt.keys: tells every session to read them again';

-- For each row, since a subscriber of logical replication fires no others (but
-- for TRUNCATE, where there are no others).
CREATE TRIGGER invalidate_trust
AFTER INSERT OR UPDATE OR DELETE ON jwt.issuers
FOR EACH ROW EXECUTE FUNCTION jwt.invalidate_trust();

CREATE TRIGGER invalidate_trust_truncated
AFTER TRUNCATE ON jwt.issuers
FOR EACH STATEMENT EXECUTE FUNCTION jwt.invalidate_trust();

CREATE TRIGGER invalidate_trust
AFTER INSERT OR UPDATE OR DELETE ON jwt.keys
FOR EACH ROW EXECUTE FUNCTION jwt.invalidate_trust();

CREATE TRIGGER invalidate_trust_truncated
AFTER TRUNCATE ON jwt.keys
FOR EACH STATEMENT EXECUTE FUNCTION jwt.invalidate_trust();

-- Changes that replication applies count as well.
ALTER TABLE jwt.issuers ENABLE ALWAYS TRIGGER invalidate_trust;
ALTER TABLE jwt.issuers ENABLE ALWAYS TRIGGER invalidate_trust_truncated;
ALTER TABLE jwt.keys ENABLE ALWAYS TRIGGER invalidate_trust;
ALTER TABLE jwt.keys ENABLE ALWAYS TRIGGER invalidate_trust_truncated;
