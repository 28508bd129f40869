-- What has expired goes.  In portions, so that no call holds locks for long and
-- vacuum keeps pace; rows of codes and refresh tokens stay as long as a replay
-- must be recognized, which is as long as their family lives.

CREATE FUNCTION oauth.purge(at_most integer DEFAULT 10000) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    begun constant timestamptz := clock_timestamp();
    expired record;
    purged bigint := 0;
    n bigint;
BEGIN
    FOR expired IN
        SELECT *
        FROM (VALUES
            -- with their codes, refresh tokens and device codes
            ('oauth.token_families'::regclass, 'expires_at', interval '0'),
            ('oauth.access_tokens', 'expires_at', '0'),
            -- a device that polls for a while longer is told that its code has expired
            ('oauth.device_codes', 'expires_at', '1 hour'),
            ('oauth.revocations', 'expires_at', '0'),
            ('oauth.replay', 'expires_at', '0'),
            ('oauth.throttle', 'failed_at', '1 day'),
            -- an address that a user has logged in from is known that long (oauth.is_known_address)
            ('oauth.login_sessions', 'least(ended_at, expires_at)', '30 days')
        ) AS v (relation, since, kept)
    LOOP
        EXECUTE format(
            'DELETE FROM %1$s WHERE ctid = ANY (ARRAY('
            '    SELECT ctid FROM %1$s WHERE %2$s < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))',
            expired.relation, expired.since)
        USING begun - expired.kept, at_most;
        GET DIAGNOSTICS n = ROW_COUNT;
        purged := purged + n;
    END LOOP;
    RETURN purged;
END
$$;

CREATE FUNCTION oauth.purge_audit(older_than interval) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    purged bigint;
BEGIN
    DELETE FROM oauth.audit AS a
    WHERE a.at < clock_timestamp() - purge_audit.older_than;
    GET DIAGNOSTICS purged = ROW_COUNT;
    RETURN purged;
END
$$;

COMMENT ON FUNCTION oauth.purge(integer) IS
    'Delete what has expired, at most that many rows of each table; how many. Call it every few minutes';
COMMENT ON FUNCTION oauth.purge_audit(interval) IS
    'Delete lines of the audit trail older than that; how many';

REVOKE ALL ON FUNCTION oauth.purge(integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.purge_audit(interval) FROM PUBLIC;
