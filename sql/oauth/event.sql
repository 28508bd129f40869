-- What is written down about a request: the audit trail, and revocations.

CREATE FUNCTION oauth.record_event(
    issuer_id   bigint,
    event       text,
    client_id   text DEFAULT NULL,
    subject     text DEFAULT NULL,
    remote_addr inet DEFAULT NULL,
    detail      jsonb DEFAULT NULL
) RETURNS void
LANGUAGE c VOLATILE
AS 'MODULE_PATHNAME', 'oauth_record_event';

-- Access tokens and ID tokens live a day at most, so that is how long a
-- revocation has to be remembered; refresh tokens have their family's own mark.
CREATE FUNCTION oauth.revoke(issuer_id bigint, kind text, id text) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO oauth.revocations AS r (issuer_id, kind, id, revoked_at, expires_at)
    VALUES (revoke.issuer_id, revoke.kind, revoke.id, clock_timestamp(), clock_timestamp() + interval '25 hours')
    ON CONFLICT ON CONSTRAINT revocations_pkey
    DO UPDATE SET revoked_at = excluded.revoked_at, expires_at = excluded.expires_at;
END;

CREATE FUNCTION oauth.revoke_family(issuer_id bigint, family_id uuid) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    UPDATE oauth.token_families AS f
    SET revoked_at = clock_timestamp()
    WHERE f.issuer_id = revoke_family.issuer_id
      AND f.family_id = revoke_family.family_id
      AND f.revoked_at IS NULL;

    SELECT oauth.revoke(revoke_family.issuer_id, 'family', revoke_family.family_id::text);
END;

-- iat is in whole seconds: what was issued in the second of a revocation goes with it.
CREATE FUNCTION oauth.is_revoked(claims jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (
        SELECT
        FROM oauth.issuers AS i
        JOIN oauth.revocations AS r USING (issuer_id)
        WHERE i.issuer = claims ->> 'iss'
          AND (   r.kind = 'token' AND r.id = claims ->> 'jti'
               OR r.kind = 'family' AND r.id = claims ->> 'family_id'
               OR r.kind = 'session' AND r.id = claims ->> 'sid'
               OR (   r.kind = 'client' AND r.id = claims ->> 'client_id'
                   OR r.kind = 'user' AND r.id = claims ->> 'sub'
                   OR r.kind = 'issuer' AND r.id = '')
                  AND to_timestamp((claims ->> 'iat')::double precision) <= r.revoked_at)
    );
END
$$;

COMMENT ON FUNCTION oauth.record_event(bigint, text, text, text, inet, jsonb) IS
    'Internal: a line of the audit trail';
COMMENT ON FUNCTION oauth.revoke(bigint, text, text) IS
    'Internal: revoke what kind and id name, see oauth.revocations';
COMMENT ON FUNCTION oauth.revoke_family(bigint, uuid) IS
    'Internal: revoke all tokens that came of one authorization';
COMMENT ON FUNCTION oauth.is_revoked(jsonb) IS
    'Is a token with these verified claims revoked?';

REVOKE ALL ON FUNCTION oauth.record_event(bigint, text, text, text, inet, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.revoke(bigint, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.revoke_family(bigint, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.is_revoked(jsonb) FROM PUBLIC;
