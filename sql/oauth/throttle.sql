-- Failed attempts are counted for what failed, and slow down what comes next.
-- The counter is a row of its own, so that it survives the failed request.

-- How long to wait before the next attempt, NULL when there is no need: some
-- failures are free, then each doubles the wait, to one minute at most.  So
-- guessing is slow, and nobody can lock out somebody else for good.
CREATE FUNCTION oauth.throttled(issuer_id bigint, kind text, id text, free integer DEFAULT 5) RETURNS interval
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT w.until - clock_timestamp()
    FROM oauth.throttle AS t,
         LATERAL (SELECT t.failed_at + make_interval(secs => least(60, 2 ^ least(t.failures - free, 6)))) AS w (until)
    WHERE t.issuer_id = throttled.issuer_id
      AND t.kind = throttled.kind
      AND t.id_hash = oauth.hash_token(throttled.id)
      AND t.failures >= free
      AND w.until > clock_timestamp();
END;

-- An address to count for.  Whoever has an IPv6 address has 2^64 of them (RFC 6177 2);
-- a server that listens on both kinds sees IPv4 addresses in ::ffff:0:0/96 (RFC 4291 2.5.5.2).
CREATE FUNCTION oauth.throttle_address(remote_addr inet) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN remote_addr << '::ffff:0:0/96' THEN substring(host(remote_addr) FROM '[0-9.]+$')
    WHEN family(remote_addr) = 6 THEN network(set_masklen(remote_addr, 64))::text
    ELSE coalesce(host(remote_addr), '')
END;

-- Attempts for the same thing go one after the other, so that many at once do not
-- all find the counter as it was before them.  They wait at its row, and not at an
-- advisory lock, which whoever may run SQL could take and keep.
CREATE FUNCTION oauth.queue_attempt(issuer_id bigint, kind text, id text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    hash constant bytea := oauth.hash_token(id);
BEGIN
    INSERT INTO oauth.throttle (issuer_id, kind, id_hash)
    VALUES (queue_attempt.issuer_id, queue_attempt.kind, hash)
    ON CONFLICT ON CONSTRAINT throttle_pkey DO NOTHING;

    PERFORM
    FROM oauth.throttle AS t
    WHERE t.issuer_id = queue_attempt.issuer_id AND t.kind = queue_attempt.kind AND t.id_hash = hash
    FOR UPDATE;
END
$$;

CREATE FUNCTION oauth.count_failure(issuer_id bigint, kind text, id text) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO oauth.throttle AS t (issuer_id, kind, id_hash, failures)
    VALUES (count_failure.issuer_id, count_failure.kind, oauth.hash_token(count_failure.id), 1)
    ON CONFLICT ON CONSTRAINT throttle_pkey
    DO UPDATE SET
        -- an hour without a failure begins anew
        failures = CASE WHEN t.failed_at < clock_timestamp() - interval '1 hour' THEN 1 ELSE least(t.failures + 1, 1000) END,
        failed_at = clock_timestamp();
END;

-- The row stays, for those who wait at it.
CREATE FUNCTION oauth.clear_failures(issuer_id bigint, kind text, id text) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    UPDATE oauth.throttle AS t
    SET failures = 0
    WHERE t.issuer_id = clear_failures.issuer_id
      AND t.kind = clear_failures.kind
      AND t.id_hash = oauth.hash_token(clear_failures.id);
END;

-- RFC 9110 10.2.3
CREATE FUNCTION oauth.retry_after(wait interval) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_array(jsonb_build_object('Retry-After', ceil(extract(epoch FROM wait))::text));

COMMENT ON FUNCTION oauth.throttled(bigint, text, text, integer) IS
    'Internal: how long to wait after failures; NULL: not at all';
COMMENT ON FUNCTION oauth.throttle_address(inet) IS
    'Internal: the address, or the /64 of an IPv6 address';
COMMENT ON FUNCTION oauth.queue_attempt(bigint, text, text) IS
    'Internal: wait until other attempts have been counted';
COMMENT ON FUNCTION oauth.count_failure(bigint, text, text) IS
    'Internal: one more failure';
COMMENT ON FUNCTION oauth.retry_after(interval) IS
    'Internal: the header that says how long to wait';
COMMENT ON FUNCTION oauth.clear_failures(bigint, text, text) IS
    'Internal: forget failures after a success';

REVOKE ALL ON FUNCTION oauth.throttled(bigint, text, text, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.throttle_address(inet) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.queue_attempt(bigint, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.count_failure(bigint, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.clear_failures(bigint, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.retry_after(interval) FROM PUBLIC;
