-- Our own keys.  A key is published before it signs and for as long as tokens
-- it signed may live: next -> active -> retired -> removed.

CREATE TABLE jwt.keys (
    issuer       text COLLATE "C" NOT NULL REFERENCES jwt.issuers ON UPDATE RESTRICT ON DELETE CASCADE,
    kid          text COLLATE "C" NOT NULL CHECK (kid <> ''),
    algorithm    text NOT NULL CHECK (jwt.are_signature_algorithms(ARRAY[algorithm])),
    state        text NOT NULL CHECK (state IN ('next', 'active', 'retired', 'removed')),
    public_jwk   jsonb CHECK (jwt.is_public_jwks(public_jwk) AND NOT public_jwk ? 'keys'),
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

-- Only the extension's owner, for what it holds, and whom the owner means: to
-- read or write all data is not meant to be everybody's signature.
REVOKE ALL ON TABLE jwt.keys FROM PUBLIC;
ALTER TABLE jwt.keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY not_by_all_data ON jwt.keys
USING (NOT (pg_has_role('pg_read_all_data', 'USAGE') OR pg_has_role('pg_write_all_data', 'USAGE')));

-- ANALYZE would copy private keys into pg_statistic, and leave them there when
-- they are forgotten here.
ALTER TABLE jwt.keys ALTER COLUMN private_jwk SET STATISTICS 0;

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

-- ---------------------------------------------------------------------------
-- A row that a constraint refuses is shown to whoever reads the error or the
-- log.  So what might hold a private key is refused before, and not shown; the
-- constraints stay, for whoever drops a trigger.

CREATE FUNCTION jwt.guard_issuer() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT jwt.is_public_jwks(NEW.jwks) THEN
        RAISE EXCEPTION 'jwks is not a JWK or JWKS of public keys'
            USING ERRCODE = 'check_violation',
                  HINT = 'jwt.public_key gives the public half of a private key; jwt.trust_issuer takes a shared secret.';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION jwt.guard_key() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.issuer IS NULL OR NEW.kid IS NULL OR NEW.algorithm IS NULL OR NEW.state IS NULL OR NEW.created_at IS NULL THEN
        RAISE EXCEPTION 'a key has an issuer, a kid, an algorithm, a state and its time'
            USING ERRCODE = 'not_null_violation';
    ELSIF NEW.kid = '' THEN
        RAISE EXCEPTION 'kid is empty'
            USING ERRCODE = 'check_violation';
    ELSIF NOT jwt.are_signature_algorithms(ARRAY[NEW.algorithm]) THEN
        RAISE EXCEPTION 'algorithm names no signature algorithm'
            USING ERRCODE = 'check_violation';
    ELSIF NEW.state NOT IN ('next', 'active', 'retired', 'removed') THEN
        RAISE EXCEPTION 'state is next, active, retired or removed'
            USING ERRCODE = 'check_violation';
    ELSIF NEW.state = 'removed' AND NEW.private_jwk IS NOT NULL THEN
        RAISE EXCEPTION 'a removed key keeps no private half'
            USING ERRCODE = 'check_violation',
                  HINT = 'jwt.revoke_key removes a key.';
    ELSIF NEW.state IN ('next', 'active') AND NEW.private_jwk IS NULL THEN
        RAISE EXCEPTION 'a key that signs has its private half'
            USING ERRCODE = 'check_violation';
    ELSIF NOT jwt.is_public_jwks(NEW.public_jwk) OR NEW.public_jwk ? 'keys' THEN
        RAISE EXCEPTION 'public_jwk is not a public JWK'
            USING ERRCODE = 'check_violation';
    END IF;

    -- Retired by hand, it retires now: without a time it would verify for ever.
    IF NEW.state = 'retired' THEN
        NEW.retired_at := coalesce(NEW.retired_at, clock_timestamp());
    END IF;
    RETURN NEW;
END
$$;

REVOKE ALL ON FUNCTION jwt.guard_issuer() FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.guard_key() FROM PUBLIC;

COMMENT ON FUNCTION jwt.guard_issuer() IS
    'Trigger on jwt.issuers: refuses private keys without showing them';
COMMENT ON FUNCTION jwt.guard_key() IS
    'Trigger on jwt.keys: refuses what the constraints would, without showing the row; a retired key has its time';

CREATE TRIGGER guard
BEFORE INSERT OR UPDATE ON jwt.issuers
FOR EACH ROW EXECUTE FUNCTION jwt.guard_issuer();

CREATE TRIGGER guard
BEFORE INSERT OR UPDATE ON jwt.keys
FOR EACH ROW EXECUTE FUNCTION jwt.guard_key();

ALTER TABLE jwt.issuers ENABLE ALWAYS TRIGGER guard;
ALTER TABLE jwt.keys ENABLE ALWAYS TRIGGER guard;
