-- Log-ins with a token (PostgreSQL 18 and later): no table can be read while a
-- client logs in, so what jwt.issuers and jwt.keys say is written to a file.

-- As verification counts, and as intervals compare: a month is 30 days, whichever
-- month of which year it is added to.
CREATE FUNCTION jwt.seconds(span interval) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_seconds';

-- What log-ins may know: of enabled issuers their terms and public keys.  A
-- retired key has exp, the time until which it verifies; a shared secret stays here.
CREATE FUNCTION jwt.trust_document() RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'version', 1,
            'database', current_database(),
            'issuers', coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                'issuer', i.issuer,
                'algorithms', i.algorithms,
                'audience', i.audience,
                'type', i.type,
                'leeway', ceil(jwt.seconds(i.leeway))::bigint,
                'required_claims', i.required_claims,
                'roles_claim', i.roles_claim,
                'jwks', i.jwks,
                'keys', own.keys
            )) ORDER BY i.issuer), '[]')
        )
        FROM jwt.issuers AS i
        CROSS JOIN LATERAL (
            SELECT jsonb_agg(
                k.public_jwk
                || jsonb_build_object('kid', k.kid, 'alg', k.algorithm)
                || CASE WHEN k.state = 'retired' AND k.retired_at IS NOT NULL
                   THEN jsonb_build_object('exp', floor(extract(epoch FROM k.retired_at) + jwt.seconds(i.token_lifetime + i.leeway))::bigint)
                   ELSE '{}' END
                ORDER BY k.created_at, k.kid) AS keys
            FROM jwt.keys AS k
            WHERE k.issuer = i.issuer AND k.public_jwk IS NOT NULL AND k.state IN ('next', 'active', 'retired')
        ) AS own
        WHERE i.enabled AND (i.jwks IS NOT NULL OR own.keys IS NOT NULL)
    );
END
$$;

CREATE FUNCTION jwt.write_trust_file(document text) RETURNS void
LANGUAGE c VOLATILE STRICT
AS 'MODULE_PATHNAME', 'jwt_write_trust_file';

-- It carries the key that is to sign next, so it lasts through one rotation.
CREATE FUNCTION jwt.export_trust() RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    document jsonb;
BEGIN
    -- A snapshot from before would write what is no longer true over what is.
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RAISE EXCEPTION 'trust is not exported from a snapshot'
            USING ERRCODE = 'invalid_transaction_state',
                  HINT = 'Call jwt.export_trust() in a transaction of its own, at isolation level READ COMMITTED.';
    END IF;

    -- One at a time, and each reads what the one before it may have seen.  Whoever
    -- may run SQL may take an advisory lock and keep it, so that will do only where
    -- tables cannot be locked.
    IF pg_is_in_recovery() THEN
        PERFORM pg_advisory_xact_lock('jwt.issuers'::regclass::oid::bigint);
    ELSE
        LOCK TABLE jwt.issuers IN SHARE UPDATE EXCLUSIVE MODE;
    END IF;
    document := jwt.trust_document();
    PERFORM jwt.write_trust_file(document::text);
    RETURN jsonb_array_length(document -> 'issuers');
END
$$;

REVOKE ALL ON FUNCTION jwt.seconds(interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.trust_document() FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.write_trust_file(text) FROM PUBLIC;
-- It says who may log in to all databases of the server: a superuser's, and nobody else's.
REVOKE ALL ON FUNCTION jwt.export_trust() FROM PUBLIC;

COMMENT ON FUNCTION jwt.seconds(interval) IS
    'Internal: an interval in seconds, a month as 30 days';
COMMENT ON FUNCTION jwt.trust_document() IS
    'What jwt.export_trust() writes: whom log-ins trust, with public keys only';
COMMENT ON FUNCTION jwt.write_trust_file(text) IS
    'Replaces the file that oauth_jwt.trust_file names; called by jwt.export_trust()';
COMMENT ON FUNCTION jwt.export_trust() IS
    'Tells log-ins with a token (PostgreSQL 18) what jwt.issuers and jwt.keys say now; how many issuers';
