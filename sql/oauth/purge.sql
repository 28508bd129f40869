-- What has expired goes.  In portions, so that no call holds locks for long and
-- vacuum keeps pace.
--
-- Used codes and refresh tokens stay as long as their family can still be refreshed, all
-- of them: whichever of them comes again, one was stolen, and there is something to end.
-- A family that is revoked or ended goes with all its tokens, an hour later, when no
-- request is under way any more that found it standing; one that nobody can refresh, since
-- its code was never redeemed or its last token has lain idle, when its last access token
-- has expired as well, which is after a day at most.

CREATE FUNCTION oauth.purge(at_most integer DEFAULT 10000) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    begun constant timestamptz := clock_timestamp();
    due record;
    purged bigint := 0;
    n bigint;
BEGIN
    FOR due IN
        SELECT *
        FROM (VALUES
            -- with their codes, refresh tokens and device codes
            ('oauth.token_families'::regclass, 'least(revoked_at, expires_at) < $1 - interval ''1 hour'''),
            ('oauth.token_families', 'created_at < $1 - interval ''2 days'' AND NOT EXISTS ('
                'SELECT FROM oauth.refresh_tokens AS t '
                'WHERE t.issuer_id = due.issuer_id AND t.family_id = due.family_id '
                'AND t.consumed_at IS NULL AND t.expires_at > $1 - interval ''1 day'')'),
            ('oauth.access_tokens', 'expires_at < $1'),
            -- a device that polls for a while longer is told that its code has expired
            ('oauth.device_codes', 'expires_at < $1 - interval ''1 hour'''),
            ('oauth.revocations', 'expires_at < $1'),
            ('oauth.replay', 'expires_at < $1'),
            ('oauth.throttle', 'failed_at < $1 - interval ''1 day'''),
            -- an address that a user has logged in from is known that long (oauth.is_known_address)
            ('oauth.login_sessions', 'least(ended_at, expires_at) < $1 - interval ''30 days''')
        ) AS v (relation, condition)
    LOOP
        EXECUTE format(
            'DELETE FROM %1$s WHERE ctid = ANY (ARRAY('
            '    SELECT ctid FROM %1$s AS due WHERE %2$s LIMIT $2 FOR UPDATE OF due SKIP LOCKED))',
            due.relation, due.condition)
        USING begun, at_most;
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
