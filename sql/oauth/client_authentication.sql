-- Who is the client?  RFC 6749 2.3, RFC 7523 2.2.

-- The client, or the answer to who is none.
CREATE TYPE oauth.client_authentication AS (
    client  oauth.clients,
    refusal oauth.response
);
REVOKE ALL ON TYPE oauth.client_authentication FROM PUBLIC;
COMMENT ON TYPE oauth.client_authentication IS
    'The authenticated client, or the answer that refuses it';

-- What a request authenticates with: a client_secret or a client_assertion; fault: why
-- that cannot even be tried.
CREATE TYPE oauth.client_credentials AS (
    method    text,
    client_id text,
    secret    text,
    fault     text
);
REVOKE ALL ON TYPE oauth.client_credentials FROM PUBLIC;
COMMENT ON TYPE oauth.client_credentials IS
    'What a client authenticates with';

-- This and the next are steps of oauth.authenticate_client, which is all in C; only the
-- tests call them by themselves.
CREATE FUNCTION oauth.presented_credentials(request oauth.request, parameters jsonb) RETURNS oauth.client_credentials
LANGUAGE c IMMUTABLE STRICT
AS 'MODULE_PATHNAME', 'oauth_presented_credentials';

CREATE FUNCTION oauth.is_one_of(secret text, hashes bytea[]) RETURNS boolean
LANGUAGE c IMMUTABLE
AS 'MODULE_PATHNAME', 'oauth_is_one_of';

-- What the client has signed for another purpose, say as proof of possession, is no
-- assertion (RFC 8725 3.11, draft-ietf-oauth-rfc7523bis 4).
CREATE FUNCTION oauth.is_assertion_type(typ text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN typ IS NULL OR regexp_replace(lower(typ COLLATE "C"), '^application/', '') IN ('client-authentication+jwt', 'jwt');

-- RFC 7523 3: signed with the client's own key, for us, for a few minutes, once.
CREATE FUNCTION oauth.is_client_assertion(issuer oauth.issuers, client oauth.clients, assertion text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    claims jsonb;
BEGIN
    IF client.jwks IS NULL OR client.token_endpoint_auth_method <> 'private_key_jwt' THEN
        RETURN false;
    END IF;

    -- aud is the issuer and nobody else beside it, nor the URL of this endpoint: an
    -- assertion made for another server is not good here (draft-ietf-oauth-rfc7523bis 4)
    SELECT c.claims INTO claims
    FROM jwt.check(assertion, client.jwks,
        algorithms => '{RS256,RS384,RS512,PS256,PS384,PS512,ES256,ES384,ES512,EdDSA,Ed25519,Ed448}',
        issuer => client.client_id,
        subject => client.client_id,
        audience => ARRAY[issuer.issuer],
        required_claims => '{iss,sub,aud,exp,jti}',
        leeway => '10 seconds') AS c
    WHERE c.valid;
    IF claims IS NULL THEN
        RETURN false;
    END IF;
    IF NOT oauth.is_assertion_type((jwt.decode(assertion)).header ->> 'typ')
       OR claims -> 'aud' NOT IN (to_jsonb(issuer.issuer), jsonb_build_array(issuer.issuer))
       OR (claims ->> 'exp')::numeric > extract(epoch FROM clock_timestamp()) + 600
       OR jsonb_typeof(claims -> 'jti') <> 'string'
    THEN
        RETURN false;
    END IF;

    INSERT INTO oauth.replay AS r (issuer_id, presenter, jti_hash, expires_at)
    VALUES (issuer.issuer_id, client.client_id, oauth.hash_token(claims ->> 'jti'),
            to_timestamp((claims ->> 'exp')::double precision) + interval '1 minute')
    ON CONFLICT ON CONSTRAINT replay_pkey DO NOTHING;
    RETURN FOUND;
END
$$;

-- An unknown client, a wrong secret and another method than the registered one
-- are answered alike.  Failures are counted by address: after a few, an address
-- is told to wait.  Whoever comes nevertheless is not counted and not recorded: a
-- flood would queue for the counter's row, on all connections there are.  Who has
-- the right secret is never kept waiting: 256 random bits are not guessed, and so
-- nobody can lock a client out.
CREATE FUNCTION oauth.refuse_client(request oauth.request, issuer oauth.issuers, client oauth.clients, method text) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    description constant text := 'Client authentication failed.';
    address text := oauth.throttle_address(request.remote_addr);
    wait interval := oauth.throttled(issuer.issuer_id, 'client', address);
    headers jsonb := '[]'::jsonb;
BEGIN
    IF wait IS NOT NULL THEN
        RETURN oauth.error_response('invalid_client', description, 429, oauth.retry_after(wait));
    END IF;

    PERFORM oauth.count_failure(issuer.issuer_id, 'client', address);
    PERFORM oauth.record_event(issuer.issuer_id, 'client_authentication_failed', client.client_id,
        remote_addr => request.remote_addr, detail => jsonb_build_object('method', method));
    -- RFC 6749 5.2: the scheme that the client used
    IF method = 'client_secret_basic' THEN
        headers := jsonb_build_array(jsonb_build_object('WWW-Authenticate', 'Basic realm="' || issuer.issuer || '", charset="UTF-8"'));
    END IF;
    RETURN oauth.error_response('invalid_client', description, 401, headers);
END
$$;

CREATE FUNCTION oauth.authenticate_client(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.client_authentication
LANGUAGE c VOLATILE
AS 'MODULE_PATHNAME', 'oauth_authenticate_client';

COMMENT ON FUNCTION oauth.presented_credentials(oauth.request, jsonb) IS
    'Internal: what a form by POST authenticates its client with (RFC 6749 2.3)';
COMMENT ON FUNCTION oauth.is_one_of(text, bytea[]) IS
    'Internal: is it the secret of one of these hashes? In constant time';
COMMENT ON FUNCTION oauth.is_assertion_type(text) IS
    'Internal: is this typ that of a client''s assertion?';
COMMENT ON FUNCTION oauth.is_client_assertion(oauth.issuers, oauth.clients, text) IS
    'Internal: is it an assertion of the client, seen for the first time? (RFC 7523 3)';
COMMENT ON FUNCTION oauth.authenticate_client(oauth.request, oauth.issuers, jsonb) IS
    'Internal: authenticate the client of a request (RFC 6749 2.3, RFC 7523 2.2)';
COMMENT ON FUNCTION oauth.refuse_client(oauth.request, oauth.issuers, oauth.clients, text) IS
    'Internal: the answer to a failed client authentication, which is counted and recorded (RFC 6749 5.2)';

REVOKE ALL ON FUNCTION oauth.presented_credentials(oauth.request, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.is_one_of(text, bytea[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.is_assertion_type(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.is_client_assertion(oauth.issuers, oauth.clients, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.authenticate_client(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.refuse_client(oauth.request, oauth.issuers, oauth.clients, text) FROM PUBLIC;
