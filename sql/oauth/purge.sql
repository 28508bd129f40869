-- What has expired goes.  In portions, so that no call holds locks for long and
-- vacuum keeps pace; rows of codes and refresh tokens stay as long as a replay
-- must be recognized, which is as long as their family lives.

CREATE FUNCTION oauth.purge(at_most integer DEFAULT 10000) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    purged bigint := 0;
    n bigint;
    now_ timestamptz := clock_timestamp();
BEGIN
    -- with their codes, refresh tokens and device codes
    DELETE FROM oauth.token_families AS f
    WHERE f.ctid = ANY (ARRAY(SELECT x.ctid FROM oauth.token_families AS x WHERE x.expires_at < now_ LIMIT at_most FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS n = ROW_COUNT;
    purged := purged + n;

    DELETE FROM oauth.access_tokens AS t
    WHERE t.ctid = ANY (ARRAY(SELECT x.ctid FROM oauth.access_tokens AS x WHERE x.expires_at < now_ LIMIT at_most FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS n = ROW_COUNT;
    purged := purged + n;

    -- a device that polls for a while longer is told that its code has expired
    DELETE FROM oauth.device_codes AS d
    WHERE d.ctid = ANY (ARRAY(SELECT x.ctid FROM oauth.device_codes AS x WHERE x.expires_at < now_ - interval '1 hour' LIMIT at_most FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS n = ROW_COUNT;
    purged := purged + n;

    DELETE FROM oauth.revocations AS r
    WHERE r.ctid = ANY (ARRAY(SELECT x.ctid FROM oauth.revocations AS x WHERE x.expires_at < now_ LIMIT at_most FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS n = ROW_COUNT;
    purged := purged + n;

    DELETE FROM oauth.replay AS r
    WHERE r.ctid = ANY (ARRAY(SELECT x.ctid FROM oauth.replay AS x WHERE x.expires_at < now_ LIMIT at_most FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS n = ROW_COUNT;
    purged := purged + n;

    DELETE FROM oauth.throttle AS t
    WHERE t.ctid = ANY (ARRAY(SELECT x.ctid FROM oauth.throttle AS x WHERE x.failed_at < now_ - interval '1 day' LIMIT at_most FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS n = ROW_COUNT;
    purged := purged + n;

    -- the account page and the audit look back a month
    DELETE FROM oauth.login_sessions AS s
    WHERE s.ctid = ANY (ARRAY(SELECT x.ctid FROM oauth.login_sessions AS x WHERE least(x.ended_at, x.expires_at) < now_ - interval '30 days' LIMIT at_most FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN purged + n;
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
